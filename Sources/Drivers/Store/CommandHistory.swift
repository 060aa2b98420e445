import Files
import Glibc

/// Command lines over restarts: `$XDG_STATE_HOME/sidetone/history`, one in a line, the oldest first, for the owner's
/// eyes only. What is a secret is the caller's to know; it is not given here.
///
/// One thread at a time. Several programs may add to the file at once: each line is one write at its end.
public struct CommandHistory: Sendable {
  /// Lines that are read; a file that has grown to twice as many is cut when it is read.
  public static let limit = 500
  private static let largestFile = 1 << 20

  private let path: String?

  public init(_ places: SettingsPlaces = .standard()) { path = places.state.map { $0 + "/history" } }

  /// The last lines, the oldest first; none when there is no such file, or no way to read it: a session does without.
  public func read() -> [String] {
    guard let path, let bytes = Self.bytes(of: path) else { return [] }
    let all = bytes.split(separator: 0x0A).compactMap { String(validating: $0, as: UTF8.self) }
    let lines = Array(all.filter { !$0.contains { $0.isNewline } }.suffix(Self.limit))
    if all.count > 2 * Self.limit { replace(lines) }
    return lines
  }

  /// Adds a line.
  /// - Throws: `SettingsError` when it cannot be written.
  public func append(_ line: String) throws(SettingsError) {
    guard let path, !line.contains(where: \.isNewline) else { return }
    // Where they cannot be made, the file cannot either, and that is told.
    _ = FileTree.makeFolder(of: path)
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard file >= 0 else { throw failure(path) }
    defer { close(file) }
    let bytes = Array((line + "\n").utf8)
    guard write(file, bytes, bytes.count) == bytes.count else { throw failure(path) }
  }

  private func failure(_ path: String) -> SettingsError {
    SettingsError(path: path, reason: "the history cannot be written: \(String(cString: strerror(errno)))")
  }

  /// In one step, so that nobody finds half a file. A failure leaves the longer file, which does no harm.
  private func replace(_ lines: [String]) {
    guard let path else { return }
    let new = "\(path).\(getpid())"
    let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    let bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    let isWhole = write(file, bytes, bytes.count) == bytes.count
    close(file)
    if !isWhole || rename(new, path) != 0 { unlink(new) }
  }

  private static func bytes(of path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    // Of a file that has got too large, the end.
    if status.st_size > largestFile { lseek(file, status.st_size - off_t(largestFile), SEEK_SET) }
    return [UInt8](unsafeUninitializedCapacity: largestFile) { buffer, count in
      while count < largestFile {
        let read = Glibc.read(file, buffer.baseAddress! + count, largestFile - count)
        guard read > 0 else { return }
        count += read
      }
    }
  }
}
