import Screen
import TestKit
import Testing

@testable import Console

/// Choosing a theme. The runtime that loads themes is played by hand.
@Suite struct ThemeMenuTests {
  /// Presses keys and answers for every theme as the runtime would.
  /// - Returns: what was shown, with a `!` what was chosen.
  private func press(_ console: inout Console, broken: Set<String> = [], _ keys: Key...) -> [String] {
    var shown: [String] = []
    for key in keys { shown += answer(&console, broken, console.update(.event(.key(key)))) }
    return shown
  }

  private func answer(_ console: inout Console, _ broken: Set<String>, _ effects: [ConsoleEffect]) -> [String] {
    var shown: [String] = []
    for effect in effects {
      let (name, sign): (String, String)
      switch effect {
      case .showTheme(let shown): (name, sign) = (shown, "")
      case .setTheme(let chosen): (name, sign) = (chosen, "!")
      default: continue
      }
      if broken.contains(name) {
        _ = console.update(.failed("themes/\(name).yaml:3: key \"user\": \"#12g\" is no colour"))
      } else {
        shown.append(name + sign)
        _ = console.update(.themeChanged(name))
      }
    }
    return shown
  }

  @Test func theCursorShowsEachAndEnterKeeps() {
    var console = Script.live.console(120, 40)
    #expect(console.update(.event(.key(.char("t")))) == [.findThemes])
    #expect(console.mode == .themes && console.text().contains("› default"))
    #expect(press(&console, Key(.down), .char("j")) == ["nord", "paper"])
    #expect(press(&console, .char("t"), Key(.end), .char("g"), Key(.up)) == ["default", "paper", "default", "default"])
    // Only what was chosen is to be remembered.
    #expect(press(&console, Key(.down), Key(.enter)) == ["nord", "nord!"])
    #expect(console.mode == .panes && console.theme == "nord")
    #expect(console.text().contains("theme nord"))
  }

  @Test func escapeBringsTheFormerOneBack() {
    var console = Script.live.console(120, 40)
    #expect(press(&console, .char("t"), Key(.down), Key(.down), Key(.escape)) == ["nord", "paper", "default"])
    #expect(console.mode == .panes && console.theme == "default")
    // Nothing was tried, so nothing is to be undone.
    #expect(press(&console, .char("t"), Key(.escape)) == [])
  }

  @Test func aBrokenThemeSaysWhereAndIsNotKept() {
    var console = Script.live.console(120, 40)
    #expect(press(&console, broken: ["nord"], .char("t"), Key(.down)) == [])
    #expect(console.text().contains(##"themes/nord.yaml:3: key "user": "#12g" is no colour"##))
    #expect(press(&console, Key(.enter)) == [] && console.mode == .themes)
    #expect(press(&console, Key(.down)) == ["paper"])
    #expect(!console.text().contains("nord.yaml"))
    #expect(press(&console, broken: ["nord"], Key(.up), Key(.escape)) == ["default"])
    // Not an error of the session.
    #expect(console.problem == nil)
  }

  @Test func themesWrittenMeanwhileAreThere() {
    var console = Script.live.console(120, 40)
    _ = press(&console, .char("t"), Key(.down))
    _ = console.update(.themesFound(["brand", "default", "mine", "nord", "paper"]))
    #expect(console.text().contains("mine") && console.text().contains("› nord"))
    #expect(press(&console, Key(.up)) == ["mine"])
    #expect(press(&console, Key(.escape)) == ["default"])
    // A name is known from then on, also without the menu.
    #expect(console.command("theme brand") == [.setTheme("brand")])
  }

  @Test func theMouseChooses() throws {
    var console = Script.live.console(120, 40)
    _ = press(&console, .char("t"))
    let rect = console.themeRect(console.size)
    func click(_ row: Int) -> [String] {
      answer(&console, [], console.update(.event(.mouse(Mouse(.press, x: rect.x + 3, y: rect.y + 1 + row)))))
    }
    #expect(click(2) == ["paper"])
    #expect(answer(&console, [], console.update(.event(.mouse(Mouse(.wheelUp, x: 1, y: 1))))) == ["nord"])
    #expect(click(9) == [] && console.mode == .themes)
    #expect(click(1) == ["nord!"] && console.mode == .panes && console.theme == "nord")
  }

  @Test func manyThemesScroll() {
    var console = Script.live.console(80, 24)
    _ = press(&console, .char("t"))
    _ = console.update(.themesFound(["default"] + (10..<60).map { "theme\($0)" }))
    #expect(!console.text().contains("theme59"))
    #expect(press(&console, Key(.end)) == ["theme59"])
    #expect(console.text().contains("› theme59") && console.text().contains("of 51"))
    #expect(press(&console, Key(.pageUp)).count == 1)
  }

  @Test(arguments: GoldenTests.sizes) func golden(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    _ = press(&console, .char("t"), Key(.down))
    try GoldenScreen.check(console.view(size).part(console.layout(size).body), "themes-\(size.width)x\(size.height)")
    _ = press(&console, broken: ["paper"], Key(.down))
    try GoldenScreen.check(
      console.view(size).part(console.layout(size).body), "themes-broken-\(size.width)x\(size.height)")
  }
}
