import Timeline

/// When what waits is written to the file: a commit costs the same for one entry as for a thousand, and what was not
/// committed is lost when the program is killed.
public struct CommitSchedule: Sendable {
  /// What makes a commit due, whichever comes first.
  public struct Limits: Sendable, Equatable {
    /// How long something waits.
    public var wait: Duration
    /// How many items wait.
    public var items: Int
    /// How many bytes wait.
    public var byteCount: Int

    /// - Parameters:
    ///   - wait: with what a commit takes it stays below the second that may be lost.
    ///   - items: about 0.2 s of 20 000 entries a second.
    ///   - byteCount: what a commit holds in memory beside the queue.
    public init(wait: Duration = .milliseconds(400), items: Int = 4096, byteCount: Int = 4 << 20) {
      self.wait = wait
      self.items = items
      self.byteCount = byteCount
    }
  }

  public let limits: Limits
  /// When the first of what waits was seen.
  private var since: Timestamp?
  private var isFull = false

  public init(_ limits: Limits = Limits()) { self.limits = limits }

  /// What waits now.
  public mutating func observe(items: Int, byteCount: Int, at now: Timestamp) {
    guard items > 0 else {
      self = CommitSchedule(limits)
      return
    }
    if since == nil { since = now }
    isFull = items >= limits.items || byteCount >= limits.byteCount
  }

  /// What waited was taken.
  public mutating func taken() { self = CommitSchedule(limits) }

  public func isDue(at now: Timestamp) -> Bool { isFull || deadline.map { now >= $0 } ?? false }

  /// When a commit is due if nothing else comes; nil when nothing waits.
  public var deadline: Timestamp? { since.map { $0 + limits.wait } }
}

/// When writing is tried again that has failed: soon, and then less and less often.
public struct CaptureRecovery: Sendable {
  /// From the first failure to the second attempt.
  public static let firstDelay: Duration = .milliseconds(250)
  /// Between attempts at most.
  public static let longestDelay: Duration = .seconds(4)

  /// When the next attempt is due; nil while nothing has failed.
  public private(set) var deadline: Timestamp?
  private var delay = Self.firstDelay

  public init() {}

  /// Writing may be tried now.
  public func isDue(at now: Timestamp) -> Bool { deadline.map { now >= $0 } ?? true }

  public mutating func failed(at now: Timestamp) {
    deadline = now + delay
    delay = min(delay * 2, Self.longestDelay)
  }

  public mutating func succeeded() { self = CaptureRecovery() }
}
