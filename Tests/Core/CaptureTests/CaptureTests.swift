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
    .micFrame(
      MicFrame(
        sampleCount: 320, rate: 16_000, rmsDB: -20.5, peakDB: -3, peaks: [], fate: .sent, vadLevelDB: -21,
        vadThresholdDB: -45, vadProbability: SpeechProbability(value: 0.93, threshold: 0.35), isSpeech: true)),
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
    .playoutChange(PlayoutChange(ResponseID(3), .held(playedMs: 120.5, takenBackMs: 40, remainingMs: 10))),
    .playoutChange(PlayoutChange(ResponseID(3), .held(playedMs: 1))),
    .playoutChange(PlayoutChange(ResponseID(3), .resumed(playedMs: 120.5))),
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
    .sourceStarted(Source(kind: .other("recorder"), name: "stt", dialect: "pcm", url: "ws://a/")),
    .message(
      Message(
        link: LinkID(7), way: .toServer, kind: .binary, payload: [0, 255], origin: .fault, waitedMs: 1, replaces: 4)),
    .message(Message(link: LinkID(7), way: .toServer, kind: .text, payload: [], origin: .other("cat"))),
    .delivery(Delivery(of: 3, .held(ms: 0.5))), .delivery(Delivery(of: 3, .dropped)),
    .delivery(Delivery(of: 3, .cut(byteCount: 0))), .delivery(Delivery(of: 3, .duplicated(count: 3))),
    .delivery(Delivery(of: 3, .corrupted)), .delivery(Delivery(of: 3, .other("reordered"))),
  ]

  @Test(arguments: events) func roundTrip(_ event: Entry.Event) throws {
    for source in [nil, .program, SourceID(3), SourceID(.max)] as [SourceID?] {
      let entry = Entry(index: 7, at: Timestamp(nanoseconds: 1_234_567_891), source: source, event: event)
      for isFirst in [false, true] {
        let line = EntryLine.encode(entry, isFirst: isFirst)
        #expect(!line.contains(UInt8(ascii: "\n")))
        #expect(try EntryLine.decode(line) == entry)
      }
    }
  }

  @Test func aLineIsFlatAndReadable() {
    let entry = Entry(
      index: 1, at: Timestamp(milliseconds: 12.5), event: .voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)))
    #expect(
      String(decoding: EntryLine.encode(entry), as: UTF8.self)
        == #"{"at":12.5,"event":"voiceEdge","i":1,"isStart":true,"sinceMs":30,"src":1}"#)
    #expect(
      String(decoding: EntryLine.encode(entry, isFirst: true), as: UTF8.self)
        == #"{"at":12.5,"capture":1,"event":"voiceEdge","i":1,"isStart":true,"sinceMs":30,"src":1}"#)
  }

  @Test(arguments: [
    ("{\"i\":1", "not valid JSON"), ("{\"i\":1,\"at\":0}", "no \"event\""),
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
    (#"{"i":1,"at":1,"event":"roundTrip","link":1,"src":65536}"#, "\"src\" is out of range"),
    (#"{"i":1,"at":1,"event":"roundTrip","src":1}"#, "no \"link\""),
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

  @Test func whatIsNotKnownIsToldFromWhatIsDamaged() throws {
    func isUnknown(_ line: String) -> Bool? {
      guard let entry = try? EntryLine.decode(line.utf8) else { return nil }
      if case .unknown = entry.event { return true }
      return false
    }
    #expect(isUnknown(#"{"i":1,"at":0,"event":"caption","of":3}"#) == true)
    #expect(isUnknown(#"{"i":1,"at":0,"event":"connection","id":1,"state":"dialling"}"#) == true)
    #expect(isUnknown(#"{"i":1,"at":0,"event":"connection","link":1,"src":1,"state":"dialling"}"#) == true)
    #expect(isUnknown(#"{"i":1,"at":0,"event":"gate"}"#) == nil)
    #expect(isUnknown(#"{"i":1,"at":0,"#) == nil)
    #expect(isUnknown(#"{"event":"caption"}"#) == nil, "without a number it has no place")
    // Fields that are not known are passed over.
    #expect(isUnknown(#"{"i":1,"at":0,"event":"roundTrip","connection":1,"source":7,"more":{"a":[1]}}"#) == false)
    let name = String(repeating: "x", count: 100_000)
    guard case .unknown(let unknown) = try EntryLine.decode(#"{"i":1,"at":0,"event":"\#(name)"}"#.utf8).event else {
      throw EntryLineError(reason: "kind")
    }
    #expect(unknown.kind == String(name.prefix(64)) && unknown.reason == "unknown event \"\(name.prefix(64))\"")
  }

  /// Byte for byte, but for what a terminal would obey; in recordings of either version.
  @Test(arguments: [
    #"{"at":5,"event":"caption","i":3,"src":2,"of":{"b":[1.50,"\u00e9"],"a":1e2}}"#,
    #"{"at":5,"event":"caption","i":3,"b":[1.50]}"#,
    #"{ "at": 5, "i":3, "event" :"connection","id":1,"state":"dialling"}"#,
    #"{"at":5,"capture":7,"event":"caption","i":3,"src":0}"#,
  ])
  func whatIsNotKnownIsWrittenAgain(_ line: String) throws {
    let entry = try EntryLine.decode(line.utf8)
    #expect(entry.index == 3 && entry.at == Timestamp(milliseconds: 5))
    let again = EntryLine.encode(entry, wallClockMilliseconds: 1)
    #expect(String(decoding: again, as: UTF8.self) == line)
    #expect(try EntryLine.decode(again) == entry)
    let tabs = line.replacing(",", with: ",\t").replacing("caption", with: "\u{9B}31m")
    let shown = EntryLine.encode(try EntryLine.decode(tabs.utf8))
    #expect(!shown.contains { $0 < 0x20 } && !String(decoding: shown, as: UTF8.self).contains("\u{9B}"))
  }
}

/// Lines of version 0 become lines of version 1.
@Suite struct OldLineTests {
  @Test(arguments: [
    (
      #"{"at":1,"connection":2,"direction":"sent","event":"message","i":1,"kind":"text","text":"\"connection\":{","waitedMs":3}"#,
      Entry.Event.message(
        Message(
          link: LinkID(2), way: .toServer, kind: .text, payload: Array(#""connection":{"#.utf8),
          origin: .other("unknown"), waitedMs: 3))
    ),
    (
      #"{"at":1, "base64":"AQI=", "connection" : 2 , "direction":"received", "event": "message","i":1,"kind":"binary"}"#,
      .message(Message(link: LinkID(2), way: .toClient, kind: .binary, payload: [1, 2], origin: .peer))
    ),
    (
      #"{"at":1,"event":"connection","i":1,"id":3,"state":"closed"}"#,
      .connection(ConnectionChange(LinkID(3), .closed(code: 1006)))
    ),
    (
      #"{"at":1,"event":"connection","i":1,"id":3,"sessionID":"s","stages":[{"ms":1,"name":"tcp"}],"state":"open"}"#,
      .connection(ConnectionChange(LinkID(3), .open(stages: [ConnectStage(.tcp, ms: 1)])))
    ),
    (#"{"at":1,"connection":4,"event":"roundTrip","i":1,"ms":2}"#, .roundTrip(RoundTrip(link: LinkID(4), ms: 2))),
    (
      #"{"at":1,"event":"notice","i":1,"severity":"info","source":"session","text":"t"}"#,
      .notice(Notice(.unnamed, .info, .session, "t"))
    ),
    (
      #"{"at":1,"event":"playoutChange","i":1,"kind":"underrun","response":1}"#,
      .playoutChange(PlayoutChange(ResponseID(1), .underrun(playedMs: 0)))
    ),
    (
      #"{"at":1,"event":"sessionEnded","i":1,"orderly":true,"reason":"r"}"#,
      .sessionEnded(SessionEnded(reason: "r", orderly: true))
    ),
  ])
  func isReadLikeANewOne(_ line: String, _ event: Entry.Event) throws {
    let entry = try EntryLine.decode(line.utf8)
    #expect(entry == Entry(index: 1, at: Timestamp(milliseconds: 1), event: event))
    #expect(entry.source == (event.isOfProgram ? .program : .first))
    // And written like one.
    #expect(try EntryLine.decode(EntryLine.encode(entry)) == entry)
  }

  /// Files are put together, and cut apart.
  @Test func theVersionHoldsUntilAnotherSessionBegins() throws {
    let start =
      #""dialect":"voice","event":"sessionStarted","i":0,"input":"i","inputRate":1,"output":"o","url":"u","version":"1","wallClockMilliseconds":0}"#
    let old = #"{"at":1,"connection":2,"event":"roundTrip","i":1}"#
    let new = #"{"at":1,"event":"roundTrip","i":1,"link":2,"src":1}"#
    func read(_ lines: [String]) -> [Bool] {
      var reader = CaptureReader()
      return lines.map { (try? reader.read($0.utf8)) != nil }
    }
    #expect(read([#"{"at":0,"# + start, old, old]) == [true, true, true])
    #expect(read([#"{"at":0,"capture":1,"src":0,"# + start, new, old]) == [true, true, false])
    #expect(
      read([#"{"at":0,"capture":1,"src":0,"# + start, new, #"{"at":0,"# + start, old]) == [true, true, true, true])
    #expect(read([old, #"{"at":0,"capture":1,"src":0,"# + start, new]) == [true, true, true])
    #expect(read([new, new, old]) == [true, true, false])
    var reader = CaptureReader()
    _ = try reader.read((#"{"at":0,"capture":9,"src":0,"# + start).utf8)
    #expect(reader.version == 9, "of a later version what is known is read")
    #expect((try? reader.read(new.utf8)) != nil)
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
