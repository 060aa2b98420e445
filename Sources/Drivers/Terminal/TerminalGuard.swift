import CLinux
import Glibc
import Synchronization
import Threads

/// What signals asked for.
public struct TerminalSignals: Sendable, Hashable {
  /// SIGTERM, SIGINT or SIGHUP: end the program. The number, for the exit code.
  public var terminate: Int32?
  /// SIGTSTP from outside: call `suspend`.
  public var suspend = false
  /// SIGCONT: call `resume`, unless it ended a `suspend`.
  public var resumed = false
}

/// Sees to it that the terminal is given back however the program ends.
///
///     SIGTERM SIGINT SIGHUP SIGTSTP SIGCONT SIGWINCH ──► a flag and the waker; the loop acts (`take`)
///     one more of these a second later    ┐
///     SIGSEGV SIGABRT SIGILL SIGTRAP …    ├──► restore at once, then what would have happened without us
///     exit()                              ┘
///
/// Signals often come in pairs within milliseconds, from a shell and a supervisor: those are one request. Only who asks
/// again a second later, and finds that the first request was not even looked at, has a program that hangs.
///
/// The handlers only write(2), poll, tcflush, tcsetattr, dup2, sigaction, clock_gettime and raise, which POSIX lists as safe
/// in signal handlers, on memory made ready before.
public final class TerminalGuard {
  private static let polite = [SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH]
  private static let crashes = [SIGSEGV, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGQUIT]

  init(
    output: Int32, input: Int32, termios: termios, leave: [UInt8], standardError: Int32?, captured: Int32?,
    waker: Waker
  ) {
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: leave.count)
    _ = bytes.initialize(from: leave)
    record.pointee = Record(
      output: output, input: input, termios: termios, leave: UnsafeRawBufferPointer(bytes),
      standardError: standardError ?? -1, captured: captured ?? -1, waker: waker.fileDescriptor)
    self.bytes = bytes
    self.waker = waker
    registerExit
    pending.store(0, ordering: .relaxed)
    for number in Self.polite { install(number) { number, _, _ in noteSignal(number) } }
    for number in Self.crashes { install(number, restoreAndCrash) }
    // Whoever started us may have had them blocked, and a child inherits that.
    var own = sigset_t()
    sigemptyset(&own)
    for number in Self.polite + Self.crashes { sigaddset(&own, number) }
    pthread_sigmask(SIG_UNBLOCK, &own, nil)
  }

  private let bytes: UnsafeMutableBufferPointer<UInt8>
  /// Kept alive: the handlers write to its descriptor.
  private let waker: Waker
  private var isInstalled = true

  private func install(_ number: Int32, _ handler: @escaping Handler) {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = handler
    // The alternate stack, where there is one (Swift's backtracer has one): a stack overflow is a crash too.
    action.sa_flags = SA_SIGINFO | SA_RESTART | Int32(bitPattern: UInt32(SA_ONSTACK))
    sigemptyset(&action.sa_mask)
    sigaction(number, &action, &previous[Int(number)])
  }

  /// From now on the terminal is ours to give back.
  func arm() { isArmed.store(true, ordering: .sequentiallyConsistent) }
  func disarm() { isArmed.store(false, ordering: .sequentiallyConsistent) }

  /// Puts the former handlers back.
  func uninstall() {
    guard isInstalled else { return }
    isInstalled = false
    disarm()
    for number in Self.polite + Self.crashes { sigaction(number, &previous[Int(number)], nil) }
    record.pointee.waker = -1
    bytes.deallocate()
  }

  func take() -> TerminalSignals {
    let bits = pending.exchange(0, ordering: .sequentiallyConsistent)
    func has(_ number: Int32) -> Bool { bits & (1 << UInt64(number)) != 0 }
    return TerminalSignals(
      terminate: [SIGTERM, SIGINT, SIGHUP].first(where: has), suspend: has(SIGTSTP), resumed: has(SIGCONT))
  }

  /// Stops the whole job as Ctrl-Z at a shell would, and returns when it is continued.
  ///
  /// The process group, not the process: a `make` that started us must stop too, or the shell waits for it.
  public static func stopJob() {
    var ours = sigaction()
    var standard = sigaction()
    standard.__sigaction_handler.sa_handler = SIG_DFL
    sigaction(SIGTSTP, &standard, &ours)
    kill(0, SIGTSTP)
    sigaction(SIGTSTP, &ours, nil)
    pending.bitwiseAnd(~(1 << UInt64(SIGCONT)), ordering: .sequentiallyConsistent)
  }
}

