import Timeline

/// What the agent is to say by itself: timers that run, and those that have run out and wait for silence.
struct Announcements: Sendable {
  /// The most that wait of either kind.
  static let capacity = 64

  private struct Timer {
    var id: Int
    var due: Timestamp
    var text: String
  }
  private var timers: [Timer] = []
  private var waiting: [(id: Int?, text: String)] = []

  var isEmpty: Bool { timers.isEmpty && waiting.isEmpty }

  /// When the next timer runs out.
  var deadline: Timestamp? { timers.map(\.due).min() }

  /// Returns false when there are too many.
  mutating func schedule(id: Int, due: Timestamp, text: String) -> Bool {
    cancel(id: id)
    guard timers.count < Self.capacity else { return false }
    timers.append(Timer(id: id, due: due, text: text))
    return true
  }

  mutating func cancel(id: Int) {
    timers.removeAll { $0.id == id }
    waiting.removeAll { $0.id == id }
  }

  /// Returns false when there are too many.
  mutating func enqueue(_ text: String) -> Bool { enqueue(id: nil, text) }

  private mutating func enqueue(id: Int?, _ text: String) -> Bool {
    guard waiting.count < Self.capacity else { return false }
    waiting.append((id, text))
    return true
  }

  /// Moves the timers that have run out to those that wait, in the order of their times. Returns how many were lost.
  mutating func collectDue(at now: Timestamp) -> Int {
    guard let deadline, deadline <= now else { return 0 }
    let due = timers.filter { $0.due <= now }.sorted { $0.due < $1.due }
    timers.removeAll { $0.due <= now }
    return due.count { !enqueue(id: $0.id, $0.text) }
  }

  /// Takes the next that waits.
  mutating func next() -> String? { waiting.isEmpty ? nil : waiting.removeFirst().text }
}
