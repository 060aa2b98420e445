import Glibc
import Synchronization
import Threads
import Timeline

/// Signals that tell of a failed write.
public enum WriteSignals {
  /// A pipe that nobody reads any more and a file that may not grow are told of by the write itself, and the program ends
  /// as it should: what it has recorded until then is whole.
  public static func becomeErrors() { for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) } }
}

/// SIGTERM, SIGINT and SIGHUP as a request to end, for programs without a screen.
///
/// Signals often come in pairs within milliseconds, as to a whole process group and to the program itself: those are one
/// request, and what is written stays whole. One that comes two seconds later ends the program at once.
///
/// One at a time in a process: signal handlers are process-wide.
public final class StopSignals: Sendable {
  // Written once, before any handler can run; read in the handler, which may use nothing but atomics and write(2).
  private static let descriptor = Atomic<Int32>(-1)
  private static let isRequested = Atomic<Bool>(false)
  /// When the first one came, in nanoseconds; 0 before.
  private static let requestedAt = Atomic<Int64>(0)
  private static let patience = Atomic<Int64>(0)
  private let waker: Waker

  /// - Parameters:
  ///   - waker: woken when a signal comes.
  ///   - patience: how long after the first one another is the same request.
  public init(waker: Waker, patience: Duration = .seconds(2)) {
    self.waker = waker
    Self.patience.store(patience.nanoseconds, ordering: .releasing)
    Self.descriptor.store(waker.fileDescriptor, ordering: .releasing)
    Self.requestedAt.store(0, ordering: .releasing)
    var own = sigset_t()
    sigemptyset(&own)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      sigaddset(&own, number)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        let now = monotonicNanoseconds()
        let first = StopSignals.requestedAt.load(ordering: .acquiring)
        if StopSignals.isRequested.exchange(true, ordering: .acquiringAndReleasing), first > 0,
          now - first > StopSignals.patience.load(ordering: .acquiring)
        {
          var standard = sigaction()
          standard.__sigaction_handler.sa_handler = SIG_DFL
          sigaction(number, &standard, nil)
          // Delivered when this handler returns.
          raise(number)
          return
        }
        if first == 0 { StopSignals.requestedAt.store(now, ordering: .releasing) }
        var one: UInt64 = 1
        _ = write(StopSignals.descriptor.load(ordering: .acquiring), &one, 8)
      }
      sigaction(number, &action, nil)
    }
    // Whoever started us may have had them blocked, and a child inherits that.
    pthread_sigmask(SIG_UNBLOCK, &own, nil)
  }

  // The descriptor is about to be somebody else's.
  deinit { Self.descriptor.store(-1, ordering: .releasing) }

  /// Whether a signal has come.
  public var isStopRequested: Bool { Self.isRequested.load(ordering: .acquiring) }

  /// Whether one has come so long ago that nobody should be waited for any more: a reader that takes nothing.
  public var isImpatient: Bool {
    let first = Self.requestedAt.load(ordering: .acquiring)
    return first > 0 && monotonicNanoseconds() - first > Self.patience.load(ordering: .acquiring)
  }
}
