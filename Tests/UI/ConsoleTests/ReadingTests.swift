import Screen
import Testing
import Timeline

@testable import Console

/// Panes, scrolling, freezing, filtering, the mouse, the banner.
struct ReadingTests {
  private func more(_ console: Console, _ count: Int) -> [Entry] {
    (0..<count).map { i in
      Entry(
        index: console.readings.nextIndex! + i, at: console.now + .milliseconds(10 * i),
        event: .message(
          Message(
            link: LinkID(1), way: .toClient, kind: .text,
            payload: Array(#"{"type":"extra","n":\#(i)}"#.utf8))))
    }
  }

  @Test func aFrozenLogStandsStillAndCounts() {
    var console = Script.live.console()
    console.press(.char("f"))
    let before = console.log.window(10)
    _ = console.update(.entries(more(console, 123)))
    #expect(console.log.window(10) == before)
    #expect(console.log.newCount == 123)
    #expect(console.text().contains("frozen  +123 new"))
    console.press(.char("f"))
    #expect(console.log.newCount == 0)
    #expect(!console.log.isFrozen)
    #expect(console.text().contains("extra"))
  }

  @Test func theCursorFreezesAndEndFollows() {
    var console = Script.live.console()
    let last = console.log.store.shownCount - 1
    #expect(console.log.cursor == last)
    console.press(Key(.up))
    #expect(console.log.isFrozen)
    #expect(console.log.cursor == last - 1)
    console.press(.char("g"))
    #expect(console.log.cursor == 0)
    #expect(console.log.window(10) == 0..<10)
    console.press(Key(.pageDown))
    #expect(console.log.cursor! > 10)
    console.press(Key(.end))
    #expect(!console.log.isFrozen)
  }

  @Test func anAudioRowThatGrowsIsCutByAFreeze() {
    var script = Script.live
    var console = script.console()
    console.press(.char("f"))
    let count = console.log.store.shownCount
    script.entries = []
    script.mic(3000, fate: .sent, isSpeech: true)
    let base = console.readings.nextIndex!
    _ = console.update(
      .entries(script.entries.enumerated().map { Entry(index: base + $0, at: $1.at, event: $1.event) }))
    #expect(console.log.store.shownCount == count + 1)
    #expect(console.log.newCount == 1)
  }

  @Test func filterKeepsTheCursorOnTheScreen() {
    var console = Script.live.console()
    let all = console.log.store.shownCount
    console.press(.char("g"), .char("/"))
    console.type("transcript")
    console.press(Key(.enter))
    #expect(console.log.store.shownCount < all)
    #expect(console.text().contains("filter: transcript"))
    #expect(console.text().contains("of \(all)"))
    for position in 0..<console.log.store.shownCount {
      let row = console.log.store.row(console.log.store.shownID(position)!)!
      #expect(console.log.store.typeName(of: row).hasPrefix("transcript"))
    }
    console.press(.char("/"), .control("u"))
    console.type("no such thing")
    console.press(Key(.enter))
    #expect(console.text().contains("No row matches no such thing"))
    console.press(Key(.escape))
    #expect(console.log.store.shownCount == all)
  }

  @Test func messagesOpenAndStep() {
    var console = Script.live.console()
    console.press(Key(.enter))
    #expect(console.mode == .message)
    #expect(console.text().contains(#""text": "what did I just""#))
    // The row before is audio: its last message first, then through the others.
    console.press(Key(.left))
    #expect(console.text().contains("30 of 30"))
    console.press(Key(.left))
    #expect(console.text().contains("29 of 30"))
    console.press(Key(.right), Key(.right))
    #expect(console.text().contains("what did I just"))
    console.press(Key(.escape))
    #expect(console.mode == .panes)
    #expect(!console.log.isFrozen)
    // A log that was frozen before stays so.
    console.press(.char("f"), Key(.enter), Key(.escape))
    #expect(console.log.isFrozen)
  }

  @Test func hintsOfferToPutOffWhatIsOn() {
    var script = Script.live
    script.add(.gate(Gate(mode: .ptt, muted: true, talking: true)))
    var console = script.console()
    console.press(.char("f"), .char("z"))
    let hints = console.view(Size(width: 200, height: 40)).line(39)
    for word in ["m unmute", "Space stop talking", "z unzoom", "f follow", "? help", "q quit"] {
      #expect(hints.contains(word), "\(word)")
    }
  }

  @Test func helpAndQuitAreCutLast() {
    let console = Script.live.console(80, 24)
    for width in 60...200 {
      let hints = console.view(Size(width: width, height: 24)).line(23)
      #expect(hints.hasPrefix(" ? help  ") && hints.hasSuffix("  q quit "), "\(width) columns: \(hints)")
    }
  }

  @Test func secretsAreMasked() {
    var console = Script.live.console()
    console.press(.char("/"))
    console.type("dir:in type:ready")
    console.press(Key(.enter), Key(.enter))
    #expect(console.text().contains(#""resumeToken": "•••""#))
    for _ in 0..<3 {
      #expect(!console.text().contains("hunter2"))
      console.press(Key(.escape))
    }
  }

  @Test func panesOpenCloseAndZoom() {
    var console = Script.live.console()
    for pane in Pane.allCases {
      var one = console
      one.press(.char(Character("\(pane.digit)")))
      #expect(!one.layout(one.size).visible.contains(pane))
      one.press(.char(Character("\(pane.digit)")))
      #expect(one.layout(one.size).visible.contains(pane))
      #expect(one.focus == pane)
    }
    console.press(.char("z"))
    #expect(console.layout(console.size).visible == [.log])
    #expect(console.text().contains("zoom"))
    console.press(.char("4"))
    #expect(console.layout(console.size).visible == [.transcript])
    console.press(Key(.escape))
    #expect(console.layout(console.size).visible == Pane.allCases)
    for digit in "123456" { console.press(.char(digit)) }
    console.press(.char("7"))
    #expect(console.layout(console.size).visible == [.findings])
    #expect(console.text().contains("the last pane stays open"))
    console.press(.char("p"))
    #expect(console.layout(console.size).visible == [.mic, .agent, .transcript])
    #expect(console.focus == .transcript)
  }

  @Test func tabGoesRoundTheVisiblePanes() {
    var console = Script.live.console()
    var seen: Set<Pane> = []
    for _ in Pane.allCases {
      seen.insert(console.focus)
      console.press(Key(.tab))
    }
    #expect(seen == Set(Pane.allCases))
    #expect(console.focus == .log)
    console.press(Key(.backTab))
    #expect(console.focus == .transcript)
  }

  @Test func theTranscriptScrollsAndHolds() {
    var script = Script.live
    for i in 0..<40 { script.turn("question number \(i)", "answer number \(i)", response: 4 + i) }
    var console = script.console()
    console.press(Key(.backTab))
    #expect(console.focus == .transcript)
    #expect(console.text().contains("answer number 39"))
    console.press(.char("g"))
    #expect(console.text().contains("what time is it in berlin"))
    #expect(console.text().contains("scrolled, End follows"))
    console.press(Key(.pageDown), Key(.end))
    #expect(console.text().contains("answer number 39"))
    #expect(!console.transcript.isHeld)
  }

  @Test func theMouseFocusesSelectsOpensAndScrolls() {
    var console = Script.live.console()
    let transcript = console.layout(console.size).rect(of: .transcript)
    _ = console.update(.event(.mouse(Mouse(.press, x: transcript.x + 3, y: transcript.y + 2))))
    #expect(console.focus == .transcript)
    let log = console.layout(console.size).rect(of: .log)
    _ = console.update(.event(.mouse(Mouse(.press, x: log.x + 3, y: log.y + 1))))
    #expect(console.focus == .log)
    #expect(console.log.cursor == console.log.window(log.height - 2).lowerBound)
    _ = console.update(.event(.mouse(Mouse(.press, x: log.x + 3, y: log.y + 1))))
    #expect(console.mode == .message)
    console.press(Key(.escape), .char("f"))
    _ = console.update(.event(.mouse(Mouse(.wheelUp, x: log.x + 3, y: log.y + 1))))
    #expect(console.log.isFrozen)
    _ = console.update(.event(.mouse(Mouse(.press, x: 9_999, y: -3))))
  }

  @Test func aGapInTheNumbersIsCountedAndShown() {
    var console = Script.live.console()
    var entries = more(console, 2)
    entries[0].index += 7
    entries[1].index += 7
    _ = console.update(.entries(entries))
    #expect(console.buffers.lostEntries == 7)
    #expect(console.text().contains("7 entries lost on the way here"))
    #expect(console.text().contains("dropped 7"))
  }

  @Test func errorsStayUntilPutAway() {
    var script = Script.live
    script.add(.notice(Notice(.other("test"), .error, .protocol, "wrong base64", remedy: "ask the server")))
    var console = script.console()
    #expect(console.text().contains("protocol: wrong base64 – ask the server"))
    #expect(console.text().contains("session still usable"))
    _ = console.update(.failed("the theme file has a bad line 3"))
    #expect(console.text().contains("console (2): the theme file has a bad line 3"))
    console.press(.char("x"))
    #expect(console.banner == nil)
  }

  @Test func whatWasBrokenOnPurposeIsNoError() {
    var script = Script.live
    script.add(.operatorAct(OperatorAct(.disconnect, "close 1000")))
    script.add(.connection(ConnectionChange(LinkID(1), .closed(code: 1000, by: .client))))
    script.add(.connection(ConnectionChange(LinkID(1), .waiting(delayMs: 900), attempt: 1)))
    var console = script.console()
    #expect(console.banner?.text == "you disconnected on purpose: close 1000")
    #expect(console.banner?.role == .fault)
    var back = Script()
    back.now = script.now
    back.add(.connection(ConnectionChange(LinkID(2), .ready(sessionID: "s_8f2c", resumed: true))))
    _ = console.update(
      .entries(back.entries.map { Entry(index: script.entries.count + $0.index, at: $0.at, event: $0.event) }))
    #expect(console.banner == nil)
  }

  @Test(arguments: [60, 80, 100, 120]) func givingUpNamesTheKeyAndTheTranscriptTheReason(_ width: Int) {
    var script = Script()
    let reason = "127.0.0.1:9 refused the connection: nothing listens there; start the server or check the port"
    script.add(.connection(ConnectionChange(LinkID(1), .failed(reason: reason))))
    script.add(.connection(ConnectionChange(LinkID(1), .gaveUp(reason: ""))))
    let console = script.console(width, 40)
    let text = console.text(width, 40)
    #expect(text.contains("gave up  r reconnect"))
    #expect(text.contains("Not connected: "))
  }

  @Test func typedSpeechIsSeenWithoutAMicrophone() {
    var script = Script()
    script.connect()
    script.add(
      .device(DeviceChange(role: .mic, state: .failed, name: "default", text: "no sound card", remedy: "plug one in")))
    #expect(script.console().text().contains("No microphone: no sound card"))
    func frame(_ isSynthetic: Bool) -> Entry.Event {
      .micFrame(
        MicFrame(
          sampleCount: 320, rate: 16_000, rmsDB: isSynthetic ? -20 : -120, peakDB: -10,
          peaks: Array(repeating: Peak(low: -9000, high: 9000), count: 4), fate: .sent, vadLevelDB: -20,
          vadThresholdDB: -45, isSpeech: isSynthetic, isSynthetic: isSynthetic))
    }
    script.at(1_000)
    script.add(frame(true))
    #expect(script.console().text().contains("speaking typed words"))
    #expect(script.console().text().contains("vad"))
    // The waveform stays for a while after the last word, and then the reason comes back.
    script.at(4_000)
    script.add(frame(false))
    #expect(!script.console().text().contains("No microphone"))
    script.at(9_000)
    script.add(frame(false))
    #expect(script.console().text().contains("No microphone: no sound card"))
  }

  @Test func theBuffersKeepTheirRows() {
    let before = Script().console().text().split(separator: "\n").suffix(7)
    let after = Script.live.console().text().split(separator: "\n").suffix(7)
    for name in ["uplink", "socket", "playout", "sent", "received", "console"] {
      let places = [before, after].map { rows in rows.firstIndex { $0.contains(" \(name) ") } }
      #expect(places[0] != nil && places[0] == places[1], "\(name)")
    }
  }

  @Test func pastesAreTextAndNeverKeys() {
    var console = Script.live.console()
    #expect(console.update(.event(.paste("q\nq"))) == [])
    #expect(console.mode == .panes)
    console.press(.char("s"))
    _ = console.update(.event(.paste("two\nlines\there")))
    #expect(console.press(Key(.enter)) == [.command(.say("two lines here"))])
  }

  @Test func helpFindsAndScrolls() {
    var console = Script.live.console(80, 24)
    console.press(.char("?"), .char("/"))
    console.type("mute")
    console.press(Key(.enter))
    #expect(console.text(80, 24).contains("Mute or unmute"))
    #expect(!console.text(80, 24).contains("Stop the agent"))
    console.press(Key(.escape), Key(.end))
    #expect(console.text(80, 24).contains("End the session and the program."))
    console.press(Key(.escape))
    #expect(console.mode == .panes)
  }
}
