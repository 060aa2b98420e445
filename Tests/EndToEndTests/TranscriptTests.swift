import TestKit
import Testing

extension FirstLane {
  /// The transcript's commands.
  @Suite struct Transcript {
    private static let turns = (1...14).flatMap { number in
      [
        ScriptedConsole.message("transcript_final", ["text": "question \(number)"]),
        ScriptedConsole.message("response_text", ["text": number == 3 ? "the walnut" : "answer \(number)"]),
        ScriptedConsole.message("response_complete"),
      ]
    }

    @Test func itIsScrolledSearchedAndCopied() throws {
      let peer = try ScriptedConsole(Self.turns, zooms: false)
      let terminal = peer.terminal
      try terminal.acceptClipboard()
      let console = peer.console
      try console.wait(for: "answer 14", in: "transcript")
      // Closed and opened again it has the focus.
      try terminal.keys("4", "4", "PPage", "PPage")
      try console.wait(forBorder: "scrolled, End follows", of: "transcript")
      try terminal.keys("g")
      try console.wait(for: "question 1 ", in: "transcript")
      try terminal.keys("End")
      try console.wait(for: "answer 14", in: "transcript")
      #expect(console.screen.pane("transcript")?.border.contains("scrolled") == false)

      try terminal.keys("/")
      try terminal.type("walnut")
      try terminal.keys("Enter")
      try console.wait(forBorder: "search: walnut  1 of 1", of: "transcript")
      try console.wait(for: "the walnut", in: "transcript")
      try terminal.keys("n")
      try terminal.wait(forText: "went on at the beginning")
      try terminal.keys("y")
      try terminal.wait(forText: "copied turn 3, 2 lines")
      let turn = try terminal.waitForClipboard { $0.contains("walnut") }
      #expect(turn.contains("you: question 3") && turn.contains("agent: the walnut") && !turn.contains("question 4"))

      try console.run("search nobody")
      try terminal.wait(forText: #"nobody has said "nobody" so far"#)
      try terminal.keys("Escape", "Escape")
      try terminal.wait(for: "no search") { ScreenText($0).pane("transcript")?.border.contains("search") == false }
      try terminal.keys("y")
      try terminal.wait(forText: "copied the whole transcript, 28 lines")
      let all = try terminal.waitForClipboard { $0.contains("answer 14") }
      #expect(all.contains("you: question 1\n") && all.split(separator: "\n").count == 28, "\(all)")
      try console.quit()
    }
  }
}
