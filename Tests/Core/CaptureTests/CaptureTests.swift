import Capture
import Testing
import Timeline

@Suite struct EntryLineTests {
  static let events: [Entry.Event] = [
    .sessionStarted(
      SessionStarted(
        version: "0.1.0", wallClockMilliseconds: 1_790_000_000_123, url: "ws://127.0.0.1:1/voice?token=…",
        dialect: "voice", inputRate: 16_000, input: "file:a.wav", output: "null")),
    .connection(
      ConnectionChange(LinkID(1), .open(stages: [ConnectStage(.tcp, ms: 0.25)]), attempt: 2)),
    .connection(ConnectionChange(LinkID(2), .connecting, attempt: 1)),
    .connection(ConnectionChange(LinkID(2), .ready(sessionID: "s_1", resumed: false))),
    .connection(ConnectionChange(LinkID(2), .closing(code: 1000, reason: "bye"))),
    .connection(ConnectionChange(LinkID(2), .closed(code: 1006, reason: "reset", by: .network))),
    .connection(ConnectionChange(LinkID(3), .failed(reason: "refused", by: .client))),
    .connection(ConnectionChange(LinkID(3), .waiting(delayMs: 900), attempt: 2)),
    .connection(ConnectionChange(LinkID(3), .gaveUp(reason: "5 attempts failed"))),
    .connection(ConnectionChange(LinkID(4), .open(stages: [ConnectStage(.other("quic"), ms: 2)], subprotocol: "v"))),
    .message(
      Message(
        link: LinkID(1), way: .toClient, kind: .text, payload: Array(#"{"type":"x","é":"\n"}"#.utf8))),
    .message(Message(link: LinkID(1), way: .toServer, kind: .text, payload: [0xFF, 0x00, 0x41])),
    .message(Message(link: LinkID(2), way: .toServer, kind: .binary, payload: [1, 2, 3])),
    .roundTrip(RoundTrip(link: LinkID(1), ms: nil)),
    .micFrame(
      MicFrame(
        sampleCount: 320, rate: 16_000, rmsDB: -20.5, peakDB: -3, peaks: [Peak(low: -32_768, high: 32_767)],
        fate: .gated, vadLevelDB: -21, vadThresholdDB: -45, isSpeech: true, isSynthetic: true, clipped: 2,
        ageMs: 33.25)),
    .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)),
    .gate(Gate(mode: .ptt, muted: true, talking: true, pausedByServer: true)),
    .echo(EchoState(phase: .ready, isHolding: true, erleDB: 24.5)),
    .playout(
      PlayoutBlock(
        response: ResponseID(3), sampleCount: 160, rate: 16_000, peaks: [Peak(low: 0, high: 1)], rmsDB: -30,
        depthMs: 81.5, targetMs: 80, deviceDelayMs: 20)),
    .playoutChange(PlayoutChange(ResponseID(3), .flushed(playedMs: 10, discardedMs: 20))),
    .playoutChange(PlayoutChange(ResponseID(3), .started)),
    .playoutChange(PlayoutChange(ResponseID(3), .underrun(playedMs: 40))),
    .playoutChange(PlayoutChange(ResponseID(3), .recovered(playedMs: 40))),
    .playoutChange(PlayoutChange(ResponseID(3), .flushed(playedMs: 10, discardedMs: 20, remainingMs: -1))),
    .playoutChange(PlayoutChange(ResponseID(3), .finished(playedMs: 980.5))),
    .playoutChange(PlayoutChange(ResponseID(3), .format("pcm24", rate: 24_000))),
    .playoutChange(PlayoutChange(nil, .undecodable("no frames", format: "aac"))),
    .playoutChange(PlayoutChange(nil, .undecodable("no frames"))),
    .playoutChange(PlayoutChange(ResponseID(3), .decoded(ms: 261))),
    .queue(QueueDepth(name: .other("of a later version"), depth: 3, capacity: nil, dropped: 1, unit: .other("pages"))),
    .operatorAct(OperatorAct(.other("dance"))),
    .fault(FaultChange(.other("delay"), active: false)),
    .notice(Notice(.pongLate, .info, .other("proxy"), "x")),
    .queue(QueueDepth(name: .uplink, depth: 3, capacity: 100, dropped: 1, unit: .frames)),
    .operatorAct(OperatorAct(.disconnect, "abort")),
    .fault(FaultChange(.refuse, active: true, durationMs: 5000)),
    .device(
      DeviceChange(
        role: .mic, state: .lost, name: "hw:0", text: "gone", remedy: "plug it in", xruns: 4, driftPPM: 12.5)),
    .notice(Notice(.other("test"), .warning, .protocol, "odd", remedy: "look")),
    .sessionEnded(SessionEnded(reason: "quit", orderly: true)),
  ]

  @Test(arguments: events) func roundTrip(_ event: Entry.Event) throws {
    let entry = Entry(index: 7, at: Timestamp(nanoseconds: 1_234_567_891), event: event)
    let line = EntryLine.encode(entry)
    #expect(!line.contains(UInt8(ascii: "\n")))
    #expect(try EntryLine.decode(line) == entry)
  }

  @Test func aLineIsFlatAndReadable() {
    let entry = Entry(
      index: 1, at: Timestamp(milliseconds: 12.5), event: .voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)))
    #expect(
      String(decoding: EntryLine.encode(entry), as: UTF8.self)
        == #"{"at":12.5,"event":"voiceEdge","i":1,"isStart":true,"sinceMs":30}"#)
  }

  @Test(arguments: [
    ("{\"i\":1", "not valid JSON"), ("{\"i\":1,\"at\":0}", "no \"event\""),
    ("{\"i\":1,\"at\":0,\"event\":\"nonsense\"}", "unknown event \"nonsense\""),
    ("{\"i\":\"1\",\"at\":0,\"event\":\"gate\"}", "\"i\" has the wrong type"),
    (
      "{\"i\":1,\"at\":0,\"event\":\"message\",\"connection\":1,\"direction\":\"sent\",\"kind\":\"text\",\"base64\":\"?\"}",
      "wrong base64"
    ),
    (String(repeating: "[", count: 100_000), "nested deeper than 128 levels"),
    (#"{"i":1,"at":0,"event":"gate","x":"# + String(repeating: "{\"a\":", count: 600), "nested deeper than 128 levels"),
    ("[1]", "not a JSON object"), ("7", "not a JSON object"), ("\"x\"", "not a JSON object"),
    (#"{"i":9223372036854775807,"at":1,"event":"roundTrip","connection":1}"#, "\"i\" is out of range"),
    (#"{"i":-9223372036854775808,"at":1,"event":"roundTrip","connection":1}"#, "\"i\" is out of range"),
    (#"{"i":1,"at":9300000000000,"event":"roundTrip","connection":1}"#, "\"at\" is out of range"),
    (#"{"i":1,"at":-1e300,"event":"roundTrip","connection":1}"#, "\"at\" is out of range"),
    (#"{"i":1,"at":"inf","event":"roundTrip","connection":1}"#, "\"at\" is out of range"),
    (
      #"{"i":1,"at":1,"event":"connection","id":1,"state":"dialling"}"#,
      "\"state\" has a value that is not known here"
    ),
  ])
  func saysWhatIsWrong(_ line: String, _ reason: String) {
    #expect(throws: EntryLineError(reason: reason)) { try EntryLine.decode(line.utf8) }
  }
}

@Suite struct EntryLineForOthersTests {
  private func line(_ text: String, at: Timestamp = .zero, wallClock: Int64? = nil) -> String {
    let entry = Entry(index: 0, at: at, event: .notice(Notice(.other("test"), .info, .other("x"), text)))
    return String(decoding: EntryLine.encode(entry, wallClockMilliseconds: wallClock), as: UTF8.self)
  }

  @Test(arguments: [
    (0, 0.0, "1970-01-01T00:00:00.000Z"), (1_790_000_000_123, 0, "2026-09-21T14:13:20.123Z"),
    (1_790_000_000_123, 876.9999, "2026-09-21T14:13:20.999Z"), (1_709_164_799_999, 1, "2024-02-29T00:00:00.000Z"),
    (1_709_251_199_999, 1, "2024-03-01T00:00:00.000Z"), (951_782_399_000, 1000, "2000-02-29T00:00:00.000Z"),
    (4_107_542_399_999, 0, "2100-02-28T23:59:59.999Z"), (4_107_542_399_999, 1, "2100-03-01T00:00:00.000Z"),
    (946_684_800_000, -0.5, "1999-12-31T23:59:59.999Z"), (.max, 1e12, "9999-12-31T23:59:59.999Z"),
    (.min, -1e12, "1970-01-01T00:00:00.000Z"),
  ])
  func eachLineHasItsTimeOfDay(_ wallClock: Int64, _ at: Double, _ time: String) throws {
    let line = line("x", at: Timestamp(milliseconds: at), wallClock: wallClock)
    #expect(line.contains(#","time":"\#(time)"}"#), "\(line)")
    // What a reader of ours makes of it is the same as without.
    #expect(try EntryLine.decode(line.utf8).at == Timestamp(milliseconds: at))
    #expect(!self.line("x").contains("time"))
  }

  /// What a peer says is printed by whoever looks at the lines; none of it is obeyed, and none of it is lost.
  @Test(arguments: [
    "\u{7F}", "\u{80}", "\u{9B}31m", "\u{9F}", "\u{AD}", "\u{61C}", "\u{115F}", "\u{180E}", "\u{200B}", "\u{200D}",
    "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{202E}", "\u{2060}", "\u{2066}", "\u{2069}",
    "\u{206F}", "\u{FEFF}", "\u{FFF9}", "\u{FFFB}", "\u{E0001}", "\u{E0041}", "\u{E007F}", "\u{E01EF}", "\u{1B}[2J",
    "\u{0}",
    "\u{7}\u{8}\n\r\t",
  ])
  func whatATerminalObeysIsEscaped(_ text: String) throws {
    let whole = "é漢🙂 a\(text)b \\u2028"
    let line = line(whole)
    let unseen = line.unicodeScalars.filter { $0.value < 0x20 || text.unicodeScalars.contains($0) && $0.value >= 0x7F }
    #expect(unseen.isEmpty, "\(line.debugDescription)")
    #expect(line.contains("é漢🙂"))
    guard case .notice(let notice) = try EntryLine.decode(line.utf8).event else { throw EntryLineError(reason: "kind") }
    #expect(Array(notice.text.utf8) == Array(whole.utf8))
  }

  @Test func aMessageKeepsItsBytes() throws {
    let payload = Array("{\"text\":\"\u{9B}\u{202E}\u{2028}\u{E0041}\u{7F}\"}".utf8)
    let message = Message(link: LinkID(1), way: .toClient, kind: .text, payload: payload)
    let line = EntryLine.encode(Entry(index: 0, at: .zero, event: .message(message)))
    #expect(line.allSatisfy { (0x20..<0x7F).contains($0) })
    #expect(try EntryLine.decode(line).event == .message(message))
  }

  @Test func whatIsNotKnownIsToldFromWhatIsDamaged() {
    func isUnknown(_ line: String) -> Bool? {
      do throws(EntryLineError) {
        _ = try EntryLine.decode(line.utf8)
        return nil
      } catch { return error.isUnknown }
    }
    #expect(isUnknown(#"{"i":1,"at":0,"event":"delivery","of":3}"#) == true)
    #expect(isUnknown(#"{"i":1,"at":0,"event":"connection","id":1,"state":"dialling"}"#) == true)
    #expect(isUnknown(#"{"i":1,"at":0,"event":"gate"}"#) == false)
    #expect(isUnknown(#"{"i":1,"at":0,"#) == false)
    // Fields that are not known are passed over.
    #expect(isUnknown(#"{"i":1,"at":0,"event":"roundTrip","connection":1,"source":7,"more":{"a":[1]}}"#) == nil)
    let name = String(repeating: "x", count: 100_000)
    #expect(throws: EntryLineError(reason: "unknown event \"\(name.prefix(64))\"")) {
      try EntryLine.decode(#"{"i":1,"at":0,"event":"\#(name)"}"#.utf8)
    }
  }
}

@Suite struct ReplayCursorTests {
  @Test func whoDoesNotWaitTakesThemInOrderWhateverTheirMomentsAre() {
    let entries = [9.9e11, -5, 10_000_000].enumerated().map { i, ms in
      Entry(index: i, at: Timestamp(milliseconds: ms), event: .voiceEdge(VoiceEdge(isStart: true, sinceMs: 0)))
    }
    var cursor = ReplayCursor(entries, startingAt: .zero)
    #expect(cursor.next(2).map(\.index) == [0, 1])
    #expect(cursor.next(-1).isEmpty)
    #expect(cursor.next(.max).map(\.index) == [2])
    #expect(cursor.next(1).isEmpty && cursor.deadline == nil)
  }

  @Test func entriesComeDueAtTheirOriginalPace() {
    let entries = [100.0, 110, 110, 250].enumerated().map { i, ms in
      Entry(index: i, at: Timestamp(milliseconds: ms), event: .voiceEdge(VoiceEdge(isStart: true, sinceMs: 0)))
    }
    var cursor = ReplayCursor(entries, startingAt: Timestamp(milliseconds: 5000))
    #expect(cursor.due(at: Timestamp(milliseconds: 4999)).isEmpty)
    #expect(cursor.due(at: Timestamp(milliseconds: 5009)).map(\.index) == [0])
    #expect(cursor.deadline == Timestamp(milliseconds: 5010))
    #expect(cursor.due(at: Timestamp(milliseconds: 5020)).map(\.index) == [1, 2])
    #expect(cursor.recordedTime(at: Timestamp(milliseconds: 5150)) == Timestamp(milliseconds: 250))
    #expect(cursor.due(at: Timestamp(milliseconds: 9999)).map(\.index) == [3])
    #expect(cursor.deadline == nil)
  }
}
