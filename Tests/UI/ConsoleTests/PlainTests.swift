import Screen
import Session
import Testing
import Timeline

@testable import Console

/// The console in words.
@Suite struct PlainTests {
  private func read(_ script: Script) -> (console: PlainConsole, lines: [String]) {
    var console = PlainConsole(ConsoleOptions())
    let lines = console.read(script.entries).map(\.text)
    return (console, lines)
  }

  @Test func aSessionIsToldInOrderAndWithoutLevels() throws {
    let lines = read(Script.live).lines
    #expect(lines.first == "sidetone 0.1.0, dialect voice, microphone mic:default, speaker speaker:default")
    let told = [
      "connecting to ws://127.0.0.1:8765/voice", "connected, session s_8f2c", "you: what time is it in berlin",
      "agent: It is half past nine in Berlin.", "you: tell me a story", "agent interrupted",
    ]
    var rest = lines[...]
    for line in told {
      let at = try #require(rest.firstIndex(of: line), "\(line) in \(lines)")
      rest = rest[(at + 1)...]
    }
    #expect(lines.contains { $0.hasPrefix("agent cut after ") && $0.hasSuffix(" of 27 words") })
    #expect(lines.contains { $0.hasPrefix("answer heard after ") && $0.hasSuffix(" milliseconds") })
    // 400 frames and blocks, and what is only on its way.
    #expect(lines.count < 25 && !lines.contains { $0.contains("dB") || $0.contains("what did I just") })
    #expect(Set(lines).count == lines.count)
  }

  @Test func theServersEnginesAreSaid() {
    var (console, lines) = read(.engines(missing: true))
    let told = [
      "server: recogniser pocketsphinx, detector sphinx, voice slt",
      "missing engines: moonshine, joe. To have them: sidetone engines install",
    ]
    #expect(lines.filter { told.contains($0) } == told)
    let status = console.run("status").lines.map(\.text)
    #expect(status.filter { told.contains($0) } == told)
    // Where nothing is said of them, nothing is told.
    #expect(!read(.live).lines.contains { $0.hasPrefix("server: ") || $0.hasPrefix("missing ") })
  }

