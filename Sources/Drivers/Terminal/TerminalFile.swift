import Glibc

/// One direction of a terminal, as a descriptor and as the C stream that ncurses wants. Closed when it goes.
final class TerminalFile {
  let descriptor: Int32
  let stream: UnsafeMutablePointer<FILE>

  /// `wanted`, or the standard descriptor, or the controlling terminal: the first that is a terminal.
  init(wanted: Int32?, standard: Int32, mode: String) throws(TerminalError) {
    let candidate = wanted ?? standard
    var own: Int32 = -1
    if isatty(candidate) == 1 {
      // A copy, so that closing the stream leaves the caller's descriptor open.
      own = fcntl(candidate, F_DUPFD_CLOEXEC, 3)
    } else if wanted == nil {
      own = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
    }
    guard own >= 0 else { throw .noTerminal }
    guard let stream = fdopen(own, mode) else {
      close(own)
      throw .noTerminal
    }
    descriptor = own
    self.stream = stream
  }

  deinit { fclose(stream) }
}

/// Writes everything, across interruptions; gives up on any other error, since there is nobody to tell.
func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) {
  bytes.withUnsafeBytes { buffer in
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        guard errno == EINTR else { return }
      } else {
        rest = rest.dropFirst(count)
      }
    }
  }
}
