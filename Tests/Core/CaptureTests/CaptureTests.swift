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
      ConnectionChange(
        id: ConnectionID(1), state: .open, attempt: 2, stages: [ConnectStage(name: "tcp", ms: 0.25)])),
    .message(
      Message(
        connection: ConnectionID(1), direction: .received, kind: .text, payload: Array(#"{"type":"x","é":"\n"}"#.utf8))),
    .message(Message(connection: ConnectionID(1), direction: .sent, kind: .text, payload: [0xFF, 0x00, 0x41])),
    .message(Message(connection: ConnectionID(2), direction: .sent, kind: .binary, payload: [1, 2, 3])),
    .roundTrip(RoundTrip(connection: ConnectionID(1), ms: nil)),
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
    .playoutChange(PlayoutChange(kind: .flushed, response: ResponseID(3), playedMs: 10, discardedMs: 20)),
    .queue(QueueDepth(name: "uplink", depth: 3, capacity: 100, dropped: 1, unit: "frames")),
    .operatorAct(OperatorAct(command: "disconnect", argument: "abort")),
    .fault(FaultChange(name: "refuse", active: true, durationMs: 5000)),
    .device(
      DeviceChange(
        role: .mic, state: .lost, name: "hw:0", text: "gone", remedy: "plug it in", xruns: 4, driftPPM: 12.5)),
    .notice(Notice(severity: .warning, source: "protocol", text: "odd", remedy: "look")),
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
  ])
  func saysWhatIsWrong(_ line: String, _ reason: String) {
    #expect(throws: EntryLineError(reason: reason)) { try EntryLine.decode(line.utf8) }
  }
}

@Suite struct ReplayCursorTests {
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
