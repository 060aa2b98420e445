import Insight
import Screen
import TestKit
import Testing
import Timeline

@testable import Console

/// `:status`: every figure as it is now.
struct FigureListTests {
  /// What can be read of the list, from its top to its end.
  private func pages(_ console: Console, _ size: Size) -> String {
    var console = console
    console.press(.char("g"))
    var text = ""
    for _ in 0..<100 {
      text += console.text(size.width, size.height)
      let before = console.text(size.width, size.height)
      console.press(Key(.pageDown))
      if console.text(size.width, size.height) == before { break }
    }
    return text
  }

  @Test(arguments: GoldenTests.sizes) func golden(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.command("status")
    try GoldenScreen.check(
      console.view(size).part(console.layout(size).body), "figures-\(size.width)x\(size.height)")
  }

  @Test(arguments: GoldenTests.sizes + [Size(width: 60, height: 16)])
  func everyFigureIsOnSomePage(_ size: Size) {
    var console = Script.live.console(size.width, size.height)
    console.command("status")
    #expect(console.mode == .figures)
    let text = pages(console, size)
    for row in FigureTable.standard.rows {
      #expect(text.contains(row.title), "\(row.title)")
      if size.width >= 80 { #expect(text.contains("\(row.id) "), "\(row.id)") }
    }
    #expect(text.contains("response-time-p50") == (size.width >= 80), "ids are left out where there is no room")
    #expect(text.contains(" – ") && text.contains("barge-ins"))
  }

  @Test func itScrollsAndCloses() {
    var console = Script.live.console(80, 24)
    console.command("status")
    let top = console.text(80, 24)
    console.press(Key(.down))
    #expect(console.text(80, 24) != top)
    console.press(Key(.up), Key(.up), Key(.up))
    #expect(console.text(80, 24) == top)
    console.press(.char("G"))
    #expect(console.text(80, 24).contains("downlink-saving"))
    _ = console.update(.event(.mouse(Mouse(.wheelUp, x: 40, y: 10))))
    #expect(!console.text(80, 24).contains("downlink-saving"))
    console.press(.char("?"))
    #expect(console.text(80, 24).contains("keys of the list of figures"))
    console.press(Key(.escape), Key(.escape))
    #expect(console.mode == .panes)
  }

  /// It is of this moment, not of the one at which it was opened.
  @Test func itMovesWithTheSession() throws {
    var script = Script.live
    var console = script.console(120, 60)
    console.command("status")
    func row(_ id: String) -> String {
      String(console.text(120, 60).split(separator: "\n").first { $0.contains(" \(id) ") } ?? "")
    }
    #expect(row("uplink-dropped").contains(" 0 "), "\(row("uplink-dropped"))")
    let before = script.entries.count
    script.queues(dropped: 7)
    _ = console.update(.entries(Array(script.entries[before...])))
    #expect(row("uplink-dropped").contains(" 7 "), "\(row("uplink-dropped"))")
  }

  /// What the server has, and what it has not got, stands first; with what to do, in full.
  @Test(arguments: GoldenTests.sizes) func theServersEnginesAreListed(_ size: Size) throws {
    var console = Script.engines(missing: true).console(size.width, size.height)
    // The strip says it all the while, whatever was put away.
    #expect(console.text(size.width, size.height).contains("no moonshine, joe"))
    console.command("status")
    try GoldenScreen.check(
      console.view(size).part(console.layout(size).body), "figures-engines-\(size.width)x\(size.height)")
    let text = console.text(size.width, size.height)
    for words in [
      "recogniser", "pocketsphinx", "detector", "sphinx", "slt", "moonshine, joe", "sidetone engines install",
    ] {
      #expect(text.contains(words), "\(words)")
    }
  }

  /// Who did the work of each stage stands in the account of the turn.
  @Test func theStagesOfATurnNameWhoDidThem() {
    var script = Script.engines(missing: false)
    script.message(
      .toClient,
      #"{"type":"metrics","turn":1,"stt_ms":380,"llm_ttft_ms":90,"stt":"deepgram","llm":"claude-haiku-4-5","voice":"joe"}"#
    )
    var console = script.console(200, 60)
    console.press(.char("3"), .char("3"), .char("z"))
    let text = console.text(200, 60)
    #expect(text.contains("stt 380 by deepgram") && text.contains("llm 90 by claude-hai"), "\(text)")
  }

  /// In the message's row, in the turn's account and in the sums.
  @Test func charactersThatNobodyHeardAreShown() {
    var script = Script.engines(missing: false)
    script.message(.toClient, #"{"type":"metrics","turn":1,"tts_chars":240,"tts_unheard":120}"#)
    var console = script.console(200, 60)
    #expect(console.text(200, 60).contains("120 of 240 characters unheard"))
    console.press(.char("3"), .char("3"), .char("z"))
    #expect(console.text(200, 60).contains("by joe 120/240 unheard"))
    console.command("status")
    let rows = pages(console, Size(width: 200, height: 60)).split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.contains { $0.contains("voice-characters-unheard") && $0.contains("120") })
  }

  @Test func aToyIsListed() {
    var console = Script.live.console(80, 24) { $0.figures = .withToy }
    console.command("status")
    #expect(pages(console, Size(width: 80, height: 24)).contains("toys "))
    var plain = Script.live.console(80, 24)
    plain.command("status")
    #expect(!pages(plain, Size(width: 80, height: 24)).contains("toys "))
  }

  @Test func anySizeWillDo() {
    var console = Script.live.console(200, 60)
    console.command("status")
    console.press(.char("G"))
    for width in [1, 2, 5, 20, 60, 79, 300] {
      for height in [1, 2, 3, 6, 16, 25, 90] {
        let size = Size(width: width, height: height)
        _ = console.update(.event(.resized(size)))
        #expect(console.view(size).size == size)
        console.press(Key(.pageDown), Key(.up))
      }
    }
  }
}
