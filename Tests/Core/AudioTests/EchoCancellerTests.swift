import Audio
import TestKit
import Testing
import Timeline

@Suite struct EchoCancellerTests {
  private let rate = 16_000

  private func echo(of far: [Int16]) -> [Int16] { Room(seed: 7).echo(of: far) }

  private func run(
    _ canceller: EchoCanceller, near: [Int16], far: [Int16], piece: Int, each: ([Int16], Int) -> Void = { _, _ in }
  ) -> [Int16] {
    var output: [Int16] = []
    for start in stride(from: 0, to: near.count, by: piece) {
      let end = min(start + piece, near.count)
      let new = canceller.process(near: Array(near[start..<end]), far: Array(far[start..<end]))
      output += new
      each(new, end)
    }
    return output
  }

  @Test func removesMoreThanTwentyDecibels() {
    let far = Signals.speech(rate: rate, count: rate * 7, seed: 11)
    let near = Signals.mix(echo(of: far), Signals.noise(count: far.count, levelDB: -70))
    let canceller = EchoCanceller(rate: rate)
    let output = run(canceller, near: near, far: far, piece: 320)
    #expect(output.count == near.count)
    let range = rate * 4..<rate * 7
    let gained = Level(of: near[range]).rmsDB - Level(of: output[range]).rmsDB
    #expect(gained > 20, "\(gained) dB")
    #expect(canceller.erleDB > 20, "estimated \(canceller.erleDB) dB")
    #expect(abs(canceller.erleDB - gained) < 8, "estimated \(canceller.erleDB) dB of \(gained)")
  }

  @Test func piecesDoNotMatter() {
    let far = Signals.speech(rate: rate, count: rate / 2, seed: 12)
    let near = echo(of: far)
    let whole = run(EchoCanceller(rate: rate), near: near, far: far, piece: near.count)
    #expect(whole.count == near.count)
    for piece in [37, 160, 1_024] {
      #expect(run(EchoCanceller(rate: rate), near: near, far: far, piece: piece) == whole)
    }
  }

  @Test func nearSpeechSurvivesDoubleTalk() {
    let far = Signals.speech(rate: rate, count: rate * 7, seed: 13)
    let talker =
      [Int16](repeating: 0, count: rate * 5) + Signals.speech(rate: rate, count: rate * 2, levelDB: -20, seed: 14)
    let near = Signals.mix(echo(of: far), talker)
    let output = run(EchoCanceller(rate: rate), near: near, far: far, piece: 160)
    let range = rate * 5..<rate * 7
    #expect(Level(of: output[range]).rmsDB > Level(of: talker[range]).rmsDB - 6)
  }

  @Test func noiseSuppressionAloneLowersNoiseAndKeepsSpeech() {
    let noise = Signals.noise(count: rate * 5, levelDB: -45, seed: 15)
    let speech = [Int16](repeating: 0, count: rate * 3) + Signals.speech(rate: rate, count: rate * 2, seed: 16)
    let canceller = EchoCanceller(rate: rate, mode: .noiseSuppressionOnly)
    let near = Signals.mix(noise, speech)
    let output = run(canceller, near: near, far: [Int16](repeating: 0, count: near.count), piece: 320)
    #expect(Level(of: output[rate * 2..<rate * 3]).rmsDB < -52)
    #expect(Level(of: output[rate * 3..<rate * 5]).rmsDB > Level(of: speech[rate * 3..<rate * 5]).rmsDB - 4)
    #expect(canceller.erleDB == 0)
  }

