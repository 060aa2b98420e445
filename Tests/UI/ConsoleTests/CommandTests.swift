import Screen
import Session
import Testing
import Timeline
import Wire

@testable import Console

/// What each command does, on a live session.
struct CommandTests {
  private func live(_ width: Int = 120, _ height: Int = 40) -> Console { Script.live.console(width, height) }

  @Test func sessionKeys() {
    var console = live()
    #expect(console.press(.char("i")) == [.command(.interrupt)])
    #expect(console.press(.char("m")) == [.command(.setMuted(true))])
    #expect(console.press(.char("v")) == [.command(.setGate(.open))])
    #expect(console.press(.char("q")) == [.quit])
    #expect(console.press(.control("c")) == [.quit])
    #expect(console.press(.control("l")) == [.redraw])
    #expect(console.press(.control("z")) == [.suspend])
    #expect(console.press(.char("t")) == [.findThemes])
  }

  @Test func muteAndGateFollowTheSession() {
    var script = Script.live
    script.add(.gate(Gate(mode: .open, muted: true)))
    var console = script.console()
    #expect(console.press(.char("m")) == [.command(.setMuted(false))])
    #expect(console.press(.char("v")) == [.command(.setGate(.ptt))])
    #expect(console.text().contains("muted"))
  }

  @Test func spaceTalksInPushToTalkOnly() {
    var console = live()
    #expect(console.press(.char(" ")) == [])
    #expect(console.text().contains("v switches it to push to talk"))
    var script = Script.live
    script.add(.gate(Gate(mode: .ptt)))
    console = script.console()
    #expect(console.press(.char(" ")) == [.command(.setTalking(true))])
    script.add(.gate(Gate(mode: .ptt, talking: true)))
    console = script.console()
    #expect(console.press(.char(" ")) == [.command(.setTalking(false))])
    #expect(console.text().contains("ptt: talking"))
  }

  @Test func sayOpensALine() {
    var console = live()
    #expect(console.press(.char("s")) == [])
    #expect(console.mode == .line)
    console.type("what time is it")
    #expect(console.press(Key(.enter)) == [.command(.say("what time is it"))])
    #expect(console.mode == .panes)
    // Keys of the panes are letters in a line.
    console.press(.char("s"))
    #expect(console.type("quit") == [])
    console.press(Key(.escape))
    #expect(console.mode == .panes)
  }

  @Test func configIsCheckedBeforeItIsSent() {
    var console = live()
    #expect(console.command(#"config {"voice": "slt"}"#) == [.command(.sendConfig(#"{"voice": "slt"}"#))])
    #expect(console.command("config {\"a\": 1,}") == [])
    #expect(console.mode == .line)
    #expect(console.text().contains("not valid JSON: expected a key at byte 8"))
    // It points at the place.
    #expect(console.prompt?.fault?.range == 15..<16)
    console.press(.control("u"))
    console.type("config [1]")
    #expect(console.press(Key(.enter)) == [])
    #expect(console.text().contains("a config message is a JSON object"))
    console.press(.control("u"))
    console.type("config {\"a\": nope}")
    #expect(console.press(Key(.enter)) == [])
    #expect(console.text().contains("not valid JSON"))
  }

  @Test func disconnectMenu() {
    var console = live()
    console.press(.char("d"))
    #expect(console.mode == .disconnect)
    #expect(console.press(.char("a")) == [.command(.disconnect(.abort))])
    #expect(console.mode == .panes)
    console.press(.char("d"))
    #expect(console.press(.char("s")) == [.command(.disconnect(.stall))])
    console.press(.char("d"), .char("c"))
    #expect(console.press(Key(.enter)) == [.command(.disconnect(.close(code: 1000, reason: "")))])
    console.press(.char("d"), .char("r"))
    #expect(console.press(Key(.enter)) == [.command(.disconnect(.refuse(.seconds(10))))])
    // With the arrows: close, abort.
    console.press(.char("d"), Key(.down))
    #expect(console.press(Key(.enter)) == [.command(.disconnect(.abort))])
  }

  @Test(arguments: ["999", "5000", "1005", "1006", "abc", "1000 " + String(repeating: "x", count: 124)])
  func badCloseCodes(_ text: String) {
    var console = live()
    #expect(console.command("close \(text)") == [])
    #expect(console.mode == .line)
    #expect(console.text().contains("close"))
    #expect(console.prompt?.fault != nil)
  }

