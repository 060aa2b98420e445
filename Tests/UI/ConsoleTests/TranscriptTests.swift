import Screen
import Testing
import Timeline

@testable import Console

/// Scrollback, search, marks of lost connections.
struct TranscriptTests {
  private static var long: Script {
    var script = Script.live
    for i in 0..<30 { script.turn("question number \(i)", "answer number \(i)", response: 4 + i) }
    return script
  }

  /// A console with the transcript alone, so that all of it is compared.
  private func console(_ script: Script, _ width: Int = 70, _ height: Int = 24) -> Console {
    var console = script.console(width, height)
    console.openPanes = [.transcript]
    console.focus = .transcript
    return console
  }

  private func pane(_ console: Console) -> [String] {
    let surface = console.view(console.size)
    let rect = console.layout(console.size).rect(of: .transcript)
    return (rect.y + 1..<rect.bottom - 1).map { surface.line($0) }
  }

  private func say(_ console: inout Console, _ text: String, after ms: Int = 500) {
    _ = console.update(
      .entries([
        Entry(
          index: console.readings.nextIndex!, at: console.now + .milliseconds(ms),
          event: .message(
            Message(
              link: LinkID(1), way: .toClient, kind: .text,
              payload: Array(#"{"type":"response_text","text":"\#(text)"}"#.utf8))))
      ]))
  }

  @Test func rowByRowUpAndDownIsTheSameWay() {
    var console = console(Self.long)
    var seen = [pane(console)]
    for _ in 0..<40 {
      console.press(Key(.up))
      seen.append(pane(console))
      // Each step shows one row more above, and loses one below.
      #expect(seen[seen.count - 1].dropFirst() == seen[seen.count - 2].dropLast())
    }
    for step in (0..<40).reversed() {
      console.press(Key(.down))
      #expect(pane(console) == seen[step])
    }
    #expect(!console.transcript.isHeld)
    console.press(Key(.up), Key(.pageUp), Key(.pageUp), Key(.pageDown), Key(.pageDown), Key(.down))
    #expect(!console.transcript.isHeld)
  }

  @Test func whatIsSaidMeanwhileMovesNothing() {
    var console = console(Self.long)
    console.press(Key(.pageUp))
    let before = pane(console)
    for i in 0..<20 { say(&console, "late words \(i) and some more of them. ") }
    #expect(pane(console) == before)
    #expect(console.text(70, 24).contains("scrolled, End follows"))
    console.press(Key(.end))
    #expect(pane(console) != before && !console.transcript.isHeld)
  }

  /// A word of agreement stands where it was said, with what became of it, and begins no turn; so does its copy.
  @Test func aWordOverTheAnswerIsMarked() {
    var script = Script()
    script.connect()
    script.backchannel()
    let console = console(script)
    let rows = pane(console)
    #expect(rows.contains { $0.contains("you    Uh huh.  held 484 ms, went on") })
    #expect(rows.filter { $0.contains("turn ") }.count == 2 && console.text(120, 40).contains("turn 2"))
    let copy = TranscriptRows.text(console.insight.transcript, console.clock)
    #expect(copy.hasSuffix("you: Uh huh. (held 484 ms, went on)"))
    // Nobody waits for an answer: no bar grows.
    let shown = LatencyPane.shown(console.insight).map { console.insight.turns[$0].number }
    #expect(shown.allSatisfy { $0 <= 2 } && console.insight.turns.last?.number == 2)
  }

  @Test func aShortTranscriptDoesNotScroll() {
    var script = Script()
    script.connect()
    script.turn("hello", "hello to you", response: 1)
    var console = console(script)
    console.press(Key(.up), .char("g"), Key(.pageUp))
    #expect(!console.transcript.isHeld)
  }

  @Test func searchFindsTheNewestFirstAndGoesRound() {
    var console = console(Self.long)
    console.press(.char("/"))
    #expect(console.prompt?.purpose == .search)
    console.type("ANSWER number 1".lowercased())
    console.press(Key(.enter))
    // 19 to 10, and 1.
    #expect(console.transcript.hit?.count == 11)
    #expect(console.transcript.hit?.number == 11)
    #expect(console.text(70, 24).contains("search: answer number 1  11 of 11"))
    #expect(pane(console).contains { $0.contains("answer number 19") })
    console.press(.char("N"))
    #expect(console.transcript.hit?.number == 10)
    #expect(pane(console).contains { $0.contains("answer number 18") })
    console.press(.char("n"), .char("n"))
    #expect(console.transcript.hit?.number == 1)
    #expect(console.flash?.text == "went on at the beginning")
    #expect(pane(console).contains { $0.hasPrefix("│ agent  answer number 1.") || $0.contains("answer number 1 ") })
    console.press(Key(.escape))
    #expect(console.transcript.search == nil && console.transcript.isHeld)
    console.press(Key(.escape))
    #expect(!console.transcript.isHeld)
  }

  @Test func matchesAreMarkedAlsoWhereTheTextIsCut() {
    var console = console(Script.live)
    console.command("search every morning")
    let surface = console.view(console.size)
    let marked = (0..<surface.size.height).map { y in
      (0..<surface.size.width).filter { surface[$0, y].style.emphasis.contains(.reverse) }
        .compactMap { Unicode.Scalar(surface[$0, y].scalar).map { String(Character($0)) } }.joined()
    }.joined()
    #expect(marked.filter { $0 != " " } == "everymorning")
  }

  @Test func whatNobodySaidIsNotFound() {
    var console = console(Script.live)
    console.press(.char("/"))
    console.type("zebra")
    console.press(Key(.enter))
    #expect(console.prompt?.fault?.reason == "nobody has said \"zebra\" so far")
    console.press(Key(.escape), .char("n"))
    #expect(console.text(70, 24).contains("nothing found"))
  }

  @Test func aLostConnectionLeavesAMark() {
    var script = Script.live
    script.add(
      .connection(ConnectionChange(LinkID(1), .closed(code: 1006, reason: "reset", by: .network))))
    var console = console(script)
    #expect(console.text(70, 24).contains("── 14:13:30 connection lost: reset ──"))
    let now = script.now.milliseconds
    func add(_ ms: Double, _ change: ConnectionChange) {
      script.at(now + ms)
      script.add(.connection(change))
    }
    add(100, ConnectionChange(LinkID(2), .failed(reason: "refused")))
    add(2_300, ConnectionChange(LinkID(3), .open()))
    add(2_340, ConnectionChange(LinkID(3), .ready(sessionID: "s_8f2c", resumed: true)))
    console = self.console(script)
    let text = pane(console).joined().split { " │─".contains($0) }.joined(separator: " ")
    #expect(text.contains("connection lost: reset – back after 2.3 s, conversation resumed"))
  }

  @Test func wideAndJoinedCharactersStayInTheirColumns() {
    var script = Script()
    script.connect()
    script.turn("今何時ですか。東京の天気はどうですか。明日は雨が降りますか。", "それは良い質問です。👩‍🚀🇩🇪👍🏽 e\u{301}", response: 1)
    script.turn("שלום עולם, מה שלומך היום", "مرحبا بالعالم، كيف حالك اليوم", response: 2)
    for width in 60...90 {
      let console = console(script, width, 24)
      let surface = console.view(console.size)
      for y in 0..<surface.size.height where surface[0, y].scalar == 0x2502 {
        #expect(surface[width - 1, y].scalar == 0x2502, "the frame is broken at \(width), row \(y)")
      }
    }
  }
}

/// Matching and marking.
struct TextSearchTests {
  @Test(arguments: [
    ("berlin", "in Berlin and BERLIN", ["Berlin", "BERLIN"]), ("Berlin", "berlin Berlin", ["Berlin"]),
    ("aa", "aaaa a", ["aa", "aa"]), ("é", "E\u{301}té", ["E\u{301}", "é"]), ("x", "", []), ("long", "lon", []),
    ("時", "時間、時", ["時", "時"]),
  ])
  func ranges(_ needle: String, _ text: String, _ expected: [String]) throws {
    let search = try #require(TextSearch(needle))
    #expect(search.ranges(in: text).map { String(text[$0]) } == expected)
    #expect(search.matches(text) == !expected.isEmpty)
  }

  @Test func nothingIsNoSearch() { #expect(TextSearch("") == nil) }

  @Test func marksGoAcrossStyles() throws {
    let text = StyledText("one tw", .user) + StyledText("o three", .agent)
    let marked = text.marking(try #require(TextSearch("two")))
    #expect(marked.plain == text.plain)
    #expect(
      marked.spans == [
        Span("one ", Style(.user)), Span("tw", Style(.user, .reverse)), Span("o", Style(.agent, .reverse)),
        Span(" three", Style(.agent)),
      ])
  }

  /// A server may say a whole conversation in one go.
  @Test func linesOfOneMomentAreToldApart() {
    var script = Script()
    script.connect()
    for number in 1...14 {
      script.message(.toClient, #"{"type":"transcript_final","text":"question \#(number)"}"#)
      script.message(.toClient, #"{"type":"response_text","text":"answer \#(number)"}"#)
      script.message(.toClient, #"{"type":"response_complete"}"#)
    }
    var console = script.console()
    console.focus = .transcript
    console.press(.char("g"))
    #expect(console.text().contains("question 1 ") && !console.text().contains("you    question 14"))
  }
}
