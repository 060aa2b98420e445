import Agent
import Engines
import Speech
import Testing
import Threads
import Timeline
import Wire

@testable import Runtime

/// What a server says of what it hears and speaks with.
@Suite struct EngineNamesTests {
  private typealias Served = (recognizer: RecognizerCard, detector: DetectorCard)
  private let best: Served = (RecognizerCard.all[0], DetectorCard.all[0])
  private let others: Served = (RecognizerCard.all[1], DetectorCard.all[1])
  private let flite = Voice.all.filter { $0.engine == .flite }

  @Test func whatServesIsNamed() {
    let engines = VoiceServerOptions().namingEngines(among: Voice.all, hearingWith: best).agent.engines
    #expect(engines == SpeechEngines(recognizer: "moonshine", detector: "silero"))
  }

  @Test func whatIsMissingIsNamedWithItsRemedy() {
    let engines = VoiceServerOptions().namingEngines(among: flite, hearingWith: others).agent.engines
    #expect(engines?.recognizer == "pocketsphinx" && engines?.detector == "sphinx")
    #expect(engines?.missing == "moonshine, silero, joe" && engines?.remedy?.isEmpty == false)
    let voice = VoiceServerOptions().namingEngines(among: flite, hearingWith: best).agent.engines
    #expect(voice?.missing == "joe" && voice?.remedy?.isEmpty == false)
  }

  @Test func whatNobodyWantsIsNotMissing() {
    var options = VoiceServerOptions()
    options.hearing = HearingChoice(recognizer: .pocketsphinx, detector: .sphinx)
    options.voice = "slt"
    let engines = options.namingEngines(among: flite, hearingWith: others).agent.engines
    #expect(engines == SpeechEngines(recognizer: "pocketsphinx", detector: "sphinx"))
  }

  /// They come with `ready`, and the recognizer's queue with the turn's metrics.
  @Test func theClientIsTold() async throws {
    let engines = SpeechEngines(recognizer: "moonshine", detector: "silero", missing: "joe", remedy: "fetch it")
    let script = ScriptedProviders()
    script.state.withLock {
      $0.transcripts = ["hello"]
      $0.queue = 3
    }
    let rig = try ServerRig(script) { $0.agent.engines = engines }
    defer { rig.stop() }
    try rig.connect(1)
    let ready = try #require(await rig.ready(1))
    #expect(ready.engines == engines && ready.voice == "slt")
    for n in 0..<80 {
      rig.send(.audio(AudioPayload(bytes: [UInt8](repeating: n < 40 ? 9 : 0, count: 640))), on: 1)
    }
    #expect(await rig.hears(.responseComplete, on: 1))
    let metrics = rig.heard(1).compactMap { if case .metrics(let metrics) = $0 { metrics } else { nil } }
    #expect(metrics.map(\.sttQueue) == [3] && metrics.map(\.voice) == ["slt"])
    #expect(await eventually { rig.log.all.contains { $0.contains("3 before it at the recogniser") } })
  }
}
