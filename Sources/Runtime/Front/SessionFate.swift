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
    /// The figures and findings in words, where they were asked for.
    public var summary: [String] = []
  }

  public private(set) var outcome = Outcome()
  /// No further attempt will be made unless somebody asks for one.
  public private(set) var hasGivenUp = false
  /// What fails from here on fails because this side ends.
  public var isEnding = false
  /// The server said goodbye: nothing failed.
  private var wasEndedByServer = false

  public init() {}

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    switch entry.event {
    case .connection(let change): observe(change)
    case .sessionEnded(let end): if !end.orderly { outcome.failure = end.reason }
    default: break
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
  /// There is a file, a text or a pipe to be spoken first.
  var waitsForInput: Bool {
    switch input {
    case .file, .say, .stdin: true
    case .mic, .silence: false
    }
  }
}
