import Audio
import TestKit
import Testing
import Timeline

@Suite struct EchoGuardTests {
  private let rate = 16_000
  private var quiet: [Int16] { [Int16](repeating: 0, count: rate) }

  /// A canceller and a guard behind it, as in the session, and what comes out of them.
  private func run(near: [Int16], far: [Int16], _ echoGuard: inout EchoGuard, piece: Int = 160) -> [Int16] {
    let canceller = EchoCanceller(rate: rate)
    var output: [Int16] = []
    var heard = 0
    for start in stride(from: 0, to: near.count, by: piece) {
      let end = min(start + piece, near.count)
      let residual = canceller.process(near: Array(near[start..<end]), far: Array(far[start..<end]))
      output += echoGuard.process(residual: residual, far: Array(far[heard..<heard + residual.count]))
      heard += residual.count
    }
    return output
  }

  private func edges(in samples: [Int16]) -> [Double] {
    var detector = VoiceActivityDetector(rate: rate)
    var starts: [Double] = []
    for start in stride(from: 0, to: samples.count - 159, by: 160) {
      for edge in detector.process(Array(samples[start..<start + 160])) where edge.isStart {
        starts.append(Double(start) / Double(rate))
      }
    }
    return starts
  }

  @Test(arguments: [3, 10, 25]) func theAgentDoesNotInterruptItself(_ seed: Int) {
    let room = Room(seed: UInt64(seed))
    let far = Signals.speech(rate: rate, count: rate * 8, seed: UInt64(seed))
    let near = Signals.mix(room.echo(of: far), Signals.noise(count: far.count, levelDB: -65))
    var echoGuard = EchoGuard(rate: rate)
    let output = run(near: near, far: far, &echoGuard)
    // The canceller alone leaves enough for a detector: that is what the guard is for.
    #expect(!edges(in: near).isEmpty)
    #expect(edges(in: output) == [])
    #expect(echoGuard.isHolding)
  }

  @Test func speechOverTheAgentPassesFromItsBeginning() {
    let room = Room(seed: 4)
    let far = Signals.speech(rate: rate, count: rate * 8, seed: 20)
    let said = Signals.speech(rate: rate, count: rate * 2, levelDB: -18, seed: 21)
    let near = Signals.mix(room.echo(of: far), quiet + quiet + quiet + quiet + quiet + said + quiet)
    var echoGuard = EchoGuard(rate: rate)
    let output = run(near: near, far: far, &echoGuard)
    // The first words are there: with the pre-roll, the output is 200 ms longer up to here.
    let starts = edges(in: output)
    #expect(starts.count == 1, "\(starts)")
    #expect(starts.first.map { (4.98...5.2).contains($0) } == true, "\(starts)")
    let first = output[rate * 5..<rate * 5 + rate / 2]
    #expect(Level(of: first).rmsDB > -30)
    // Nothing of the 2 s of speech is held back.
    #expect(Level(of: output[rate * 5 + rate / 2..<rate * 7]).rmsDB > -26)
  }

  @Test func whileTheRoomIsLearntNobodySpeaksOverTheAgent() {
    var echoGuard = EchoGuard(rate: rate)
    let loud = Signals.tone(300, rate: rate, count: rate * 2)
    let output = echoGuard.process(residual: loud, far: loud)
    #expect(output.count == loud.count)
    #expect(Level(of: output).peakDB < -80)
    #expect(!echoGuard.gate.isOpen)
    // After 2 s of it: 4 of 5 frames over the threshold.
    // What is left of the agent is gone, and the operator is another voice.
    _ = echoGuard.process(residual: Array(quiet[..<(rate / 2)]), far: Array(loud[..<(rate / 2)]))
    let said = Signals.tone(700, rate: rate, count: rate / 5)
    let later = echoGuard.process(residual: said, far: Array(loud[..<(rate / 5)]))
    #expect(echoGuard.gate.isOpen)
    #expect(Level(of: later).peakDB > -10)
    echoGuard.relearn()
    let again = echoGuard.process(residual: loud, far: loud)
    #expect(Level(of: again).peakDB < -80)
  }

