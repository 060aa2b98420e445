import CLinux
import Glibc
import Threads

/// The way of frames to the terminal: each in one write, and no more of them than the terminal takes.
///
///     ncurses ─► memory ─► `push` ─► waiting ─► terminal
///
/// ncurses writes at every move of the cursor, about twenty times a frame, and each write wakes the terminal. So its
/// descriptor leads into a file in memory while the screen is on, and the whole frame goes out at once. What a slow
/// terminal does not take waits here, and as long as it `isBusy` nothing new should be drawn: keys are heard at once
/// over any link, and what is drawn next is the present instead of a queue of the past.
///
/// Main thread. Where the kernel gives no memory file or no second way to the terminal, ncurses writes as it always did.
final class FrameOutput {
  /// The terminal for whoever must not wait for a frame: it blocks, and does not lead into memory.
  let direct: Int32
  /// ncurses' own.
  private let diverted: Int32
  /// The terminal opened anew, so that it does not block us and blocks whoever else has it.
  private let terminal: Int32
  private let memory: Int32
  private var isDiverted = false
  private var waiting: [UInt8] = []
  /// Of `waiting`, what has gone.
  private var gone = 0

  /// - Parameter output: ncurses' terminal. Stays the caller's.
  init(_ output: TerminalFile) {
    diverted = output.descriptor
    let copy = fcntl(diverted, F_DUPFD_CLOEXEC, 3)
    direct = copy >= 0 ? copy : diverted
    terminal = open("/proc/self/fd/\(diverted)", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    memory = clinux_memory_file("frame")
  }

  deinit {
    for descriptor in [direct, terminal, memory] where descriptor >= 0 && descriptor != diverted { close(descriptor) }
  }

  /// The terminal has not taken all of the last frame.
  var isBusy: Bool { gone < waiting.count }

  /// Writable when the terminal takes more.
  var pollFileDescriptor: Int32 { terminal }
  /// ncurses writes to memory.
  var isInMemory: Bool { isDiverted }

  /// From now on what ncurses writes goes to memory.
  func divert() {
    guard !isDiverted, direct != diverted, terminal >= 0, memory >= 0 else { return }
    isDiverted = lead(to: memory)
  }

  /// Gives ncurses its terminal back. What still waits is lost: `settle` comes first.
  func undivert() {
    guard isDiverted else { return }
    waiting = []
    gone = 0
    _ = lead(to: direct)
    isDiverted = false
  }

  /// Sends what waits, if the terminal takes it in time. What it has not taken by then is thrown away, also from the
  /// kernel's queue: there it would stand before what gives the terminal back.
  /// - Returns: whether the terminal takes what is sent to it.
  func settle(milliseconds: Int64) -> Bool {
    push()
    let deadline = monotonicNanoseconds() + milliseconds * 1_000_000
    while true {
      let left = deadline - monotonicNanoseconds()
      var request = pollfd(fd: terminal >= 0 ? terminal : direct, events: Int16(POLLOUT), revents: 0)
      guard poll(&request, 1, Int32(max(0, left) / 1_000_000)) > 0 else { break }
      push()
      if !isBusy { return true }
      // Room for less than a character comes at once, again and again.
      if left <= 0 { break }
    }
    waiting = []
    gone = 0
    tcflush(direct, TCOFLUSH)
    return false
  }

  /// Appends to what waits, in order with the frames. Where frames are not diverted, waits a second at most.
  func write(_ bytes: [UInt8]) {
    guard isDiverted else {
      _ = BoundedOutput(direct).write(bytes, patience: .seconds(1))
      return
    }
    collect()
    waiting += bytes
    push()
  }

  /// Hands on what ncurses has written, as far as the terminal takes it.
  /// - Returns: how many bytes ncurses had written since the last time; 0 where it writes itself.
  @discardableResult
  func push() -> Int {
    guard isDiverted else { return 0 }
    let written = collect()
    while isBusy {
      let count = waiting.withUnsafeBytes { Glibc.write(terminal, $0.baseAddress! + gone, $0.count - gone) }
      if count > 0 {
        gone += count
      } else if errno == EAGAIN {
        // Full for now.
        return written
      } else if errno != EINTR {
        // Hung up: nothing that waits will ever go. The input says so to whoever reads it.
        break
      }
    }
    waiting.removeAll(keepingCapacity: true)
    gone = 0
    return written
  }

  @discardableResult
  private func collect() -> Int {
    let count = Int(lseek(memory, 0, SEEK_CUR))
    guard count > 0 else { return 0 }
    let frame = [UInt8](unsafeUninitializedCapacity: count) { buffer, taken in
      taken = max(0, pread(memory, buffer.baseAddress, count, 0))
    }
    lseek(memory, 0, SEEK_SET)
    if waiting.isEmpty { waiting = frame } else { waiting += frame }
    return count
  }

  /// Points ncurses' descriptor elsewhere.
  private func lead(to target: Int32) -> Bool {
    guard dup2(target, diverted) >= 0 else { return false }
    _ = fcntl(diverted, F_SETFD, FD_CLOEXEC)
    return true
  }
}
