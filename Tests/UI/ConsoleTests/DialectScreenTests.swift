import Console
import Screen
import TestKit
import Testing
import Timeline
import Wire

/// A dialect that is in the table by one row more is read by the panes; one that is in no table is shown as it is.
@Suite struct DialectScreenTests {
  private func screen(_ dialect: String, among table: DialectTable, _ lines: [(Way, String)]) -> String {
    var options = ConsoleOptions()
    options.dialects = table
    var console = Console(options)
    var script = Script()
    script.add(
      .sessionStarted(
        SessionStarted(
          version: "0.1.0", wallClockMilliseconds: 1_790_000_000_000, url: "ws://127.0.0.1:1/toy", dialect: dialect,
          inputRate: 24_000, input: "silence", output: "null")))
    script.add(.connection(ConnectionChange(LinkID(1), .connecting, attempt: 1)))
    script.add(.connection(ConnectionChange(LinkID(1), .open(stages: []))))
    for (way, line) in lines {
      script.at(script.now.milliseconds + 10)
      script.message(way, line)
    }
    script.add(.connection(ConnectionChange(LinkID(1), .ready())))
    _ = console.update(.entries(script.entries))
    _ = console.update(.tick(script.now))
    return console.frame(Size(width: 200, height: 60)).text
  }

  private let lines: [(Way, String)] = [
    (.toServer, "Hmerry"), (.toClient, "Hs_toy"), (.toServer, "Twho is there"), (.toClient, "R"),
    (.toClient, "SA bear is here."), (.toClient, "E"),
  ]

  @Test func aRowIsReadByThePanes() {
    let text = screen("toy", among: .withToy, lines)
    #expect(text.contains("toy") && text.contains("a toy says hello, merry"))
    #expect(text.contains("A bear is here.") && text.contains("who is there"))
    #expect(text.contains("begin") && text.contains("hello"))
  }

  @Test func whatIsInNoTableIsShownAndPretendsNothing() {
    let text = screen("toy", among: .builtIn, lines)
    #expect(text.contains("SA bear is here.") && text.contains("live"))
    #expect(!text.contains("malformed") && !text.contains("turn 1"))
  }
}
