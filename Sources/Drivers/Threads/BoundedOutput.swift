import CLinux
import Glibc

/// Writes to a descriptor whose reader may take nothing: a terminal whose connection hangs or that was stopped by Ctrl-S,
/// a pipe that nobody reads. Such a write blocks for ever; this one waits as long as it is told to.
///
/// One thread at a time. Closed when it goes; the descriptor stays the caller's.
public final class BoundedOutput {
  /// How a write ended.
  public enum Outcome: Sendable, Equatable {
    case written
    /// The kernel refused: `errno`.
    case refused(Int32)
    /// It was told not to wait any longer. What was taken so far has gone.
    case gaveUp
  }

  /// What a pipe takes without blocking once poll(2) says that it takes something (PIPE_BUF, pipe(7)).
  private static let pipePiece = 4096
  /// How often it is asked whether to go on waiting.
  private static let pollMilliseconds: Int32 = 50

  private let descriptor: Int32
  /// The terminal opened anew: it does not block us, and blocks whoever else has it as before. Else -1.
  private let terminal: Int32
  private let piece: Int

  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
    terminal =
      isatty(descriptor) == 1
      ? open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1
    var status = stat()
    let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    // Files never wait for a reader, and each batch of theirs is one write.
    piece = isFile ? .max : Self.pipePiece
  }

  deinit { if terminal >= 0 { close(terminal) } }

  /// Writes everything.
  /// - Parameter goesOn: asked while nothing is taken; false ends the wait.
  public func write(_ bytes: [UInt8], while goesOn: () -> Bool) -> Outcome {
    let target = terminal >= 0 ? terminal : descriptor
    return bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        var request = pollfd(fd: target, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, Self.pollMilliseconds) > 0 else {
          if goesOn() { continue }
          return .gaveUp
        }
        let count = Glibc.write(target, buffer.baseAddress! + done, min(piece, buffer.count - done))
        if count >= 0 {
          done += count
        } else if errno != EINTR, errno != EAGAIN {
          return .refused(errno)
        } else if !goesOn() {
          return .gaveUp
        }
      }
      return .written
    }
  }

  /// Writes everything, or what is taken before nothing was taken for so long.
  public func write(_ bytes: [UInt8], patience: Duration) -> Outcome {
    let nanoseconds = Waker.deadline(after: patience, from: 0)
    let deadline = monotonicNanoseconds().addingReportingOverflow(nanoseconds)
    return write(bytes) { deadline.overflow || monotonicNanoseconds() < deadline.partialValue }
  }
}
