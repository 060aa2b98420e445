import FoundationEssentials
import Glibc
import Testing

@testable import Store

@Suite struct CommandHistoryTests {
  private func mode(_ path: String) throws -> Int {
    var status = stat()
    try #require(stat(path, &status) == 0)
    return Int(status.st_mode)
  }

  @Test func linesAreThereAfterARestart() throws {
    let folder = try TemporaryFolder()
    let places = SettingsPlaces(folder: nil, state: folder.path + "/deep/state/sidetone")
    #expect(CommandHistory(places).read() == [])
    try CommandHistory(places).append("say hello")
    try CommandHistory(places).append("gate ptt")
    #expect(CommandHistory(places).read() == ["say hello", "gate ptt"])
    // For the owner's eyes only.
    #expect(try mode(folder.path + "/deep/state/sidetone/history") & 0o077 == 0)
    #expect(try mode(folder.path + "/deep/state/sidetone") & 0o077 == 0)
    // What is no line is no command.
    try CommandHistory(places).append("a\nb")
    #expect(CommandHistory(places).read().count == 2)
  }

  @Test func theFileIsBounded() throws {
    let folder = try TemporaryFolder()
    let lines = (0..<1_200).map { "say \($0)" }
    let file = try folder.write("history", lines.joined(separator: "\n") + "\n")
    let history = CommandHistory(SettingsPlaces(folder: nil, state: folder.path))
    #expect(history.read() == lines.suffix(500))
    let left = try #require(FileManager.default.contents(atPath: file))
    #expect(left.count { $0 == 0x0A } == 500)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["history"])
    #expect(try mode(file) & 0o077 == 0)
  }

  @Test func damageIsNoEnd() throws {
    let folder = try TemporaryFolder()
    try Data([0x61, 0x0A, 0xFF, 0xFE, 0x0A, 0x62]).write(to: URL(filePath: folder.path + "/history"))
    #expect(CommandHistory(SettingsPlaces(folder: nil, state: folder.path)).read() == ["a", "b"])
    let file = try folder.write("file", "")
    let history = CommandHistory(SettingsPlaces(folder: nil, state: file + "/state"))
    #expect(history.read() == [])
    #expect(throws: SettingsError.self) { try history.append("x") }
    // Without a home nothing is kept, and nothing fails.
    try CommandHistory(SettingsPlaces(folder: nil)).append("x")
  }

  @Test func theStateFolderIsThatOfTheSpecification() {
    #expect(SettingsPlaces.state(stateHome: "/s", home: "/h") == "/s/sidetone")
    #expect(SettingsPlaces.state(stateHome: "relative", home: "/h") == "/h/.local/state/sidetone")
    #expect(SettingsPlaces.state(stateHome: nil, home: nil) == nil)
  }
}

@Suite struct FolderContentsTests {
  @Test func foldersAndFilesByName() throws {
    let folder = try TemporaryFolder()
    try folder.write("b.wav", "1234")
    try folder.write("a/x", "")
    let items = FolderContents.read(folder.path + "/")
    #expect(items.map(\.name) == ["a", "b.wav"] && items.map(\.isFolder) == [true, false])
    #expect(items[1].byteCount == 4)
    #expect(FolderContents.read(folder.path + "/none").isEmpty)
    #expect(FolderContents.read(folder.path + "/b.wav").isEmpty)
    #expect(!FolderContents.read("").isEmpty)
    #expect(FolderContents.expanded("~/x").hasSuffix("/x") && !FolderContents.expanded("~/x").hasPrefix("~"))
    #expect(FolderContents.expanded("a~/x") == "a~/x")
  }
}
