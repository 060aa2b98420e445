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

    let (starts, changes) = run(near: near, far: far, forgets: false)
    // The agent is never taken for the operator, and the operator is heard once the new way is learnt.
    #expect(starts.count == 1 && (14.9...15.6).contains(starts.first ?? 0), "\(starts)")
    // Where the way is hardly longer, the canceller may follow by itself.
    #expect(changes >= 1 || laterMs == 0)
  }

  /// While a server moves a stream, the old way ends, nothing is heard, and then the new one is; or both are for a while.
  @Test(arguments: [(3, 0, 0), (7, 140, 0), (13, 0, 1_000)])
  func theMomentOfAChangeIsHeldToo(_ seed: Int, _ gapMs: Int, _ bothMs: Int) {
    let far = Signals.speech(rate: rate, count: rate * 17, seed: UInt64(seed))
    var before = Room(seed: UInt64(seed)).echo(of: far)
    var after = delayed(Room(seed: UInt64(seed + 1), gain: 0.7).echo(of: far), byMs: 60)
    for i in before.indices where i >= rate * 5 + bothMs * rate / 1000 { before[i] = 0 }
    for i in after.indices where i < rate * 5 + gapMs * rate / 1000 { after[i] = 0 }
    let said = Signals.speech(rate: rate, count: rate * 2, levelDB: -15, seed: 77)
    var near = Signals.mix(Signals.mix(before, after), [Int16](repeating: 0, count: rate * 15) + said)
    near = Signals.mix(near, Signals.noise(count: near.count, levelDB: -65))
    let (starts, changes) = run(near: near, far: far, forgets: true)
    #expect(starts.count == 1 && (14.9...15.6).contains(starts.first ?? 0), "\(starts)")
    #expect(changes >= 1)
  }

  /// What the canceller takes out goes with what the microphone hears, whoever speaks besides, until the way is another one
  /// or much quieter.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8]) func whatIsTakenOutIsInTheMicrophoneOrNot(_ seed: Int) {
    let count = rate / 2
    let far = Signals.speech(rate: rate, count: count, levelDB: -20, seed: UInt64(seed))
    let stranger = Signals.speech(rate: rate, count: count, levelDB: -20, seed: UInt64(seed + 100))
    func presence(near: [Int16], taken: [Int16]) -> Double? {
      var likeness = EchoLikeness(rate: rate)
      likeness.add(near: near, residual: near, far: far, taken: taken)
      return likeness.presenceOfTaken
    }
    for gain in [0.5, 1.0] {
      let taken = delayed(far, byMs: 20, gain: gain)
      #expect(abs((presence(near: taken, taken: taken) ?? 0) - 1) < 0.01)
      #expect((presence(near: Signals.mix(taken, stranger), taken: taken) ?? 1) > 0.6, "gain \(gain)")
      for laterMs in [3, 27, 60, 150] {
        let now = delayed(taken, byMs: laterMs)
        #expect((presence(near: now, taken: taken) ?? 0) < 0.4, "\(laterMs) ms later")
      }
      #expect((presence(near: delayed(taken, byMs: 0, gain: 0.1), taken: taken) ?? 1) < 0.4)
    }
    // Nothing is taken out, or far less than is heard: nobody can say.
    #expect(presence(near: stranger, taken: [Int16](repeating: 0, count: count)) == nil)
    #expect(presence(near: stranger, taken: delayed(far, byMs: 20, gain: 0.01)) == nil)
  }

  /// After an xrun it takes a moment until the streams' places are known. Meanwhile the far end reads as silence, and the
  /// agent begins to speak.
  @Test(arguments: [true, false]) func whatIsHeardWhileThePlacesAreNotKnownIsHeld(_ isToldToPlay: Bool) {
    var far = Signals.speech(rate: rate, count: rate * 12, seed: 5)
    for i in rate * 4..<rate * 6 { far[i] = 0 }
    let near = Signals.mix(Room(seed: 5).echo(of: far), Signals.noise(count: far.count, levelDB: -65))
    var placed = far
    for i in rate * 6..<rate * 7 { placed[i] = 0 }
    let (starts, _) = run(near: near, far: placed, forgets: true) { index in
      isToldToPlay && Level(of: far[max(0, index - rate * 3 / 10)...index]).rmsDB > -50
    }
    #expect(starts.isEmpty == isToldToPlay, "\(starts)")
  }

  /// Who speaks while the agent begins is not cut off.
  @Test func theOperatorWhoIsSpeakingAlreadyGoesOn() {
    let far = [Int16](repeating: 0, count: rate * 4)
    let said = Signals.speech(rate: rate, count: rate * 2, levelDB: -15, seed: 77)
    var echoGuard = EchoGuard(rate: rate)
    // The gate has learnt long ago.
    let taught = Signals.speech(rate: rate, count: rate * 3, seed: 4)
    _ = echoGuard.process(residual: [Int16](repeating: 0, count: taught.count), far: taught)
    _ = echoGuard.process(residual: [Int16](repeating: 0, count: rate), far: [Int16](repeating: 0, count: rate))
    var output = echoGuard.process(residual: Array(said.prefix(rate / 2)), far: Array(far.prefix(rate / 2)))
    #expect(!echoGuard.isHolding)
    output += echoGuard.process(
      residual: Array(said.dropFirst(rate / 2)), far: Array(far.prefix(said.count - rate / 2)), isPlaying: true)
    #expect(output == said)
  }

  /// - Parameters:
  ///   - forgets: the canceller begins anew with each change that the guard has seen, as the program's does.
  ///   - isPlaying: what the guard is told of the speaker at a sample.
  /// - Returns: when speech was found to begin, in seconds, and how many changes the guard has seen.
  private func run(
    near: [Int16], far: [Int16], forgets: Bool, isPlaying: (Int) -> Bool = { _ in false }
  ) -> (starts: [Double], changes: Int) {
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
      let changes = echoGuard.pathChanges
      let edges = detector.process(
        echoGuard.process(
          residual: residual, far: Array(far[range]), near: Array(near[range]), taken: canceller.taken,
          isPlaying: isPlaying(start)))
      if forgets, echoGuard.pathChanges != changes { canceller.forget() }
      for edge in edges where edge.isStart { starts.append(Double(start) / Double(rate)) }
    }
    return (starts, echoGuard.pathChanges)
  }
}
