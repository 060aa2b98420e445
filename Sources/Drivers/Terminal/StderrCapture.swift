import Glibc
import Screen
import Threads

/// Takes what is written to standard error while the screen is on, so that a C library's message does not ruin it.
///
/// A pipe that never blocks its writers: when 64 KiB wait unread, more is lost. Main thread.
public final class StderrCapture {
  /// Lines that are kept for the end; older ones are forgotten.
  public static let keptLimit = 100
  /// Bytes of a line; the rest of a longer one becomes the next line.
  public static let lineLimit = 1000

  /// Readable when there are lines.
  public let fileDescriptor: Int32
  /// Where standard error really goes.
  let original: Int32
  private let writeEnd: Int32
  private let target: Int32
  private var partial: [UInt8] = []
  private var kept: [String] = []
  private var forgotten = 0
  private let clean: (String) -> String

  /// Starts at once; nil when the process has no descriptors left.
  /// - Parameters:
  ///   - target: the descriptor to take over.
  ///   - clean: takes out of a line what should not be seen, as secrets.
  public init?(target: Int32 = STDERR_FILENO, clean: @escaping (String) -> String = { $0 }) {
    self.clean = clean
    var ends: [Int32] = [-1, -1]
    let original = fcntl(target, F_DUPFD_CLOEXEC, 3)
    guard original >= 0 else { return nil }
    guard pipe(&ends) == 0 else {
      close(original)
      return nil
    }
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
    self.target = target
    self.original = original
    (fileDescriptor, writeEnd) = (ends[0], ends[1])
    start()
  }

  deinit {
    stop()
    for descriptor in [original, fileDescriptor, writeEnd] { close(descriptor) }
  }

  func start() { dup2(writeEnd, target) }
  func stop() { dup2(original, target) }

  /// The whole lines that came since the last call, control characters made visible. Does not wait.
  @discardableResult
  public func readLines() -> [String] {
    var lines: [String] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(fileDescriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      for byte in buffer[..<count] {
        if byte == 0x0A || partial.count == Self.lineLimit { lines.append(endLine()) }
        if byte != 0x0A { partial.append(byte) }
      }
    }
    kept += lines
    if kept.count > Self.keptLimit {
      forgotten += kept.count - Self.keptLimit
      kept.removeFirst(kept.count - Self.keptLimit)
    }
    return lines
  }

  private func endLine() -> String {
    defer { partial.removeAll(keepingCapacity: true) }
    return CharacterWidth.printable(clean(String(decoding: partial, as: UTF8.self)))
  }

  /// Prints what was kept to where standard error really goes, once.
  func printKept() {
    readLines()
    if !partial.isEmpty { kept.append(endLine()) }
    guard !kept.isEmpty else { return }
    let head = forgotten > 0 ? "(\(forgotten) earlier lines are not shown)\n" : ""
    _ = BoundedOutput(original).write(
      Array((head + kept.joined(separator: "\n") + "\n").utf8), patience: .seconds(1))
    kept = []
    forgotten = 0
  }
}
