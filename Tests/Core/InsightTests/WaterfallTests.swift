import Insight
import Testing
import Timeline
import Wire

@Suite struct WaterfallTests {
  /// Speech to 2000, heard `wait` ms later.
  private func turn(_ script: inout Script, at start: Double, wait: Double, response: Int) {
    script.speech(from: start, to: start + 1000)
    script.received(start + 1050, .transcriptFinal("what time is it"))
    script.audio(start + 1060)
    script.played(start + 1000 + wait - 30, response: response)
    script.received(start + 3000, .responseComplete)
    script.changed(start + 3000, .finished, response: response, played: 20)
    script.played(start + 3000, response: nil)
  }

  @Test func everyStageInTheOrderOfItsMoments() throws {
    var script = Script()
    script.speech(from: 1000, to: 2000)
    script.received(2300, .userSpeechEnd)
    script.received(2510, .transcriptFinal("what time is it"))
    script.received(2520, .responseText("It is noon."))
    script.audio(2545)
    script.played(from: 2570, through: 2590, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.waterfall.map(\.name) == ["endpoint", "final", "text", "audio", "sound", "end"])
    #expect(turn.waterfall.map(\.duration.milliseconds) == [300, 210, 10, 25, 55, 40])
    #expect(turn.biggestPart == Turn.Stage(name: "endpoint", duration: .milliseconds(300)))
    // The stages of the wait stay what they were.
    #expect(turn.stages.map(\.duration.milliseconds) == [510, 10, 25, 55])
  }

  @Test func aGainOfMoreThanTheWholeTurnIsDisputed() throws {
    var script = Script()
    script.speech(from: 1000, to: 2000)
    script.received(2300, .transcriptFinal("what time is it"))
    script.received(2310, .responseText("It is noon."))
    var claims = ServerMetrics(sttMs: 300, llmFirstTokenMs: 0)
    (claims.endpointSavedMs, claims.llmAheadMs) = (280, 1302)
    script.received(2320, .metrics(claims))
    let gains = try #require(script.insight.turns.first).claimedGains
    #expect(gains.map(\.stage) == ["stt", "llm"] && gains.map(\.claimedMs) == [280, 1302])
    #expect(gains.map(\.mostMs) == [1300, 1300] && gains.map(\.isDisputed) == [false, true])
  }

  @Test func percentilesAndTheWorstTurnToTheMillisecond() {
    var script = Script()
    for i in 0..<100 { turn(&script, at: Double(i) * 10_000, wait: 100 + Double(i) * 10, response: i + 1) }
    let latency = script.insight.latency
    #expect(latency.count == 100)
    #expect(latency.percentiles == Percentiles(p50: 590, p90: 990, p95: 1040, p99: 1080))
    #expect(latency.worst?.turn == 100)
    #expect(latency.worst?.ms == 1090)
    #expect(latency.worst?.biggestPart == Turn.Stage(name: "sound", duration: .milliseconds(1030)))
    let window = script.insight.latency(ofLast: 10)
    #expect(window.count == 10)
    #expect(window.percentiles == Percentiles(p50: 1040, p90: 1080, p95: 1090, p99: 1090))
    #expect(window.worst?.turn == 100)
  }

  @Test func aTurnThatIsCutLaterLeavesTheFiguresAndIsKeptApart() throws {
    var script = Script()
    script.question()
    script.audio(1520)
    script.played(from: 1550, through: 1590, response: 1)
    #expect(script.insight.latency.count == 1)
    #expect(script.insight.latency.p50 == 580)
    script.at(1600, .operatorAct(OperatorAct(.interrupt)))
    script.changed(1600, .flushed, played: 60, discarded: 0, remaining: 0)
    script.received(1620, .interrupted)
    let insight = script.insight
    #expect(insight.latency.count == 0)
    #expect(insight.latency.p50 == nil)
    #expect(insight.latency.worst == nil)
    #expect(insight.latency.excluded == [.interrupted: 1])
    #expect(insight.latency.excludedTimes.p50 == 580)
    #expect(insight.turns.first?.marks == [.interrupted])
    #expect(insight.latency(ofLast: 5).excludedCount == 1)
    #expect(insight.latency(ofLast: 5).count == 0)
  }

  @Test func anAnswerWithoutAFinalIsMarked() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1600, .responseText("Hello."))
    script.audio(1620)
    script.played(1650, response: 1)
    let turn = try #require(script.insight.turns.first)
    #expect(turn.marks == [.noFinal])
    #expect(turn.responseTime == .milliseconds(680))
    #expect(script.insight.latency.count == 0)
    #expect(script.insight.latency.excluded == [.noFinal: 1])
  }

  @Test func aTranscriptThatComesLateBelongsToWhatIsAnswered() {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1600, .responseText("Hello."))
    script.received(1610, .transcriptFinal("good morning"))
    script.audio(1620)
    script.played(1650, response: 1)
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.turns.first?.marks == [])
    #expect(script.insight.latency.p50 == 680)
    #expect(script.insight.transcript.map(\.text) == ["good morning", "Hello."])
  }

  @Test func claimsBesideWhatWasMeasured() throws {
    var script = Script()
    script.question()
    script.audio(1535)
    script.received(
      1540, .metrics(ServerMetrics(turn: 1, sttMs: 470, llmFirstTokenMs: 9, ttsFirstByteMs: 22)))
    let stages = try #require(script.insight.turns.first).claimedStages
    #expect(stages.map(\.name) == ["stt", "llm", "tts"])
    #expect(stages.map(\.measuredMs) == [500, 10, 25])
    #expect(stages.map(\.missingMs) == [30, 1, 3])
    // 30 ms is more than 20; a millisecond is rounding; 3 of 25 ms is more than a tenth.
    #expect(stages.map(\.isDisputed) == [true, false, true])
    #expect(!ClaimedStage(name: "stt", claimedMs: 490, measuredMs: 500).isDisputed)
    #expect(!ClaimedStage(name: "stt", claimedMs: 490, measuredMs: nil).isDisputed)
    #expect(ClaimedStage(name: "stt", claimedMs: 90, measuredMs: 79).isDisputed)
  }

  @Test func theLedgerAddsUpAndNamesTheWordAtTheCut() throws {
    var script = Script()
    script.speech(from: 0, to: 1000)
    script.received(1500, .transcriptFinal("count"))
    script.received(1510, .responseText("one two three four five six seven eight nine ten"))
    script.audio(from: 1520, through: 1600, every: 20)
    script.received(1610, .responseComplete)
    script.played(from: 1620, through: 1640, response: 1)
    var turn = try #require(script.insight.turns.first)
    #expect(turn.ledger == HeardLedger(receivedMs: 100, queuedMs: 60, playedMs: 40, discardedMs: 0))
    script.at(1650, .operatorAct(OperatorAct(.interrupt)))
    script.changed(1650, .flushed, played: 40, discarded: 60, remaining: 5)
    turn = try #require(script.insight.turns.first)
    #expect(turn.ledger == HeardLedger(receivedMs: 100, queuedMs: 0, playedMs: 40, discardedMs: 60))
    #expect(turn.lastSound == Timestamp(milliseconds: 1655))
    let cut = try #require(script.insight.transcript.last?.cut)
    #expect(cut == TranscriptLine.Cut(heardWords: 4, wordCount: 10, word: "four"))
  }
}
