import Store
import Timeline

/// Tells of a queue from when something was lost in it: queues that never lose are not worth a line on the screen.
struct QueueWatch {
  private static let interval: Duration = .seconds(1)
  private var next = Timestamp.zero
  private var known: [QueueName: QueueDepth] = [:]
  private var changed: [QueueDepth] = []

  /// Once a second.
  mutating func isDue(at now: Timestamp) -> Bool {
    guard now >= next else { return false }
    next = now + Self.interval
    return true
  }

  /// How a queue stands. `dropped` counts from the session's start.
  mutating func observe(_ name: QueueName, _ depth: Int, of capacity: Int?, dropped: Int, _ unit: QueueUnit) {
    let status = QueueDepth(name: name, depth: depth, capacity: capacity, dropped: dropped, unit: unit)
    guard dropped > 0, known[name] != status else { return }
    known[name] = status
    changed.append(status)
  }

  /// What is new since the last call.
  mutating func takeChanged() -> [QueueDepth] {
    defer { changed = [] }
    return changed
  }
}

extension TimelineWriter {
  /// How it stands, for a session that writes to it.
  public var recording: @Sendable () -> RecordingStatus {
    {
      let status = self.status
      return RecordingStatus(
        depth: status.depth, capacity: self.capacity, lost: status.lost,
        failure: self.isAbandoned ? nil : status.failure.map { "\(self.name): \($0)" })
    }
  }
}

/// How the writer of the timeline stands, in entries.
public struct RecordingStatus: Sendable {
  public var depth: Int
  public var capacity: Int
  public var lost: Int
  /// Why it cannot be written, with its name.
  public var failure: String?
  public init(depth: Int, capacity: Int, lost: Int, failure: String? = nil) {
    self.failure = failure
    self.depth = depth
    self.capacity = capacity
    self.lost = lost
  }
}
