import Glibc
import Threads

/// Collects events of any thread and lets a test wait for what it needs.
public final class CollectedEvents<Event: Sendable>: Sendable {
  private let events = Locked<[Event]>([])

  public init() {}

  public func append(_ event: Event) { events.withLock { $0.append(event) } }
  public var all: [Event] { events.withLock { $0 } }

  /// Waits until the events so far satisfy the condition; false after a deadline that only a hang can reach.
  public func wait(for condition: ([Event]) -> Bool) -> Bool {
    let deadline = monotonicNanoseconds() + 60_000_000_000
    while monotonicNanoseconds() < deadline {
      if condition(all) { return true }
      usleep(500)
    }
    return false
  }
}
