import Insight
import Testing
import Timeline
import Wire

/// Which response is whose, when not everything goes as planned.
@Suite struct ResponseTests {
  private func answered(_ script: inout Script, from start: Double) {
    script.speech(from: start, to: start + 1000)
    script.received(start + 1510, .transcriptFinal("hello"))
    script.received(start + 1520, .responseText("Hello, nice to meet you."))
    script.audio(start + 1540)
  }

  @Test func anAnswerThatWasCutBeforeItWasHeardDoesNotTakeTheNextOnesSound() throws {
    var script = Script()
    answered(&script, from: 0)
    script.received(1550, .interrupted)
    answered(&script, from: 5000)
    script.played(6560, response: 2)
    let turns = script.insight.turns
    #expect(turns.count == 2)
    #expect(turns[0].firstSound == nil)
    #expect(turns[0].ending == .bargedIn)
    #expect(turns[1].response == ResponseID(2))
    #expect(turns[1].responseTime == .milliseconds(590))
  }

  @Test func whatTheFlushThrewAwayIsCountedAtItsOwnTurn() throws {
    var script = Script()
    answered(&script, from: 0)
    // The message comes first, and the playout is emptied because of it.
    script.received(1550, .interrupted)
    script.at(
      1550, .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 0, discardedMs: 60))))
    answered(&script, from: 5000)
    script.played(6560, response: 2)
    #expect(script.insight.turns.map(\.discardedMs) == [60, 0])
    #expect(script.insight.turns.map(\.response) == [ResponseID(1), ResponseID(2)])
  }

  @Test func anAnswerThatCannotBeDecodedKeepsItsNumber() throws {
    var script = Script()
    answered(&script, from: 0)
    script.at(1550, .playoutChange(PlayoutChange(ResponseID(1), .undecodable("no frames"))))
    script.received(1560, .responseComplete)
    answered(&script, from: 5000)
    script.played(6560, response: 2)
    #expect(script.insight.turns.map(\.response) == [ResponseID(1), ResponseID(2)])
    #expect(script.insight.turns[0].firstSound == nil)
    #expect(script.insight.turns[1].responseTime == .milliseconds(590))
  }

  @Test func anAnswerOfTextAloneIsPassedOver() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("hello"))
    script.received(1510, .responseText("No voice today."))
    script.received(1520, .responseComplete)
    answered(&script, from: 5000)
    script.played(6560, response: 2)
    #expect(script.insight.turns[0].ending == .completed)
    #expect(script.insight.turns[1].responseTime == .milliseconds(590))
  }

  @Test func anAnnouncementBehindAnAnswerIsATurnOfItsOwn() throws {
    var script = Script()
    answered(&script, from: 0)
    script.played(1560, response: 1)
    script.received(1580, .responseComplete)
    script.received(1600, .responseText("Your timer is done."))
    script.audio(1610)
    // Both wait in the playout, one behind the other.
    script.at(1900, .playoutChange(PlayoutChange(ResponseID(1), .finished(playedMs: 20))))
    script.played(1900, response: 2)
    let turns = script.insight.turns
    #expect(turns.map(\.response) == [ResponseID(1), ResponseID(2)])
    #expect(turns[0].responseTime == .milliseconds(590))
    #expect(turns[1].responseTime == nil)
    #expect(script.insight.latency.count == 1)
  }

  @Test func theAnswerThatIsSpokenOverStaysTheSameTurn() throws {
    var script = Script()
    answered(&script, from: 0)
    script.played(1560, response: 1)
    // The user begins; interims come while the answer still does; then the server cuts it.
    script.at(1800, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 50)))
    script.received(1850, .userSpeechStart)
    script.received(1900, .transcriptInterim("no"))
    script.received(1910, .responseText(" And another thing."))
    script.audio(1920)
    script.received(1950, .interrupted)
    script.received(3000, .transcriptFinal("no stop"))
    let turns = script.insight.turns
    #expect(turns.count == 2)
    #expect(turns[0].isOverlapped && turns[0].ending == .bargedIn)
    #expect(!turns[1].isOverlapped && turns[1].firstText == nil && !turns[1].isOver)
    #expect(
      script.insight.transcript.map(\.text) == ["hello", "Hello, nice to meet you. And another thing.", "no stop"])
  }

  @Test func anInterruptWhileTheUserSpeaksEndsNoTurn() throws {
    var script = Script()
    script.received(100, .userSpeechStart)
    script.received(200, .transcriptInterim("what"))
    script.at(300, .operatorAct(OperatorAct(.interrupt)))
    script.received(310, .interrupted)
    script.received(900, .transcriptFinal("what time is it"))
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.turns[0].interruptRequested == nil)
    #expect(!script.insight.turns[0].isOver)
    #expect(script.insight.transcript.map(\.text) == ["what time is it"])
  }

  @Test func anInterruptOfTheLastWordsIsTheOperators() throws {
    var script = Script()
    answered(&script, from: 0)
    script.played(1560, response: 1)
    script.received(1570, .responseComplete)
    script.at(1600, .operatorAct(OperatorAct(.interrupt)))
    script.at(
      1600, .playoutChange(PlayoutChange(ResponseID(1), .flushed(playedMs: 10, discardedMs: 90))))
    let turn = try #require(script.insight.turns.first)
    #expect(turn.ending == .interrupted)
    // The block of 20 ms was handed over, and half of it was never heard.
    #expect(turn.playedMs == 10)
  }

  @Test func whatIsPlayedAfterTheConnectionWasLostCountsAsHeard() throws {
    var script = Script()
    answered(&script, from: 0)
    script.played(1560, response: 1)
    script.at(1570, .connection(ConnectionChange(LinkID(1), .closed(code: 1006))))
    let before = try #require(script.insight.transcript.last?.heardShare)
    for n in 1..<30 { script.played(1560 + Double(n) * 20, response: 1) }
    script.at(2200, .playoutChange(PlayoutChange(ResponseID(1), .finished(playedMs: 600))))
    #expect(try #require(script.insight.transcript.last?.heardShare) > before)
    #expect(script.insight.turns[0].ending == .connectionLost)
  }

  @Test func nothingUnderstoodIsNoTurn() throws {
    var script = Script()
    script.speech(from: 0, to: 500)
    script.received(600, .transcriptInterim("hm"))
    script.received(1000, .transcriptFinal(""))
    #expect(script.insight.turns.isEmpty)
    #expect(script.insight.transcript.isEmpty)
    // What the agent says by itself later is no answer to it.
    script.received(9000, .responseText("Your timer is done."))
    script.audio(9010)
    script.played(9020, response: 1)
    #expect(script.insight.turns.map(\.number) == [1])
    #expect(script.insight.turns[0].responseTime == nil)
    #expect(script.insight.latency.count == 0)
  }

  @Test func anEarlierNoiseIsNotTheBeginningOfALaterUtterance() throws {
    var script = Script()
    script.speech(from: 0, to: 200)
    script.speech(from: 60_000, to: 61_000)
    script.received(61_510, .transcriptFinal("hello"))
    #expect(script.insight.turns.first?.speechStart == Timestamp(milliseconds: 60_000))
    #expect(script.insight.transcript.first?.at == Timestamp(milliseconds: 60_000))
  }

  @Test func aBreathIsPartOfTheUtterance() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.speech(from: 1400, to: 2000)
    script.received(2510, .transcriptFinal("hello there"))
    #expect(script.insight.turns.first?.speechStart == Timestamp(milliseconds: 0))
    #expect(script.insight.turns.first?.speechEnd == Timestamp(milliseconds: 2000))
  }

  @Test func theServersLateWordOfTheBeginningDoesNotHideOurEnd() throws {
    var script = Script()
    script.speech(from: 0, to: 300)
    script.received(700, .userSpeechStart)
    script.received(900, .transcriptFinal("yes"))
    #expect(script.insight.turns.first?.speechEnd == Timestamp(milliseconds: 300))
    #expect(script.insight.turns.first?.endIsServers == false)
  }

  @Test func withoutAnyTranscriptAnAnswerAnswersWhatOurDetectorHeard() throws {
    var script = Script(dialect: PCMDialect())
    for n in 0..<2 {
      let start = Double(n) * 10_000
      script.speech(from: start, to: start + 1000)
      script.audio(start + 1700)
      script.played(start + 1720, response: n + 1)
      script.at(
        start + 4000, .playoutChange(PlayoutChange(ResponseID(n + 1), .finished(playedMs: 20))))
    }
    #expect(script.insight.turns.map(\.responseTime) == [.milliseconds(750), .milliseconds(750)])
    #expect(script.insight.turns.allSatisfy { $0.ending == .completed })
  }
}
