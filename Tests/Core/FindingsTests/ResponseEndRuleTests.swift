import Findings
import Testing
import Timeline
import Wire

/// What goes wrong with the ends of responses.
@Suite struct ResponseEndRuleTests {
  private func speaking(_ dialect: any Dialect = VoiceDialect()) -> Script {
    var script = Script(dialect: dialect)
    script.received(0, .transcriptFinal("tell me a story"))
    script.received(10, .responseText("Once upon a time, "))
    script.received(20, .audio(Script.audio))
    return script
  }
  @discardableResult
  private func interrupt(_ script: inout Script, at ms: Double) -> Int {
    defer { script.sent(ms, .interrupt) }
    return script.at(ms, .operatorAct(OperatorAct(.interrupt)))
  }
  private let ends = ["interrupt-unanswered", "audio-after-complete", "response-ended-twice", "responses-interleaved"]

  @Test func anAnsweredInterruptIsNoFinding() {
    for answer in [VoiceEvent.interrupted, .responseComplete] {
      var script = speaking()
      interrupt(&script, at: 100)
      script.received(150, .audio(Script.audio))
      script.received(200, answer)
      script.received(300, .transcriptFinal("go on"))
      script.received(310, .responseText("Well."))
      script.received(320, .responseComplete)
      script.mic(9000)
      #expect(script.linter.findings.map(\.rule.id).filter { $0 != "final-without-interim" } == [])
    }
  }

