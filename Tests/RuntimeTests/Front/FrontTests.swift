import Glibc
import Insight
import TestKit
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// A timeline written by hand, for the readers that decide by it.
private struct Timetable {
  private var recorded: [Entry] = []
  var entries: [Entry] { recorded }

  mutating func at(_ ms: Double, _ event: Entry.Event) {
    recorded.append(Entry(index: recorded.count, at: Timestamp(milliseconds: ms), event: event))
  }
  mutating func received(_ ms: Double, _ event: VoiceEvent) {
    let frame = VoiceDialect().encode(event, from: .server)!
    at(ms, .message(Message(link: LinkID(1), way: .toClient, kind: .text, payload: frame.payload)))
  }
  mutating func received(_ ms: Double, text: String) {
    at(ms, .message(Message(link: LinkID(1), way: .toClient, kind: .text, payload: Array(text.utf8))))
  }
  mutating func connection(_ ms: Double, _ state: ConnectionChange.State) {
    at(ms, .connection(ConnectionChange(LinkID(1), .to(state))))
  }
  mutating func inputEnded(_ ms: Double) {
    at(ms, .device(DeviceChange(role: .mic, state: .ended, name: "file", text: "spoken to its end")))
  }
  mutating func playing(_ ms: Double, response: Int?) {
    at(
      ms,
      .playout(
        PlayoutBlock(
          response: response.map { ResponseID($0) }, sampleCount: 320, rate: 16_000, peaks: [], rmsDB: -20, depthMs: 0,
          targetMs: 80, deviceDelayMs: 0)))
  }
}

@Suite struct EntryFeedTests {
  private func wakes(_ feed: EntryFeed, _ event: Entry.Event) -> Bool {
    feed.read(Entry(index: 0, at: .zero, event: event))
    return feed.waker.wait(timeout: .zero)
  }
  private func frame(_ levelDB: Double) -> Entry.Event {
    .micFrame(
      MicFrame(
        sampleCount: 320, rate: 16_000, rmsDB: levelDB, peakDB: levelDB, peaks: [], fate: .gated, vadLevelDB: levelDB,
        vadThresholdDB: -45, isSpeech: false))
  }

  @Test func theFirstSoundWakesADozingConsole() {
    let feed = EntryFeed()
    #expect(!wakes(feed, frame(-30)), "its meter looks for itself")
    feed.setDozing(true)
    #expect(!wakes(feed, frame(-70)))
    #expect(wakes(feed, frame(-30)))
    #expect(wakes(feed, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 0))))
    #expect(feed.mailbox.status.depth == 4)
  }
}

@Suite struct IdleWatchTests {
  private func isIdle(at ms: Double, waitsForInput: Bool = true, _ build: (inout Timetable) -> Void) -> Bool {
    var timetable = Timetable()
    build(&timetable)
    var watch = IdleWatch(waitsForInput: waitsForInput)
    for entry in timetable.entries { watch.observe(entry) }
    return watch.isIdle(at: Timestamp(milliseconds: ms))
  }

  @Test func nothingIsOverBeforeItHasBegun() {
    #expect(!isIdle(at: 60_000) { $0.connection(0, .connecting) })
    #expect(!isIdle(at: 60_000) { $0.connection(0, .ready) }, "the file was not spoken yet")
    #expect(isIdle(at: 60_000, waitsForInput: false) { $0.connection(0, .ready) })
  }

