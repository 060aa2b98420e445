import Glibc
import Synchronization
import Threads

/// SIGTERM, SIGINT and SIGHUP as a request to end, for programs without a screen. A second one ends at once.
///
/// One at a time in a process: signal handlers are process-wide.
public final class StopSignals: Sendable {
  // Written once, before any handler can run; read in the handler, which may use nothing but atomics and write(2).
  private static let descriptor = Atomic<Int32>(-1)
  private static let isRequested = Atomic<Bool>(false)
  private let waker: Waker

  /// - Parameter waker: woken when a signal comes.
  public init(waker: Waker) {
    self.waker = waker
    Self.descriptor.store(waker.fileDescriptor, ordering: .releasing)
    var own = sigset_t()
    sigemptyset(&own)
    for number in [SIGTERM, SIGINT, SIGHUP] {
      sigaddset(&own, number)
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { _ in
        StopSignals.isRequested.store(true, ordering: .releasing)
        var one: UInt64 = 1
        _ = write(StopSignals.descriptor.load(ordering: .acquiring), &one, 8)
      }
      action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
      sigaction(number, &action, nil)
    }
    // Whoever started us may have had them blocked, and a child inherits that.
    pthread_sigmask(SIG_UNBLOCK, &own, nil)
  }

  // The descriptor is about to be somebody else's.
  deinit { Self.descriptor.store(-1, ordering: .releasing) }

  /// Whether a signal has come.
  public var isStopRequested: Bool { Self.isRequested.load(ordering: .acquiring) }
}
