import Insight
import Testing
import Timeline
import Wire

/// What came of an answer after it was cut is neither heard nor said, and makes no turn.
@Suite struct CutAnswerTests {
  private func speaking(_ text: String = "Once upon a time, ") -> Script {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1510, .transcriptFinal("tell me a story"))
    script.received(1520, .responseText(text))
    script.audio(1540)
    script.played(1560, response: 1)
    return script
  }

  private func cut(_ script: inout Script, at ms: Double) {
    script.at(ms, .operatorAct(OperatorAct(.interrupt)))
    script.at(
      ms, .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 20, discardedMs: 0))))
    script.sent(ms, .interrupt)
  }

  @Test func whatGoesOnAfterInterruptedIsOneTurnStill() throws {
    var script = speaking()
    cut(&script, at: 2000)
    script.audio(2020)
    script.received(2040, .interrupted)
    for ms in stride(from: 2060.0, to: 4000, by: 20) { script.audio(ms) }
    script.received(3000, .responseText("there was a dragon. "))
    for ms in stride(from: 4000.0, to: 5000, by: 20) { script.audio(ms) }
    script.received(5000, .responseComplete)
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.transcript.map(\.text) == ["tell me a story", "Once upon a time, "])
    let turn = try #require(script.insight.turns.first)
    #expect(turn.ending == .interrupted && turn.over == Timestamp(milliseconds: 2040))
    // All of it is accounted for: as thrown away.
    #expect(turn.ledger == HeardLedger(receivedMs: 2980, queuedMs: 0, playedMs: 20, discardedMs: 2960))
    #expect(script.insight.bargeIns.all.last?.staleReceivedMs == 2960)
    // The next exchange is the second.
    script.speech(from: 6000, to: 7000)
    script.received(7500, .transcriptFinal("go on"))
    script.received(7510, .responseText("As you like."))
    script.audio(7520)
    script.played(7540, response: 2)
    #expect(script.insight.turns.map(\.responseTime) == [.milliseconds(590), .milliseconds(570)])
    #expect(script.insight.turns.count == 2)
  }

  /// The server stops, says nothing, and a typed turn follows.
  @Test func aTypedTurnEndsAnUnansweredInterrupt() throws {
    var script = speaking("A long answer. ")
    cut(&script, at: 2000)
    script.audio(2020)
    script.received(2030, .responseText("Never said. "))
    script.sent(3000, .text("hello again"))
    script.received(3010, .responseText("Second answer. "))
    script.audio(3020)
    script.played(3050, response: 2)
    script.received(3060, .responseComplete)
    let turns = script.insight.turns
    #expect(turns.map(\.ending) == [.interrupted, .completed])
    #expect(turns.map(\.responseTime) == [.milliseconds(590), .milliseconds(80)])
    #expect(
      script.insight.transcript.map(\.text) == ["tell me a story", "A long answer. ", "hello again", "Second answer. "])
  }

  /// Nobody answers the interrupt, and after 5 s the rest is played again: of the same turn.
  @Test func theRestOfAnUnansweredInterruptIsNoTurnOfItsOwn() throws {
    var script = speaking()
    cut(&script, at: 2000)
    for ms in stride(from: 2020.0, to: 8000, by: 20) {
      script.audio(ms)
      if ms >= 7020 { script.played(ms + 5, response: 2) }
    }
    script.received(8010, .responseText("to its end. "))
    script.received(8020, .responseComplete)
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.turns[0].playedMs == 1000)
    #expect(script.insight.transcript.map(\.text) == ["tell me a story", "Once upon a time, to its end. "])
  }

  @Test func audioAfterCompleteIsNoTurnOfItsOwn() throws {
    var script = speaking()
    script.received(1580, .responseComplete)
    script.audio(1700)
    script.played(1720, response: 2)
    script.at(2800, .playoutChange(PlayoutChange(ResponseID(2), .finished(playedMs: 20))))
    #expect(script.insight.turns.count == 1 && script.insight.turns[0].playedMs == 40)
    // What is said with words, or much later, is.
    script.received(3000, .responseText("Your timer is done."))
    script.audio(3010)
    script.played(3020, response: 3)
    #expect(script.insight.turns.count == 2 && script.insight.turns[1].response == ResponseID(3))
  }

  @Test func anEndThatComesAgainEndsNothing() throws {
    var script = speaking()
    script.received(1580, .responseComplete)
    script.speech(from: 2000, to: 3000)
    script.received(2500, .transcriptInterim("what"))
    for ms in [2600.0, 2610] { script.received(ms, .responseComplete) }
    script.received(2620, .interrupted)
    script.received(3500, .transcriptFinal("what time is it"))
    script.received(3510, .responseText("Noon."))
    script.audio(3520)
    script.played(3530, response: 2)
    #expect(script.insight.turns.map(\.ending) == [.completed, nil])
    #expect(script.insight.turns[1].responseTime == .milliseconds(560))
  }

  private func named(_ script: inout Script, _ ms: Double, _ json: String) {
    script.at(
      ms,
      .message(
        Message(link: LinkID(1), way: .toClient, kind: .text, payload: Array(json.utf8))))
  }

  /// Two answers at a time, by name, with their ends: each has its own words, and each is counted once.
  @Test func interleavedAnswersAreKeptApart() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1510, .transcriptFinal("hello"))
    named(&script, 1520, #"{"type":"response_text","text":"First. ","responseId":"r1"}"#)
    let audio = { (id: String) in
      #"{"type":"audio","data":"\#(String(repeating: "A", count: 856))","responseId":"\#(id)"}"#
    }
    for (i, id) in ["r1", "r1", "r2", "r1", "r2"].enumerated() {
      if i == 2 { named(&script, 1575, #"{"type":"response_text","text":"Second. ","responseId":"r2"}"#) }
      named(&script, 1530 + Double(i) * 20, audio(id))
    }
    named(&script, 1640, #"{"type":"response_text","text":"Still the first. ","responseId":"r1"}"#)
    script.played(1650, response: 1)
    for _ in 0..<3 { script.received(1700, .responseComplete) }
    script.received(1710, .interrupted)
    script.at(1800, .playoutChange(PlayoutChange(ResponseID(1), .finished(playedMs: 20))))
    script.played(1800, response: 2)
    let turns = script.insight.turns
    #expect(turns.map(\.ending) == [.completed, .completed])
    #expect(turns.map(\.response) == [ResponseID(1), ResponseID(2)])
    #expect(script.insight.transcript.map(\.text) == ["hello", "First. Still the first. ", "Second. "])
    #expect(turns.map(\.responseTime) == [.milliseconds(680), nil])
    #expect(script.insight.latency.count == 1)
  }

  @Test func aFinalThatComesAgainIsNoTurn() throws {
    var script = speaking()
    script.received(1600, .transcriptFinal("Tell me a story."))
    script.received(1610, .responseText("there was "))
    script.received(1700, .responseComplete)
    script.received(1800, .transcriptFinal("tell me a story"))
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.transcript.map(\.text) == ["tell me a story", "Once upon a time, there was "])
    // Said again, it is one.
    script.speech(from: 3000, to: 4000)
    script.received(4500, .transcriptFinal("tell me a story"))
    #expect(script.insight.turns.count == 2)
    // Echoed, a typed one is none.
    script.received(4600, .responseComplete)
    script.sent(6000, .text("hello"))
    script.received(6010, .transcriptFinal("hello"))
    #expect(script.insight.turns.count == 3)
  }

  /// Without a transcript, and quicker than our own detector can be sure of the end: its moment counts all the same.
  @Test func ourOwnEndOfSpeechCountsThoughTheAnswerCameBeforeItWasKnown() throws {
    var script = Script()
    script.at(40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.received(1100, .userSpeechEnd)
    script.received(1150, .responseText("Yes?"))
    script.audio(1160)
    script.played(1170, response: 1)
    script.at(1300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    let turn = try #require(script.insight.turns.first)
    #expect(turn.responseTime == .milliseconds(200) && !turn.endIsServers && turn.lacksFinal)
    // With a transcript it counts, and from our own end, though it was heard before that was known.
    var spoken = Script()
    spoken.at(40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    spoken.received(1100, .userSpeechEnd)
    spoken.received(1120, .transcriptFinal("hello"))
    spoken.received(1150, .responseText("Yes?"))
    spoken.audio(1160)
    spoken.played(1170, response: 1)
    #expect(spoken.insight.latency.worst?.ms == 100)
    spoken.at(1300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    #expect(spoken.insight.latency.worst?.ms == 200 && spoken.insight.latency.count == 1)
    // And not for the next turn.
    script.received(1200, .responseComplete)
    script.received(5000, .responseText("Still there?"))
    #expect(script.insight.turns.count == 2 && script.insight.turns[1].speechEnd == nil)
  }
}
