import Foundation
import TestKit
import Testing

extension FirstLane {
  /// The choice of themes, with one of the user's own and a broken one.
  @Suite struct Themes {
    private let settings: TestFolder
    private let state: TestFolder
    private var environment: [String: String] { ["XDG_CONFIG_HOME": settings.path, "XDG_STATE_HOME": state.path] }

    init() throws {
      (settings, state) = (try TestFolder(), try TestFolder())
      let folder = settings.file("sidetone/themes")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      _ = try settings.write("capture: off\n", to: "sidetone/config.yaml")
      _ = try settings.write("inherits: sidetone\nborder: \"#ff8700\"\n", to: "sidetone/themes/aa-mine.yaml")
      _ = try settings.write("inherits: sidetone\n\nuser: \"#12g\"\n", to: "sidetone/themes/ab-broken.yaml")
    }

    /// The colour of frames in the user's own theme, among the 256.
    private static let own = "38;5;208m"

    private var rememberedTheme: String? {
      let data = FileManager.default.contents(atPath: state.file("sidetone/state.json")) ?? Data()
      return (try? JSONSerialization.jsonObject(with: data) as? [String: Any])?["theme"] as? String
    }

    private func waitForColour(_ terminal: TmuxTerminal, _ isThere: Bool) throws {
      try terminal.wait(for: "the theme's own colour: \(isThere)") { _ in
        terminal.screen(styled: true).contains(Self.own) == isThere
      }
    }

    @Test func onesOwnIsShownABrokenOneExplainedAndOnlyAChosenOneRemembered() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      let terminal = console.terminal
      try terminal.keys("t")
      try terminal.wait(forText: "› sidetone")
      try terminal.keys("g")
      try terminal.wait(forText: "› aa-mine")
      try waitForColour(terminal, true)
      try terminal.keys("Down")
      try terminal.wait(for: "what is wrong, and where") {
        $0.contains("this theme cannot be shown") && $0.contains("ab-broken.yaml:3") && $0.contains("#12g")
      }
      try terminal.keys("Enter")
      try terminal.keys("Up")
      try terminal.wait(for: "the fault gone") { !$0.contains("cannot be shown") && $0.contains("› aa-mine") }
      // What was only tried on is not what the next run begins with.
      try terminal.keys("q")
      try console.waitForExit(0)
      #expect(rememberedTheme == nil)

      let again = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      #expect(!again.terminal.screen(styled: true).contains(Self.own))
      try again.terminal.keys("t", "g")
      try waitForColour(again.terminal, true)
      try again.terminal.keys("Escape")
      try waitForColour(again.terminal, false)
      try again.terminal.keys("t", "g")
      try waitForColour(again.terminal, true)
      try again.terminal.keys("Enter")
      try again.terminal.wait(forText: "theme aa-mine")
      try again.quit()
      #expect(rememberedTheme == "aa-mine")

      let third = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      try waitForColour(third.terminal, true)
      try third.quit()
    }
  }
}
