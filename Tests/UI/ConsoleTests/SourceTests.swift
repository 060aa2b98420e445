import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// A timeline of two sources: the panes show one of them, in its own dialect, and the log shows both.
@Suite struct SourceTests {
  private let size = Size(width: 160, height: 45)

  private func console() -> Console {
    var options = ConsoleOptions()
    options.dialects = .withToy
    var console = Console(options)
    var index = 0
    func add(_ event: Entry.Event, of source: UInt16?) {
      let entry = Entry(
        index: index, at: Timestamp(milliseconds: Double(index) * 10), source: source.map { SourceID($0) }, event: event
      )
      _ = console.update(.entries([entry]))
      index += 1
    }
    func message(_ text: String, of source: UInt16) {
      add(
        .message(Message(link: LinkID(Int(source)), way: .toClient, kind: .text, payload: Array(text.utf8))), of: source
      )
    }
    _ = console.update(.event(.resized(size)))
    add(
      .sessionStarted(
        SessionStarted(
          version: "0.1.0", wallClockMilliseconds: 1_790_000_000_000, url: "ws://127.0.0.1:1/voice", dialect: "voice",
          inputRate: 16_000, input: "silence", output: "null")), of: nil)
    add(.sourceStarted(Source(kind: .client, name: "client", dialect: "voice", url: "ws://127.0.0.1:1/voice")), of: 1)
    add(.connection(ConnectionChange(LinkID(1), .connecting, attempt: 1)), of: 1)
    add(.connection(ConnectionChange(LinkID(1), .open())), of: 1)
    add(.connection(ConnectionChange(LinkID(1), .ready())), of: 1)
    add(.sourceStarted(Source(kind: .proxy, name: "toys", dialect: "toy", url: "ws://127.0.0.1:2/toy")), of: 2)
    add(.connection(ConnectionChange(LinkID(2), .open())), of: 2)
    message(#"{"type":"response_text","text":"It is half past nine."}"#, of: 1)
    for line in ["Hs_toy", "R", "SA bear is here."] { message(line, of: 2) }
    add(.connection(ConnectionChange(LinkID(2), .failed(reason: "the toy broke", by: nil))), of: 2)
    return console
  }

  private func text(_ console: Console) -> String {
    var console = console
    return console.frame(size).text
  }

  @Test func theSourceThatIsChosenIsShown() throws {
    var console = console()
    let first = text(console)
    #expect(first.contains("client 1/2") && first.contains("It is half past nine.") && first.contains("live"))
    #expect(first.contains("ws://127.0.0.1:1/voice"))
    _ = try console.perform(.source, "")
    let second = text(console)
    #expect(second.contains("toys 2/2") && second.contains("A bear is here.") && second.contains("lost"))
    #expect(second.contains("ws://127.0.0.1:2/toy") && second.contains("audio on the wire"))
    // The log has both.
    #expect(console.log.store.nextID - console.log.store.firstID > 6)
    _ = try console.perform(.source, "client")
    #expect(text(console).contains("client 1/2"))
    #expect(throws: CommandFault.self) { try console.perform(.source, "nobody") }
  }

  /// What is shown changes nothing about what is commanded.
  @Test func commandsGoToTheSourceThatTheConsoleDrives() throws {
    var console = console()
    _ = try console.perform(.source, "toys")
    #expect(console.isUsable)
    #expect(console.messageTemplates.count > 1)
    #expect(try console.perform(.mute, "") == [.command(.setMuted(true))])
  }

  @Test func oneSourceNeedsNoChoice() {
    var console = Script.live.console()
    #expect(!text(console).contains("1/1"))
    #expect(throws: CommandFault(reason: "there is one source, and it is shown")) { try console.perform(.source, "") }
  }
}