  @Test func aWholeAnswerIsWaitedFor() {
    let answered: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.inputEnded(1000)
      $0.received(1500, .transcriptFinal("what time is it"))
      $0.received(1600, .responseText("It is noon."))
      $0.received(1650, .audio(AudioPayload(bytes: [0, 0])))
    }
    #expect(!isIdle(at: 15_000, answered), "the answer goes on, as far as anybody knows")
    #expect(isIdle(at: 30_000, answered), "but nobody waits for ever")
    let completed: (inout Timetable) -> Void = {
      answered(&$0)
      $0.received(1700, .responseComplete)
      $0.playing(1700, response: 1)
    }
    #expect(!isIdle(at: 15_000, completed), "it is still being heard")
    let heard: (inout Timetable) -> Void = {
      completed(&$0)
      $0.playing(4000, response: 1)
      $0.playing(4100, response: nil)
    }
    #expect(!isIdle(at: 5000, heard))
    #expect(isIdle(at: 6100, heard))
  }

  @Test func aServerThatSaysNothingGetsSomeTime() {
    let spoken: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.inputEnded(1000)
    }
    #expect(!isIdle(at: 5900, spoken))
    #expect(isIdle(at: 6100, spoken))
  }

  @Test func aServerThatHoldsUsBackHasNotHeardUsYet() {
    let held: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.inputEnded(1000)
      $0.at(1700, .gate(Gate(mode: .gate, muted: false, talking: false, pausedByServer: true)))
    }
    #expect(!isIdle(at: 20_000, held), "its recognizer may still be loading")
    #expect(isIdle(at: 22_000, held), "but nobody waits for ever")
    let released: (inout Timetable) -> Void = {
      held(&$0)
      $0.at(12_000, .gate(Gate(mode: .gate, muted: false, talking: false, pausedByServer: false)))
    }
    #expect(!isIdle(at: 16_900, released), "and then it needs some time")
    #expect(isIdle(at: 17_100, released))
  }

  @Test func aLostConnectionIsWaitedFor() {
    let lost: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.inputEnded(1000)
      $0.connection(1500, .closed)
    }
    #expect(!isIdle(at: 60_000, lost), "it may come back, or be given up")
    let back: (inout Timetable) -> Void = {
      lost(&$0)
      $0.connection(5000, .ready)
    }
    #expect(!isIdle(at: 9900, back), "the server may still answer")
    #expect(isIdle(at: 10_100, back))
  }

  @Test func whatIsSaidMeanwhileStartsTheWaitAgain() {
    #expect(
      !isIdle(at: 7000, waitsForInput: false) {
        $0.connection(0, .ready)
        $0.at(6000, .operatorAct(OperatorAct(.say)))
      })
  }

  private func verdict(
    at ms: Double, waitsForInput: Bool = true, _ build: (inout Timetable) -> Void
  ) -> IdleWatch.Verdict {
    var timetable = Timetable()
    build(&timetable)
    var watch = IdleWatch(waitsForInput: waitsForInput)
    for entry in timetable.entries { watch.observe(entry) }
    return watch.verdict(at: Timestamp(milliseconds: ms))
  }

  private func why(_ verdict: IdleWatch.Verdict) -> String {
    if case .unanswered(let why) = verdict { why } else { "" }
  }

  /// What a server can repeat for ever keeps nobody waiting.
  @Test(arguments: ["keepalive", "error", "metrics", "interim", "silence", "complete", "pauses"])
  func endlessRepetitionIsNoAnswer(_ kind: String) {
    let story: (inout Timetable) -> Void = {
      $0.connection(0, .open)
      $0.connection(0, .ready)
      $0.inputEnded(1000)
      for second in 1..<90 {
        let ms = Double(second) * 1000
        switch kind {
        case "keepalive": $0.received(ms, text: #"{"type":"keepalive"}"#)
        case "error": $0.received(ms, .error(ServerError(message: "no model")))
        case "metrics": $0.received(ms, .metrics(ServerMetrics(turn: 1, sttMs: 5)))
        case "interim": $0.received(ms, .transcriptInterim("hello"))
        case "complete": $0.received(ms, .responseComplete)
        case "pauses":
          $0.at(ms, .gate(Gate(mode: .gate, muted: false, talking: false, pausedByServer: second % 2 == 0)))
        default:
          $0.received(ms, .audio(AudioPayload(bytes: [0, 0])))
          $0.at(
            ms,
            .playout(
              PlayoutBlock(
                response: ResponseID(1), sampleCount: 320, rate: 16_000, peaks: [], rmsDB: -75, depthMs: 0,
                targetMs: 80,
                deviceDelayMs: 0)))
        }
      }
    }
    #expect(verdict(at: 5900, story) == .busy)
    let limit = kind == "interim" ? 22_100.0 : kind == "pauses" ? 61_100 : 6100
    let cut: (inout Timetable) -> Void = { timetable in
      var all = Timetable()
      story(&all)
      for entry in all.entries where entry.at.milliseconds <= limit { timetable.at(entry.at.milliseconds, entry.event) }
    }
    #expect(why(verdict(at: limit, cut)).hasPrefix("no answer came within "))
  }

  @Test func aServerThatIsNeverReadyIsNotWaitedFor() {
    let open: (inout Timetable) -> Void = {
      $0.connection(0, .open)
      for second in 1..<40 { $0.received(Double(second) * 1000, text: #"{"type":"keepalive"}"#) }
    }
    #expect(verdict(at: 19_900, open) == .busy)
    #expect(why(verdict(at: 20_100, open)).contains("did not say ready within 20 s"))
  }

  /// A greeting is no answer, whether it is over when the input is spoken or goes on.
  @Test(arguments: [500.0, 3000]) func aGreetingIsNoAnswer(_ greetingEnd: Double) {
    let greeted: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.received(100, .responseText("Hello, how can I help?"))
      $0.playing(200, response: 1)
      $0.at(900, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 0)))
      $0.inputEnded(1000)
      $0.playing(1200, response: 1)
      $0.received(greetingEnd, .responseComplete)
      $0.playing(3500, response: nil)
    }
    #expect(why(verdict(at: 9000, greeted)) != "")
    let answered: (inout Timetable) -> Void = {
      greeted(&$0)
      $0.received(4000, .responseText("It is noon."))
      $0.received(4100, .responseComplete)
      $0.playing(4200, response: 2)
      $0.playing(5000, response: nil)
    }
    #expect(verdict(at: 9000, answered) == .idle)
  }

  @Test func comfortNoiseAfterAnAnswerEndsAfterSomeTime() {
    let story: (inout Timetable) -> Void = {
      $0.connection(0, .ready)
      $0.inputEnded(1000)
      $0.received(1500, .transcriptFinal("what time is it"))
      for tick in 0..<400 {
        let ms = 2000 + Double(tick) * 100
        $0.received(ms, .audio(AudioPayload(bytes: [0, 0])))
        $0.at(
          ms,
          .playout(
            PlayoutBlock(
              response: ResponseID(1), sampleCount: 1600, rate: 16_000, peaks: [], rmsDB: tick < 20 ? -20 : -80,
              depthMs: 0,
              targetMs: 80, deviceDelayMs: 0)))
      }
    }
    #expect(verdict(at: 20_000, story) == .busy)
    #expect(verdict(at: 24_100, story) == .idle)
  }

  @Test func whatWillNotGoOnIsOver() {
    #expect(isIdle(at: 1) { $0.connection(0, .gaveUp) })
    #expect(isIdle(at: 1) { $0.at(0, .sessionEnded(SessionEnded(reason: "quit", orderly: true))) })
  }
}

