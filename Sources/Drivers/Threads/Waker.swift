import CLinux
import Glibc

/// An eventfd: lets a thread that sleeps in `poll` be woken by any other.
public final class Waker: Sendable {
  /// Readable while a wake-up is pending.
  public let fileDescriptor: Int32

  public init() {
    fileDescriptor = eventfd(0, CLINUX_EVENTFD_FLAGS)
    precondition(fileDescriptor >= 0, "eventfd failed: \(String(cString: strerror(errno))); see ulimit -n")
  }
  deinit { close(fileDescriptor) }

  /// Any thread; safe in a signal handler and on an audio thread. Wake-ups that were not waited for add up to one.
  public func wake() {
    var one: UInt64 = 1
    _ = write(fileDescriptor, &one, 8)
  }

  /// The sleeping thread, after waking.
  public func clear() {
    var count: UInt64 = 0
    _ = read(fileDescriptor, &count, 8)
  }

  /// Sleeps until woken or until `timeout` has passed (nil: for ever). Clears the wake-up. Signals do not end it.
  /// - Returns: whether it was woken.
  @discardableResult
  public func wait(timeout: Duration?) -> Bool {
    let deadline = timeout.map { Waker.deadline(after: $0, from: monotonicNanoseconds()) }
    while true {
      var request = pollfd(fd: fileDescriptor, events: Int16(POLLIN), revents: 0)
      let milliseconds = deadline.map { Waker.milliseconds(until: $0, from: monotonicNanoseconds()) } ?? -1
      let ready = poll(&request, 1, milliseconds)
      if ready > 0 {
        clear()
        return true
      }
      // Interrupted by a signal, or a timeout beyond what one poll can wait: go on with what is left.
      if let deadline, monotonicNanoseconds() >= deadline { return false }
    }
  }

  /// Saturates instead of overflowing: a wait of centuries is a wait for ever.
  static func deadline(after timeout: Duration, from now: Int64) -> Int64 {
    let (seconds, attoseconds) = timeout.components
    let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if isTooLong { return seconds < 0 ? now : .max }
    // Rounded up, as below.
    let (nanoseconds, hasOverflown) = whole.addingReportingOverflow((attoseconds + 999_999_999) / 1_000_000_000)
    if hasOverflown { return .max }
    let (sum, isBeyond) = now.addingReportingOverflow(max(0, nanoseconds))
    return isBeyond ? .max : sum
  }

  /// Rounded up, so that a deadline has passed when the wait for it is over.
  static func milliseconds(until deadline: Int64, from now: Int64) -> Int32 {
    guard deadline > now else { return 0 }
    let left = deadline - now
    return Int32(clamping: left / 1_000_000 + (left % 1_000_000 == 0 ? 0 : 1))
  }
}
