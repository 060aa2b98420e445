import Glibc
import Threads

// A damaged shared library must not be opened: one that is cut short ends the process with SIGBUS. So each file is read
// once, by coreutils' `sha256sum`, and what it was is remembered in `.verified` with the file's size, times and number,
// for 175 MB take a second. A child and not libcrypto, whose functions would have to be declared by a shim of their own.
// It also reads faster than a hash written here would, and each Debian has it.

/// What tells that a file has not changed since it was read.
struct FileStamp: Sendable, Equatable {
  var bytes: Int64
  var modified: Int64
  /// Of the file's inode: a time of modification can be set back, this one cannot.
  var changed: Int64
  var number: UInt64

  /// - Returns: nil when it cannot be looked at, with `errno` set, or when it is a folder or a device, with `errno` EISDIR.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    guard status.st_mode & S_IFMT == S_IFREG else {
      errno = EISDIR
      return nil
    }
    func nanoseconds(_ time: timespec) -> Int64 {
      Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
    }
    bytes = Int64(status.st_size)
    modified = nanoseconds(status.st_mtim)
    changed = nanoseconds(status.st_ctim)
    number = UInt64(status.st_ino)
  }

  fileprivate init?(_ fields: ArraySlice<Substring>) {
    let fields = Array(fields)
    guard fields.count == 4, let bytes = Int64(fields[0]), let modified = Int64(fields[1]),
      let changed = Int64(fields[2]), let number = UInt64(fields[3])
    else { return nil }
    (self.bytes, self.modified, self.changed, self.number) = (bytes, modified, changed, number)
  }

  fileprivate var text: String { "\(bytes) \(modified) \(changed) \(number)" }
}

/// The files of a folder that were read, by path in the folder.
private struct ReadFiles {
  struct Row {
    var sha256: String
    var stamp: FileStamp
  }
  private static let largest = 65_536
  var rows: [String: Row] = [:]

  /// A line is `HASH BYTES MODIFIED CHANGED NUMBER PATH`; any other is passed over.
  init(_ path: String) {
    guard let text = SmallFile.read(path, limit: Self.largest) else { return }
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5)
      guard fields.count == 6, let stamp = FileStamp(fields[1...4]) else { continue }
      rows[String(fields[5])] = Row(sha256: String(fields[0]), stamp: stamp)
    }
  }

  /// Nothing is said when it cannot be written: the files are read again next time.
  func write(_ path: String) {
    let lines = rows.sorted { $0.key < $1.key }.map { "\($1.sha256) \($1.stamp.text) \($0)\n" }
    SmallFile.write(lines.joined(), to: path)
  }
}

extension EngineFolder {
  /// What was read in this process, by folder: for a folder that cannot be written to.
  private static let read = Locked<[String: ReadFiles]>([:])

  /// What is wrong with files, in their order; empty when all are there and whole. Waits for whoever else is reading.
  func faults(in files: [EngineFile], hasher: String = "sha256sum") -> [EngineFault] {
    Self.read.withLock { folders in
      let note = "\(path)/.verified"
      var known = ReadFiles(note)
      for (path, row) in folders[path]?.rows ?? [:] where known.rows[path] == nil { known.rows[path] = row }
      var unread: [EngineFile] = []
      var faults: [String: EngineFault] = [:]
      for file in files {
        switch problem(with: file) {
        case .some(let fault): faults[file.path] = fault
        case .none:
          if known.rows[file.path]?.stamp != FileStamp("\(path)/\(file.path)") { unread.append(file) }
        }
      }
      do throws(EngineFault) {
        if !unread.isEmpty {
          try read(unread, into: &known, hasher)
          known.write(note)
          folders[path] = known
        }
      } catch {
        for file in unread { faults[file.path] = error }
      }
      return files.compactMap { file in
        if let fault = faults[file.path] { return fault }
        guard known.rows[file.path]?.sha256 != file.sha256 else { return nil }
        return EngineFault(of: "\(path)/\(file.path)", reason: "is damaged, or not the file that the package has")
      }
    }
  }

  /// What can be seen without reading it.
  private func problem(with file: EngineFile) -> EngineFault? {
    let name = "\(path)/\(file.path)"
    guard access(name, R_OK) == 0, let stamp = FileStamp(name) else {
      let reason = errno == ENOENT || errno == ENOTDIR ? "is missing" : String(cString: strerror(errno))
      return EngineFault(of: name, reason: reason)
    }
    guard stamp.bytes == Int64(file.bytes) else {
      return EngineFault(of: name, reason: "has \(stamp.bytes) bytes, not \(file.bytes)")
    }
    return nil
  }

  private func read(_ files: [EngineFile], into known: inout ReadFiles, _ hasher: String) throws(EngineFault) {
    let paths = files.map { "\(path)/\($0.path)" }
    let before = paths.map(FileStamp.init)
    let ending: Program.Ending
    do throws(Program.NotStarted) {
      ending = try Program([hasher, "--zero", "--"] + paths).run()
    } catch {
      throw EngineFault(
        reason: "the engines cannot be checked: \(error.reason)", remedy: "apt-get install --reinstall coreutils")
    }
    var hashes: [Substring: Substring] = [:]
    for line in ending.output.split(separator: "\0") where line.count > 66 {
      hashes[line.dropFirst(66)] = line.prefix(64)
    }
    for (index, file) in files.enumerated() {
      guard let hash = hashes[paths[index][...]], let stamp = before[index], stamp == FileStamp(paths[index]) else {
        throw EngineFault(of: paths[index], reason: "cannot be read whole, or changes while it is read")
      }
      known.rows[file.path] = ReadFiles.Row(sha256: String(hash), stamp: stamp)
    }
  }
}