  @Test func wordsOverTheAnswerAreSaidOnce() {
    var script = Script()
    script.connect()
    script.backchannel()
    #expect(read(script).lines.filter { $0.hasSuffix(": Uh huh.") } == ["you, over the answer: Uh huh."])
    // They cut it after all.
    script.message(.toClient, #"{"type":"interrupted"}"#)
    script.message(.toClient, #"{"type":"response_text","text":"Yes?"}"#)
    script.message(.toClient, #"{"type":"response_complete"}"#)
    let lines = read(script).lines
    #expect(lines.filter { $0.hasSuffix("Uh huh.") } == ["you, over the answer: Uh huh."])
    #expect(lines.contains("agent: Yes?"))
  }

  @Test func troubleComesWithItsRemedy() {
    var script = Script.live
    script.add(
      .device(
        DeviceChange(role: .mic, state: .failed, name: "default", text: "no sound card", remedy: "plug one in")))
    script.message(.toClient, #"{"type":"error","code":"tts_failed","message":"out of \u001b[31mmemory"}"#)
    script.add(.notice(Notice(.other("test"), .warning, .server, "out of memory [tts_failed]")))
    script.add(.queue(QueueDepth(name: .uplink, depth: 100, capacity: 100, dropped: 12, unit: .frames)))
    script.add(
      .connection(ConnectionChange(LinkID(1), .closed(code: 1006, reason: "reset", by: .network))))
    script.add(.connection(ConnectionChange(LinkID(2), .waiting(delayMs: 2000), attempt: 2)))
    script.add(.connection(ConnectionChange(LinkID(2), .gaveUp(reason: "refused"))))
    let lines = read(script).lines
    for line in [
      "microphone failed: no sound card. To do: plug one in",
      "server error: tts_failed, out of ␛[31mmemory; the session goes on", "uplink queue full: 12 more frames dropped",
      "connection closed by the network with code 1006, reset", "not connected; next attempt in 2 seconds",
      "gave up, refused. To try again, type: reconnect",
    ] { #expect(lines.contains(line), "\(lines)") }
    // Once is enough.
    #expect(!lines.contains { $0.contains("[tts_failed]") })
  }

  /// In words, and on the strip.
  @Test func theChosenSubprotocolIsSaid() {
    var script = Script()
    script.connect()
    #expect(!read(script).lines.contains { $0.contains("subprotocol") })
    script.add(.connection(ConnectionChange(LinkID(2), .open(subprotocol: "realtime.v2"))))
    #expect(read(script).lines.contains { $0.contains("subprotocol realtime.v2") })
    let strip = script.console(140, 30).view(Size(width: 140, height: 30)).line(0)
    #expect(strip.contains("voice (realtime.v2)"), "\(strip)")
  }

  @Test func findingsAreSaidOnceAndThenEachTenfold() {
    var script = Script.live
    for _ in 0..<12 { script.binary(.toClient, [1, 2, 3]) }
    let said = read(script).lines.filter { $0.hasPrefix("finding, ") && $0.contains("odd-byte-count") }
    #expect(said.count == 2, "\(said)")
    #expect(said.first?.hasPrefix("finding, warning, odd-byte-count: 3 bytes") == true, "\(said)")
    #expect(said.first?.hasSuffix(". To do: Cut the stream at even offsets.") == true)
    #expect(said.last == "finding, odd-byte-count: 10 times so far")
  }

  @Test func typedLinesAreTheConsolesCommands() {
    var console = read(Script.live).console
    func run(_ line: String) -> [ConsoleEffect] { console.run(line).effects }
    #expect(run(":interrupt") == [.command(.interrupt)] && run("interrupt") == [.command(.interrupt)])
    #expect(run("  say  what time is it ") == [.command(.say("what time is it"))])
    #expect(run("gate ptt") == [.command(.setGate(.ptt))] && run("mute") == [.command(.setMuted(true))])
    #expect(run("close 4000 bye") == [.command(.disconnect(.close(code: 4000, reason: "bye")))])
    #expect(run("config {\"a\":1}") == [.command(.sendConfig("{\"a\":1}"))])
    #expect(run("play a.wav mix") == [.command(.play(path: "a.wav", isMixed: true))])
    #expect(run("hush") == [.command(.stopSpeaking)])
    #expect(run("quit") == [.quit] && run("") == [] && run(" : ") == [])
  }

  @Test(arguments: [
    ("sya hello", "there is no command sya, did you mean say? help lists"), ("zoom", "zoom is about the screen"),
    ("say", "say needs more: say WORDS"), ("disconnect", "say how to disconnect: close, abort, stall, refuse"),
    ("config", "config needs more: a JSON object"), ("gate shut", "no word \"shut\""), ("config {", "not valid JSON"),
    ("times maybe", "times is on or off"),
  ])
  func whatCannotBeDoneIsExplained(_ line: String, _ reason: String) {
    var console = read(Script.live).console
    let (effects, lines) = console.run(line)
    #expect(effects == [] && lines.count == 1 && lines[0].text.hasPrefix(reason), "\(lines)")
    // No line stays open behind the scenes.
    #expect(console.run("interrupt").effects == [.command(.interrupt)])
  }

  @Test func helpAndStatusAnswer() {
    var console = read(Script.live).console
    let help = console.run("help").lines.map(\.text)
    #expect(help.contains { $0.hasPrefix("say WORDS: ") } && help.contains { $0.hasPrefix("wait: ") })
    #expect(!help.contains { $0.hasPrefix("zoom") })
    let status = console.run("status").lines.map(\.text)
    #expect(status.first == "connected, ws://127.0.0.1:8765/voice, round trip 1.2 milliseconds")
    #expect(status.contains { $0.hasPrefix("4 turns, response time p50 ") })
  }

  @Test func messagesAndTimesOnRequest() {
    var script = Script()
    script.connect()
    var console = PlainConsole(ConsoleOptions())
    #expect(console.run("messages on").lines.map(\.text) == ["messages on"])
    #expect(console.run("times").lines.map(\.text) == ["times on"])
    script.message(.toClient, #"{"type":"config_applied","voice":"slt"}"#)
    script.message(.toClient, #"{"type":"audio","data":"AAAA"}"#)
    let lines = console.read(script.entries).map(\.text)
    let wanted = #"received text, 39 bytes: {"type":"config_applied","voice":"slt"}"#
    #expect(lines.contains { $0.hasSuffix(wanted) && $0.prefixMatch(of: #/\d\d:\d\d:\d\d /#) != nil }, "\(lines)")
    #expect(!lines.contains { $0.contains("AAAA") })
  }

  @Test func aRecordingIsToldWholeAndWithItsTimes() {
    var script = Script.live
    for i in 0..<100 { script.add(.notice(Notice(.other("test"), .error, .server, "failure \(i)"))) }
    script.add(.connection(ConnectionChange(LinkID(1), .gaveUp(reason: "refused"))))
    var options = ConsoleOptions()
    options.port = .recording
    var console = PlainConsole(options, isPaced: false)
    let lines = console.read(script.entries).map(\.text) + console.finish().map(\.text)
    #expect(lines.allSatisfy { $0.prefixMatch(of: #/\d\d:\d\d:\d\d /#) != nil }, "\(lines)")
    #expect(lines.count { $0.contains("failure") } == 100)
    // Nothing can be done about what is over.
    #expect(lines.last?.hasSuffix("gave up, refused") == true)
    #expect(console.run("interrupt").lines.map(\.text) == ["interrupt is for a live session, and this is a recording"])
    let help = console.run("help").lines.map(\.text)
    #expect(help.contains { $0.hasPrefix("status: ") } && !help.contains { $0.hasPrefix("say ") }, "\(help)")
  }

  @Test func whatIsLeftOutAtTheEndIsCounted() {
    var script = Script()
    for i in 0..<100 { script.add(.notice(Notice(.other("test"), .error, .server, "failure \(i)"))) }
    var console = PlainConsole(ConsoleOptions())
    let said = console.read(script.entries).count
    #expect(console.finish().map(\.text) == ["\(100 - said) lines left out"] && console.finish() == [])
  }

  @Test func aFloodIsCountedNotSaid() {
    var script = Script()
    for i in 0..<1000 {
      script.at(Double(i))
      script.add(.notice(Notice(.other("test"), .error, .server, "failure \(i)")))
    }
    var console = PlainConsole(ConsoleOptions())
    let said = console.read(script.entries).count
    #expect(said >= 30 && said < 40)
    let later = console.advance(to: Timestamp(milliseconds: 20_000)).map(\.text)
    #expect(later == ["\(1000 - said) lines left out"])
    #expect(console.advance(to: Timestamp(milliseconds: 30_000)) == [])
  }
}