  @Test func preRollIsHandedOnAtOnceAndMadeUpForLater() {
    var echoGuard = EchoGuard(rate: rate)
    let far = Signals.tone(300, rate: rate, count: rate * 3, amplitude: 0.2)
    var residual = [Int16](repeating: 0, count: rate * 3)
    _ = echoGuard.process(residual: Array(residual[..<(rate * 2)]), far: Array(far[..<(rate * 2)]))
    residual = Signals.tone(500, rate: rate, count: rate / 5, amplitude: 0.3)
    let speech = echoGuard.process(residual: residual, far: Array(far[..<residual.count]))
    // 200 ms went in; the 4th frame opens, and with it come the 200 ms before: of them 140 ms are from before.
    #expect(speech.count == residual.count + rate / 5)
    let silence = [Int16](repeating: 0, count: rate)
    let hangover = echoGuard.process(residual: silence, far: Array(far[..<rate]))
    #expect(hangover.count == rate - rate / 5, "made up for once it holds again")
    #expect(echoGuard.isHolding)
  }

  @Test func withoutTheAgentEverythingPassesAsItIs() {
    var echoGuard = EchoGuard(rate: rate)
    let speech = Signals.speech(rate: rate, count: rate * 3, levelDB: -20)
    let output = echoGuard.process(residual: speech, far: [])
    #expect(output == speech)
    #expect(!echoGuard.isHolding)
  }

  @Test func silenceSoundsLikeTheRoom() {
    var echoGuard = EchoGuard(rate: rate)
    let room = Signals.noise(count: rate * 30, levelDB: -55)
    _ = echoGuard.process(residual: room, far: [])
    let far = Signals.tone(300, rate: rate, count: rate)
    let held = echoGuard.process(residual: far, far: far)
    #expect(echoGuard.isHolding)
    let level = Level(of: held.suffix(rate / 2)).rmsDB
    #expect((-58...(-52)).contains(level), "\(level) dBFS")
  }

  // MARK: Alignment

  @Test func streamsAreAlignedByTheirPromptestReads() {
    var alignment = StreamAlignment(rate: rate)
    var random = SeededGenerator(seed: 5)
    // The far stream begins 37 ms after the near one; both are read each 10 ms, late by up to 30 ms.
    var (near, far) = (0, 0)
    for tick in 1...300 {
      let due = Timestamp(milliseconds: Double(tick) * 10)
      let nearTime = due.milliseconds
      let farTime = max(0, due.milliseconds - 37)
      let late = Duration.nanoseconds(Int64.random(in: 100_000...30_000_000, using: &random))
      let newNear = Int(nearTime * 16) - near
      let newFar = Int(farTime * 16) - far
      alignment.read(near: newNear, far: newFar, at: due + late)
      (near, far) = (near + newNear, far + newFar)
    }
    let offset = alignment.offset ?? 0
    #expect(abs(offset - 37 * 16) <= 32, "\(offset)")
  }

  @Test func alignmentFollowsALossWithinTwoSeconds() {
    var alignment = StreamAlignment(rate: rate)
    for tick in 1...500 {
      // At 1 s, 50 ms of the far stream vanish.
      let far = (100..<105).contains(tick) ? 0 : 160
      alignment.read(near: 160, far: far, at: Timestamp(milliseconds: Double(tick) * 10))
      if tick == 20 { #expect(alignment.offset == nil, "not yet known") }
      if tick == 90 { #expect(alignment.offset == 0) }
    }
    #expect(alignment.offset == 800)
    alignment.restart()
    #expect(alignment.offset == nil)
  }

  @Test func aReferenceMayBeginBeforeTheMicrophone() {
    var reference = EchoReference(delay: -30, capacity: 1_000)
    reference.push((1...100).map { Int16($0) })
    #expect(reference.available == 70)
    let first = reference.pull(10)
    #expect(first == (31...40).map { Int16($0) })
    #expect(reference.available == 60 && reference.missing == 0)
    reference.delay = 20
    #expect(reference.available == 110)
  }
}

/// A small simulated room: the direct path after 20 ms, then reflections that decay over 80 ms.
struct Room {
  private var taps: [(delay: Int, gain: Double)]

  init(seed: UInt64, gain: Double = 0.5) {
    var random = SeededGenerator(seed: seed)
    taps = [(320, gain)]
    for _ in 0..<40 {
      let delay = Int.random(in: 330...1_600, using: &random)
      let decay = 1 - Double(delay) / 1_700
      taps.append((delay, gain * 0.25 * decay * decay * Double.random(in: -1...1, using: &random)))
    }
  }

  func echo(of far: [Int16]) -> [Int16] {
    var near = [Double](repeating: 0, count: far.count)
    for tap in taps {
      for i in tap.delay..<far.count { near[i] += tap.gain * Double(far[i - tap.delay]) }
    }
    return near.map { Int16(clamping: Int($0)) }
  }
}
