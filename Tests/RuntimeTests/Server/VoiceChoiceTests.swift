import Agent
import Speech
import Testing

@testable import Runtime

@Suite struct VoiceChoiceTests {
  private let flite = Voice.all.filter { $0.engine == .flite }

  @Test func theMostNaturalVoiceThatIsThereSpeaks() {
    let all = VoiceServerOptions().choosingVoice(among: Voice.all).agent
    #expect(AgentSettings(all).voice == "joe")
    #expect(all.voices == Set(Voice.names))
    let some = VoiceServerOptions().choosingVoice(among: flite).agent
    #expect(AgentSettings(some).voice == "slt")
    #expect(some.voices == ["slt", "rms", "awb", "kal16"])
  }

  @Test func whereEveryMillisecondCountsTheQuickestSpeaksUnlessAnotherIsNamed() {
    var options = VoiceServerOptions()
    options.agent.endpointing = .snappy
    #expect(AgentSettings(options.choosingVoice(among: Voice.all).agent).voice == "slt")
    options.voice = "joe"
    #expect(AgentSettings(options.choosingVoice(among: Voice.all).agent).voice == "joe")
    options.agent.endpointing = .normal
    options.voice = "rms"
    #expect(AgentSettings(options.choosingVoice(among: Voice.all).agent).voice == "rms")
  }
}
