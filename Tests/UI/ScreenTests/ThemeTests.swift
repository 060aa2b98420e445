import Screen
import Testing

@Suite struct ColorTests {
  @Test func parsesEveryForm() {
    #expect(Color("#1a2B3c") == .rgb(RGB(0x1A, 0x2B, 0x3C)))
    #expect(Color("default") == .standard)
    #expect(Color("208") == .palette(208))
    #expect(Color("bright-cyan") == .palette(14))
    for bad in ["", "#", "#12345", "#1234567", "#12345g", "256", "-1", "+1", "cyanish", "#+12345", "1e2"] {
      #expect(Color(bad) == nil, "\(bad)")
    }
  }

  @Test func contrastIsThatOfWCAG() {
    #expect(abs(RGB(0).contrast(with: RGB(0xFFFFFF)) - 21) < 1e-9)
    // The example every checker knows: #767676 is the lightest grey that passes AA on white, #777777 does not.
    #expect(RGB(0x767676).contrast(with: RGB(0xFFFFFF)) > 4.5)
    #expect(RGB(0x777777).contrast(with: RGB(0xFFFFFF)) < 4.5)
  }

  @Test func paletteEntriesAreTheirOwnNearest() {
    for index in UInt8(16)...255 {
      #expect(Palette.rgb(Palette.nearest(Palette.rgb(index))) == Palette.rgb(index))
    }
    #expect(Palette.nearest(RGB(0x11151C)) == 233)
    #expect(Palette.rgb(208) == RGB(0xFF8700))
  }

  @Test func ansiKeepsTheHue() {
    #expect(Palette.nearestANSI(RGB(0x56C8F5)) == 14)
    #expect(Palette.nearestANSI(RGB(0xC0182C)) == 1)
    #expect(Palette.nearestANSI(RGB(0x6FCF6F)) == 10)
    #expect(Palette.nearestANSI(RGB(0x8B95A5)) == 8)
    #expect(Palette.nearestANSI(RGB(0x000000)) == 0)
    #expect(Palette.nearestANSI(RGB(0xFFFFFF)) == 15)
  }
}

@Suite struct ThemeParseTests {
  private func parse(_ entries: (String, String)..., base: Theme? = .builtin) throws(ThemeError) -> Theme {
    try Theme.parse(
      name: "t", entries: entries.enumerated().map { ThemeEntry($1.0, $1.1, line: $0 + 1) }, base: base)
  }

  @Test func readsLooks() throws {
    let theme = try parse(
      ("user", "#56c8f5 or bright-cyan"), ("selection", "default on 17 or blue bold underline"),
      ("meter", "1, 2 ,#030303"), ("background", "default"))
    #expect(theme.looks[.user] == Theme.Look(.init(.rgb(RGB(0x56C8F5)), ansi: 14)))
    #expect(
      theme.looks[.selection] == Theme.Look(.standard, on: .init(.palette(17), ansi: 4), [.bold, .underline]))
    #expect(theme.meter == [.init(.palette(1)), .init(.palette(2)), .init(.rgb(RGB(0x030303)))])
    #expect(theme.background == .standard)
    #expect(theme.looks[.agent] == Theme.builtin.looks[.agent])
  }

  @Test(arguments: [
    ("user", "", "has no value"), ("user", "#12g", "\"#12g\" is no colour"),
    ("user", "red or 16", "\"16\" after \"or\""),
    ("user", "red or", "\"\" after \"or\""), ("user", "red blinking", "\"blinking\" is not understood"),
    ("user", "red on", "has no value"), ("meter", "red, green", "has 2 colours"),
    ("meter", "red, green, ", "has no value"),
    ("background", "red bold", "\"bold\" is not understood"), ("usr", "red", "did you mean \"user\"?"),
    ("meters", "red", "did you mean \"meter\"?"), ("zzzzzz", "red", "is no key of a theme"),
  ])
  func refuses(_ key: String, _ value: String, _ reason: String) throws {
    let error = try #require(throws: ThemeError.self) { try parse(("text", "white"), (key, value)) }
    #expect(error.key == key && error.line == 2)
    #expect(error.reason.contains(reason), "\(error)")
    #expect(error.description.hasPrefix("line 2, key \"\(key)\": "))
    #expect(!error.allowed.isEmpty)
  }

  @Test func refusesMissingAndDoubledKeys() throws {
    let missing = try #require(throws: ThemeError.self) { try parse(("background", "black"), base: nil) }
    #expect(missing.reason == "is missing" && missing.line == nil)
    let twice = try #require(throws: ThemeError.self) { try parse(("text", "1"), ("text", "2")) }
    #expect(twice.line == 2 && twice.reason.contains("second time"))
  }
}

@Suite struct ThemeResolveTests {
  @Test func eachDepthNamesColoursInItsOwnWay() {
    let theme = Theme.builtin
    let style = Style(.user)
    #expect(theme.resolve(style, depth: .direct).foreground == 0x56C8F5)
    #expect(theme.resolve(style, depth: .direct).background == 0x11151C)
    #expect(theme.resolve(style, depth: .indexed).foreground == Int32(Palette.nearest(RGB(0x56C8F5))))
    #expect(theme.resolve(style, depth: .indexed).background == 233)
    #expect(theme.resolve(style, depth: .sixteen) == ResolvedStyle(foreground: 14, background: 0, emphasis: []))
    #expect(theme.resolve(style, depth: .eight) == ResolvedStyle(foreground: 6, background: 0, emphasis: .bold))
    #expect(theme.resolve(style, depth: .mono) == ResolvedStyle(foreground: -1, background: -1, emphasis: .bold))
  }

