import Timeline

/// How a session without a screen went, as its exit code tells: a reader of the timeline.
public struct SessionFate: Sendable {
  /// How it ended.
  public struct Outcome: Sendable {
    /// The session was live at some time.
    public var wasReady = false
    /// Why it never was, or why it was lost.
    public var failure: String?
    /// What could not be written, each with its name and the reason: the output, the log, standard output.
    public var unwritten: [String] = []
    /// Who read the output has gone, as `head` does when it has enough, and the session was ended for that.
    public var isAbandoned = false
    /// No answer came to what was said, where one was waited for: why.
    public var noAnswer: String?
    /// The input could not be opened or spoken, or was lost and did not come back: why, and what to do.
    public var inputFault: String?
    /// The same of an output that is a device.
    public var outputFault: String?
    /// The figures and findings, where they were asked for: lines of words, or one of JSON.
    public var summary: [String] = []
  }

  public internal(set) var outcome = Outcome()
  /// No further attempt will be made unless somebody asks for one.
  public private(set) var hasGivenUp = false
  /// What fails from here on fails because this side ends.
  public var isEnding = false
  /// The server said goodbye: nothing failed.
  private var wasEndedByServer = false
  private var faults: [DeviceChange.Role: (at: Timestamp, isOpenable: Bool)] = [:]
  private let devices: Set<DeviceChange.Role>

  /// How long a device that cannot be opened is tried again: another program may just be closing it.
  static let deviceGrace = Duration.seconds(3)

  /// - Parameter devices: which of the two are devices; files and typed words do not come back.
  public init(devices: Set<DeviceChange.Role> = []) { self.devices = devices }

  /// Whether the session has no use, because its input or its output cannot be opened. What is lost in the middle may be
  /// plugged in again.
  public func isWithoutPort(at now: Timestamp) -> Bool {
    faults.contains { role, fault in
      !fault.isOpenable && now - fault.at >= (devices.contains(role) ? Self.deviceGrace : .zero)
    }
  }

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    switch entry.event {
    case .connection(let change): observe(change)
    case .device(let change): observe(change, entry.at)
    case .sessionEnded(let end): if !end.orderly { outcome.failure = outcome.failure ?? end.reason }
    default: break
    }
  }

  private mutating func observe(_ change: DeviceChange, _ at: Timestamp) {
    // What becomes of a file is told by who writes it.
    guard change.role == .mic || devices.contains(.speaker) else { return }
    switch change.state {
    case .failed, .lost:
      let text = change.text + (change.remedy.map { ": \($0)" } ?? "")
      if change.role == .mic { outcome.inputFault = text } else { outcome.outputFault = text }
      // Failing again is no new fault.
      let since = faults[change.role]?.at ?? at
      faults[change.role] = (since, isOpenable: change.state == .lost || faults[change.role]?.isOpenable ?? false)
    case .open, .recovered:
      if change.role == .mic { outcome.inputFault = nil } else { outcome.outputFault = nil }
      faults[change.role] = nil
    case .xrun, .ended: break
    }
  }

  private mutating func observe(_ change: ConnectionChange) {
    switch change.state {
    case .ready:
      outcome.wasReady = true
      outcome.failure = nil
      hasGivenUp = false
    case .closed: wasEndedByServer = change.code == 1000 && change.by == .server
    case .failed:
      wasEndedByServer = false
      if !isEnding { outcome.failure = change.reason ?? outcome.failure }
    case .gaveUp:
      hasGivenUp = true
      if !wasEndedByServer, !isEnding { outcome.failure = change.reason ?? outcome.failure }
    case .connecting, .open, .closing, .waiting: break
    }
  }
}

extension SessionOptions {
  /// The ports that are devices.
  var devices: Set<DeviceChange.Role> {
    var devices: Set<DeviceChange.Role> = []
    if case .mic = input { devices.insert(.mic) }
    if case .speaker = output { devices.insert(.speaker) }
    return devices
  }

  /// There is a file, a text or a pipe to be spoken first.
  var waitsForInput: Bool {
    switch input {
    case .file, .say, .stdin: true
    case .mic, .silence, .other: false
    }
  }
}
