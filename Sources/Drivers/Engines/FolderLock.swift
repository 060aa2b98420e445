import Files
import Glibc

/// One installation at a time in a folder.
struct FolderLock {
  static let name = ".lock"
  private static let pollMicroseconds: UInt32 = 100_000

  private let descriptor: Int32

  /// Waits until nobody else has it.
  /// - Parameters:
  ///   - waits: called once when somebody else has it.
  ///   - isStopped: asked ten times a second; true ends the wait.
  /// - Returns: nil when the wait was ended.
  static func take(in folder: String, waits: () -> Void, isStopped: () -> Bool) throws(EngineFault) -> FolderLock? {
    var hasWaited = false
    while !isStopped() {
      guard FileTree.make(folder) else { throw .unwritable(folder, errno) }
      let path = "\(folder)/\(name)"
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw .unwritable(folder, errno) }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 {
        // Whoever had it may have removed the folder meanwhile: then this is a lock on nothing.
        var (own, there) = (stat(), stat())
        if fstat(descriptor, &own) == 0, stat(path, &there) == 0, own.st_ino == there.st_ino,
          own.st_dev == there.st_dev
        {
          return FolderLock(descriptor: descriptor)
        }
        close(descriptor)
        continue
      }
      let error = errno
      close(descriptor)
      guard error == EWOULDBLOCK || error == EINTR else { throw .unwritable(folder, error) }
      if !hasWaited { waits() }
      hasWaited = true
      usleep(pollMicroseconds)
    }
    return nil
  }

  /// Gives it to whoever waits for it. Once.
  func release() { close(descriptor) }
}

extension EngineFault {
  static func unwritable(_ folder: String, _ code: Int32) -> EngineFault {
    if code == ENOSPC || code == EDQUOT { return .diskFull(folder) }
    return EngineFault(
      reason: "\(folder): \(String(cString: strerror(code)))",
      remedy: "name a folder that can be written to: SIDETONE_ENGINES=/PATH")
  }

  static func diskFull(_ folder: String) -> EngineFault {
    EngineFault(
      reason: "\(folder): the disk is full", remedy: "make room, or name another disk: SIDETONE_ENGINES=/PATH")
  }
}
