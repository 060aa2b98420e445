import Timeline

/// Time that moves only when it is told to, with what is to happen when: a discrete-event simulation.
///
///   schedule(event, after: delay) ─► ordered by time, then by order of scheduling ─► next() moves `now` and returns it
public struct VirtualClock<Event> {
  public private(set) var now: Timestamp
  private var events: [(at: Timestamp, order: Int, event: Event)] = []
  private var count = 0

  public init(now: Timestamp = .zero) { self.now = now }

  /// Puts an event on the calendar; one in the past happens now.
  public mutating func schedule(_ event: Event, at time: Timestamp) {
    let entry = (at: max(time, now), order: count, event: event)
    count += 1
    // Sorted so that the next one is last.
    var low = 0
    var high = events.count
    while low < high {
      let middle = (low + high) / 2
      if (events[middle].at, events[middle].order) > (entry.at, entry.order) { low = middle + 1 } else { high = middle }
    }
    events.insert(entry, at: low)
  }

  public mutating func schedule(_ event: Event, after delay: Duration) { schedule(event, at: now + delay) }

  /// Moves to the next event and returns it; nil when there is none up to `limit`, which is then now.
  public mutating func next(until limit: Timestamp) -> Event? {
    guard let next = events.last, next.at <= limit else {
      now = max(now, limit)
      return nil
    }
    events.removeLast()
    now = next.at
    return next.event
  }
}
