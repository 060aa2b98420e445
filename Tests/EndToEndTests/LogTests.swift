import Audio
import Foundation
import TestKit
import Testing

extension FirstLane {
  /// The commands of the protocol log and of an opened message, on a server that says always the same.
  @Suite struct Log {
    private static func lamp(_ number: Int) -> String {
      #"{"type":"tool_call","room":"room \#(number)"}"#
    }
    private static let lamps = (1...30).map(lamp)
    private static let nested =
      #"{"type":"tool_call","name":"plan","arguments":{"room":"attic","levels":[1,2.50,3e2],"on":true},"note":"last"}"#

    private func waitForRow(_ text: String, _ peer: ScriptedConsole) throws {
      try peer.console.wait(for: text, in: "protocol")
    }

    /// A row's delta in milliseconds.
    private func delta(_ row: String) -> Double {
      guard let match = row.firstMatch(of: #/ ([-+][\d.]+)(s?) ←/#), let number = Double(match.1) else { return 0 }
      return match.2.isEmpty ? number : number * 1_000
    }

    /// Opens the row under the cursor, to see which it is.
    private func expectCursor(on text: String, _ peer: ScriptedConsole) throws {
      try peer.terminal.keys("Enter")
      try peer.waitForMessage(text)
      try peer.close()
    }

    @Test func filtersHideAndCount() throws {
      let peer = try ScriptedConsole(Self.lamps)
      try waitForRow("room 30", peer)
      try peer.terminal.keys("/")
      try peer.terminal.type(#"dir:in type:tool_call ("room 2" or "room 30") size>4"#)
      try peer.terminal.keys("Enter")
      let screen = try peer.terminal.wait(for: "12 rows of all") {
        ScreenText($0).pane("protocol")?.border.contains(#/12 of \d\d/#) == true
      }
      let rows = try #require(ScreenText(screen).pane("protocol")).lines.filter { !$0.isEmpty }
      #expect(rows.count == 12 && rows.allSatisfy { $0.contains("room 2") || $0.contains("room 30") }, "\(screen)")

      // A wrong one says what and where, and the line stays to be mended.
      try peer.terminal.keys("/", "C-u")
      try peer.terminal.type("dir:sideways")
      try peer.terminal.keys("Enter")
      try peer.terminal.wait(for: "what is wrong") { $0.contains("✗") && $0.contains("sideways") && $0.contains("in") }
      // The cursor is where the fault is.
      try peer.terminal.keys("End", "C-u")
      try peer.terminal.type("not kind:event /room (7|8)\"/")
      try peer.terminal.keys("Enter")
      try peer.console.wait(forBorder: " 2 of ", of: "protocol")
      // The zoom goes first, and then the filter.
      try peer.terminal.keys("Escape", "Escape")
      try peer.terminal.wait(for: "all rows again") {
        ScreenText($0).pane("protocol")?.border.contains(#/\d\d rows/#) == true
      }
      try peer.console.quit()
    }

    @Test func searchGoesFromHitToHitAndRound() throws {
      let peer = try ScriptedConsole(Self.lamps)
      try waitForRow("room 30", peer)
      try peer.terminal.keys("F")
      try peer.terminal.type(#""room 1""#)
      try peer.terminal.keys("Enter")
      try peer.terminal.wait(forText: #"search: "room 1""#)
      // From the end backwards, for what is looked for is most often old.
      try expectCursor(on: #""room 19""#, peer)
      try peer.terminal.keys("N")
      try expectCursor(on: #""room 18""#, peer)
      try peer.terminal.keys("n", "n")
      try peer.terminal.wait(forText: "the search went round the end of the log")
      try expectCursor(on: #""room 1""#, peer)
      try peer.console.run("search nowhere")
      try peer.terminal.wait(forText: "no row has nowhere")
      try peer.terminal.keys("Escape", "Escape")
      try peer.terminal.wait(for: "no search") { !$0.contains("search: ") }
      try peer.console.quit()
    }

    @Test func marksFreezesAndFollows() throws {
      let peer = try ScriptedConsole(
        Self.lamps[..<27] + ["pause 300"] + [Self.lamps[27], "pause 300"] + Self.lamps[28...])
      let terminal = peer.terminal
      try waitForRow("room 30", peer)
      // Pings come when they like, and would stand between the rows.
      try terminal.keys("/")
      try terminal.type("type:tool_call,later,heard")
      try terminal.keys("Enter")
      try peer.console.wait(forBorder: "30 of ", of: "protocol")
      try terminal.keys("Up", "Up", "M")
      let screen = try terminal.wait(for: "the mark") { text in
        text.contains("Δ from ") && ScreenText(text).pane("protocol")?.lines.contains { $0.contains("mark ←") } == true
      }
      let rows = try #require(ScreenText(screen).pane("protocol")).lines
      let mark = try #require(rows.firstIndex { $0.contains("mark ←") })
      #expect(rows[mark].contains("room 28"))
      // At least as long ago as the server has waited; no more can be known on a busy machine.
      #expect(delta(rows[mark - 1]) <= -290 && delta(rows[mark + 1]) >= 290, "\(screen)")
      // What comes now is counted, not shown.
      try peer.console.run(#"send {"type":"later"}"#)
      try terminal.wait(for: "news") { text in
        let pane = ScreenText(text).pane("protocol")
        return pane?.border.contains(#/frozen +\+2 new/#) == true && pane?.running.contains("later") == false
      }
      try terminal.keys("f")
      try peer.console.wait(for: "← heard", in: "protocol")
      #expect(peer.console.screen.pane("protocol")?.border.contains("frozen") == false)
      try terminal.keys("Escape", "Escape", "Escape")
      try terminal.wait(for: "no filter and no mark") { !$0.contains("Δ from ") && !$0.contains("filter:") }
      try peer.console.quit()
    }

    @Test func aMessageIsFoldedDumpedCopiedAndWritten() throws {
      let folder = try TestFolder()
      let peer = try ScriptedConsole([Self.lamp(1), Self.nested])
      let terminal = peer.terminal
      try terminal.acceptClipboard()
      try waitForRow("plan", peer)
      try terminal.keys("/")
      try terminal.type("type:tool_call")
      try terminal.keys("Enter")
      try peer.console.wait(forBorder: "2 of ", of: "protocol")
      try terminal.keys("Enter")
      try peer.waitForMessage(#""arguments": {"#)
      try terminal.keys("Down", "Down", "Down", "Space")
      try terminal.wait(for: "it folded") { $0.contains(#""arguments": { 3 keys }"#) && !$0.contains("attic") }
      try terminal.keys("Space")
      try terminal.wait(forText: "attic")
      try terminal.keys("-")
      try terminal.wait(for: "all folded") { $0.contains("3 keys") && $0.contains(#""note": "last""#) }
      try terminal.keys("+")
      try terminal.wait(for: "all unfolded") { $0.contains("attic") && $0.contains("2.50") }

      try terminal.keys("y")
      try terminal.wait(forText: "copied tool_call")
      let copied = try terminal.waitForClipboard { $0.contains("attic") }
      #expect(copied.hasPrefix("{\n  \"type\": \"tool_call\",\n  \"name\": \"plan\","), "\(copied)")

      try terminal.keys("h")
      try terminal.wait(for: "a hex dump") { $0.contains("00000000  7b 22 74 79 70 65") && $0.contains(#"{"type"#) }
      try terminal.keys("h")
      try terminal.wait(forText: "attic")

      let file = folder.file("message.json")
      try peer.console.command("w", file)
      try terminal.wait(forText: "wrote \(Self.nested.utf8.count) B to")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.nested)
      try terminal.keys("Left")
      try terminal.wait(forText: #""room 1""#)
      try peer.console.command("w", file)
      try terminal.wait(forText: "not written, there is such a file, :write! replaces it: /")
      // The banner's own key works over a message, too.
      try terminal.keys("x")
      try terminal.wait(for: "no banner") { !$0.contains("not written") }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.nested)
      try peer.console.run("write! \(file)")
      try terminal.wait(forText: "wrote \(Self.lamp(1).utf8.count) B to")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == Self.lamp(1))
      try peer.close()
      try peer.console.quit()
    }

    @Test func recordedAudioIsSeenAndHeardAgain() throws {
      let folder = try TestFolder()
      let card = try VirtualSoundCard(directory: folder.path)
      let peer = try ScriptedConsole(
        ["tone 500 440", #"{"type":"response_complete"}"#], ["--input", "silence", "--output", "speaker"],
        environment: ["ALSA_CONFIG_PATH": card.configPath])
      let terminal = peer.terminal
      try waitForRow("finished", peer)
      try terminal.keys("/")
      try terminal.type("type:audio")
      try terminal.keys("Enter")
      try waitForRow("← audio ×5", peer)
      try terminal.keys("Enter")
      let screen = try peer.waitForMessage("1 of 5")
      #expect(screen.contains("pcm16  16 000 Hz  100 ms of 500 ms"), "\(screen)")
      // A tone fills its rows with dots.
      #expect(screen.unicodeScalars.count { (0x2801...0x28FF).contains($0.value) } > 100, "\(screen)")
      try terminal.keys("Right")
      try peer.waitForMessage("2 of 5")
      try terminal.keys("Left")
      try peer.waitForMessage("1 of 5")
      let before = ToneMeasure(try card.played(), rate: 16_000)
      #expect((430...450).contains(before.hertz) && (400...520).contains(before.milliseconds), "\(before)")
      try terminal.keys("p")
      try terminal.wait(forText: "playing 500 ms of recorded audio")
      // What comes out of the card is the tone as it came, and the tone again.
      var heard = before
      try eventually("the tone a second time") {
        heard = ToneMeasure(try card.played(), rate: 16_000)
        return heard.milliseconds > before.milliseconds + 400
      }
      #expect((430...450).contains(heard.hertz), "\(heard)")
      try peer.close()
      try peer.console.quit()
    }
  }
}
