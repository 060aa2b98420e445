import Timeline

/// Turns a queue's depth into entries: when it changed, at most ten a second.
struct QueueReporter: Sendable {
  static let interval: Duration = .milliseconds(100)

  let name: QueueName
  let capacity: Int?
  let unit: QueueUnit
  private var reported: (depth: Int, dropped: Int) = (0, 0)
  private var reportedAt: Timestamp?

  init(name: QueueName, capacity: Int?, unit: QueueUnit) {
    self.name = name
    self.capacity = capacity
    self.unit = unit
  }

  /// When a change becomes due; nil while there is none.
  func deadline(depth: Int, dropped: Int, now: Timestamp) -> Timestamp? {
    guard reported != (depth, dropped) else { return nil }
    return reportedAt.map { $0 + Self.interval } ?? now
  }

  /// The entry, if one is due.
  mutating func report(depth: Int, dropped: Int, now: Timestamp) -> QueueDepth? {
    guard let due = deadline(depth: depth, dropped: dropped, now: now), due <= now else { return nil }
    reported = (depth, dropped)
    reportedAt = now
    return QueueDepth(name: name, depth: depth, capacity: capacity, dropped: dropped, unit: unit)
  }
}
