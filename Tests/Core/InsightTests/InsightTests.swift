import Insight
import TestKit
import Testing
import Timeline
import Wire

@Suite struct TurnTests {
  @Test func aPlainTurnHasItsStagesToTheMillisecond() throws {
    var script = Script()
    script.turn(endingAt: 2000, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(script.insight.turns.count == 1)
    #expect(turn.speechStart == Timestamp(milliseconds: 1000))
    #expect(turn.speechEnd == Timestamp(milliseconds: 2000))
    #expect(turn.responseTime == .milliseconds(600))
    #expect(turn.stages.map(\.name) == ["endpoint", "text", "audio", "sound"])
    #expect(
      turn.stages.map(\.duration) == [.milliseconds(510), .milliseconds(10), .milliseconds(25), .milliseconds(55)])
    #expect(turn.ending == .completed)
    #expect(!turn.endIsServers)
    #expect(!turn.isOverlapped)
    #expect(turn.playedMs == 20)
    #expect(script.insight.latency.count == 1)
    #expect(script.insight.latency.p50 == 600)
  }

  /// Of messages that pass by, nobody here knows when they are heard.
  @Test func atTheWireAnAnswerBeginsWithItsFirstAudio() throws {
    for (kind, vantage) in [(Source.Kind.proxy, Vantage.wire), (.server, .wire), (.client, .ear), (.other("x"), .ear)] {
      var script = Script()
      script.at(0, .sourceStarted(Source(kind: kind, name: "seen", dialect: "voice", url: "ws://a", inputRate: 16_000)))
      script.received(100, .userSpeechStart)
      script.received(1500, .userSpeechEnd)
      script.received(1510, .transcriptFinal("hello"))
      script.audio(1600)
      script.audio(1620)
      let turn = try #require(script.insight.turns.first)
      #expect(script.insight.vantage == vantage)
      #expect(turn.responseTime == (vantage == .wire ? .milliseconds(100) : nil))
      #expect(script.insight.latency.count == (vantage == .wire ? 1 : 0))
    }
  }

