import Insight
import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// From a turn to its messages and back; from a finding to what shows it.
struct JumpTests {
  /// Three turns; audio comes twice after the third was interrupted.
  private static var faulty: Script {
    var script = Script.live
    let base64 = String(repeating: "U", count: 4_000)
    for i in 0..<2 {
      script.at(script.now.milliseconds + 40)
      script.message(.toClient, #"{"type":"audio","data":"\#(base64)"}"#)
      if i == 0 {
        // A rule tells again of a response, not of each of its messages.
        script.message(.toClient, #"{"type":"response_complete"}"#)
        script.message(.toClient, #"{"type":"interrupted"}"#)
      }
    }
    return script
  }

  private func focused(_ pane: Pane, _ script: Script = .live) -> Console {
    var console = script.console()
    console.focus = pane
    return console
  }

  @Test func enterOnATurnGoesToItsFirstMessageAndTComesBack() throws {
    var console = focused(.latency)
    #expect(console.latency.turn(in: console.insight)?.number == 3)
    console.press(Key(.down), Key(.enter))
    let turn = try #require(console.insight.turn(2))
    let row = try #require(console.log.selected)
    #expect(console.focus == .log && console.log.isFrozen)
    #expect(row.at >= turn.begin!)
    // Nothing of the turn stands before it.
    let before = try #require(console.log.store.row(row.id - 1))
    #expect(before.at < turn.begin!)
    console.press(Key(.down), Key(.down), .char("T"))
    #expect(console.focus == .latency && console.latency.chosen == 2)
    #expect(console.text().contains("turn 2; Enter goes to its messages"))
  }

  @Test func aTurnIsFoundByItsNumber() {
    var console = focused(.log)
    console.command("turn 1")
    #expect(console.latency.chosen == 1)
    // The newest is followed.
    console.command("turn 3")
    #expect(console.latency.chosen == nil && console.focus == .latency)
    console.press(.char(":"))
    console.type("turn 9")
    console.press(Key(.enter))
    #expect(console.prompt?.fault?.reason == "there is no turn 9; there are 1 to 4")
  }

  @Test func anOpenedMessageKnowsItsTurn() {
    var console = focused(.latency)
    console.press(Key(.end), Key(.enter), Key(.down), Key(.enter))
    #expect(console.currentMessage != nil)
    console.press(.char("T"))
    #expect(console.currentMessage == nil && console.latency.chosen == 1)
  }

  @Test func theTranscriptLeadsToMessages() {
    var console = focused(.transcript)
    console.command("search kitchen")
    console.press(Key(.enter))
    #expect(console.focus == .log)
    #expect(console.log.selected.flatMap { console.insight.turn(at: $0.at) }?.number == 2)
  }

  @Test func aFilterThatHidesTheGoalIsLifted() {
    var console = focused(.latency)
    console.command("filter type:metrics")
    console.focus = .latency
    console.press(Key(.enter))
    #expect(console.log.store.filter.isEmpty)
    #expect(console.text(160).contains("the filter hid it and is lifted"))
  }

  @Test func closedAndZoomedPanesAreOpened() {
    var console = focused(.latency)
    console.press(.char("5"))
    #expect(!console.openPanes.contains(.log))
    console.focus = .latency
    console.press(.char("z"), Key(.enter))
    #expect(console.openPanes.contains(.log) && console.focus == .log && console.isZoomed)
    #expect(console.layout(console.size).visible == [.log])
  }

  @Test func enterOnAFindingGoesToWhatShowsIt() throws {
    var console = focused(.findings, Self.faulty)
    let list = console.findings.list
    #expect(list.first?.rule.id == "audio-after-interrupted")
    #expect(list.first?.rule.severity == .error)
    let chosen = try #require(console.findings.chosen(in: list))
    console.press(Key(.enter))
    let row = try #require(console.log.selected)
    #expect(console.focus == .log)
    #expect(console.log.store.payloads(of: row).map(\.entry).contains(try #require(chosen.occurrence.entries.last)))
    #expect(console.text().contains("audio-after-interrupted: "))
  }

  @Test func theMessageThatShowsItIsOpenedAndNotTheFirstOfItsRow() throws {
    var script = Script()
    script.connect()
    for i in 0..<8 {
      script.at(script.now.milliseconds + 20)
      let bytes = [UInt8](repeating: 0, count: i == 4 ? 641 : 640)
      let frame = try #require(VoiceDialect().encode(.audio(AudioPayload(bytes: bytes, rate: 16_000)), from: .server))
      script.message(.toClient, String(decoding: frame.payload, as: UTF8.self))
    }
    var console = focused(.findings, script)
    let index = try #require(console.findings.list.firstIndex { $0.rule.id == "odd-byte-count" })
    for _ in 0..<index { console.press(Key(.down)) }
    let entry = try #require(console.findings.chosen(in: console.findings.list)?.occurrence.entries.last)
    console.press(Key(.enter), Key(.enter))
    let message = try #require(console.currentMessage)
    #expect(message.payload?.entry == entry && message.member == 4 && message.memberCount == 8)
    // The next row is opened as ever.
    console.press(Key(.escape), Key(.up), Key(.down), Key(.enter))
    #expect(console.currentMessage?.payload?.entry == entry, "the same row")
    console.press(Key(.escape), Key(.up), Key(.enter))
    #expect(console.currentMessage?.member == 0)
  }

  @Test func nAndNGoThroughTheTimesOfAFinding() throws {
    var console = focused(.findings, Self.faulty)
    let count = try #require(console.findings.list.first?.count)
    #expect(count == 2)
    console.press(.char("N"))
    #expect(console.findings.chosen(in: console.findings.list)?.number == 1)
    console.press(.char("N"))
    #expect(console.text().contains("no earlier time is kept"))
    console.press(.char("n"))
    #expect(console.findings.chosen(in: console.findings.list)?.number == 2)
    console.press(.char("n"))
    #expect(console.text().contains("it was not found again after that"))
  }

  @Test func countsStandInTheStripAndSilencedRulesDoNot() {
    #expect(Self.faulty.console().text().split(separator: "\n")[0].contains("⁷found ✗2"))
    #expect(!Script.live.console().text().split(separator: "\n")[0].contains("found"))
    let silent = Self.faulty.console(120, 40) { $0.silenced = ["audio-after-interrupted"] }
    #expect(!silent.text().split(separator: "\n")[0].contains("✗"))
    #expect(silent.text().contains("1 rule silenced"))
  }

  @Test func clicksChooseTurnsAndFindings() {
    var console = focused(.log, Self.faulty)
    let latency = console.layout(console.size).rect(of: .latency)
    func click(_ x: Int, _ y: Int) {
      _ = console.update(.event(.mouse(Mouse(.press, x: x, y: y))))
      _ = console.update(.event(.mouse(Mouse(.release, x: x, y: y))))
    }
    click(latency.x + 5, latency.y + 2)
    #expect(console.focus == .latency && console.latency.chosen == 2)
    click(latency.x + 5, latency.y + 2)
    #expect(console.focus == .log && console.log.selected != nil)
    let transcript = console.layout(console.size).rect(of: .transcript)
    click(transcript.x + 4, transcript.y + 1)
    #expect(console.focus == .latency && console.latency.chosen == 1)
    let findings = console.layout(console.size).rect(of: .findings)
    click(findings.x + 4, findings.y + 1)
    #expect(console.focus == .findings)
  }

  @Test func aPaneWithoutRoomGetsTheWholeScreen() {
    var console = Script.live.console(80, 24)
    #expect(!console.layout(console.size).visible.contains(.findings))
    console.press(.char("7"))
    #expect(console.isZoomed && console.focus == .findings && console.openPanes.contains(.findings))
    console.press(.char("z"))
    #expect(!console.isZoomed && console.openPanes.count == Pane.allCases.count)
  }

  @Test func nothingToOpenIsSaid() {
    for (pane, words) in [
      (Pane.latency, "there is no turn to open yet"), (.transcript, "there is no turn to open yet"),
      (.findings, "nothing was found so far"),
    ] {
      var console = focused(pane, Script())
      console.press(Key(.enter))
      #expect(console.text().contains(words), "\(pane)")
    }
  }
}
