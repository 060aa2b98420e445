import Timeline

/// Puts events on the timeline: numbers and stamps them, and hands them to every reader.
///
/// Owned by one thread, the session's, so that indexes have no gaps and times never run backwards.
struct Recorder {
  private var next = 0
  private var last = Timestamp.zero
  private let readers: [@Sendable (Entry) -> Void]

  /// - Parameter readers: called on the session's thread; each must return at once.
  init(readers: [@Sendable (Entry) -> Void]) { self.readers = readers }

  mutating func record(_ event: Entry.Event, at now: Timestamp) {
    last = max(last, now)
    let entry = Entry(index: next, at: last, event: event)
    next += 1
    for reader in readers { reader(entry) }
  }
}
