import TestKit
import Testing

extension SecondLane {
  /// A pipeline of services alone: one hears, one answers, one speaks, each a double.
  @Suite(.enabled(if: VendorLibraries.areThere, VendorLibraries.comment)) struct ServicePipelines {
    private let recogniser: DeepgramDouble
    private let keys = DeepgramDouble.environment.merging(AnthropicDouble.environment) { $1 }
      .merging(VoiceDouble.environment) { $1 }

    init() throws { recogniser = try DeepgramDouble(["--transcript", "is the harbour quiet"]) }

    /// Asks once, and ends when the answer was heard.
    private func ask(
      _ model: AnthropicDouble, _ voice: VoiceDouble, _ more: [String] = []
    ) throws -> (recording: Recording, told: String) {
      let process = try ChildProcess(
        Program.path,
        ["--headless", "--until-idle", "--input", "say:is the harbour quiet", "--output", "null"]
          + recogniser.flags("deepgram") + model.flags
          + ["--tts", "elevenlabs", "--tts-url", voice.url, "--tts-key-env", "VOICE_KEY"] + more,
        environment: Program.environment.merging(keys) { $1 })
      process.closeInput()
      #expect(process.waitUntilExit(timeout: 120) == 0, "\(process.errorLines)")
      let told = (process.lines + process.errorLines).joined()
      for key in keys.values { #expect(!told.contains(key)) }
      #expect(recogniser.wrong + model.wrong + voice.wrong == [])
      return (try Recording(process.lines), told)
    }

    @Test func whatOneServiceSaysTheNextIsGiven() throws {
      let model = try AnthropicDouble()
      let voice = try VoiceDouble("elevenlabs", ["ok"])
      let recording = try ask(model, voice).recording
      recording.expectWhole()
      #expect(recording.said(by: .user) == ["is the harbour quiet"])
      #expect(model.facts.compactMap { $0["asked"] as? String } == ["is the harbour quiet"])
      #expect(recording.said(by: .agent) == ["The harbour is quiet this evening."])
      #expect(voice.asked.joined(separator: " ") == "The harbour is quiet this evening.")
      // Each stage is told, and the answer was heard.
      let turn = try #require(recording.insight.turns.first)
      #expect(turn.claims?.llmFirstTokenMs != nil && turn.claims?.ttsFirstByteMs != nil)
      #expect(turn.responseTime != nil && turn.ledger.playedMs > 0, "\(turn.ledger)")
    }

    @Test func whatWasNamedForItAnswersWhereTheModelFails() throws {
      let model = try AnthropicDouble(["--fail", "529"])
      let (recording, told) = try ask(
        model, try VoiceDouble("elevenlabs", ["ok"]), ["--fallback", "llm=builtin"])
      #expect(recording.said(by: .agent).first?.isEmpty == false)
      #expect(told.contains("it has too much to do"), "\(told)")
    }
  }
}