private typealias Handler =
  @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

/// What a handler needs.
private struct Record {
  var output: Int32 = -1
  var input: Int32 = -1
  var termios = CLinux.termios()
  var leave = UnsafeRawBufferPointer(start: nil, count: 0)
  var standardError: Int32 = -1
  var captured: Int32 = -1
  var waker: Int32 = -1
}

// Safe: written by the main thread while no handler is installed or `isArmed` is false; handlers only read it.
nonisolated(unsafe) private let record: UnsafeMutablePointer<Record> = {
  let pointer = UnsafeMutablePointer<Record>.allocate(capacity: 1)
  pointer.initialize(to: Record())
  return pointer
}()
// Safe: entry N is written when the handler of signal N is installed, before that handler can run.
nonisolated(unsafe) private let previous: UnsafeMutablePointer<sigaction> = {
  let pointer = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
  pointer.initialize(repeating: sigaction(), count: 65)
  return pointer
}()
/// Whether the terminal is in our state; whoever sets it to false gives it back.
private let isArmed = Atomic<Bool>(false)
/// One bit per signal.
private let pending = Atomic<UInt64>(0)
/// When the oldest request to end came that nobody has looked at, in nanoseconds.
private let askedAt = Atomic<Int64>(0)
/// exit() from anywhere restores the terminal.
private let registerExit: Void = { atexit { restoreNow() } }()

private func noteSignal(_ number: Int32) {
  let saved = errno
  let (before, _) = pending.bitwiseOr(1 << UInt64(number), ordering: .sequentiallyConsistent)
  if number == SIGTERM || number == SIGINT || number == SIGHUP {
    let now = monotonicNanoseconds()
    if before & (1 << UInt64(SIGTERM) | 1 << UInt64(SIGINT) | 1 << UInt64(SIGHUP)) == 0 {
      askedAt.store(now, ordering: .sequentiallyConsistent)
    } else if now - askedAt.load(ordering: .sequentiallyConsistent) > 1_000_000_000 {
      restoreAndCrash(number, nil, nil)
    }
  }
  var one: UInt64 = 1
  if record.pointee.waker >= 0 { _ = write(record.pointee.waker, &one, 8) }
  errno = saved
}

/// Restores, lets the former handler have its say (Swift's prints a backtrace, of the context that is handed on), and
/// ends the program by the same signal.
///
/// That last step is ours: a former handler may return and rely on the faulty instruction to run again, but a signal that
/// was sent has none, and the program would go on with a terminal that it has given back.
private func restoreAndCrash(
  _ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
  restoreNow()
  let former = previous[Int(number)]
  // SIG_DFL is nil here, SIG_IGN is 1.
  let address = unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self)
  if address > 1 {
    // A handler of one argument leaves the other two alone.
    former.__sigaction_handler.sa_sigaction(number, info, context)
  }
  var standard = sigaction()
  standard.__sigaction_handler.sa_handler = SIG_DFL
  sigaction(number, &standard, nil)
  // Delivered when this handler returns.
  raise(number)
}

/// Whether the terminal took it. One that takes nothing, as over a connection that hangs, gets half a second; then what it
/// has not taken is thrown away, and it gets one more chance.
private func sendLeave() -> Bool {
  var rest = record.pointee.leave
  for isLastChance in [false, true] {
    while !rest.isEmpty {
      let count = write(record.pointee.output, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        continue
      }
      if errno == EINTR { continue }
      guard errno == EAGAIN else { return false }
      var request = pollfd(fd: record.pointee.output, events: Int16(POLLOUT), revents: 0)
      guard !isLastChance, poll(&request, 1, 500) > 0 else { break }
    }
    if rest.isEmpty { return true }
    tcflush(record.pointee.output, TCOFLUSH)
  }
  return false
}

private func restoreNow() {
  guard isArmed.exchange(false, ordering: .sequentiallyConsistent) else { return }
  let isGivenBack = sendLeave()
  tcsetattr(record.pointee.input, TCSANOW, &record.pointee.termios)
  guard record.pointee.standardError >= 0 else { return }
  dup2(record.pointee.standardError, STDERR_FILENO)
  // A terminal that takes nothing would hold up the end.
  guard isGivenBack else { return }
  // The last words ("Fatal error: …") are still in the pipe.
  withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
    while true {
      let count = read(record.pointee.captured, buffer.baseAddress, buffer.count)
      guard count > 0 else { break }
      _ = write(record.pointee.standardError, buffer.baseAddress, count)
    }
  }
}
