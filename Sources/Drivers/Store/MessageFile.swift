import Glibc

/// Messages as files: what an operator writes from the log, and what is sent from a file. Blocks, for a moment: the
/// files are regular and at most some megabytes.
public enum MessageFile {
  /// Why a file was not written or read, and what to do.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    public let description: String
  }

  /// More is not read: no peer takes a larger message.
  public static let byteLimit = 16 << 20

  /// Writes a file, for its owner alone: what was said may be private.
  /// - Parameters:
  ///   - path: `~/` is the home folder.
  ///   - replaces: a file that is there is replaced; else it is left alone and the call fails.
  public static func write(_ bytes: [UInt8], to path: String, replaces: Bool) throws(Failure) {
    let file = open(expanded(path), O_WRONLY | O_CREAT | O_CLOEXEC | (replaces ? O_TRUNC : O_EXCL), 0o600)
    guard file >= 0 else {
      // The path last: it may be longer than the line that has room for this.
      let reason = errno == EEXIST ? "there is such a file, :write! replaces it" : String(cString: strerror(errno))
      throw Failure(description: "not written, \(reason): \(path)")
    }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + written, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw Failure(description: "\(path): \(String(cString: strerror(errno))); \(written) B of it are written")
      }
      written += count
    }
  }

  /// Reads a regular file of at most `byteLimit` bytes.
  public static func read(_ path: String) throws(Failure) -> [UInt8] {
    // A pipe without a writer would hold up who reads it.
    let file = open(expanded(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(description: "\(path): no regular file")
    }
    guard status.st_size <= byteLimit else {
      throw Failure(description: "\(path): \(status.st_size) B are more than the \(byteLimit) B of a message")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress! + filled, $0.count - filled) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(description: "\(path): \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      filled += count
    }
    return Array(bytes[..<filled])
  }

  private static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst(1)
  }
}
