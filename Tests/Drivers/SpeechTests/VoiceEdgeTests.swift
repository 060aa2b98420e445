import Agent
import Audio
import Testing

@testable import Speech

@Suite struct VoiceEdgeTests {
  /// Speech with known bounds: trimmed to 10 ms before its first and 80 ms after its last sound.
  private func speech(_ text: String, voice: String) throws -> [Int16] {
    let audio = try TypedSpeech.speak(text, voice: voice, rate: 16_000)
    return Array(audio[160..<audio.count - 1280])
  }

  private func edges(of audio: [Int16], block: Int = 320) -> [SpeechEdge] {
    let detector = VoiceEdgeDetector()
    return stride(from: 0, to: audio.count, by: block).flatMap {
      detector.process(audio[$0..<min($0 + block, audio.count)])
    }
  }

  /// Drops pauses within an utterance: shorter than any endpointing.
  private func joined(_ edges: [SpeechEdge]) -> [SpeechEdge] {
    var result: [SpeechEdge] = []
    for edge in edges {
      if edge.isSpeech, let last = result.last, edge.sample - last.sample < 16_000 * 3 / 10 {
        result.removeLast()
      } else {
        result.append(edge)
      }
    }
    return result
  }

  @Test(arguments: ["kal16", "rms", "slt"], [0, 8, 60])
  func edgesAreWhereTheVoiceIs(voice: String, noiseAmplitude: Int) throws {
    var audio: [Int16] = []
    var truth: [SpeechEdge] = []
    for text in ["what time is it in berlin", "turn off all the lights", "play some jazz music"] {
      audio += noise(1, amplitude: noiseAmplitude, seed: 5)
      truth.append(.init(isSpeech: true, sample: audio.count))
      audio += try speech(text, voice: voice)
      truth.append(.init(isSpeech: false, sample: audio.count))
    }
    audio += noise(1, amplitude: noiseAmplitude, seed: 5)
    let found = joined(edges(of: audio))
    #expect(found.map(\.isSpeech) == truth.map(\.isSpeech), "\(found)")
    for (edge, expected) in zip(found, truth) {
      let error = Double(edge.sample - expected.sample) / 16
      #expect(abs(error) <= 120, "\(edge.isSpeech ? "start" : "end") is \(error) ms off")
    }
  }

  @Test func theCutOfTheAudioDoesNotMatter() throws {
    let audio = roomSilence(0.5) + (try speech("turn off all the lights", voice: "kal16")) + roomSilence(0.5)
    let expected = edges(of: audio)
    #expect(!expected.isEmpty)
    for block in [1, 37, 160, 4001, audio.count] { #expect(edges(of: audio, block: block) == expected) }
  }

  /// A detector that still heard speech could not tell of the next utterance, which then got no transcript.
  @Test(arguments: [0, 60, 500])
  func theSilenceThatAnAgentFeedsEndsSpeechWhereverItWasCut(noiseAmplitude: Int) throws {
    let speech = try speech("what time is it in berlin", voice: "kal16")
    let hang = AgentConfiguration().detectorHang
    let silence = [Int16](repeating: 0, count: Int(hang / .milliseconds(1)) * 16)
    let hiss = noise(3, amplitude: noiseAmplitude, seed: 5)
    for cut in stride(from: 3200, to: speech.count, by: 1600) {
      let detector = VoiceEdgeDetector()
      let noisy = zip(speech[..<cut], hiss).map { Int16(clamping: Int($0) + Int($1)) }
      let found = detector.process(hiss[..<8000] + noisy + silence)
      #expect(found.contains { $0.isSpeech }, "cut at \(cut / 16) ms")
      #expect(!detector.isSpeech, "cut at \(cut / 16) ms")
      #expect(detector.process(speech[...]).contains { $0.isSpeech }, "after a cut at \(cut / 16) ms")
    }
  }

  @Test func edgesAlternateInAnyAudio() {
    var audio: [Int16] = []
    for (index, amplitude) in [0, 3000, 2, 30_000, 0, 500, 8, 32_767, 100].enumerated() {
      audio += noise(0.7, amplitude: amplitude, seed: UInt64(index))
    }
    let found = edges(of: audio)
    #expect(zip(found, found.dropFirst()).allSatisfy { $0.isSpeech != $1.isSpeech && $0.sample <= $1.sample })
  }
}
