import Audio
import TestKit
import Testing

/// The agent's sound takes another way to the microphone: the default sink was changed, or came back.
@Suite struct EchoPathChangeTests {
  private let rate = 16_000

  private func likeness(residual: [Int16], far: [Int16]) -> Double {
    var likeness = EchoLikeness(rate: rate)
    likeness.add(near: residual, residual: residual, far: far)
    return likeness.ofNear
  }

  private func delayed(_ samples: [Int16], byMs ms: Int, gain: Double = 1) -> [Int16] {
    let count = ms * rate / 1000
    return [Int16](repeating: 0, count: count)
      + samples.prefix(samples.count - count).map { Int16(Double($0) * gain) }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8]) func anEchoIsLikeTheAgentAndAStrangerIsNot(_ seed: Int) {
    let far = Signals.speech(rate: rate, count: rate, seed: UInt64(seed))
    for ms in [0, 12, 60, 200, 290] {
      #expect(likeness(residual: delayed(far, byMs: ms, gain: 0.3), far: far) > 0.9, "\(ms) ms")
    }
    #expect(likeness(residual: Room(seed: UInt64(seed)).echo(of: far), far: far) >= EchoLikeness.enough)
    let stranger = Signals.speech(rate: rate, count: rate, seed: UInt64(seed + 100))
    #expect(likeness(residual: stranger, far: far) < EchoLikeness.enough)
    // Mixed, it is who is louder.
    let both = Signals.mix(stranger, delayed(far, byMs: 40, gain: 0.1))
    #expect(likeness(residual: both, far: far) < EchoLikeness.enough)
  }

  @Test func silenceIsLikeNothing() {
    let far = Signals.speech(rate: rate, count: rate)
    let silence = [Int16](repeating: 0, count: rate)
    #expect(likeness(residual: silence, far: far) == 0)
    #expect(likeness(residual: far, far: silence) == 0)
    #expect(likeness(residual: Array(far.prefix(2_000)), far: Array(far.prefix(2_000))) == 0)
    #expect(EchoLikeness(rate: 0).ofNear == 0 && !EchoLikeness(rate: 0).isEcho)
  }

  /// Five seconds by one way, ten by another; the operator speaks over the agent at the end.
  @Test(arguments: [(3, 40), (10, 120), (25, 0)]) func anotherWayIsHeldUntilItIsLearnt(_ seed: Int, _ laterMs: Int) {
    let far = Signals.speech(rate: rate, count: rate * 17, seed: UInt64(seed))
    let before = Room(seed: UInt64(seed)).echo(of: far)
    let after = delayed(Room(seed: UInt64(seed + 1), gain: 0.7).echo(of: far), byMs: laterMs)
    let said = Signals.speech(rate: rate, count: rate * 2, levelDB: -15, seed: 77)
    var near = Array(before.prefix(rate * 5)) + after.dropFirst(rate * 5)
    near = Signals.mix(near, [Int16](repeating: 0, count: rate * 15) + said)
    near = Signals.mix(near, Signals.noise(count: near.count, levelDB: -65))

    let canceller = EchoCanceller(rate: rate)
    var echoGuard = EchoGuard(rate: rate)
    var detector = VoiceActivityDetector(rate: rate)
    var starts: [Double] = []
    var heard = 0
    for start in stride(from: 0, to: near.count, by: 160) {
      let end = start + 160
      let residual = canceller.process(near: Array(near[start..<end]), far: Array(far[start..<end]))
      let range = heard..<heard + residual.count
      heard = range.upperBound
      let edges = detector.process(
        echoGuard.process(residual: residual, far: Array(far[range]), near: Array(near[range])))
      for edge in edges where edge.isStart { starts.append(Double(start) / Double(rate)) }
    }
    // The agent is never taken for the operator, and the operator is heard once the new way is learnt.
    #expect(starts.count == 1 && (14.9...15.6).contains(starts.first ?? 0), "\(starts)")
    // Where the way is hardly longer, the canceller may follow by itself.
    #expect(echoGuard.pathChanges >= 1 || laterMs == 0)
  }
}
