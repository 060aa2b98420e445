import Insight
import TestKit
import Testing
import Timeline
import Wire

/// What the server says of what it hears and speaks with, and what that costs.
@Suite struct EngineTests {
  private func ready(_ engines: SpeechEngines?, voice: String? = "joe") -> VoiceEvent {
    .ready(Ready(sessionID: "s_1", voice: voice, engines: engines))
  }

  @Test func readyTellsOfThem() {
    var script = Script()
    #expect(script.insight.engines == nil && script.insight.missingEngines == nil)
    let engines = SpeechEngines(recognizer: "moonshine", detector: "silero")
    script.received(0, ready(engines))
    #expect(script.insight.engines == engines && script.insight.voice == "joe")
    #expect(script.insight.missingEngines == nil)
    // The server of the next connection may be another one.
    script.received(10, ready(SpeechEngines(recognizer: "pocketsphinx", missing: "moonshine", remedy: "fetch it")))
    #expect(script.insight.missingEngines?.what == "moonshine" && script.insight.missingEngines?.remedy == "fetch it")
    script.received(20, ready(nil, voice: nil))
    #expect(script.insight.engines == nil && script.insight.voice == nil && script.insight.missingEngines == nil)
  }

  @Test func theVoiceIsTheOneOfTheLastWord() {
    var script = Script()
    script.received(0, ready(nil))
    script.received(10, .configApplied(.object(["voice": .string("slt"), "language": .string("en")])))
    #expect(script.insight.voice == "slt")
    script.received(20, .metrics(ServerMetrics(turn: 1, voice: "rms")))
    #expect(script.insight.voice == "rms")
    script.received(30, .configApplied(.object(["voice": .string(String(repeating: "x", count: 900))])))
    #expect(script.insight.voice?.utf8.count == SpeechEngines.longestName)
  }

  /// Where the dialect has no words for it, the program's own notice tells.
  @Test func theNoticeOfTheStartTellsUntilTheServerDoes() {
    var script = Script()
    let text = "Moonshine is not there " + String(repeating: "x", count: 900)
    script.at(0, .notice(Notice(.engineMissing, .info, .server, text, remedy: "sidetone engines install")))
    #expect(script.insight.missingEngines?.what.utf8.count == SpeechEngines.longestRemedy)
    #expect(script.insight.missingEngines?.remedy == "sidetone engines install")
    script.received(10, ready(SpeechEngines(recognizer: "moonshine")))
    #expect(script.insight.missingEngines == nil)
  }

  @Test func whatTheMicrophoneLacksIsNotTheServers() {
    var script = Script()
    script.at(0, .notice(Notice(.engineMissing, .warning, .mic, "energy tells when somebody speaks")))
    #expect(script.insight.missingEngines == nil)
  }

  /// They are told when the response is over, and stand beside what was told when it began.
  @Test func charactersThatNobodyHeardAreCounted() {
    var script = Script()
    script.question()
    script.audio(1600)
    script.received(1610, .metrics(ServerMetrics(turn: 1, ttsFirstByteMs: 140, voice: "anna")))
    script.received(3000, .metrics(ServerMetrics(turn: 1, ttsCharacters: 240, ttsUnheard: 120)))
    let claims = script.insight.turns.last?.claims
    #expect(claims == ServerMetrics(turn: 1, ttsFirstByteMs: 140, voice: "anna", ttsCharacters: 240, ttsUnheard: 120))
    script.received(4000, .metrics(ServerMetrics(turn: 2, ttsCharacters: 10, ttsUnheard: 0)))
    #expect(Figure.charactersSent.value(in: script.insight) == 250)
    #expect(Figure.charactersUnheard.value(in: script.insight) == 120)
    // A recording may hold any number.
    for i in 0..<2 {
      script.received(5000 + Double(i), .metrics(ServerMetrics(ttsCharacters: .max, ttsUnheard: .min)))
    }
    #expect(Figure.charactersUnheard.value(in: script.insight) == 120)
  }

  @Test func theirCostsAreFigures() {
    var script = Script()
    #expect(Figure.sttQueueMax.value(in: script.insight) == 0 && Figure.firstAudioP50.value(in: script.insight) == nil)
    script.question()
    script.audio(1600)
    script.received(1610, .metrics(ServerMetrics(turn: 1, ttsFirstByteMs: 140, voice: "joe", sttQueue: 2)))
    script.received(2610, .metrics(ServerMetrics(turn: 2, ttsFirstByteMs: 160, sttQueue: 1)))
    #expect(Figure.sttQueueMax.value(in: script.insight) == 2)
    #expect(Figure.firstAudioP50.value(in: script.insight) == 140)
    #expect(Figure.firstAudioP95.value(in: script.insight) == 160)
    #expect(script.insight.turns.last?.claims?.sttQueue == 1)
  }
}
