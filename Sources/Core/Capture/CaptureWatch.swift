import Timeline

/// What the operator is told of the capture while it is written, as a machine.
///
///     status, again and again ─► began · cannot be written · is written again · too slow
public struct CaptureWatch: Sendable {
  /// What is known of the capture besides its status.
  public struct Facts: Sendable, Equatable {
    public var path: String
    /// Whether it holds sound.
    public var keepsAudio: Bool
    /// Captures of its folder are kept within these; nil for a file of a name that the operator gave.
    public var limits: CaptureRetention?
    /// Nothing was captured into its folder before.
    public var isFirst: Bool

    public init(path: String, keepsAudio: Bool = true, limits: CaptureRetention? = nil, isFirst: Bool = false) {
      self.path = path
      self.keepsAudio = keepsAudio
      self.limits = limits
      self.isFirst = isFirst
    }
  }

  /// A disk that fails and goes on by turns is told of no more often.
  public static let leastInterval: Duration = .seconds(30)
  /// As many names of deleted captures are told.
  private static let namesTold = 3

  private let facts: Facts
  private var hasBegun = false
  /// The last that was told of the writing.
  private var told: (fault: CaptureFault?, at: Timestamp)?
  private var hasToldLoss = false

  public init(_ facts: Facts) { self.facts = facts }

  /// The file is there, or why it is not was told.
  public var isSettled: Bool { hasBegun || told != nil }

  /// - Returns: what is to be told now.
  public mutating func observe(_ status: CaptureStatus, at now: Timestamp) -> [Notice] {
    var notices: [Notice] = []
    switch status.state {
    case .opening: break
    case .recording:
      if !hasBegun {
        hasBegun = true
        notices.append(facts.isFirst ? introduction : beginning)
      }
      if told?.fault != nil {
        told = (nil, now)
        notices.append(Notice(.captureGoesOn, .info, .capture, "the capture is written again"))
      }
    case .failing(let fault), .closed(let fault?):
      let isNew = told.map { told in told.fault != fault && now - told.at >= Self.leastInterval } ?? true
      if isNew {
        told = (fault, now)
        notices.append(
          Notice(
            .captureFailed, .error, .capture, "\(facts.path) is not written: \(fault)",
            remedy: "\(remedy(fault)); the session goes on, and what is lost is counted"))
      }
    case .closed(nil): break
    }
    if status.fault == nil, !status.lost.isZero, !hasToldLoss {
      hasToldLoss = true
      notices.append(
        Notice(
          .captureTooSlow, .warning, .capture,
          "the disk is too slow for the capture: so far \(status.lost.text) were not kept",
          remedy: "name a faster place with --capture PATH, or give --capture-audio off"))
    }
    return notices
  }

  /// Of a folder that was the program's own choice, the way out is to capture nothing.
  private func remedy(_ fault: CaptureFault) -> String {
    guard facts.limits != nil else { return fault.remedy }
    switch fault {
    case .readOnly, .forbidden, .other: return "\(fault.remedy), or give --no-capture"
    default: return fault.remedy
    }
  }

  private var beginning: Notice {
    Notice(
      .captureBegan, .info, .capture,
      "this session is captured\(facts.keepsAudio ? "" : ", without sound,") in \(facts.path)")
  }

  /// Told once, so that nobody is recorded unknowingly. What matters most comes first, because a line may be cut: 80
  /// columns have room for 63.
  private var introduction: Notice {
    let what = facts.keepsAudio ? "voices are captured" : "words are captured without sound"
    let time = facts.limits.map { " for \($0.days)" } ?? ""
    let room = facts.limits.map { ", up to \($0.size) together" } ?? ""
    return Notice(
      .captureIntroduced, .info, .capture,
      """
      \(what)\(time); --no-capture switches it off; in \(facts.path)\(room); capture: off in the configuration keeps it \
      off
      """)
  }

  /// Captures of the folder were deleted.
  public static func deleted(_ names: [String], _ limits: CaptureRetention) -> Notice {
    let more = names.count > namesTold ? " and \(names.count - namesTold) more" : ""
    let list = names.prefix(namesTold).map { $0.cut(toBytes: 100) }.joined(separator: ", ")
    return Notice(
      .capturesDeleted, .info, .capture,
      "older captures were deleted, because they are kept for \(limits.days) and up to \(limits.size): \(list)\(more)")
  }

  /// There is no folder for captures.
  public static var homeless: Notice {
    Notice(
      .captureFailed, .error, .capture, "nothing is captured: neither HOME nor XDG_STATE_HOME names a folder",
      remedy: "name a file with --capture PATH, or give --no-capture")
  }
}

extension CaptureCounts {
  /// As in `120 entries and 16000 samples`.
  public var text: String { "\(entries) entries and \(samples) samples" }
}

extension CaptureRetention {
  /// The age limit in words.
  public var days: String {
    let days = ageLimit.nanoseconds / 86_400_000_000_000
    return days == 1 ? "1 day" : "\(days) days"
  }

  /// The size limit in words.
  public var size: String {
    byteLimit % (1 << 30) == 0 ? "\(byteLimit >> 30) GiB" : "\(byteLimit >> 20) MiB"
  }
}