@Suite struct SessionFateTests {
  private func fate(_ devices: Set<DeviceChange.Role>, _ events: [(Double, DeviceChange)]) -> SessionFate {
    var fate = SessionFate(devices: devices)
    for (index, event) in events.enumerated() {
      fate.observe(Entry(index: index, at: Timestamp(milliseconds: event.0), event: .device(event.1)))
    }
    return fate
  }

  @Test func aDeviceThatCannotBeOpenedEndsASessionAfterSomeAttempts() {
    let failed = DeviceChange(
      role: .mic, state: .failed, name: "hw:7,0", text: "hw:7,0: no such device", remedy: "look")
    let gone = fate([.mic], [(100, failed), (1100, failed)])
    #expect(!gone.isWithoutPort(at: Timestamp(milliseconds: 3000)))
    #expect(gone.isWithoutPort(at: Timestamp(milliseconds: 3100)))
    #expect(gone.outcome.inputFault == "hw:7,0: no such device: look")
    let back = fate(
      [.mic], [(100, failed), (1100, DeviceChange(role: .mic, state: .recovered, name: "hw:7,0", text: ""))])
    #expect(!back.isWithoutPort(at: Timestamp(milliseconds: 60_000)) && back.outcome.inputFault == nil)
  }

  @Test func wordsThatCannotBeSpokenDoNotComeBack() {
    let failed = DeviceChange(role: .mic, state: .failed, name: "say", text: "no word")
    #expect(fate([], [(100, failed)]).isWithoutPort(at: Timestamp(milliseconds: 100)))
  }

