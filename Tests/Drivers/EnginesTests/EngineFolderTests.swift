import Foundation
import TestKit
import Testing

@testable import Engines

@Suite struct EngineFolderTests {
  /// Whatever has no stamp that fits is then said to be unreadable: it shows what would be read.
  static let noHasher = "/nowhere/sha256sum"

  @Test func aFileIsReadOnceAndAgainWhenItHasChanged() throws {
    let rig = try EngineRig(isUnpacked: true)
    let files = try #require(rig.packages[0].wheels[.x86_64]?.files)
    #expect(rig.folder.faults(in: files, hasher: Self.noHasher).count == 2)
    #expect(rig.folder.faults(in: files).isEmpty)
    #expect(rig.folder.faults(in: files, hasher: Self.noHasher).isEmpty)
    // A new time: read again, and it is still the same.
    let library = rig.path("toy_one/lib.so")
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: library)
    let unread = rig.folder.faults(in: files, hasher: Self.noHasher)
    #expect(unread.count == 1 && unread[0].reason.contains("cannot be checked"), "\(unread)")
    #expect(rig.folder.faults(in: files).isEmpty)
    #expect(rig.folder.faults(in: files, hasher: Self.noHasher).isEmpty)
  }

  @Test func aByteThatFlippedIsFoundEvenWithTheOldTime() throws {
    let rig = try EngineRig(isUnpacked: true)
    let library = rig.path("toy_one/lib.so")
    #expect(rig.states == [.installed, .installed])
    let time = try FileManager.default.attributesOfItem(atPath: library)[.modificationDate]
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: library))
    try handle.seek(toOffset: 2500)
    try handle.write(contentsOf: Data([0x30]))
    try handle.close()
    try FileManager.default.setAttributes([.modificationDate: try #require(time)], ofItemAtPath: library)
    #expect(rig.states == [.damaged(["\(library): is damaged, or not the file that the package has"]), .installed])
    // A file that is known to be damaged is not read again either.
    let files = try #require(rig.packages[0].wheels[.x86_64]?.files)
    #expect(rig.folder.faults(in: files, hasher: Self.noHasher).count == 1)
  }

  @Test func whatIsMissingCutShortOrNoFileIsNamed() throws {
    let rig = try EngineRig(isUnpacked: true)
    let (library, licence) = (rig.path("toy_one/lib.so"), rig.path("toy_one-1.0.dist-info/licenses/LICENSE"))
    try FileManager.default.removeItem(atPath: licence)
    #expect(rig.states[0] == .damaged(["\(licence): is missing"]))
    #expect(truncate(library, 4999) == 0)
    #expect(rig.states[0] == .damaged(["\(library): has 4999 bytes, not 5000", "\(licence): is missing"]))
    try FileManager.default.removeItem(atPath: library)
    try FileManager.default.createDirectory(atPath: library, withIntermediateDirectories: false)
    #expect(rig.states[0] == .damaged(["\(library): Is a directory", "\(licence): is missing"]))
    try FileManager.default.removeItem(atPath: library)
    #expect(rig.states == [.missing, .installed])
  }

  @Test func aNoteThatCannotBeReadOrWrittenOnlyCostsTime() throws {
    let rig = try EngineRig(isUnpacked: true)
    let note = rig.path(".verified")
    for text in ["", "nonsense\n", "a 1 2 3 toy_one/lib.so\n", String(repeating: "9 ", count: 90_000)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: note))
      #expect(rig.states == [.installed, .installed])
    }
    // Nothing can be written: what was read in this process is known all the same.
    try FileManager.default.removeItem(atPath: note)
    try FileManager.default.createDirectory(atPath: note + "/in the way", withIntermediateDirectories: true)
    #expect(rig.states == [.installed, .installed])
    let files = try #require(rig.packages[0].wheels[.x86_64]?.files)
    #expect(rig.folder.faults(in: files, hasher: Self.noHasher).isEmpty)
    #expect(!rig.contents.contains { $0.hasPrefix(".verified.") })
  }

  @Test func aNoteThatSpeaksOfAnotherFileDoesNotCount() throws {
    let rig = try EngineRig(isUnpacked: true)
    #expect(rig.states == [.installed, .installed])
    // The same size, another file: its number and times differ.
    let library = rig.path("toy_one/lib.so")
    try FileManager.default.removeItem(atPath: library)
    try FileManager.default.copyItem(atPath: rig.path("toy_two/lib.so"), toPath: library)
    #expect(rig.states == [.damaged(["\(library): is damaged, or not the file that the package has"]), .installed])
  }

  @Test func anItemOfAnEmptyFolderIsMissing() throws {
    let folder = EngineFolder("/nowhere/engines")
    for item in EngineFolder.Item.allCases {
      let fault = try #require(throws: EngineFault.self) { try folder.path(of: item) }
      #expect(fault.reason.hasPrefix("/nowhere/engines/") && fault.reason.hasSuffix(": is missing"), "\(fault)")
      #expect(fault.remedy == "sidetone engines install")
    }
  }

  @Test(.enabled(if: TestEngines.areHere, "\(TestEngines.comment)"))
  func theRealEnginesAreWhole() throws {
    let folder = EngineFolder(try #require(TestEngines.path))
    for item in EngineFolder.Item.allCases {
      let path = try folder.path(of: item)
      #expect(FileManager.default.fileExists(atPath: path))
    }
    #expect(EngineReport(folder).rows.allSatisfy { $0.works })
  }

  /// A copy of the real library that is cut short is refused before anybody opens it.
  @Test(.enabled(if: TestEngines.areHere, "\(TestEngines.comment)"))
  func aRealLibraryThatIsCutShortIsRefused() throws {
    let real = try #require(TestEngines.path)
    let rig = try EngineRig()
    for name in ["moonshine_voice", "moonshine_voice.libs"] {
      try FileManager.default.createDirectory(atPath: rig.folder.path, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(real)/\(name)", toPath: rig.path(name))
    }
    let runtime = try rig.folder.path(of: .onnxRuntime)
    let library = try rig.folder.path(of: .moonshineLibrary)
    #expect(library == rig.path("moonshine_voice/libmoonshine.so"))
    #expect(truncate(runtime, 10_000_000) == 0)
    // Moonshine's library brings the runtime with it.
    for item in [EngineFolder.Item.onnxRuntime, .moonshineLibrary] {
      let fault = try #require(throws: EngineFault.self) { try rig.folder.path(of: item) }
      #expect(fault.reason.hasPrefix("\(runtime): has 10000000 bytes"), "\(fault)")
    }
  }
}
