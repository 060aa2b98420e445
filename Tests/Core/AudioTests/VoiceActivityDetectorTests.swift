import Audio
import TestKit
import Testing
import Timeline

@Suite struct VoiceActivityDetectorTests {
  private let rate = 16_000

  /// Runs over the samples in pieces and returns the edges in milliseconds since the start.
  private func edges(_ samples: [Int16], piece: Int) -> [(isStart: Bool, atMs: Double)] {
    var detector = VoiceActivityDetector(rate: rate)
    var found: [(isStart: Bool, atMs: Double)] = []
    for start in stride(from: 0, to: samples.count, by: piece) {
      let end = min(start + piece, samples.count)
      for edge in detector.process(Array(samples[start..<end])) {
        found.append((edge.isStart, Double(end) * 1_000 / Double(rate) - edge.ago.milliseconds))
      }
    }
    return found
  }

  /// Speech from 3 s to 5 s and from 6.5 s to 8 s in noise.
  private func conversation(noiseDB: Double) -> [Int16] {
    let silence = { (ms: Int) in [Int16](repeating: 0, count: ms * 16) }
    let clean =
      silence(3_000) + Signals.speech(rate: rate, count: 2_000 * 16, seed: 3) + silence(1_500)
      + Signals.speech(rate: rate, count: 1_500 * 16, seed: 4) + silence(1_000)
    return Signals.mix(clean, Signals.noise(count: clean.count, levelDB: noiseDB, seed: 5))
  }

  @Test(arguments: [-80.0, -60, -45])
  func findsBothUtterancesInNoise(noiseDB: Double) {
    // Noise above the detector's first guess may pass for speech until it has heard a second of it.
    let all = edges(conversation(noiseDB: noiseDB), piece: 320)
    let found = all.filter { $0.atMs > 1_500 }
    #expect(all.count == found.count || noiseDB > -50)
    #expect(found.map(\.isStart) == [true, false, true, false])
    guard found.count == 4 else { return }
    // Syllables fade in and out, so an edge may be late or early by part of one.
    for (edge, expected) in zip(found, [3_000.0, 5_000, 6_500, 8_000]) {
      #expect(abs(edge.atMs - expected) < 130, "edge at \(edge.atMs), expected \(expected)")
    }
  }

  @Test func edgesDoNotDependOnThePieces() {
    let samples = conversation(noiseDB: -55)
    let reference = edges(samples, piece: 160).map { [$0.isStart ? 1 : 0, $0.atMs] }
    for piece in [1, 37, 1_024, samples.count] {
      #expect(edges(samples, piece: piece).map { [$0.isStart ? 1 : 0, $0.atMs] } == reference)
    }
  }

  @Test(arguments: [-120.0, -70, -52])
  func steadyNoiseIsNoSpeech(levelDB: Double) {
    let noise =
      levelDB <= -120 ? [Int16](repeating: 0, count: 160_000) : Signals.noise(count: 160_000, levelDB: levelDB)
    #expect(edges(noise, piece: 320).isEmpty)
  }

  /// Hard edges anywhere in a frame, to the millisecond.
  @Test(arguments: [0, 3, 58, 111, 159]) func hardEdgesAreFoundToTheMillisecond(shift: Int) {
    var samples = Signals.noise(count: 48_000, levelDB: -75, seed: 2)
    let voiced = 16_000 + shift..<28_000 + shift
    for i in voiced { samples[i] = Int16(8000 * (i / 20 % 2 == 0 ? 1 : -1)) }
    let found = edges(samples, piece: 320)
    #expect(found.map(\.isStart) == [true, false])
    for (edge, expected) in zip(found, [voiced.lowerBound, voiced.upperBound]) {
      #expect(abs(edge.atMs - Double(expected) / 16) <= 1, "edge at \(edge.atMs), expected \(Double(expected) / 16)")
    }
  }

  @Test func speechStaysSpeechAcrossShortGaps() {
    var detector = VoiceActivityDetector(rate: rate)
    _ = detector.process([Int16](repeating: 0, count: 8_000))
    _ = detector.process(Signals.speech(rate: rate, count: 8_000))
    #expect(detector.isSpeech)
    _ = detector.process([Int16](repeating: 0, count: 150 * 16))
    #expect(detector.isSpeech)
    let edges = detector.process([Int16](repeating: 0, count: 400 * 16))
    #expect(edges.map(\.isStart) == [false])
    #expect(!detector.isSpeech)
  }

  @Test func noiseThatGetsLouderIsSpeechForThreeSecondsAtMost() {
    var detector = VoiceActivityDetector(rate: rate)
    _ = detector.process(Signals.noise(count: rate * 5, levelDB: -70, seed: 6))
    #expect(!detector.isSpeech)
    _ = detector.process(Signals.noise(count: rate * 4, levelDB: -42, seed: 7))
    #expect(!detector.isSpeech)
    // And speech is still heard over it.
    let edges = detector.process(Signals.speech(rate: rate, count: rate, levelDB: -20))
    #expect(edges.map(\.isStart) == [true])
  }

  @Test func longSpeechStaysSpeech() {
    var detector = VoiceActivityDetector(rate: rate)
    _ = detector.process(Signals.noise(count: rate, levelDB: -65, seed: 8))
    let speech = Signals.mix(
      Signals.speech(rate: rate, count: rate * 20, seed: 9), Signals.noise(count: rate * 20, levelDB: -65, seed: 10))
    let edges = detector.process(speech)
    #expect(edges.map(\.isStart) == [true])
  }

  @Test func aClickIsNoSpeech() {
    var samples = [Int16](repeating: 0, count: 32_000)
    for i in 16_000..<16_200 { samples[i] = 20_000 }
    #expect(edges(samples, piece: 320).isEmpty)
  }
}
