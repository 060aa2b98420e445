import Timeline

/// Walks through recorded entries at their original pace. Holds no clock: the present is an argument.
public struct ReplayCursor: Sendable {
  private let entries: [Entry]
  private var next = 0
  private let offset: Duration

  /// - Parameter start: the moment on the replaying clock that stands for the first entry.
  public init(_ entries: [Entry], startingAt start: Timestamp) {
    self.entries = entries
    offset = start - (entries.first?.at ?? .zero)
  }

  /// Entries whose moment has come, stamped as they were recorded.
  public mutating func due(at now: Timestamp) -> ArraySlice<Entry> {
    let first = next
    while next < entries.count, entries[next].at + offset <= now { next += 1 }
    return entries[first..<next]
  }

  /// The entries that are left, at most `count` of them, whenever they were recorded: for who does not wait.
  public mutating func next(_ count: Int) -> ArraySlice<Entry> {
    let first = next
    next = min(entries.count, next.adding(max(0, count)))
    return entries[first..<next]
  }

  /// When the next entry is due on the replaying clock; nil at the end.
  public var deadline: Timestamp? { next < entries.count ? entries[next].at + offset : nil }

  /// The present on the recording's clock.
  public func recordedTime(at now: Timestamp) -> Timestamp { now - offset }
}
