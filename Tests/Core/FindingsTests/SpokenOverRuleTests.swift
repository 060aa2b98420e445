import Findings
import Testing
import Timeline
import Wire

/// What the user says over a response, and what the server makes of it.
@Suite struct SpokenOverRuleTests {
  /// The agent speaks, message by message, and the user begins to speak over it at 1000.
  private func spokenOver() -> Script {
    var script = Script()
    script.received(0, .transcriptFinal("tell me a story"))
    script.received(10, .responseText("Once upon a time, "))
    speak(&script, from: 20, to: 1000)
    script.received(1000, .userSpeechStart)
    script.received(1010, .transcriptInterim("uh"))
    return script
  }
  private func speak(_ script: inout Script, from start: Double, to end: Double) {
    for ms in stride(from: start, to: end, by: 20) { script.received(ms, .audio(Script.audio)) }
  }
  private var rules: [String] { ["response-never-completed", "hold-not-ended"] }
  private func found(_ script: Script) -> [Int] { rules.map { script.count($0) } }

  @Test(arguments: [true, false]) func aPassedBackchannelIsNoFinding(_ resumesFirst: Bool) {
    var script = spokenOver()
    script.received(1120, .responseHeld)
    script.received(1400, .userSpeechEnd)
    if resumesFirst { script.received(1450, .responseResumed) }
    script.received(1500, .transcriptFinal("uh huh"))
    if !resumesFirst { script.received(1504, .responseResumed) }
    speak(&script, from: 1520, to: 3000)
    script.received(3000, .responseComplete)
    script.mic(30_000)
    #expect(found(script) == [0, 0])
  }

  /// A server that lets the words pass without a hold, or answers them when the response is over.
  @Test(arguments: [true, false]) func wordsThatAreIgnoredAreNoFinding(_ isAnswered: Bool) {
    var script = spokenOver()
    script.received(1500, .transcriptFinal("uh huh"))
    speak(&script, from: 1520, to: 3000)
    script.received(3000, .responseComplete)
    if isAnswered {
      script.received(3200, .responseText("It is noon."))
      script.received(3300, .responseComplete)
    }
    script.mic(30_000)
    #expect(found(script) == [0, 0])
    // The next question is a turn like any other.
    script.received(40_000, .userSpeechStart)
    script.received(41_000, .transcriptFinal("what time is it"))
    #expect(found(script) == [0, 0])
  }

  /// The audio came at once, and is heard for long: by that the response still goes on.
  @Test func whatIsHeardGoesOn() {
    var script = Script()
    script.received(0, .transcriptFinal("tell me a story"))
    script.received(10, .audio(Script.audio))
    for ms in stride(from: 20.0, through: 8000, by: 20) {
      script.at(
        ms,
        .playout(
          PlayoutBlock(
            response: ResponseID(1), sampleCount: 320, rate: 16_000, peaks: [], rmsDB: -20, depthMs: 100,
            targetMs: 80, deviceDelayMs: 30)))
    }
    script.at(8010, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 60)))
    script.received(8500, .transcriptFinal("uh huh"))
    script.received(8600, .responseComplete)
    #expect(script.count("response-never-completed") == 0)
  }

  /// Speech over a response excuses that response until the next one begins, or nothing comes.
  @Test func aResponseThatNeverEndsIsFoundAllTheSame() {
    var script = Script()
    script.message(.toClient, #"{"type":"transcript_final","text":"a story"}"#)
    let begun = script.message(.toClient, #"{"type":"response_text","text":"Once","responseId":"r1"}"#)
    script.at(500)
    script.message(.toClient, #"{"type":"user_speech_start"}"#)
    script.at(900)
    let final = script.message(.toClient, #"{"type":"transcript_final","text":"stop"}"#)
    #expect(script.count("response-never-completed") == 0)
    script.at(1200)
    let next = script.message(.toClient, #"{"type":"response_text","text":"All right.","responseId":"r2"}"#)
    #expect(script.evidence("response-never-completed") == [begun, final, next])
    script.at(1300)
    script.message(.toClient, #"{"type":"response_complete","responseId":"r2"}"#)
    script.mic(30_000)
    #expect(script.count("response-never-completed") == 1)
    // Without names the silence tells.
    var silent = spokenOver()
    silent.received(1500, .transcriptFinal("uh huh"))
    silent.mic(20_000)
    #expect(silent.count("response-never-completed") == 1)
    // And so does speech that began long after the last of it.
    var late = Script()
    late.received(0, .audio(Script.audio))
    late.received(9000, .userSpeechStart)
    late.received(9900, .transcriptFinal("hello"))
    #expect(late.count("response-never-completed") == 1)
  }

  @Test func aHoldThatDoesNotEnd() {
    var script = spokenOver()
    let held = script.received(1100, .responseHeld)
    script.received(1400, .transcriptFinal("uh huh"))
    script.mic(4099)
    #expect(found(script) == [0, 0])
    let at = script.mic(4100)
    #expect(script.evidence("hold-not-ended") == [held, at])
    #expect(script.detail("hold-not-ended") == "neither response_resumed nor interrupted came within 3000 ms")
    script.mic(9000)
    #expect(script.count("hold-not-ended") == 1)
    // What comes late does not end it a second time; another hold is another matter.
    script.received(9100, .responseResumed)
    script.received(9200, .responseHeld)
    script.mic(13_000)
    #expect(script.count("hold-not-ended") == 2)
  }

  @Test func aHoldThatEndsIsNoFinding() {
    for end in [VoiceEvent.responseResumed, .interrupted] {
      var script = spokenOver()
      script.received(1100, .responseHeld)
      script.received(3900, end)
      script.mic(9000)
      #expect(script.count("hold-not-ended") == 0)
    }
    // The operator has cut it, or the line has gone.
    var cut = spokenOver()
    cut.received(1100, .responseHeld)
    cut.at(2000, .operatorAct(OperatorAct(.interrupt)))
    cut.mic(9000)
    var lost = spokenOver()
    lost.received(1100, .responseHeld)
    lost.connection(2000, .closed, code: 1006, by: .network)
    lost.mic(9000)
    #expect(cut.count("hold-not-ended") == 0 && lost.count("hold-not-ended") == 0)
  }
}
