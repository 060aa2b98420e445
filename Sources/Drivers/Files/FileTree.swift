import Glibc

/// Folders with all that is in them.
public enum FileTree {
  /// Makes a folder and those above it that are missing, for their owner alone as the XDG specification wants it.
  /// - Returns: whether it is there; `errno` says why not.
  public static func make(_ path: String) -> Bool {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return true }
      errno = ENOTDIR
      return false
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex, !make(String(path[..<slash])) { return false }
    return mkdir(path, 0o700) == 0 || errno == EEXIST
  }

  /// Makes the folders that a file is in, as `make` does.
  /// - Returns: whether they are there; `errno` says why not.
  public static func makeFolder(of file: String) -> Bool {
    guard let slash = file.lastIndex(of: "/"), slash != file.startIndex else { return true }
    return make(String(file[..<slash]))
  }

  /// Names in a folder, without `.` and `..`; empty when it cannot be read.
  public static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Deletes it with all that is in it. A link goes, and what it points to stays.
  /// - Returns: the bytes of the files that went.
  @discardableResult
  public static func remove(_ path: String) -> Int64 {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    guard status.st_mode & S_IFMT == S_IFDIR else { return unlink(path) == 0 ? Int64(status.st_size) : 0 }
    let bytes = names(in: path).reduce(Int64(0)) { $0 &+ remove("\(path)/\($1)") }
    rmdir(path)
    return bytes
  }

  /// Bytes that may still be written where a folder is; nil when nobody knows.
  public static func freeBytes(at path: String) -> Int64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int64(clamping: bytes)
  }

  /// Waits until a file's bytes are on the disk.
  public static func keep(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
