import FoundationEssentials
import Screen
import Testing

@testable import Store

/// The themes of the checkout.
private let checkoutThemes: String = {
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
    #expect(theme.background == .init(.rgb(RGB(0xFAF9F5)), ansi: 15))
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
    #expect(store.list().map(\.name) == ["colour-blind-safe", "high-contrast", "light", "mono", "sidetone"])
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

/// What every theme that comes with the program must be.
@Suite struct ShippedThemeTests {
  static let names = ["sidetone", "light", "high-contrast", "colour-blind-safe", "mono"]
  static let actors: [Role] = [.user, .agent, .server, .operator, .fault, .good, .warning, .error, .modifier, .vad]
  private let store = ThemeStore(SettingsPlaces(folder: nil, programThemes: checkoutThemes))

  @Test func theBuiltInOnesAreTheFiles() throws {
    #expect(try store.load("sidetone") == .builtin)
    #expect(try store.load("mono") == .mono)
    #expect(store.list().allSatisfy { $0.path != nil })
  }

  @Test(arguments: names.dropLast()) func textIsReadable(_ name: String) throws {
    let theme = try store.load(name)
    let background = try #require(theme.background.color.rgb)
    let selection = try #require(theme.looks[.selection]?.background?.color.rgb)
    let wanted = name == "high-contrast" ? 7.0 : 4.5
    for role in Role.allCases where role != .meter && role != .border {
      let color = try #require(theme.looks[role]?.foreground.color.rgb)
      #expect(color.contrast(with: selection) >= wanted, "\(role) on the selection")
      if role != .selection { #expect(color.contrast(with: background) >= wanted, "\(role)") }
    }
    // Lines and meters are no text: WCAG 2.1, 1.4.11.
    let border = try #require(theme.looks[.border]?.foreground.color.rgb)
    for color in [border] + theme.meter.compactMap(\.color.rgb) {
      #expect(color.contrast(with: background) >= 3)
    }
  }

  /// The same after the colours have become those of the 256.
  @Test(arguments: names.dropLast()) func textIsReadableIn256Colours(_ name: String) throws {
    let theme = try store.load(name)
    for role in Role.allCases where role != .meter && role != .border {
      let style = theme.resolve(Style(role), depth: .indexed)
      let (text, ground) = (Palette.rgb(UInt8(style.foreground)), Palette.rgb(UInt8(style.background)))
      #expect(text.contrast(with: ground) >= 4.5, "\(role)")
    }
  }

  @Test(arguments: names.dropLast(), ColorDepth.allCases.dropFirst())
  func actorsAndStatesDiffer(_ name: String, _ depth: ColorDepth) throws {
    let theme = try store.load(name)
    let styles = Self.actors.map { theme.resolve(Style($0), depth: depth) }
    #expect(Set(styles).count == Self.actors.count, "\(zip(Self.actors, styles).map { "\($0) \($1)" })")
  }

  @Test(arguments: names.dropLast()) func actorsAreFarEnoughApartToTell(_ name: String) throws {
    try expectApart(try store.load(name), by: 18) { $0 }
  }

  @Test(arguments: [
    // Machado, Oliveira and Fernandes 2009, severity 1.0: protanopia, deuteranopia.
    [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
  ])
  func colourBlindSafeIs(_ matrix: [Double]) throws {
    try expectApart(try store.load("colour-blind-safe"), by: 10) { color in
      func light(_ channel: UInt8) -> Double {
        // The luminance of a grey is the amount of light of its channels.
        RGB(channel, channel, channel).luminance
      }
      func channel(_ light: Double) -> UInt8 {
        UInt8((0...255).min { abs(RGB($0, $0, $0).luminance - light) < abs(RGB($1, $1, $1).luminance - light) } ?? 0)
      }
      let (r, g, b) = (light(color.red), light(color.green), light(color.blue))
      func seen(_ row: Int) -> UInt8 {
        channel(matrix[row * 3] * r + matrix[row * 3 + 1] * g + matrix[row * 3 + 2] * b)
      }
      return RGB(seen(0), seen(1), seen(2))
    }
  }

  /// Any two actors or states differ in colour or in type.
  private func expectApart(_ theme: Theme, by distance: Double, _ seen: (RGB) -> RGB) throws {
    for (i, a) in Self.actors.enumerated() {
      for b in Self.actors[..<i] {
        let (first, second) = (try #require(theme.looks[a]), try #require(theme.looks[b]))
        guard first.emphasis == second.emphasis else { continue }
        let colors = try [first, second].map { seen(try #require($0.foreground.color.rgb)) }
        #expect(colors[0].difference(from: colors[1]) >= distance, "\(a) and \(b)")
      }
    }
  }
}
