import FoundationEssentials
import Testing

@testable import Store

/// What the console remembers, and the user's own sets of panes.
struct ConsoleStateTests {
  private let state = ConsoleState(
    panes: ["mic", "transcript"], focus: "transcript", isZoomed: true, preset: "talk",
    sizes: ["bands.transcript": 0.25, "stack.meters": 0.125], theme: "light")

  @Test func comesBackAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let file = ConsoleStateFile(path: folder.path + "/new/sidetone/state.json")
    #expect(try file.read() == nil)
    try file.write(state)
    #expect(try file.read() == state)
    var next = state
    next.theme = nil
    next.sizes = [:]
    try file.write(next)
    #expect(try file.read() == next)
    // Nothing is left beside it.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/new/sidetone") == ["state.json"])
  }

  @Test(arguments: ["", "{", "[]", "{\"panes\": 7}", "\u{0}\u{1}", String(repeating: " ", count: 100_000)])
  func aBrokenFileIsToldOfAndWrittenAnew(_ text: String) throws {
    let folder = try TemporaryFolder()
    let file = ConsoleStateFile(path: try folder.write("state.json", text))
    let error = try #require(throws: SettingsError.self) { try file.read() }
    #expect(error.description.hasPrefix(file.path + ": is "))
    try file.write(state)
    #expect(try file.read() == state)
  }

  @Test func aPlaceThatCannotBeWrittenIsSaid() throws {
    let folder = try TemporaryFolder()
    try folder.write("file", "")
    let error = try #require(throws: SettingsError.self) {
      try ConsoleStateFile(path: folder.path + "/file/sidetone/state.json").write(state)
    }
    #expect(error.reason == "its folder cannot be made: Not a directory")
  }

  // MARK: - Presets

  private static let panes = ["mic", "transcript", "protocol"]

  private func read(_ text: String) throws -> [Configuration.Preset] {
    let folder = try TemporaryFolder()
    return try Configuration.read(path: try folder.write("c.yaml", text), names: .init(panes: Self.panes)).presets
  }

  @Test func presetsAreReadInTheirOrder() throws {
    let presets = try read(
      """
      presets:
        two: { panes: [transcript, protocol], sizes: { transcript: 40, meters: 25 } }
        one:
          panes: mic
      """)
    #expect(
      presets == [
        Configuration.Preset(
          name: "two", panes: ["transcript", "protocol"], sizes: ["transcript": 0.4, "meters": 0.25]),
        Configuration.Preset(name: "one", panes: ["mic"], sizes: [:]),
      ])
  }

  @Test(arguments: [
    ("presets:\n  a:\n    panes:\n      - mic\n      - protocl\n", 5, "presets.a.panes", "did you mean \"protocol\"?"),
    ("presets:\n  a: { sizes: { mic: 20 } }\n", 2, "presets.a", "has no panes"),
    ("presets:\n  a: { panes: [mic], sizes: { mic: 95 } }\n", 2, "presets.a.sizes.mic", "95 is out of range"),
    ("presets:\n  a: { panes: [mic], sizes: { hall: 20 } }\n", 2, "presets.a.sizes.hall", "is unknown"),
    ("presets:\n  a: { panes: [mic], rows: 3 }\n", 2, "presets.a.rows", "is unknown"),
    ("presets:\n  two words: { panes: [mic] }\n", 2, "presets.two words", "is no name"),
    ("presets:\n  a.b: { panes: [mic] }\n", 2, "presets.a.b", "is no name"),
    ("presets:\n  a: { panes: [] }\n", 2, "presets.a.panes", "is empty"),
  ])
  func wrongPresetsNameLineAndKey(_ text: String, _ line: Int, _ key: String, _ reason: String) throws {
    let error = try #require(throws: SettingsError.self) { try read(text) }
    #expect(error.line == line)
    #expect(error.key == key)
    #expect(error.reason.contains(reason), "\(error)")
  }
}
