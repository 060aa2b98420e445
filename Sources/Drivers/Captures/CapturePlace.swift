import Capture
import Files
import Glibc

/// The file of a capture as the system sees it: made for its owner alone, and never over a file of another kind.
enum CapturePlace {
  /// What SQLite keeps beside the file.
  static let companions = ["-wal", "-shm", "-journal"]

  /// Makes the file, empty, and its folder where that is missing. An earlier capture of that name is replaced; an empty
  /// file that nobody else may read is taken as it is.
  static func make(_ path: String) throws(CaptureFault) {
    try makeFolder(of: path)
    for isFirst in [true, false] {
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if file >= 0 {
        close(file)
        return
      }
      guard errno == EEXIST, isFirst else { throw fault(errno) }
      if isMade(path) { return }
      guard mayBeReplaced(path) else { throw .occupied }
      for name in companions.map({ path + $0 }) + [path] { unlink(name) }
    }
  }

  /// Folders that are missing, each for its owner alone; those that are there keep their mode.
  static func makeFolder(of path: String) throws(CaptureFault) {
    guard FileTree.makeFolder(of: path) else { throw fault(errno) }
  }

  /// It is as `make` leaves it.
  private static func isMade(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode == S_IFREG | 0o600 && status.st_size == 0
      && status.st_uid == geteuid() && status.st_nlink == 1
  }

  /// It is empty, or a capture.
  private static func mayBeReplaced(_ path: String) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
    return status.st_size == 0 || FileHead(path)?.applicationID == CaptureSchema.applicationID
  }

  /// Which file a path leads to; nil when it leads to none.
  static func identity(_ path: String) -> [UInt64]? {
    var status = stat()
    return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }

  /// What a capture weighs in bytes, with what SQLite keeps beside it.
  static func byteCount(_ path: String) -> Int {
    ([""] + companions).reduce(0) { sum, name in
      var status = stat()
      return stat(path + name, &status) == 0 ? sum.adding(Int(status.st_size)) : sum
    }
  }

  /// No block is free where the file is.
  static func isFull(_ path: String) -> Bool {
    var status = statvfs()
    return statvfs(path, &status) == 0 && status.f_bavail == 0
  }

  static func fault(_ error: Int32) -> CaptureFault {
    switch error {
    case ENOSPC, EDQUOT: .full
    case EROFS: .readOnly
    case EACCES, EPERM: .forbidden
    default: .other(String(cString: strerror(error)))
    }
  }
}

/// The first bytes of a file of SQLite: https://www.sqlite.org/fileformat2.html#the_database_header
///
/// Never of a file that a connection of this process has open: to close a descriptor of it gives SQLite's locks away
/// (https://www.sqlite.org/howtocorrupt.html, section 2.2).
struct FileHead {
  private let bytes: [UInt8]
  let byteCount: Int

  private static let magic = Array("SQLite format 3\0".utf8)

  init?(_ path: String) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    byteCount = Int(status.st_size)
    var bytes = [UInt8](repeating: 0, count: 100)
    bytes.removeLast(bytes.count - max(0, read(file, &bytes, bytes.count)))
    self.bytes = bytes
  }

  /// It begins as a file of SQLite does, as far as it goes.
  var isSQLite: Bool { !bytes.isEmpty && Self.magic.starts(with: bytes.prefix(16)) || bytes.starts(with: Self.magic) }

  /// It begins as JSON lines do.
  var isJSON: Bool { bytes.first == UInt8(ascii: "{") }

  var applicationID: Int32? { isSQLite ? number(at: 68).map { Int32(bitPattern: $0) } : nil }

  /// The file is shorter than its header says.
  var isTruncated: Bool {
    guard isSQLite else { return false }
    guard bytes.count == 100, let pages = number(at: 28) else { return true }
    let size = Int(bytes[16]) << 8 | Int(bytes[17])
    // 1 stands for 65536, which two bytes do not hold.
    return Int(pages) * (size == 1 ? 65_536 : size) > byteCount
  }

  private func number(at offset: Int) -> UInt32? {
    guard bytes.count >= offset + 4 else { return nil }
    return bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