  /// A source names the dialect in which its messages are read.
  @Test func aSecondSourceIsReadInItsOwnDialect() throws {
    var insight = Insight(among: .withToy, of: SourceID(2))
    var index = 0
    func add(_ event: Entry.Event, of source: UInt16) {
      insight.observe(
        Entry(index: index, at: Timestamp(milliseconds: Double(index)), source: SourceID(source), event: event))
      index += 1
    }
    func line(_ text: String, of source: UInt16) {
      add(
        .message(Message(link: LinkID(Int(source)), way: .toClient, kind: .text, payload: Array(text.utf8))), of: source
      )
    }
    add(.sourceStarted(Source(kind: .client, name: "client", dialect: "voice", url: "ws://a")), of: 1)
    add(.sourceStarted(Source(kind: .client, name: "toy", dialect: "toy", url: "ws://b")), of: 2)
    line(#"{"type":"response_text","text":"Not me."}"#, of: 1)
    line("Hs_toy", of: 2)
    line("R", of: 2)
    line("SA bear is here.", of: 2)
    #expect(insight.transcript.map(\.text) == ["A bear is here."])
    #expect(insight.source?.name == "toy" && insight.outputRate == 24_000)
  }

  @Test func withoutOurOwnDetectorTheServersWordCountsAndIsMarked() throws {
    var script = Script()
    script.received(100, .userSpeechStart)
    script.received(1500, .userSpeechEnd)
    script.received(1510, .transcriptFinal("hello"))
    script.audio(1600)
    script.played(1620, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.speechEnd == Timestamp(milliseconds: 1500))
    #expect(turn.endIsServers)
    #expect(turn.responseTime == .milliseconds(150))
  }

  @Test func aServerQuickerThanOurDetectorStillGetsTheTrueEndOfSpeech() throws {
    var script = Script()
    script.at(40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(1200, .transcriptFinal("hello"))
    script.at(1300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.played(1350, response: nil)
    script.audio(1310)
    script.played(1360, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.speechEnd == Timestamp(milliseconds: 1000))
    #expect(turn.responseTime == .milliseconds(390))
  }

  @Test func percentilesOverManyTurns() {
    var script = Script()
    for n in 0..<100 { script.turn(endingAt: 2000 + Double(n) * 5000, response: n + 1) }
    #expect(script.insight.turns.count == 100)
    #expect(script.insight.latency.count == 100)
    #expect(script.insight.latency.p95 == 600)
    #expect(script.insight.turns.last?.number == 100)
  }

  @Test func audioBeforeTextFallsInItsPlace() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("hi"))
    script.audio(1550)
    script.received(1580, .responseText("Hello."))
    script.played(1600, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.stages.map(\.name) == ["endpoint", "audio", "text", "sound"])
  }

  @Test func theAgentSpeakingUnaskedIsATurnWithoutAWait() throws {
    var script = Script()
    script.received(100, .responseText("Your timer is done."))
    script.audio(120)
    script.played(140, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.responseTime == nil)
    #expect(turn.stages.isEmpty)
    #expect(script.insight.latency.count == 0)
  }

  @Test func aTypedTurnStartsWhenItIsSent() throws {
    var script = Script()
    let frame = VoiceDialect().encode(.text("hello"), from: .client)!
    script.at(
      500, .message(Message(link: LinkID(1), way: .toServer, kind: .text, payload: frame.payload)))
    script.audio(600)
    script.played(610, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.responseTime == .milliseconds(140))
    #expect(script.insight.transcript.map(\.text) == ["hello"])
  }
}

@Suite struct InterruptionTests {
  @Test func anInterruptByTheOperatorCutsTheAnswer() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("tell me a story"))
    script.received(1510, .responseText("Once upon a time there was a very long story without an end."))
    script.audio(1520)
    for n in 0..<50 { script.played(1550 + Double(n) * 20, response: 1) }
    script.at(2600, .operatorAct(OperatorAct(.interrupt)))
    script.at(
      2600, .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 980, discardedMs: 400))))
    script.received(2610, .interrupted)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.ending == .interrupted)
    #expect(turn.interruptRequested == Timestamp(milliseconds: 2600))
    #expect(turn.discardedMs == 400)
    #expect(turn.isOver)
    let line = try #require(script.insight.transcript.last)
    #expect(line.speaker == .agent)
    #expect(line.isFinal)
    let share = try #require(line.heardShare)
    #expect(share > 0.1 && share < 0.5)
    #expect(!script.insight.playout.isPlaying)
  }

  @Test func aServersInterruptionWithoutOursIsABargeIn() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("tell me a story"))
    script.received(1510, .responseText("Once upon a time."))
    script.audio(1520)
    script.played(1550, response: 1)
    script.at(1700, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 50)))
    script.received(1800, .interrupted)
    #expect(script.insight.turns.first?.ending == .bargedIn)
    #expect(script.insight.turns.first?.isOverlapped == true)
  }

  @Test func aTurnThatTheUserSpokeOverIsKeptOutOfThePercentiles() {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("hello"))
    script.received(1510, .responseText("Hi there."))
    script.played(1515, response: 9)
    script.at(1518, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 10)))
    script.audio(1520)
    script.played(1540, response: 1)
    #expect(script.insight.turns.first?.isOverlapped == true)
    #expect(script.insight.latency.count == 0)
  }

  @Test func aLostConnectionEndsTheTurn() {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("hello"))
    script.received(1510, .responseText("Hi"))
    script.at(
      1600,
      .connection(ConnectionChange(LinkID(1), .closed(code: 1006, reason: "reset", by: .network))))
    #expect(script.insight.turns.first?.ending == .connectionLost)
    #expect(script.insight.link.lastCode == 1006)
  }
}

@Suite struct TranscriptTests {
  @Test func interimReplacesInterimAndFinalSettlesIt() {
    var script = Script()
    script.received(100, .transcriptInterim("what"))
    script.received(200, .transcriptInterim("what time"))
    #expect(script.insight.transcript.map(\.text) == ["what time"])
    #expect(script.insight.transcript[0].isFinal == false)
    script.received(300, .transcriptFinal("what time is it"))
    #expect(script.insight.transcript.map(\.text) == ["what time is it"])
    #expect(script.insight.transcript[0].isFinal)
  }

  @Test func deltasAppendAndSentencesAreKeptApart() {
    var script = Script()
    for text in ["It is ", "noon.", "Anything else?"] { script.received(100, .responseText(text)) }
    #expect(script.insight.transcript.map(\.text) == ["It is noon. Anything else?"])
    script.received(200, .responseComplete)
    #expect(script.insight.transcript[0].isFinal)
  }

  @Test func warningsAreLinesOfTheirOwn() {
    var script = Script()
    script.at(1, .notice(Notice(.other("test"), .info, .other("x"), "quiet")))
    script.at(2, .notice(Notice(.other("test"), .error, .other("x"), "loud")))
    #expect(script.insight.transcript.map(\.text) == ["loud"])
  }
}

