import Screen
import Testing
import Timeline

@testable import Console

/// Filter, search and mark by keys.
struct LogCommandTests {
  @Test func aBadFilterStaysOpenWithTheCursorAtTheFault() {
    var console = Script.live.console()
    console.press(.char("/"))
    console.type("audio dir:up")
    console.press(Key(.enter))
    #expect(console.mode == .line)
    #expect(console.prompt?.fault?.reason == "column 11: \"up\" is not in or out")
    #expect(console.prompt?.editor.cursor == 10)
    #expect(console.log.store.filter.isEmpty)
    console.press(Key(.escape))
    console.command("filter  size>x")
    #expect(console.prompt?.editor.cursor == 13)
  }

  @Test func tabCompletesKeysAndTypes() {
    var console = Script.live.console()
    console.press(.char("/"))
    console.type("not (type:transcript_f")
    console.press(Key(.tab))
    #expect(console.prompt?.editor.text == "not (type:transcript_final")
    console.press(Key(.escape))
    console.press(.char(":"))
    console.type("filter di")
    console.press(Key(.tab))
    #expect(console.prompt?.editor.text == "filter dir:")
  }

  @Test func searchGoesToHitsAndHidesNothing() {
    var console = Script.live.console()
    let all = console.log.store.shownCount
    console.press(.char("F"))
    console.type("type:transcript_final")
    console.press(Key(.enter))
    #expect(console.log.store.shownCount == all)
    func selected() -> String { console.log.selected.map { $0.summary } ?? "" }
    #expect(selected() == "\"tell me a story\"")
    console.press(.char("N"))
    #expect(selected() == "\"turn on the light in the kitchen\"")
    console.press(.char("n"))
    #expect(selected() == "\"tell me a story\"")
    console.press(.char("n"))
    #expect(selected() == "\"what time is it in berlin\"")
    #expect(console.text().contains("the search went round"))
    #expect(console.text().contains("search: type:transcript_final"))
    console.press(Key(.escape))
    #expect(console.log.search == nil)
    console.press(.char("n"))
    #expect(console.text().contains("nothing is searched for yet"))
    console.command("search no-such-words")
    #expect(console.text().contains("no row has no-such-words"))
  }

  @Test func hitsAreHighlightedInTheirColumns() {
    var console = Script.live.console(120, 40)
    console.command("search kitchen")
    let surface = console.view(Size(width: 120, height: 40))
    var found = ""
    for y in 0..<40 {
      for x in 0..<120 where surface[x, y].style.emphasis.contains(.underline) {
        found.unicodeScalars.append(Unicode.Scalar(surface[x, y].scalar)!)
      }
    }
    #expect(found.hasPrefix("kitchen"))
    #expect(found.count % 7 == 0)
  }

  @Test func deltasCountFromTheMark() {
    var console = Script.live.console(160, 40)
    console.command("filter type:transcript_final")
    console.press(.char("g"), Key(.down), .char("M"))
    let text = console.text(160, 40)
    #expect(text.contains("mark"))
    #expect(text.contains("Δ from "))
    let rows = console.log
    let moments = (0..<3).map { rows.store.row(rows.store.shownID($0)!)!.at }
    #expect(text.contains(Figures.signedDelta(moments[0] - moments[1])))
    #expect(text.contains(Figures.signedDelta(moments[2] - moments[1])))
    #expect(Figures.signedDelta(moments[0] - moments[1]).hasPrefix("-"))
    console.press(.char("M"))
    #expect(console.log.mark == nil)
    console.press(.char("M"), Key(.escape), Key(.escape))
    #expect(console.log.store.filter.isEmpty)
    #expect(console.log.mark == nil)
  }

  /// Long work is done between frames, and asked for without waiting.
  @Test func workIsAskedForAtOnce() {
    var console = Script.live.console()
    var limits = Script.live
    limits.entries = []
    let base = console.readings.nextIndex!
    let entries = (0..<60_000).map { i in
      Entry(
        index: base + i, at: console.now + .milliseconds(i),
        event: .notice(Notice(.other("test"), .info, .session, "line \(i) of many")))
    }
    _ = console.update(.entries(entries))
    console.command("filter \"line 7 of\"")
    #expect(console.log.hasWork)
    var drawn = DrawnConsole(console)
    drawn.markDrawn()
    var slices = 0
    while let tick = drawn.nextTick, drawn.console.log.hasWork {
      #expect(tick <= drawn.console.now)
      drawn.update(.tick(tick))
      #expect(drawn.needsRedraw)
      slices += 1
    }
    console = drawn.console
    #expect(slices > 0)
    #expect(console.log.store.shownCount == 1)
    #expect(console.text().contains("1 of 60 0"))
  }
}