  @Test func whatIsLostMayComeBackAndIsToldWhenItDoesNot() {
    let lost = DeviceChange(role: .speaker, state: .lost, name: "default", text: "unplugged")
    let fate = fate([.speaker], [(100, lost)])
    #expect(!fate.isWithoutPort(at: Timestamp(milliseconds: 60_000)))
    #expect(fate.outcome.outputFault == "unplugged" && fate.outcome.inputFault == nil)
  }
}

@Suite struct RecorderTests {
  @Test func indexesHaveNoGapsAndTimeNeverRunsBackwards() {
    let (first, second) = (Locked<[Entry]>([]), Locked<[Entry]>([]))
    let recorder = TimelineRecorder(readers: [Self.keep(in: first), Self.keep(in: second)])
    for ms in [5.0, 7, 6, 8] {
      recorder.record(.operatorAct(OperatorAct(.other("\(ms)"))), at: Timestamp(milliseconds: ms))
    }
    let entries = first.withLock { $0 }
    #expect(entries.map(\.index) == [0, 1, 2, 3])
    #expect(entries.map(\.at.milliseconds) == [5, 7, 7, 8])
    #expect(second.withLock { $0 } == entries)
  }

  /// Sources on threads of their own, and a reader that has room for a few entries only.
  @Test func manyThreadsWriteOneTimeline() {
    let (told, small) = (Locked<[Entry]>([]), Mailbox<Entry>(capacity: 100))
    let recorder = TimelineRecorder(readers: [Self.keep(in: told), { small.post($0) }])
    let threads = (1...4).map { number in
      NamedThread("writer \(number)") {
        for i in 0..<500 {
          // Each has its own idea of the time.
          recorder.record(
            .operatorAct(OperatorAct(.say, "\(i)")), of: SourceID(UInt16(number)),
            at: Timestamp(nanoseconds: Int64(i * number)))
        }
      }
    }
    for thread in threads { thread.join() }
    let entries = told.withLock { $0 }
    #expect(entries.map(\.index) == Array(0..<2000))
    #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.at <= $1.at })
    for number in 1...4 {
      let acts = entries.filter { $0.source == SourceID(UInt16(number)) }.map(\.event)
      #expect(acts == (0..<500).map { .operatorAct(OperatorAct(.say, "\($0)")) }, "in its own order")
    }
    #expect(recorder.status.entries == 2000 && recorder.status.dropped == 1900)
    var kept: [Entry] = []
    small.drain(into: &kept)
    #expect(kept == Array(entries.prefix(100)))
  }

  static func keep(in list: Locked<[Entry]>) -> TimelineRecorder.Reader {
    { entry in
      list.withLock { $0.append(entry) }
      return true
    }
  }
}

@Suite struct RecordedSecretTests {
  private static let events: [Entry.Event] = [
    .operatorAct(OperatorAct(.say, "token=FAKE1")),
    .injection(Injection(source: .say, state: .started, name: "it is sk-proj-FAKE2abcDEF2ghiJKL3", durationMs: 1)),
    .notice(Notice(.other("test"), .error, .mic, "Authorization: Bearer FAKE3")),
    .connection(ConnectionChange(LinkID(1), .failed(reason: "https://u:FAKE4@h/?sig=FAKE5"))),
    .device(DeviceChange(role: .mic, state: .failed, name: "say", text: "api_key=FAKE6")),
    .sessionEnded(SessionEnded(reason: "given-FAKE7", orderly: false)),
  ]

  /// Whoever says it, what is recorded holds none.
  @Test func wordsAreRecordedWithoutSecrets() {
    let told = Locked<[Entry]>([])
    let recorder = TimelineRecorder(readers: [RecorderTests.keep(in: told)], secrets: ["given-FAKE7"])
    for event in Self.events { recorder.record(event, at: .zero) }
    let text = told.withLock { $0 }.map { "\($0.event)" }.joined()
    #expect(!text.contains("FAKE") && told.withLock { $0.count } == Self.events.count, "\(text)")
  }

