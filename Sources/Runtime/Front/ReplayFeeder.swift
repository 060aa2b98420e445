import Capture
import Threads
import Timeline

/// Feeds recorded entries to a reader at their original pace, on a thread of its own.
public final class ReplayFeeder: Sendable {
  private let waker = Waker()
  private let isStopping = Locked<Bool>(false)
  private let thread: Locked<NamedThread?>
  private let clock: TimelineClock
  private let offset: Duration

  /// Starts at once.
  public init(_ entries: [Entry], clock: TimelineClock, read: @escaping @Sendable (Entry) -> Void) {
    self.clock = clock
    let start = clock.now
    offset = start - (entries.first?.at ?? .zero)
    thread = Locked(nil)
    let feeding = NamedThread("replay") { [self] in
      var cursor = ReplayCursor(entries, startingAt: start)
      while let deadline = cursor.deadline, !isStopping.withLock({ $0 }) {
        waker.wait(timeout: max(.zero, deadline - clock.now))
        for entry in cursor.due(at: clock.now) { read(entry) }
      }
    }
    thread.withLock { $0 = feeding }
  }

  /// The present on the recording's clock.
  public var recordedTime: Timestamp { clock.now - offset }

  /// Ends the thread and joins it.
  public func stop() {
    isStopping.withLock { $0 = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }
}