@Suite struct StateTests {
  @Test func anAnswerIsHeardBitByBit() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("tell me a story"))
    script.received(1520, .responseText(String(repeating: "word ", count: 56)))
    let first = try #require(script.insight.transcript.last)
    #expect(script.insight.shareHeard(of: first) == 0)
    script.audio(1540)
    // 5 s of it: 70 of 280 characters, as an agent speaks of which nothing is known yet.
    for i in 0..<250 { script.played(1600 + Double(i) * 20, response: 1) }
    let line = try #require(script.insight.transcript.last)
    #expect(abs((script.insight.shareHeard(of: line) ?? 0) - 0.25) < 0.001)
    #expect(script.insight.shareHeard(of: script.insight.transcript[0]) == nil)
    script.at(6700, .operatorAct(OperatorAct(.interrupt)))
    script.at(
      6700, .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 5000, discardedMs: 900))))
    let cut = try #require(script.insight.transcript.last)
    // The cut is where the light was, and nothing is ahead any more.
    #expect(abs((cut.heardShare ?? 0) - 0.25) < 0.001)
    #expect(script.insight.shareHeard(of: cut) == nil)
  }

  @Test func anAnswerInTextAloneIsNotWaitedFor() throws {
    var script = Script()
    script.received(0, .transcriptFinal("hello"))
    script.received(10, .responseText("Hello."))
    script.received(20, .responseComplete)
    #expect(script.insight.shareHeard(of: try #require(script.insight.transcript.last)) == nil)
  }

  @Test func jitterIsOfArrivalsAndNotOfThePace() {
    var steady = Script()
    var shaken = Script()
    for i in 0..<200 {
      // 20 ms of audio every 10 ms: twice as fast as it is heard, but steadily so.
      steady.audio(Double(i) * 10)
      shaken.audio(Double(i) * 10 + (i % 2 == 0 ? 0 : 6))
    }
    #expect((steady.insight.playout.jitterMs ?? .infinity) < 0.01)
    let jitter = shaken.insight.playout.jitterMs ?? 0
    #expect(abs(jitter - 6) < 0.5)
    #expect(Script().insight.playout.jitterMs == nil)
  }

  @Test func linkQueuesAndFaults() {
    var script = Script()
    let id = LinkID(1)
    script.at(0, .connection(ConnectionChange(id, .connecting, attempt: 1)))
    script.at(5, .connection(ConnectionChange(id, .open(stages: [ConnectStage(.tcp, ms: 1)]))))
    script.at(6, .connection(ConnectionChange(id, .ready(sessionID: "s_1", resumed: false))))
    script.at(7, .roundTrip(RoundTrip(link: id, ms: 1.5)))
    script.at(8, .roundTrip(RoundTrip(link: id, ms: nil)))
    script.at(9, .queue(QueueDepth(name: .uplink, depth: 1, capacity: 100, dropped: 0, unit: .frames)))
    script.at(10, .queue(QueueDepth(name: .uplink, depth: 5, capacity: 100, dropped: 2, unit: .frames)))
    script.at(11, .fault(FaultChange(.stall, active: true)))
    let insight = script.insight
    #expect(insight.link.state == .ready)
    #expect(insight.link.sessionID == "s_1")
    #expect(insight.link.rttMs == 1.5)
    #expect(insight.link.missedPongs == 1)
    #expect(insight.queues.map(\.depth) == [5])
    #expect(Array(insight.faults.keys) == [.stall])
    script.at(12, .fault(FaultChange(.stall, active: false)))
    #expect(script.insight.faults.isEmpty)
  }

  @Test func waitingTellsWhenTheNextAttemptIsDue() {
    var script = Script()
    script.at(1000, .connection(ConnectionChange(LinkID(1), .waiting(delayMs: 2000), attempt: 2)))
    #expect(script.insight.link.nextAttempt == Timestamp(milliseconds: 3000))
  }

  @Test func trafficCountsBytesBothWays() {
    var script = Script()
    script.audio(1)
    script.at(
      2, .message(Message(link: LinkID(1), way: .toServer, kind: .binary, payload: [1, 2, 3])))
    #expect(script.insight.sent.messages == 1)
    #expect(script.insight.sent.bytes == 3)
    #expect(script.insight.received.messages == 1)
  }

  /// A second conversation on the timeline changes nothing of the first one's figures, and has its own.
  @Test func anotherSourceIsAnotherConversation() {
    var script = Script()
    script.question()
    let alone = script.insight
    var both = Insight()
    var second = Insight(of: SourceID(2))
    for (i, entry) in script.entries.enumerated() {
      both.observe(entry)
      let other = Entry(index: i, at: entry.at, source: SourceID(2), event: entry.event)
      both.observe(other)
      second.observe(entry)
      second.observe(other)
    }
    #expect(both.sent == alone.sent && both.turns.count == alone.turns.count)
    #expect(second.sent == alone.sent && second.turns.count == alone.turns.count)
    #expect(second.transcript.map(\.text) == alone.transcript.map(\.text))
  }
}
