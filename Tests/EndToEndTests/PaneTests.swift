import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Panes by key and by mouse in a real terminal, and what is remembered of them.
  @Suite struct PaneTests {
    /// What a terminal sends for the mouse (ctlseqs, "Extended coordinates"), places counted from 1.
    private func mouse(_ console: ConsoleScreen, _ button: Int, _ column: Int, _ row: Int, isRelease: Bool = false)
      throws
    {
      try console.terminal.type("\u{1B}[<\(button);\(column);\(row)\(isRelease ? "m" : "M")")
    }

    /// The column, from 1, in which the protocol's frame begins.
    private func column(_ screen: String) -> Int? {
      for line in screen.split(separator: "\n") where line.contains("⁵ protocol") {
        let before = line.prefix { $0 != "⁵" }
        return before.count
      }
      return nil
    }

    @Test func sizesAndPanesSurviveARestart() throws {
      let state = try TestFolder()
      let environment = ["XDG_STATE_HOME": state.path]
      let console = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      let screen = try console.terminal.wait(for: "the panes") { $0.contains("⁵ protocol") && $0.contains("⁶ buffers") }
      let start = try #require(column(screen))
      // Drag the divider between transcript and protocol ten columns to the right, and close the buffers by their digit.
      try mouse(console, 0, start, 20)
      try mouse(console, 32, start + 10, 20)
      try mouse(console, 0, start + 10, 20, isRelease: true)
      try console.terminal.wait(for: "the divider ten columns to the right") { self.column($0) == start + 10 }
      try console.terminal.keys("6")
      try console.terminal.wait(for: "no buffers") { !$0.contains("⁶ buffers") }
      try console.quit()
      let again = try ConsoleScreen(ConsoleScreen.silent, environment: environment)
      try again.terminal.wait(for: "the same panes") { self.column($0) == start + 10 && !$0.contains("⁶ buffers") }
      try again.terminal.keys("p")
      try again.terminal.wait(for: "the next preset") { $0.contains("panes: talk (1 2 4)") }
      try again.quit()
    }

    @Test func aBrokenStateFileIsToldOf() throws {
      let state = try TestFolder()
      try FileManager.default.createDirectory(atPath: state.file("sidetone"), withIntermediateDirectories: true)
      _ = try state.write("{ not json", to: "sidetone/state.json")
      let console = try ConsoleScreen(
        ConsoleScreen.silent, environment: ["XDG_STATE_HOME": state.path], waitsForLive: false)
      try console.terminal.wait(for: "the remark") { $0.contains("is no state of this program") }
      try console.waitForLive()
      try console.quit()
    }

    @Test func presetsOfTheConfiguration() throws {
      let folder = try TestFolder()
      let config = try folder.write(
        "presets:\n  review: { panes: [transcript, protocol], sizes: { transcript: 50 } }\n", to: "c.yaml")
      let console = try ConsoleScreen(ConsoleScreen.silent + ["--config", config])
      try console.command(":", "preset review")
      try console.terminal.wait(for: "the preset, with a pane of half the screen") {
        self.column($0) == 61 && !$0.contains("¹ mic")
      }
      try console.quit()
      let broken = try folder.write("presets:\n  review:\n    panes: [transcrypt]\n", to: "broken.yaml")
      let outcome = try Program.run(["--config", broken])
      #expect(outcome.status == 78)
      #expect(outcome.errors.contains("broken.yaml:3: key \"presets.review.panes\""))
      #expect(outcome.errors.contains("did you mean \"transcript\"?"))
    }
  }
}