  @Test func levelsRunAlongTheGradient() {
    let theme = Theme.builtin
    func color(_ level: UInt8, _ depth: ColorDepth) -> Int32 {
      theme.resolve(Style(.meter, level: level), depth: depth).foreground
    }
    #expect(color(0, .direct) == 0x6FCF6F && color(255, .direct) == 0xFF6B6B)
    #expect([0, 100, 200, 255].map { color($0, .sixteen) } == [2, 3, 1, 1])
    #expect(Set((0...255).map { color(UInt8($0), .indexed) }).count > 5)
  }

  @Test func selectionKeepsTheActorsColour() {
    let theme = Theme.builtin
    let indexed = theme.resolve(Style(.user, .selected), depth: .indexed)
    #expect(indexed.foreground == theme.resolve(Style(.user), depth: .indexed).foreground)
    #expect(indexed.background == theme.resolve(Style(.selection), depth: .indexed).background)
    #expect(theme.resolve(Style(.user, .selected), depth: .sixteen).emphasis.contains(.reverse))
    // Reverse within reverse would hide the cursor.
    #expect(!theme.resolve(Style(.error, .selected), depth: .mono).emphasis.contains(.reverse))
    #expect(!theme.resolve(Style(.user, .selected), depth: .mono).emphasis.contains(.selected))
  }

  @Test(arguments: [Style.Emphasis.dim, .strike], [RGB(0x000000), RGB(0xFFFFFF)])
  func whatMattersLessIsNearerToTheBackground(_ emphasis: Style.Emphasis, _ ground: RGB) throws {
    let (back, agent) = ground == RGB(0) ? ("#000000", "#c9a0f0") : ("#ffffff", "#602090")
    let theme = try Theme.parse(
      name: "t", entries: [ThemeEntry("background", back), ThemeEntry("agent", agent)], base: .builtin)
    for depth in [ColorDepth.indexed, .direct] {
      let full = theme.resolve(Style(.agent), depth: depth)
      let faded = theme.resolve(Style(.agent, emphasis), depth: depth)
      func contrast(_ style: ResolvedStyle) throws -> Double {
        let value = style.foreground
        let color = depth == .direct ? RGB(UInt32(value)) : Palette.rgb(try #require(UInt8(exactly: value)))
        return color.contrast(with: ground)
      }
      #expect(try contrast(faded) < contrast(full) && contrast(faded) >= Theme.readableContrast)
      #expect(faded.emphasis.isEmpty)
    }
    // Where there is no colour to mix, the attribute has to do.
    #expect(theme.resolve(Style(.agent, emphasis), depth: .sixteen).emphasis == emphasis)
  }

  @Test func coarseColoursStayReadable() {
    // The nearest of the cube to this brown is read at 4.1 on white; the colour itself at 6.9.
    let (brown, white) = (RGB(0x8A4300), RGB(0xEEEEEE))
    #expect(Palette.rgb(Palette.nearest(brown)).contrast(with: white) < 4.5)
    let readable = Palette.rgb(Palette.nearest(brown, contrast: 4.5, on: [white]))
    #expect(readable.contrast(with: white) >= 4.5 && readable.difference(from: brown) < 30)
    // A colour that was never readable stays what it is.
    let pale = RGB(0xD0C0B0)
    #expect(Palette.nearest(pale, contrast: 4.5, on: [white]) == Palette.nearest(pale))
    // A dark ground stays dark.
    #expect(Palette.rgb(Palette.nearestGround(RGB(0x342A50))) == RGB(0x303030))
  }

  @Test func directAvoidsTheAnsiNumbers() throws {
    let theme = try Theme.parse(name: "t", entries: [ThemeEntry("user", "#000004")], base: .builtin)
    #expect(theme.resolve(Style(.user), depth: .direct).foreground == 8)
  }

  @Test(arguments: ColorDepth.allCases) func everyDepthTellsActorsAndStatesApart(_ depth: ColorDepth) {
    let roles: [Role] = [.user, .agent, .server, .operator, .fault, .good, .warning, .error, .modifier, .vad]
    let styles = roles.map { Theme.builtin.resolve(Style($0), depth: depth) }
    guard depth == .mono else {
      #expect(Set(styles).count == roles.count)
      return
    }
    func emphasis(_ role: Role) -> Style.Emphasis { Theme.builtin.resolve(Style(role), depth: .mono).emphasis }
    for (a, b) in [
      (Role.user, Role.agent), (.text, .error), (.text, .warning), (.text, .fault), (.text, .modifier), (.text, .dim),
      (.error, .warning), (.error, .fault), (.error, .modifier), (.border, .focus), (.text, .selection),
      (.text, .title),
      (.title, .hotkey), (.text, .operator),
    ] { #expect(emphasis(a) != emphasis(b), "\(a) \(b)") }
  }
}
