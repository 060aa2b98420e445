import FoundationEssentials
import Screen
import Testing

@testable import Store

/// What every theme that comes with the program must be.
@Suite struct ShippedThemeTests {
  static let names = [
    "sidetone", "ember", "fjord", "dusk", "light", "paper", "high-contrast", "colour-blind-safe", "mono",
  ]
  static let actors: [Role] = [.user, .agent, .server, .operator, .fault, .good, .warning, .error, .modifier, .vad]
  /// Frames and meters are no text.
  static let textRoles = Role.allCases.filter { $0 != .meter && $0 != .border }
  private let store = ThemeStore(SettingsPlaces(folder: nil, programThemes: checkoutThemes))

  @Test func theBuiltInOnesAreTheFiles() throws {
    #expect(try store.load("sidetone") == .builtin)
    #expect(try store.load("mono") == .mono)
    #expect(store.list().allSatisfy { $0.path != nil })
  }

  @Test func thereAreAllOfThemAndNoOther() { #expect(store.list().map(\.name) == Self.names.sorted()) }

  @Test(arguments: names.dropLast()) func textIsReadable(_ name: String) throws {
    let theme = try store.load(name)
    let background = try #require(theme.background.color.rgb)
    let selection = try #require(theme.looks[.selection]?.background?.color.rgb)
    let wanted = name == "high-contrast" ? 7.0 : Theme.readableContrast
    for role in Self.textRoles {
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

  /// What reaches the terminal, also where 256 colours must do: plain, in the row under the cursor, and where it
  /// matters less.
  @Test(arguments: names.dropLast(), [ColorDepth.indexed, .direct])
  func textIsReadableOnTheScreen(_ name: String, _ depth: ColorDepth) throws {
    let theme = try store.load(name)
    func rgb(_ number: Int32) -> RGB {
      depth == .direct ? RGB(UInt32(number)) : Palette.rgb(UInt8(number))
    }
    for role in Self.textRoles {
      for emphasis in [[], .selected, .dim, [.dim, .selected], .strike] as [Style.Emphasis] {
        let style = theme.resolve(Style(role, emphasis), depth: depth)
        let contrast = rgb(style.foreground).contrast(with: rgb(style.background))
        #expect(contrast >= Theme.readableContrast, "\(role) \(emphasis) \(contrast)")
      }
    }
  }

  /// What is not said yet, or was not heard, looks so.
  @Test(arguments: names.dropLast(), [ColorDepth.indexed, .direct])
  func whatMattersLessIsSeenToMatterLess(_ name: String, _ depth: ColorDepth) throws {
    let theme = try store.load(name)
    func rgb(_ number: Int32) -> RGB {
      depth == .direct ? RGB(UInt32(number)) : Palette.rgb(UInt8(number))
    }
    for role in [Role.user, .agent] {
      let full = theme.resolve(Style(role), depth: depth)
      let less = theme.resolve(Style(role, .dim), depth: depth)
      #expect(rgb(full.foreground).difference(from: rgb(less.foreground)) >= 8, "\(role)")
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
