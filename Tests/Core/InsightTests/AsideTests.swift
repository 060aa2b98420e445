import Insight
import TestKit
import Testing
import Timeline
import Wire

/// Words over an answer that goes on.
@Suite struct AsideTests {
  /// The agent tells a story, which is heard from 1550 on, and the user begins to speak over it at 2600.
  private func spokenOver(edge: Bool = true) -> Script {
    var script = Script()
    script.question()
    for ms in stride(from: 1520.0, through: 2640, by: 10) {
      if Int(ms) % 20 == 0 { script.audio(ms) } else { script.played(ms, response: 1) }
    }
    if edge { script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40))) }
    script.received(2660, .userSpeechStart)
    return script
  }
  /// More of the answer comes and is heard.
  private func goOn(_ script: inout Script, from start: Double, to end: Double) {
    script.audio(from: start, through: end, every: 20)
    script.played(from: end, through: end + 40, response: 1)
  }
  private func finish(_ script: inout Script, at ms: Double) {
    script.received(ms, .responseComplete)
    script.changed(ms + 200, .finished, played: 2000)
  }

  @Test func aPassedBackchannelIsNoTurn() throws {
    var script = spokenOver()
    script.received(2700, .responseHeld)
    script.changed(2700, .held, played: 1000, takenBack: 20, remaining: 0)
    script.at(3100, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.received(3150, .userSpeechEnd)
    script.received(3180, .transcriptFinal("Uh huh."))
    script.received(3184, .responseResumed)
    script.changed(3184, .resumed, played: 1000)
    goOn(&script, from: 3200, to: 3400)
    let insight = script.insight
    #expect(insight.turns.map(\.number) == [1])
    #expect(insight.transcript.map(\.speaker) == [.user, .agent, .user])
    let line = try #require(insight.transcript.last)
    #expect(line.text == "Uh huh." && line.isFinal && line.turn == nil)
    #expect(line.aside == TranscriptLine.Aside(heldMs: 484))
    #expect(insight.asideCount == 1 && insight.bargeIns.falseStops.count == 1)
    finish(&script, at: 3500)
    // What is asked next is the second turn.
    script.turn(endingAt: 8000, response: 2)
    #expect(script.insight.turns.map(\.number) == [1, 2])
    #expect(script.insight.turns.last?.responseTime == .milliseconds(600))
    #expect(script.insight.bargeIns.ignored == 0 && script.insight.bargeIns.all.isEmpty)
    #expect(Figure.backchannels.value(in: script.insight) == 1 && Figure.turns.value(in: script.insight) == 2)
    #expect(Figure.bargeInsWithoutEffect.value(in: script.insight) == 0)
  }

  /// The server knows before the final that the words are an agreement.
  @Test func aHoldMayEndBeforeTheFinal() {
    var script = spokenOver()
    script.received(2700, .responseHeld)
    script.received(2900, .transcriptInterim("uh"))
    script.received(3000, .responseResumed)
    goOn(&script, from: 3020, to: 3100)
    script.received(3150, .userSpeechEnd)
    script.received(3180, .transcriptFinal("uh huh"))
    #expect(script.insight.turns.count == 1)
    #expect(script.insight.transcript.last?.aside == TranscriptLine.Aside(heldMs: 300))
  }

  /// A sound without words leaves nothing behind but the false stop.
  @Test func aSoundWithoutWordsIsNoAside() {
    var script = spokenOver()
    script.received(2700, .responseHeld)
    script.changed(2700, .held, played: 1000, takenBack: 20, remaining: 0)
    script.received(3180, .transcriptFinal(""))
    script.received(3184, .responseResumed)
    script.changed(3184, .resumed, played: 1000)
    finish(&script, at: 3500)
    #expect(script.insight.turns.count == 1 && script.insight.asideCount == 0)
    #expect(script.insight.bargeIns.falseStops.count == 1 && script.insight.bargeIns.ignored == 0)
    // The hold of a former speech is none of the next one.
    script.received(9000, .userSpeechStart)
    script.received(9500, .transcriptFinal("what time is it"))
    #expect(script.insight.transcript.last?.aside == nil && script.insight.turns.map(\.number) == [1, 2])
  }

  /// A server that neither holds nor answers: nobody waits, during the answer or after it.
  @Test(arguments: [true, false]) func wordsThatAreIgnoredWaitForNothing(_ edge: Bool) {
    var script = spokenOver(edge: edge)
    script.received(3150, .userSpeechEnd)
    script.received(3180, .transcriptFinal("uh huh"))
    #expect(script.insight.turns.map(\.number) == [1] && script.insight.turns[0].isOver == false)
    goOn(&script, from: 3200, to: 3400)
    finish(&script, at: 3500)
    #expect(script.insight.turns.map(\.number) == [1] && script.insight.turns[0].ending == .completed)
    #expect(script.insight.transcript.last?.aside == TranscriptLine.Aside(heldMs: nil))
    // Nothing was held for it: it had no effect.
    #expect(script.insight.bargeIns.ignored == 1)
  }

  /// The audio of an answer may have come whole long before it is heard.
  @Test func anAnswerThatIsStillHeardGoesOn() {
    var script = Script()
    script.question()
    script.audio(1520)
    script.received(1530, .responseComplete)
    script.played(from: 1540, through: 2620, response: 1)
    script.at(2640, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    script.played(from: 2640, through: 3160, response: 1)
    script.received(3180, .transcriptFinal("uh huh"))
    #expect(script.insight.turns.count == 1 && script.insight.asideCount == 1)
  }

  /// What is said over the answer is answered when that has ended: then it is a turn with its moments.
  @Test func whatIsAnsweredLaterIsATurn() throws {
    var script = spokenOver()
    script.at(3100, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.received(3180, .transcriptFinal("and what time is it"))
    goOn(&script, from: 3200, to: 3400)
    finish(&script, at: 3500)
    #expect(script.insight.turns.count == 1)
    script.received(3900, .responseText("It is noon."))
    script.audio(3920)
    script.played(3930, response: 2)
    let turn = try #require(script.insight.turns.last)
    #expect(turn.number == 2 && turn.final == Timestamp(milliseconds: 3180))
    #expect(turn.speechEnd == Timestamp(milliseconds: 2800) && turn.responseTime == .milliseconds(1160))
    let line = try #require(script.insight.transcript.last { $0.speaker == .user })
    #expect(line.turn == 2 && line.aside == nil && script.insight.asideCount == 0)
    #expect(script.insight.transcript.map(\.turn) == [1, 1, 2, 2])
  }

  /// An answer that begins much later, or behind newer speech, is none to it.
  @Test func whatComesMuchLaterAnswersSomethingElse() {
    var script = spokenOver()
    script.received(3180, .transcriptFinal("uh huh"))
    finish(&script, at: 3500)
    script.received(20_000, .responseText("Your timer is over."))
    #expect(script.insight.transcript.map(\.turn) == [1, 1, nil, 2] && script.insight.asideCount == 1)
    #expect(script.insight.turns.last?.final == nil)
  }

  @Test(arguments: [false, true]) func wordsThatCutAreATurn(_ isHeldBefore: Bool) throws {
    var script = spokenOver()
    if isHeldBefore {
      script.received(2700, .responseHeld)
      script.received(2900, .responseResumed)
    }
    script.at(3100, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
    script.received(3180, .transcriptFinal("yeah but stop"))
    script.received(3181, .interrupted)
    script.changed(3181, .flushed, played: 1100, discarded: 60, remaining: 0)
    let turn = try #require(script.insight.turns.last)
    #expect(turn.number == 2 && !turn.isOver && turn.speechEnd == Timestamp(milliseconds: 2800))
    #expect(script.insight.transcript.last?.turn == 2 && script.insight.asideCount == 0)
    #expect(script.insight.turns[0].ending == .bargedIn)
    #expect(script.insight.bargeIns.all.map(\.turn) == [1] && script.insight.bargeIns.ignored == 0)
  }

  /// The second utterance cuts, and the first stays what it was.
  @Test func onlyTheWordsThatCutAreATurn() {
    var script = spokenOver()
    script.at(2890, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 100)))
    script.received(2900, .transcriptFinal("uh huh"))
    goOn(&script, from: 2920, to: 4000)
    script.received(4010, .userSpeechStart)
    script.received(4300, .interrupted)
    script.received(4400, .transcriptFinal("stop"))
    #expect(script.insight.transcript.map(\.turn) == [1, 1, nil, 2] && script.insight.asideCount == 1)
    // Nor does the key make a turn of it.
    var key = spokenOver()
    key.received(2900, .transcriptFinal("uh huh"))
    goOn(&key, from: 2920, to: 3000)
    key.at(3100, .operatorAct(OperatorAct(.interrupt)))
    key.received(3110, .interrupted)
    #expect(key.insight.turns.count == 1 && key.insight.asideCount == 1)
  }

  /// A question that nobody answers goes on waiting: after an answer that was heard out, and behind one that never ended.
  @Test(arguments: [true, false]) func aQuestionInSilenceWaits(_ isComplete: Bool) throws {
    var script = Script()
    script.question()
    script.audio(from: 1520, through: 2000, every: 20)
    script.played(from: 1530, through: 2010, response: 1)
    if isComplete { finish(&script, at: 2020) }
    script.speech(from: 6000, to: 7000)
    script.received(7400, .transcriptFinal("what time is it"))
    let turn = try #require(script.insight.turns.last)
    #expect(turn.number == 2 && !turn.isOver && script.insight.transcript.last?.turn == 2)
    #expect(script.insight.asideCount == 0)
  }

  /// The connection goes: nothing of it may belong to what comes afterwards.
  @Test func aLostConnectionForgetsIt() {
    var script = spokenOver()
    script.received(2900, .transcriptFinal("uh huh"))
    script.at(3000, .connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    script.received(4000, .responseText("Hello again."))
    #expect(script.insight.turns.last?.final == nil && script.insight.asideCount == 1)
  }

  /// Asides in any number cost no turn, and the oldest turns are still forgotten.
  @Test func turnsStayBounded() {
    var script = Script()
    for i in 0..<(Insight.turnLimit + 40) {
      let start = Double(i) * 10_000
      script.received(start, .userSpeechStart)
      script.received(start + 100, .transcriptFinal("question \(i)"))
      script.received(start + 200, .responseText("answer \(i)"))
      script.audio(start + 210)
      script.received(start + 300, .userSpeechStart)
      script.received(start + 400, .transcriptFinal("wait \(i)"))
      script.received(start + 401, .interrupted)
      script.received(start + 500, .responseText("yes \(i)"))
      script.received(start + 600, .responseComplete)
    }
    #expect(script.insight.turns.count <= Insight.turnLimit + 1 && script.insight.asideCount == 0)
    #expect(script.insight.turns.last?.number == 2 * (Insight.turnLimit + 40))
  }
}
