import Foundation
import Testing

@testable import Engines

@Suite struct EngineInstallerTests {
  @Test func keepsOnlyWhatIsNeeded() throws {
    let rig = try EngineRig()
    var lines: [String] = []
    #expect(try rig.install { lines.append($0) } == .complete(fetched: 2))
    #expect(rig.states == [.installed, .installed])
    #expect(
      rig.contents == [
        ".lock", ".verified", "toy_one", "toy_one/lib.so", "toy_one-1.0.dist-info", "toy_one-1.0.dist-info/licenses",
        "toy_one-1.0.dist-info/licenses/LICENSE", "toy_two", "toy_two/lib.so", "toy_two-1.0.dist-info",
        "toy_two-1.0.dist-info/licenses", "toy_two-1.0.dist-info/licenses/LICENSE",
      ])
    // The sizes come before the first package.
    #expect(lines.count == 3 && lines[0].contains(rig.folder.path), "\(lines)")
    #expect(lines[1].hasPrefix("toy-one 1.0") && lines[2].hasPrefix("toy-two 1.0"), "\(lines)")
  }

  @Test func doesNothingWhenAllIsThere() throws {
    let rig = try EngineRig()
    _ = try rig.install()
    let before = try FileManager.default.attributesOfItem(atPath: rig.path(".verified"))
    var lines: [String] = []
    // No Python is looked for.
    #expect(try rig.installer(pythons: []).install { lines.append($0) } == .complete(fetched: 0))
    let after = try FileManager.default.attributesOfItem(atPath: rig.path(".verified"))
    #expect(lines.isEmpty && NSDictionary(dictionary: before).isEqual(to: after))
  }

  @Test func goesOnWithThePackageThatIsMissing() throws {
    let rig = try EngineRig()
    var isStopped = false
    let outcome = try rig.install(
      tell: { if $0.hasPrefix("toy-two") { isStopped = true } }, isStopped: { isStopped })
    #expect(outcome == .stopped)
    #expect(rig.states == [.installed, .missing])
    #expect(!rig.contents.contains { $0.hasPrefix(".incoming") || $0.hasPrefix("toy_two") }, "\(rig.contents)")
    #expect(try rig.install() == .complete(fetched: 1))
    #expect(rig.states == [.installed, .installed])
  }

  @Test func whatAKilledOneLeftIsCleared() throws {
    let rig = try EngineRig()
    try FileManager.default.createDirectory(
      atPath: rig.path(".incoming/kept/toy_one"), withIntermediateDirectories: true)
    try Data("half".utf8).write(to: URL(fileURLWithPath: rig.path(".incoming/kept/toy_one/lib.so")))
    #expect(rig.states == [.missing, .missing])
    #expect(try rig.install() == .complete(fetched: 2))
    #expect(rig.states == [.installed, .installed] && !rig.contents.contains(".incoming"))
  }

  @Test func aWheelOfAnotherHashIsRefused() throws {
    let rig = try EngineRig()
    rig.packages[0].wheels[.x86_64]?.sha256 = String(repeating: "0", count: 64)
    let fault = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(fault.reason.hasPrefix("toy-one 1.0: ") && fault.reason.contains("its SHA-256 is wrong"), "\(fault)")
    #expect(rig.contents == [".lock"])
  }

  @Test func aFileThatIsNotTheOneOfTheTableIsNotPutInPlace() throws {
    let rig = try EngineRig()
    rig.packages[0].wheels[.x86_64]?.files[0].sha256 = String(repeating: "0", count: 64)
    let fault = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(fault.reason.contains("lib.so: is damaged"), "\(fault)")
    rig.packages[0].wheels[.x86_64]?.files[0].path = "toy_one/other.so"
    let other = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(other.reason == "toy-one 1.0: its wheel has no toy_one/other.so")
    #expect(rig.contents == [".lock"])
  }

  @Test func aDamagedOneIsReplacedAndAProgramThatHasItOpenKeepsIt() throws {
    let rig = try EngineRig()
    _ = try rig.install()
    let library = rig.path("toy_one/lib.so")
    try Data("short".utf8).write(to: URL(fileURLWithPath: library))
    guard case .damaged(let reasons) = rig.states[0] else { return #expect(Bool(false), "\(rig.states)") }
    #expect(reasons == ["\(library): has 5 bytes, not 5000"])
    let open = try FileHandle(forReadingFrom: URL(fileURLWithPath: library))
    #expect(try rig.install() == .complete(fetched: 1))
    #expect(rig.states == [.installed, .installed])
    #expect(try open.readToEnd() == Data("short".utf8))
  }

  @Test func withoutPipItSaysWhatToInstall() throws {
    let rig = try EngineRig()
    let fake = rig.root + "/python3"
    try Data("#!/bin/sh\necho 'python3: No module named pip' >&2\nexit 1\n".utf8).write(to: URL(fileURLWithPath: fake))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
    for pythons in [["/nowhere/python3"], [fake], ["/nowhere/python3", fake]] {
      let fault = try #require(throws: EngineFault.self) { try rig.installer(pythons: pythons).install { _ in } }
      #expect(fault == PipAnswer.needsPip && fault.remedy == "apt-get install python3-pip")
    }
    // The second one has it.
    #expect(try rig.installer(pythons: [fake, "/usr/bin/python3"]).install { _ in } == .complete(fetched: 2))
  }

  @Test func aPackageThatTheIndexLacksAndAProcessorWithoutEngines() throws {
    let rig = try EngineRig()
    rig.packages[0].version = "9.9"
    let fault = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(fault.reason == "toy-one 9.9: the package index does not have it")
    let none = EngineInstaller(rig.folder, packages: rig.packages, processor: nil)
    #expect(throws: EngineFault.wrongProcessor) { try none.install { _ in } }
  }

  @Test func saysSoWhenTheDiskHasNoRoom() throws {
    let rig = try EngineRig()
    rig.packages[0].wheels[.x86_64]?.unpackedBytes = 1 << 60
    let fault = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(fault.reason.contains("are needed for a while, and \(rig.folder.path) has room for"), "\(fault)")
    #expect(rig.contents == [".lock"])
  }

  @Test func saysSoWhenItsFolderCannotBeMade() throws {
    let rig = try EngineRig()
    try Data().write(to: URL(fileURLWithPath: rig.root + "/data"))
    let fault = try #require(throws: EngineFault.self) { try rig.install() }
    #expect(fault.reason == "\(rig.folder.path): Not a directory")
  }

  @Test func twoAtOnceFetchEachPackageOnce() async throws {
    let rig = try EngineRig()
    let installers = [rig.installer(), rig.installer()]
    let outcomes = try await withThrowingTaskGroup(of: EngineInstaller.Outcome.self) { group in
      for installer in installers { group.addTask { try installer.install { _ in } } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let fetched = outcomes.map { if case .complete(let fetched) = $0 { fetched } else { -1 } }
    #expect(fetched.sorted() == [0, 2])
    #expect(rig.states == [.installed, .installed])
  }

  @Test func theWaitForAnotherOneCanBeEnded() throws {
    let rig = try EngineRig()
    let lock = try #require(try FolderLock.take(in: rig.folder.path, waits: {}, isStopped: { false }))
    var lines: [String] = []
    #expect(try rig.install(tell: { lines.append($0) }, isStopped: { !lines.isEmpty }) == .stopped)
    #expect(lines == ["another installation is at work in \(rig.folder.path): waiting for it"])
    lock.release()
    #expect(try rig.install() == .complete(fetched: 2))
  }

  @Test func removesWhatItHasInstalledAndNothingElse() throws {
    let rig = try EngineRig()
    #expect(try rig.installer().remove { _ in } == 0)
    _ = try rig.install()
    #expect(try rig.installer().remove { _ in } == 10_008)
    #expect(!FileManager.default.fileExists(atPath: rig.folder.path))
    _ = try rig.install()
    try Data("mine".utf8).write(to: URL(fileURLWithPath: rig.path("mine")))
    #expect(try rig.installer().remove { _ in } == 10_008)
    #expect(rig.contents == ["mine"])
  }
}
