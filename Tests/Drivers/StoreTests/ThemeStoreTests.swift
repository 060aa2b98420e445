import FoundationEssentials
import Screen
import Testing

@testable import Store

/// The themes of the checkout.
let checkoutThemes: String = {
  let parts = #filePath.split(separator: "/").dropLast(4)
  return "/" + parts.joined(separator: "/") + "/themes"
}()

@Suite struct ThemeStoreTests {
  @Test func findsTheUsersThenTheProgramsThenTheBuiltIn() throws {
    let folder = try TemporaryFolder()
    let places = SettingsPlaces(folder: folder.path, programThemes: checkoutThemes)
    #expect(try ThemeStore(places).load("light").name == "light")
    let own = try folder.write("themes/light.yaml", "inherits: light\nuser: \"#010203\"\n")
    let theme = try ThemeStore(places).load("light")
    // Inherits the program's theme of the same name, not itself.
    #expect(theme.looks[.user]?.foreground == .init(.rgb(RGB(0x010203))))
    #expect(theme.background == .init(.rgb(RGB(0xFAFBFD)), ansi: 15))
    #expect(ThemeStore(places).list().first { $0.name == "light" }?.path == own)
    #expect(try ThemeStore(SettingsPlaces(folder: nil)).load("sidetone") == .builtin)
    #expect(try ThemeStore(SettingsPlaces(folder: nil)).load("mono") == .mono)
  }

  @Test func loadsByPath() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("mine.yaml", "inherits: mono\nmeter: [red, \"#00ff00\", 3]\n")
    let theme = try ThemeStore(SettingsPlaces(folder: nil)).load(path)
    #expect(theme.name == "mine" && theme.meter.map(\.color) == [.palette(1), .rgb(RGB(0x00FF00)), .palette(3)])
  }

  @Test func saysWhichThemesThereAre() throws {
    let store = ThemeStore(SettingsPlaces(folder: nil, programThemes: checkoutThemes))
    #expect(store.list().map(\.name) == ShippedThemeTests.names.sorted())
    let error = try #require(throws: SettingsError.self) { try store.load("sidetoen") }
    #expect(error.description.hasPrefix("there is no theme \"sidetoen\", did you mean \"sidetone\"?; allowed: colour-"))
  }

  @Test(arguments: [
    ("inherits: mono\nuser: \"#12\"", 2, "user", "is no colour"),
    ("inherits: mono\nuser: #123456", 2, "user", "a comment"),
    ("inherits: nope", 1, "inherits", "there is no theme"),
    ("inherits: mono\nusr: red", 2, "usr", "did you mean \"user\"?"),
    ("inherits: mono\n\nmeter: red", 3, "meter", "has 1 colours"),
    ("inherits: mono\nuser: {a: b}", 2, "user", "section"),
    ("inherits: a\ntext: red", 1, "inherits", "there is no theme \"a\""),
  ])
  func refuses(_ text: String, _ line: Int, _ key: String, _ reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("themes/a.yaml", text)
    let error = try #require(throws: SettingsError.self) {
      try ThemeStore(SettingsPlaces(folder: folder.path)).load("a")
    }
    #expect(error.path == path && error.line == line && error.key == key, "\(error)")
    #expect(error.reason.contains(reason), "\(error)")
  }

  @Test func aThemeWithoutBaseMustBeWhole() throws {
    let folder = try TemporaryFolder()
    try folder.write("themes/a.yaml", "text: red")
    let error = try #require(throws: SettingsError.self) {
      try ThemeStore(SettingsPlaces(folder: folder.path)).load("a")
    }
    #expect(error.reason == "is missing" && error.allowed?.contains("inherits") == true)
  }

  @Test func theProgramsThemesAreFoundFromItsFile() throws {
    let folder = try TemporaryFolder()
    try folder.write("themes/sidetone.yaml", "")
    let built = folder.path + "/.build/x86_64/debug/sidetone"
    #expect(SettingsPlaces.programThemes(executable: built) == folder.path + "/themes")
    try folder.write("prefix/share/sidetone/themes/sidetone.yaml", "")
    #expect(
      SettingsPlaces.programThemes(executable: folder.path + "/prefix/bin/sidetone")
        == folder.path + "/prefix/share/sidetone/themes")
    #expect(SettingsPlaces.programThemes(executable: "/nowhere/at/all") == nil)
  }
}