  @Test func anInterruptThatNothingAnswers() {
    var script = speaking()
    let act = interrupt(&script, at: 100)
    for ms in stride(from: 120.0, to: 5000, by: 20) { script.received(ms, .audio(Script.audio)) }
    #expect(script.count("interrupt-unanswered") == 0)
    script.mic(5100)
    #expect(script.count("interrupt-unanswered") == 1 && script.evidence("interrupt-unanswered").first == act)
    #expect(
      script.detail("interrupt-unanswered") == "no answer within 5000 ms; 244 audio messages of it came meanwhile")
    script.mic(40_000)
    #expect(script.count("interrupt-unanswered") == 1)
    #expect(script.count("response-never-completed") == 0)
  }

  @Test func anInterruptThatTheNextTurnOvertakes() {
    var script = speaking()
    interrupt(&script, at: 100)
    let typed = script.sent(1100, .text("hello again"))
    #expect(script.evidence("interrupt-unanswered").last == typed)
    #expect(script.detail("interrupt-unanswered").contains("next typed turn"))
    var spoken = speaking()
    interrupt(&spoken, at: 100)
    spoken.received(1100, .transcriptFinal("hello again"))
    #expect(spoken.count("interrupt-unanswered") == 1)
    // Where nothing can be answered, nothing is missing.
    var bare = Script(dialect: PCMDialect())
    bare.binary(0, .toClient, Script.audio.bytes)
    bare.at(10, .operatorAct(OperatorAct(.interrupt)))
    bare.mic(9000)
    #expect(bare.count("interrupt-unanswered") == 0)
  }

  @Test func whatGoesOnAfterInterruptedIsToldOnce() {
    var script = speaking()
    interrupt(&script, at: 100)
    let cut = script.received(150, .interrupted)
    let first = script.received(170, .audio(Script.audio))
    for ms in stride(from: 190.0, to: 4000, by: 20) { script.received(ms, .audio(Script.audio)) }
    #expect(script.count("audio-after-interrupted") == 1)
    #expect(script.evidence("audio-after-interrupted") == [cut, first])
    #expect(script.detail("audio-after-interrupted").contains("not played"))
    let text = script.received(4000, .responseText("there was a dragon."))
    #expect(script.evidence("text-after-interrupted") == [cut, text])
    #expect(script.count("interrupt-unanswered") == 0)
    // The next response is none of it.
    script.received(9000, .transcriptFinal("go on"))
    script.received(9010, .responseText("As you like."))
    script.received(9020, .audio(Script.audio))
    #expect(script.count("audio-after-interrupted") == 1 && script.count("text-after-interrupted") == 1)
  }

  @Test func audioAfterComplete() {
    var script = speaking()
    let complete = script.received(30, .responseComplete)
    let late = script.received(230, .audio(Script.audio))
    script.received(250, .audio(Script.audio))
    #expect(script.count("audio-after-complete") == 1)
    #expect(script.evidence("audio-after-complete") == [complete, late])
    #expect(script.detail("audio-after-complete").contains("200 ms"))
    // A response of its own is none.
    script.received(3000, .responseText("Your timer is done."))
    script.received(3010, .audio(Script.audio))
    script.received(3020, .responseComplete)
    #expect(script.count("audio-after-complete") == 1)
    // Nor is one of a server that says no words.
    var mute = Script()
    mute.received(0, .audio(Script.audio))
    mute.received(10, .responseComplete)
    mute.received(20, .audio(Script.audio))
    #expect(mute.count("audio-after-complete") == 0)
  }

  @Test func endedTwice() {
    var script = speaking()
    let first = script.received(30, .responseComplete)
    #expect(script.count("response-ended-twice") == 0)
    let second = script.received(40, .responseComplete)
    #expect(script.evidence("response-ended-twice") == [first, second])
    script.received(50, .responseComplete)
    script.received(60, .interrupted)
    #expect(script.count("response-ended-twice") == 3)
    #expect(script.detail("response-ended-twice").hasPrefix("interrupted came 10 ms after response_complete"))
    // Our interrupt of the last words is answered, and a response that never began may end.
    interrupt(&script, at: 100)
    script.received(110, .interrupted)
    script.received(200, .transcriptFinal("quiet"))
    script.received(210, .responseComplete)
    #expect(script.count("response-ended-twice") == 3)
    // Cut by the server, and complete besides.
    script.received(300, .responseText("And"))
    script.received(310, .interrupted)
    script.received(320, .responseComplete)
    #expect(script.count("response-ended-twice") == 4)
  }

  private func named(_ script: inout Script, _ ms: Double, _ name: String) -> Int {
    script.received(ms, .audio(AudioPayload(bytes: Script.audio.bytes, reference: WireRef(response: name))))
  }

  @Test func interleaved() {
    var script = Script()
    let first = named(&script, 0, "r1")
    let second = named(&script, 10, "r2")
    #expect(script.count("responses-interleaved") == 0)
    let back = named(&script, 20, "r1")
    #expect(script.evidence("responses-interleaved") == [first, second, back])
    #expect(script.detail("responses-interleaved") == "response r2 began before r1 had ended, which goes on")
    for i in 3..<40 { _ = named(&script, Double(i) * 10, i % 2 == 0 ? "r1" : "r2") }
    #expect(script.count("responses-interleaved") == 1)
    for _ in 0..<2 { script.received(500, .responseComplete) }
    // One behind the other is as it should be.
    for name in ["r3", "r4"] {
      for i in 0..<3 { _ = named(&script, 600 + Double(i), name) }
      script.received(610, .responseComplete)
    }
    #expect(script.count("responses-interleaved") == 1 && script.count("response-ended-twice") == 0)
  }

  private func heard(_ script: inout Script, _ ms: Double) {
    script.at(
      ms,
      .playout(
        PlayoutBlock(
          response: ResponseID(1), sampleCount: 320, rate: 16_000, peaks: [], rmsDB: -20, depthMs: 100, targetMs: 80,
          deviceDelayMs: 30)))
  }

  @Test func theAgentSpeaksOverTheUser() {
    for (cutAt, count) in [(nil, 1), (1900.0, 0)] as [(Double?, Int)] {
      var script = speaking()
      for ms in stride(from: 40.0, to: 4000, by: 20) {
        if ms == 1000 { script.at(ms, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 60))) }
        if ms == cutAt { script.received(ms, .interrupted) }
        if ms < cutAt ?? .infinity { heard(&script, ms) }
      }
      #expect(script.count("agent-over-user") == count)
    }
    // A word in between is a listener's.
    var script = speaking()
    for ms in stride(from: 40.0, to: 9000, by: 20) {
      if ms.truncatingRemainder(dividingBy: 2000) == 0 {
        script.at(ms, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 60)))
      }
      if ms.truncatingRemainder(dividingBy: 2000) == 800 {
        script.at(ms, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
      }
      heard(&script, ms)
    }
    #expect(script.count("agent-over-user") == 0)
  }
}