  @Test func commandLine() {
    var console = live()
    #expect(
      console.command("close 4000 going away") == [.command(.disconnect(.close(code: 4000, reason: "going away")))])
    #expect(console.command("refuse 30") == [.command(.disconnect(.refuse(.seconds(30))))])
    #expect(console.command("gate ptt") == [.command(.setGate(.ptt))])
    #expect(console.command("say hello there") == [.command(.say("hello there"))])
    #expect(console.command("text hello") == [.command(.sendText("hello"))])
    #expect(console.command("send {broken") == [.command(.sendRaw(.string("{broken")))])
    #expect(console.command("theme paper") == [.setTheme("paper")])
    #expect(console.command("int") == [.command(.interrupt)])
    #expect(console.command("nonsense") == [])
    #expect(console.text().contains(#"no command "nonsense""#))
    console.press(Key(.escape))
    #expect(console.command("re") == [])
    #expect(console.text().contains("reconnect"))
  }

  @Test func completion() {
    var console = live()
    console.press(.char(":"))
    console.type("disc")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "disconnect")
    console.press(.control("u"))
    console.type("ga")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "gate ")
    console.type("p")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "gate ptt")
    #expect(console.press(Key(.enter)) == [.command(.setGate(.ptt))])
    console.press(.char(":"))
    console.type("re")
    console.press(Key(.tab))
    // One choice after the other, and back.
    #expect(console.prompt?.text == "reconnect")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "redraw")
    console.press(Key(.backTab), Key(.backTab))
    #expect(console.prompt?.text == "refuse")
    console.press(.control("u"), Key(.backspace))
    #expect(console.mode == .panes)
  }

  /// Every command that has a key in the panes does something that can be seen.
  @Test func everyPaneKeyHasAnEffect() {
    var base = live()
    base.press(.char("f"), Key(.up))
    for spec in CommandTable.standard.rows {
      for binding in spec.bindings where binding.modes.contains(.panes) {
        var console = base
        _ = console.update(.failed("something"))
        if spec.command == .reconnect { _ = console.update(.entries([lost(console)])) }
        let before = console.view(console.size)
        let effects = console.press(binding.key.key)
        #expect(!effects.isEmpty || console.view(console.size) != before, "\(binding.key.name(.braille)) does nothing")
      }
    }
  }

  private func lost(_ console: Console) -> Entry {
    Entry(
      index: console.readings.nextIndex!, at: console.now,
      event: .connection(ConnectionChange(LinkID(1), .gaveUp(reason: "5 attempts failed"))))
  }

  @Test func reconnectIsForLostConnections() {
    var console = live()
    #expect(console.press(.char("r")) == [])
    #expect(console.text().contains("connected; d disconnects"))
    _ = console.update(.entries([lost(console)]))
    #expect(console.press(.char("r")) == [.command(.reconnect)])
    #expect(console.text().contains("gave up"))
  }

  @Test func replayHasNoSessionToCommand() {
    for spec in CommandTable.standard.rows where !spec.needs.isSubset(of: .seek) {
      var console = Script.live.console { $0.port = .recording }
      #expect(console.run(spec.command, "1000") == [], "\(spec.command.rawValue)")
      #expect(
        console.text().contains("\(spec.command.rawValue) is for a live session, and this is a recording"),
        "\(spec.command.rawValue)")
      #expect(console.mode == .panes)
    }
    var console = Script.live.console { $0.port = .recording }
    #expect(console.press(.char("q")) == [.quit])
    #expect(console.text().contains("replay"))
  }

  @Test func anEndedSessionTakesNoCommands() {
    var script = Script.live
    script.add(.sessionEnded(SessionEnded(reason: "5 reconnects failed", orderly: false)))
    var console = script.console()
    #expect(console.press(.char("i")) == [])
    #expect(console.text().contains("5 reconnects failed"))
    #expect(console.text().contains("session over"))
  }

  @Test func copyGivesTextWithoutControlCharacters() throws {
    var script = Script.live
    script.message(.toClient, "{\"type\":\"x\",\"text\":\"\u{1B}[31mred\u{7}\"}")
    var console = script.console()
    guard case .copy(let text)? = console.press(.char("y")).first else {
      Issue.record("no copy effect")
      return
    }
    #expect(text.contains("\"type\": \"x\""))
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || ($0.value >= 0x20 && $0.value != 0x7F) })
    console.press(.char("4"), .char("4"))
    #expect(console.focus == .transcript)
    #expect(console.flash?.text.hasPrefix("copied x, ") == true)
    guard case .copy(let said)? = console.press(.char("y")).first else {
      Issue.record("no copy effect")
      return
    }
    #expect(console.flash?.text.hasPrefix("copied the whole transcript, 7 lines, by OSC 52; / finds a turn") == true)
    #expect(said.hasPrefix("14:13:20 you: what time is it in berlin\n"))
    #expect(said.contains(" agent: It is half past nine in Berlin.\n"))
    #expect(said.contains("(cut after "))
    console.command("search kitchen")
    guard case .copy(let turn)? = console.press(.char("y")).first else {
      Issue.record("no copy effect")
      return
    }
    #expect(turn.split(separator: "\n").count == 2 && turn.contains("agent: The kitchen light is on."), "\(turn)")
    #expect(console.flash?.text.hasPrefix("copied turn 2, 2 lines") == true)
  }
}
