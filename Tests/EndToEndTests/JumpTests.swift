import Foundation
import TestKit
import Testing

extension FirstLane {
  /// From a turn and from a finding to the messages, and back, in the real program.
  @Suite struct Jumps {
    /// A server that cuts its response by itself, and goes on sending it.
    private func lateServer() throws -> (process: ChildProcess, url: String) {
      let process = try PeerLibrary.python.run("hostile_server", [])
      guard process.waitForLine(timeout: 60, where: { $0 == "listening" }) != nil,
        let port = process.lines.lazy.compactMap({ $0.split(separator: " ") }).first(where: { $0.first == "port" })?
          .last
      else { throw TestFailure("\(process.errorLines)") }
      return (process, "ws://127.0.0.1:\(port)/late")
    }

    @Test func aFindingIsCountedExplainedAndLeadsToItsMessage() throws {
      let server = try lateServer()
      let console = try ConsoleScreen(["connect", server.url] + ConsoleScreen.silent)
      try console.terminal.wait(for: "a count in the strip") { ScreenText($0).strip.contains("⁷found ✗") }
      try console.wait(for: "audio-after-interrupted ×5", in: "findings")
      // From the protocol over the buffers.
      try console.terminal.keys("Tab", "Tab")
      try console.terminal.wait(for: "its key in the hints") { $0.contains("Enter evidence") }
      try console.terminal.keys("z")
      try console.wait(for: "Empty the server's send queue before it says interrupted", in: "findings")
      try console.wait(for: "5 of 5", in: "findings")
      try console.terminal.keys("N")
      try console.wait(for: "4 of 5", in: "findings")
      try console.terminal.keys("z", "Enter")
      try console.terminal.wait(for: "the log at the evidence") {
        $0.contains("audio-after-interrupted: ") && ScreenText($0).pane("protocol")?.border.contains("frozen") == true
      }
      try console.terminal.keys("Enter")
      try console.terminal.wait(for: "the message") { $0.contains("\"audio\"") && $0.contains("\"type\"") }
      try console.terminal.keys("Escape")
      // A key right behind it would be one with Alt.
      try console.terminal.wait(for: "the panes") { ScreenText($0).pane("protocol") != nil }
      try console.quit()
    }

    @Test func aTurnLeadsToItsMessagesAndBack() throws {
      let console = try ConsoleScreen(ConsoleScreen.silent)
      try console.say("tell me a story")
      try console.wait(forBorder: "playing", of: "agent")
      try console.terminal.keys("i")
      try console.wait(for: "cut after", in: "transcript")
      try console.wait(for: "barge-in 1", in: "latency")
      try console.terminal.keys("BTab", "BTab")
      try console.terminal.wait(for: "the latency's key in the hints") { $0.contains("Enter messages") }
      try console.terminal.keys("z")
      try console.wait(for: "turn 1", in: "latency")
      try console.wait(for: "by key", in: "latency")
      try console.terminal.keys("z", "Enter")
      try console.terminal.wait(for: "the turn's first message") {
        $0.contains("turn 1 begins here") && ScreenText($0).pane("protocol")?.border.contains("frozen") == true
      }
      try console.terminal.keys("T")
      try console.terminal.wait(for: "the way back") { $0.contains("turn 1; Enter goes to its messages") }
      try console.quit()
    }

    @Test func silencedRulesFindNothing() throws {
      let server = try lateServer()
      let folder = try TestFolder()
      let config = try folder.write(
        "findings: { silence: [audio-after-interrupted, final-without-interim] }\n", to: "c.yaml")
      let console = try ConsoleScreen(["connect", server.url, "--config", config] + ConsoleScreen.silent)
      try console.wait(for: "still here", in: "transcript")
      let screen = console.screen
      #expect(screen.pane("findings")?.running.contains("audio-after-interrupted") == false)
      #expect(screen.rows.contains { String($0).contains("2 rules silenced") })
      try console.quit()
    }
  }
}
