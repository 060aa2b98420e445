import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Going back in a session that is running.
  @Suite struct Past {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    @Test func aRunningSessionIsGoneBackInWhileItGoesOn() throws {
      let (capture, log) = (folder.file("a.sidetone"), folder.file("a.jsonl"))
      let console = try ConsoleScreen(
        ["--input", "say:what is two plus two", "--output", "null", "--capture", capture, "--log", log])
      try console.terminal.wait(forText: "speech ended")
      try console.terminal.keys("Home")
      try console.terminal.wait(for: "how far it is behind") { ScreenText($0).strip.contains("live -") }
      try console.terminal.keys("{")
      // The answer comes while the panes show the beginning.
      try console.terminal.wait(for: "the answer in the log") { _ in
        (try? String(contentsOfFile: log, encoding: .utf8))?.contains("response_complete") == true
      }
      let transcript = try #require(console.screen.pane("transcript"))
      #expect(transcript.border.contains("-") && !transcript.running.contains("four"), "\(transcript)")
      try console.terminal.keys("f")
      try console.wait(for: "you what is two plus two agent That is four.", in: "transcript")
      #expect(!console.screen.strip.contains("live -"))
      // What has come by then is in the past, too.
      try console.terminal.keys("Home")
      try console.terminal.wait(for: "how far it is behind") { ScreenText($0).strip.contains("live -") }
      try console.terminal.keys("End")
      try console.terminal.wait(for: "the session as it is") { !ScreenText($0).strip.contains("live -") }
      try console.terminal.keys("Home")
      try console.terminal.wait(for: "how far it is behind") { ScreenText($0).strip.contains("live -") }
      // Whoever quits from there leaves a capture that was closed in order, and is one file.
      try console.quit()
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("a.sidetone") }
      #expect(names == ["a.sidetone"])
    }
  }
}
