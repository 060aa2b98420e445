import Testing

@testable import Audio

@Suite struct ProbabilityGateTests {
  private func edges(_ probabilities: [Float]) -> [SpeechEdge] {
    var gate = ProbabilityGate()
    return probabilities.compactMap { gate.take($0) }
  }

  @Test func speechBeginsAtTheBlockAndEndsAtTheLastVoicedOne() {
    #expect(
      edges([0.1, 0.49, 0.5, 0.9, 0.2, 0.1, 0.1, 0.1]) == [
        SpeechEdge(isSpeech: true, sample: 2 * 512), SpeechEdge(isSpeech: false, sample: 4 * 512),
      ])
  }

  @Test func betweenTheThresholdsNothingChanges() {
    #expect(edges([0.4, 0.45, 0.4]) == [])
    #expect(edges([0.6] + Array(repeating: 0.36, count: 50)) == [SpeechEdge(isSpeech: true, sample: 0)])
  }

  @Test func aShortDipIsNoEnd() {
    #expect(edges([0.9, 0.1, 0.1, 0.9, 0.1, 0.1, 0.9]) == [SpeechEdge(isSpeech: true, sample: 0)])
  }

  @Test func theLastVoicedSampleFollows() {
    var gate = ProbabilityGate()
    for (probability, last) in [(Float(0.9), 512), (0.1, 512), (0.4, 3 * 512), (0.1, 3 * 512)] {
      _ = gate.take(probability)
      #expect(gate.lastVoicedSample == last)
    }
  }

  @Test func theEndMayBeToldLater() {
    var gate = ProbabilityGate(endBlocks: 9)
    let found = ([0.9] + Array(repeating: 0.1, count: 9)).map { gate.take($0) }
    #expect(found.dropFirst().dropLast().allSatisfy { $0 == nil })
    #expect(found.last == SpeechEdge(isSpeech: false, sample: 512))
  }

  @Test func theThresholdIsLowerInSpeech() {
    var gate = ProbabilityGate()
    #expect(gate.threshold == 0.5)
    _ = gate.take(0.6)
    #expect(gate.threshold == 0.35)
  }

  @Test func whatIsNoNumberIsNoSpeech() {
    #expect(edges([.nan, .nan]) == [])
    #expect(edges([0.9, .nan, .nan, .nan]).last == SpeechEdge(isSpeech: false, sample: 512))
  }
}
