import Capture
import Files
import Glibc
import Timeline

/// A folder of captures, and what of it is deleted so that it does not grow for ever.
public struct CaptureFolder: Sendable {
  /// How the name of a capture ends.
  public static let ending = ".sidetone"

  public let path: String

  public init(path: String) { self.path = path }

  /// Makes the file of a capture that begins now, empty, under a name that no other has, and the folder where it is missing.
  /// - Parameters:
  ///   - now: the time of day, in milliseconds since 1970-01-01 UTC.
  ///   - utcOffsetSeconds: the local time is so far ahead of UTC.
  /// - Returns: the file's path, and whether the folder had to be made.
  public func begin(
    at now: Int64, utcOffsetSeconds: Int
  ) throws(CaptureFault) -> (path: String, isFirst: Bool) {
    let isFirst = access(path, F_OK) != 0
    for number in 1...Self.mostInOneSecond {
      let file = file(at: now, utcOffsetSeconds, number)
      try CapturePlace.makeFolder(of: file)
      let descriptor = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
      if descriptor >= 0 {
        close(descriptor)
        return (file, isFirst)
      }
      guard errno == EEXIST else { throw CapturePlace.fault(errno) }
    }
    throw .occupied
  }

  /// The path of a capture that begins now, if no other has begun in this second.
  /// - Parameter number: as `CaptureName` has it.
  public func file(at now: Int64, _ utcOffsetSeconds: Int, _ number: Int = 1) -> String {
    "\(path)/\(CaptureName.name(at: now, utcOffsetSeconds: utcOffsetSeconds, number: number))\(Self.ending)"
  }

  private static let mostInOneSecond = 1000

  /// The captures in it, in no order; empty when there is no such folder. A link is none.
  public func captures() -> [CaptureRetention.File] {
    FileTree.names(in: path).filter { $0.hasSuffix(Self.ending) }.compactMap(capture)
  }

  private func capture(_ name: String) -> CaptureRetention.File? {
    var status = stat()
    guard lstat(path + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    var file = CaptureRetention.File(
      name, byteCount: Int(status.st_size), modifiedMilliseconds: Self.milliseconds(status.st_mtim))
    for companion in CapturePlace.companions where lstat(path + "/" + name + companion, &status) == 0 {
      file.byteCount = file.byteCount.adding(Int(status.st_size))
      file.modifiedMilliseconds = max(file.modifiedMilliseconds, Self.milliseconds(status.st_mtim))
      if companion == "-wal" { file.hasLog = true }
    }
    return file
  }

  private static func milliseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec).multipliedReportingOverflow(by: 1000).partialValue.adding(Int64(time.tv_nsec) / 1_000_000)
  }

  /// Deletes what is too old or too much.
  /// - Parameters:
  ///   - writing: the name of the capture that this program writes.
  ///   - now: the time of day, in milliseconds since 1970-01-01 UTC.
  /// - Returns: the names of what was deleted.
  public func makeRoom(_ limits: CaptureRetention, writing: String? = nil, now: Int64) -> [String] {
    limits.toDelete(captures(), writing: writing, now: now).filter { name in
      // The file first: a log without its file is nothing, and a file without its log would have lost its end.
      guard unlink(path + "/" + name) == 0 else { return false }
      for companion in CapturePlace.companions { unlink(path + "/" + name + companion) }
      return true
    }
  }
}