  @Test func aShortFarEndCountsAsSilence() {
    let canceller = EchoCanceller(rate: rate)
    #expect(canceller.process(near: [Int16](repeating: 5, count: 200), far: []).count == 160)
    #expect(
      canceller.process(near: [Int16](repeating: 5, count: 120), far: [Int16](repeating: 5, count: 900)).count == 160)
    #expect(canceller.process(near: [], far: []).isEmpty)
  }

  // MARK: Barge-in

  /// Runs canceller and gate together; returns when the gate fired, in milliseconds.
  private func firings(near: [Int16], far: [Int16]) -> [Double] {
    var gate = BargeInGate(rate: rate)
    var fired: [Double] = []
    var heard = 0
    _ = run(EchoCanceller(rate: rate), near: near, far: far, piece: 160) { residual, end in
      let reference = Array(far[heard..<heard + residual.count])
      heard += residual.count
      if gate.process(residual: residual, far: reference) { fired.append(Double(end) * 1_000 / Double(rate)) }
    }
    return fired
  }

  @Test func gateIgnoresEchoAndHearsDoubleTalk() {
    let far = Signals.speech(rate: rate, count: rate * 8, seed: 17)
    let echo = echo(of: far)
    #expect(firings(near: echo, far: far) == [])
    let talker =
      [Int16](repeating: 0, count: rate * 6) + Signals.speech(rate: rate, count: rate * 2, levelDB: -18, seed: 18)
    let fired = firings(near: Signals.mix(echo, talker), far: far)
    #expect(fired.first.map { (6_000...6_350).contains($0) } == true, "fired at \(fired)")
  }

  @Test func gateIsNotArmedBeforeItHasHeardTwoSeconds() {
    var gate = BargeInGate(rate: rate)
    let loud = Signals.tone(300, rate: rate, count: rate / 50)
    let quiet = [Int16](repeating: 0, count: rate / 50)
    // Silence teaches nothing.
    for far in Array(repeating: quiet, count: 200) + Array(repeating: loud, count: 99) {
      let hasFired = gate.process(residual: loud, far: far)
      #expect(!hasFired)
    }
    #expect(!gate.isArmed)
    // So loud a residual is an echo that is not learnt yet: until it has been quiet for 400 ms, or for 6 s.
    var patient = gate
    for _ in 0..<20 {
      let hasFired = gate.process(residual: quiet, far: loud)
      #expect(!gate.isArmed && !hasFired)
    }
    for _ in 0..<201 {
      #expect(!patient.isArmed)
      let hasFired = patient.process(residual: loud, far: loud)
      #expect(!hasFired)
    }
    #expect(patient.isArmed && patient.isUnsure && !gate.isUnsure)
    patient.relearn()
    #expect(!patient.isArmed && !patient.isUnsure)
    var blocks = 0
    while !gate.process(residual: loud, far: loud) { blocks += 1 }
    #expect(gate.isArmed)
    #expect(blocks == 3, "4 frames of 20 ms")
    #expect(gate.isOpen)
    gate.close()
    #expect(!gate.isOpen)
  }

  @Test func gateFiresOnceForOneInterruption() {
    var gate = BargeInGate(rate: rate)
    let far = Signals.tone(300, rate: rate, count: rate * 4, amplitude: 0.3)
    let residual =
      [Int16](repeating: 0, count: rate * 3) + Signals.tone(500, rate: rate, count: rate, amplitude: 0.2)
    var count = 0
    for start in stride(from: 0, to: far.count, by: 100) {
      let range = start..<start + 100
      if gate.process(residual: Array(residual[range]), far: Array(far[range])) { count += 1 }
    }
    #expect(count == 1)
  }

  // MARK: The reference

  @Test func referenceIsDelayedByAsMuchAsSaid() {
    var reference = EchoReference(delay: 100, capacity: 1_000)
    let played = (1...1_000).map { Int16($0) }
    var heard: [Int16] = []
    for start in stride(from: 0, to: 1_000, by: 50) {
      reference.push(Array(played[start..<start + 50]))
      heard += reference.pull(50)
    }
    #expect(heard == [Int16](repeating: 0, count: 100) + played.prefix(900))
    #expect(reference.missing == 0)
  }

  @Test func referenceKeepsItsPlaceWhenThreadsAreUneven() {
    var reference = EchoReference(delay: 64, capacity: 2_000)
    let played = (1...2_000).map { Int16($0) }
    var random = SeededGenerator(seed: 19)
    var (pushed, heard): (Int, [Int16]) = (0, [])
    while heard.count < 1_500 {
      // The speaker runs between 0 and 64 samples ahead, so nothing is ever missing.
      let next = min(heard.count + 40 + Int.random(in: 0...64, using: &random), played.count)
      if next > pushed {
        reference.push(Array(played[pushed..<next]))
        pushed = next
      }
      heard += reference.pull(min(40, 1_500 - heard.count))
    }
    #expect(heard == [Int16](repeating: 0, count: 64) + played.prefix(1_500 - 64))
  }

  @Test func referenceCountsWhatCameTooLateAndStaysBounded() {
    var reference = EchoReference(delay: 0, capacity: 100)
    let early = reference.pull(30)
    #expect(early == [Int16](repeating: 0, count: 30))
    #expect(reference.missing == 30)
    #expect(reference.lead == 30)
    reference.push((0..<1_000).map { Int16($0) })
    // Of 1000 samples the last 200 are kept: what is older reads as silence.
    let forgotten = reference.pull(5)
    #expect(forgotten == [0, 0, 0, 0, 0])
    reference.delay = 5_000
    #expect(reference.delay == 100)
    reference.reset()
    reference.delay = 0
    reference.push([1, 2, 3])
    let fresh = reference.pull(3)
    #expect(fresh == [1, 2, 3])
  }
}