  /// A recording of an older version is shown as it would be made today.
  @Test func oldRecordingsAreShownWithoutSecrets() {
    for (way, kind) in [(Way.toServer, Message.Kind.text), (.toClient, .text), (.toClient, .binary)] {
      let message = Message(
        link: LinkID(1), way: way, kind: kind,
        payload: Array(#"{"type":"auth","client_secret":{"value":"FAKE"},"token":"FAKE"}"#.utf8))
      let entry = Entry(index: 0, at: .zero, event: .message(message)).withoutSecrets()
      guard case .message(let shown) = entry.event else { return }
      #expect(!String(decoding: shown.payload, as: UTF8.self).contains("FAKE"))
    }
    #expect(!"\(Entry(index: 0, at: .zero, event: Self.events[0]).withoutSecrets())".contains("FAKE"))
    // Also what this version does not know.
    let line = Array(#"{"at":1,"event":"login","i":0,"api_key":"FAKE","to":{"password":"FAKE"}}"#.utf8)
    let unknown = UnknownEvent(kind: "login", reason: "unknown event \"login\"", line: line)
    guard case .unknown(let shown) = Entry(index: 0, at: .zero, event: .unknown(unknown)).withoutSecrets().event else {
      return
    }
    let text = String(decoding: shown.line, as: UTF8.self)
    #expect(!text.contains("FAKE") && text.contains("login"), "\(text)")
  }
}

@Suite struct ResumeURLTests {
  @Test func whatTheServerChoseCannotBreakTheAddress() throws {
    var url = try WebSocketURL.parse("ws://example.org/voice")
    url.appendQuery(name: "session", value: "s_1 &x=1#%é")
    url.appendQuery(name: "token", value: "a-b_c.d~")
    #expect(url.path == "/voice?session=s_1%20%26x%3D1%23%25%C3%A9&token=a-b_c.d~")
    #expect(!url.redacted.contains("a-b_c.d~"))
  }

  @Test func aQueryThatIsThereStays() throws {
    var url = try WebSocketURL.parse("ws://example.org/voice?model=a")
    url.appendQuery(name: "session", value: "1")
    #expect(url.path == "/voice?model=a&session=1")
  }
}

@Suite struct SessionSummaryTests {
  @Test func itSaysWhatThereWas() {
    var timetable = Timetable()
    timetable.at(40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    timetable.at(1300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    timetable.received(1500, .transcriptFinal("hello"))
    timetable.received(1550, .audio(AudioPayload(bytes: [0, 0])))
    timetable.playing(1600, response: 1)
    var insight = Insight()
    for entry in timetable.entries { insight.observe(entry) }
    let summary = SessionSummary(insight, duration: .seconds(3723), logPath: "a.jsonl")
    #expect("\(summary)" == "1 turn in 01:02:03, response time p50 600 ms, p95 600 ms; timeline in a.jsonl")
    #expect("\(SessionSummary(Insight(), duration: .milliseconds(2500), logPath: nil))" == "no turns in 00:00:02")
  }
}

/// In processes of their own: signals go to a whole process, and other tests have handlers, too.
@Suite struct StopSignalsTests {
  @Test func aPairOfSignalsIsOneRequest() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let waker = Waker()
      let signals = StopSignals(waker: waker, patience: .seconds(3600))
      guard !signals.isStopRequested, !signals.isImpatient else { exit(1) }
      // To a process group and to its leader, by a shell and a supervisor.
      for number in [SIGTERM, SIGTERM, SIGINT, SIGHUP] {
        kill(getpid(), number)
        // Another thread may take it, some time later.
        guard waker.wait(timeout: .seconds(30)) else { exit(2) }
        guard signals.isStopRequested else { exit(3) }
      }
      exit(signals.isImpatient ? 4 : 7)
    }
  }

  @Test func whoAsksAgainLaterEndsTheProgramAtOnce() async {
    await #expect(processExitsWith: .signal(SIGTERM)) {
      let waker = Waker()
      let signals = StopSignals(waker: waker, patience: .zero)
      kill(getpid(), SIGTERM)
      guard waker.wait(timeout: .seconds(30)), signals.isStopRequested, signals.isImpatient else { exit(1) }
      kill(getpid(), SIGTERM)
      while true { pause() }
    }
  }
}
