import Glibc

/// Texts of a few kilobytes.
enum SmallFile {
  /// - Returns: nil when it cannot be read or is larger than `limit` bytes.
  static func read(_ path: String, limit: Int) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count) }
      if more < 0, errno == EINTR { continue }
      guard more >= 0 else { return nil }
      if more == 0 { return String(decoding: bytes.prefix(count), as: UTF8.self) }
      count += more
    }
    return nil
  }

  /// Writes beside it and renames: whoever reads it meanwhile has the old text or the new one.
  /// - Returns: whether it was written; `errno` says why not.
  @discardableResult
  static func write(_ text: String, to path: String) -> Bool {
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    let error = errno
    close(descriptor)
    if done == bytes.count, rename(draft, path) == 0 { return true }
    unlink(draft)
    errno = error
    return false
  }
}
