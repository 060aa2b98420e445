import Audio
import Testing
import Timeline

@testable import Capture

/// Numbers that look random and are the same each time.
private struct Numbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
  mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }
}

@Suite struct TrackPlacementTests {
  private let track = AudioTrack(.user, rate: 16_000, start: .zero)

  @Test func restlessMomentsMakeNoGaps() {
    var placement = TrackPlacement(track)
    var numbers = Numbers(1)
    var expected: Int64 = 16_000
    #expect(placement.place(320, measured: 16_000, tolerance: .milliseconds(5)) == (16_000, 0))
    for _ in 0..<1000 {
      expected += 320
      let measured = expected + Int64(numbers.below(160)) - 80
      #expect(placement.place(320, measured: measured, tolerance: .milliseconds(5)) == (expected, 0))
    }
  }

  @Test func whatIsTooFarAwayGoesWhereItBelongs() {
    var placement = TrackPlacement(track)
    _ = placement.place(320, measured: 0, tolerance: .zero)
    // Samples were lost before it.
    #expect(placement.place(320, measured: 1_000, tolerance: .milliseconds(5)) == (1_000, 0))
    // It begins before the end of the last one: its beginning has no room.
    #expect(placement.place(320, measured: 1_220, tolerance: .milliseconds(5)) == (1_320, 100))
    // All of it does.
    #expect(placement.place(320, measured: 0, tolerance: .milliseconds(5)) == (1_540, 320))
    #expect(placement.place(320, measured: nil, tolerance: .milliseconds(5)) == (1_540, 0))
  }

  @Test(arguments: [Int64.min, -5, .max]) func noMomentTraps(_ measured: Int64) {
    var placement = TrackPlacement(track)
    for first in [nil, measured, 0, measured] {
      _ = placement.place(320, measured: first, tolerance: .milliseconds(5))
    }
    placement = TrackPlacement(track)
    let (position, skipped) = placement.place(320, measured: measured, tolerance: .zero)
    #expect(position >= 0 && (0...320).contains(skipped))
  }

  /// Whatever the moments are: no position has two samples, and places only grow.
  @Test(arguments: 1...20) func piecesNeverOverlap(_ seed: UInt64) {
    var numbers = Numbers(seed)
    var placement = TrackPlacement(track)
    var end: Int64 = 0
    var time: Int64 = 0
    for _ in 0..<500 {
      let count = 1 + numbers.below(700)
      time += Int64(numbers.below(1400)) - 200
      let (position, skipped) = placement.place(
        count, measured: numbers.below(10) == 0 ? nil : time, tolerance: .milliseconds(numbers.below(30)))
      #expect(position >= end && (0...count).contains(skipped))
      end = position + Int64(count - skipped)
    }
  }
}

@Suite struct MicrophoneTapeTests {
  private let loud = [Int16](repeating: 8_000, count: 320)
  private let quiet = [Int16](repeating: 3, count: 320)

  /// A sound card whose clock is off: speech is kept whole, and each sample stays within 5 ms of its moment.
  @Test(arguments: [-200.0, -30, 0, 30, 200]) func aCardsOwnClockIsMadeUpForInPauses(_ ppm: Double) throws {
    var tape = MicrophoneTape(rate: 16_000)
    var end: Int64?
    var wasLoud = false
    var worst: Int64 = 0
    for n in 0..<30_000 {
      // 20 ms of the card's time.
      let moment = Timestamp(nanoseconds: 1_000_000_000 + Int64(Double(n + 1) * 20_000_000 / (1 + ppm / 1_000_000)))
      let isLoud = n % 400 < 250
      let frame = isLoud ? loud : quiet
      guard let piece = tape.add(frame, capturedAt: moment, now: moment) else {
        #expect(!isLoud)
        continue
      }
      if isLoud, wasLoud { #expect(piece.position == end && piece.samples == frame, "frame \(n)") }
      worst = max(worst, abs(piece.position + Int64(piece.samples.count) - tape.track.position(at: moment)))
      end = piece.position + Int64(piece.samples.count)
      wasLoud = isLoud
    }
    // 5 ms, and what 5 s of speech add to it.
    #expect(worst <= 80 + 18, "\(worst) samples")
  }

  @Test func aStreamWithoutMomentsBeginsNow() {
    var tape = MicrophoneTape(rate: 16_000)
    #expect(tape.add(loud, capturedAt: nil, now: Timestamp(milliseconds: 520)) == TapedSound(at: 8_000, loud))
    #expect(tape.add(loud, capturedAt: nil, now: Timestamp(milliseconds: 999)) == TapedSound(at: 8_320, loud))
  }

  /// Another device, or one that stood still: what was not heard is a gap.
  @Test func aLossIsAGap() {
    var tape = MicrophoneTape(rate: 16_000)
    _ = tape.add(loud, capturedAt: Timestamp(milliseconds: 20), now: .zero)
    #expect(tape.add(loud, capturedAt: Timestamp(milliseconds: 540), now: .zero) == TapedSound(at: 8_320, loud))
  }
}

@Suite struct SpeakerTapeTests {
  /// A ring and a device that takes 10 ms of it every 10 ms, and holds as much before it is heard.
  private struct Rig {
    var tape = SpeakerTape(rate: 16_000)
    var now = Timestamp(milliseconds: 1_000)
    var written = 0
    var taken = 0
    var withdrawn = 0
    /// When sample 0 of the ring would have been heard: silence that was put in moves it.
    var origin: Timestamp? = Timestamp(milliseconds: 1_010)
    /// From where on that is so, and what was so before.
    var start = 0
    var earlier: (origin: Timestamp?, start: Int) = (nil, 0)
    var isResting = false
    var pieces: [TapedSound] = []
    private var next: Int16 = 1

    var standing: SpeakerTape.Standing {
      let report = OutputReport(
        queued: .samples(written - taken, rate: 16_000), written: written, ringRate: 16_000, origin: origin,
        stretchStart: start, earlierOrigin: earlier.origin, earlierStart: earlier.start, isResting: isResting,
        deviceDelay: .milliseconds(10))
      return SpeakerTape.Standing(report, taken: taken, withdrawn: withdrawn)
    }

    /// Writes samples that differ from each other.
    mutating func write(_ count: Int) -> [Int16] {
      let samples = (0..<count).map { next &+ Int16($0) }
      next &+= Int16(count)
      written += count
      tape.wrote(samples, ring: written - count..<written, standing, at: now)
      return samples
    }

    mutating func run(milliseconds: Int) {
      for _ in 0..<milliseconds / 10 {
        now += .milliseconds(10)
        let part = min(160, written - taken)
        taken += part
        // The rest of the period is silence.
        if part < 160, let moment = origin {
          if start != taken { (earlier, start) = ((moment, start), taken) }
          origin = moment + .samples(160 - part, rate: 16_000)
        }
        pieces += tape.stood(standing, at: now)
      }
    }
  }

  @Test func whatIsHeardIsOnTheTrackWhenItIsHeard() {
    var rig = Rig()
    let first = rig.write(640)
    #expect(rig.pieces.isEmpty)
    rig.run(milliseconds: 20)
    let second = rig.write(320)
    rig.run(milliseconds: 200)
    #expect(rig.pieces.first?.position == 16_160, "at 1.010 s")
    #expect(rig.pieces.flatMap(\.samples) == first + second)
    // A second later, after silence.
    let third = rig.write(160)
    rig.run(milliseconds: 40)
    #expect(rig.pieces.last == TapedSound(at: 16_000 + 220 * 16 + 160, third))
  }

  /// Whoever writes was late, and the device took the block and put silence behind it before anybody looked.
  @Test func aBlockThatWasTakenBeforeItWasLookedAtIsWhereItWasHeard() {
    var rig = Rig()
    _ = rig.write(160)
    rig.run(milliseconds: 100)
    let samples = [Int16](1_000..<1_160)
    let place = rig.written..<rig.written + 160
    rig.written += 160
    let moment = rig.origin! + .samples(place.lowerBound, rate: 16_000)
    rig.run(milliseconds: 50)
    rig.tape.wrote(samples, ring: place, rig.standing, at: rig.now)
    let next = rig.write(160)
    rig.run(milliseconds: 50)
    #expect(rig.pieces.count == 3)
    #expect(rig.pieces[1] == TapedSound(at: rig.tape.track.position(at: moment), samples))
    #expect(rig.pieces.last?.samples == next)
  }

  @Test func nothingIsGivenOutBeforeItWasHeard() {
    var rig = Rig()
    _ = rig.write(160)
    rig.run(milliseconds: 10)
    #expect(rig.taken == 160 && rig.pieces.isEmpty, "in the device")
    rig.run(milliseconds: 10)
    #expect(rig.pieces.count == 1)
  }

  /// What was not taken was never handed over, and what the device gives back was not heard.
  @Test func aFlushKeepsWhatWasHanded() {
    var rig = Rig()
    let samples = rig.write(640)
    rig.run(milliseconds: 20)
    rig.tape.flushed(taken: rig.taken, withdrawn: 0, at: rig.now)
    rig.taken = rig.written
    rig.withdrawn = 100
    rig.run(milliseconds: 50)
    #expect(rig.pieces.isEmpty, "the device has not told yet")
    let next = rig.write(160)
    rig.run(milliseconds: 100)
    #expect(rig.pieces.flatMap(\.samples) == Array(samples[..<220]) + next)
  }

  @Test func aFlushInTheMiddleOfABlockCutsIt() {
    var rig = Rig()
    let samples = rig.write(320)
    rig.taken = 50
    rig.tape.flushed(taken: 50, withdrawn: 0, at: rig.now)
    #expect(rig.tape.finish(rig.standing).flatMap(\.samples) == Array(samples[..<50]))
  }

  @Test func twoFlushesInARowCountOnce() {
    var rig = Rig()
    let samples = rig.write(640)
    rig.run(milliseconds: 20)
    for _ in 0..<2 { rig.tape.flushed(taken: rig.taken, withdrawn: 0, at: rig.now) }
    rig.withdrawn = 20
    #expect(rig.tape.finish(rig.standing).flatMap(\.samples) == Array(samples[..<300]))
  }

  /// What stands in for a device begins some time after it was written to; when is known only with what follows.
  @Test func aRestEndsWhenTheDeviceSays() {
    var rig = Rig()
    rig.isResting = true
    rig.now = Timestamp(milliseconds: 5_000)
    let samples = rig.write(640)
    rig.isResting = false
    rig.origin = Timestamp(milliseconds: 5_003)
    rig.taken = 320
    rig.now += .milliseconds(20)
    _ = rig.tape.stood(rig.standing, at: rig.now)
    rig.taken = 640
    let pieces = rig.tape.finish(rig.standing)
    #expect(pieces == [TapedSound(at: 5_003 * 16, samples)])
  }

  /// Where nothing tells when a sample is heard: behind what waits and what the device holds.
  @Test func withoutAClockOfTheOutputTheDelayServes() {
    var rig = Rig()
    rig.origin = nil
    _ = rig.write(320)
    let samples = rig.write(320)
    rig.taken = 640
    let pieces = rig.tape.finish(rig.standing)
    #expect(pieces.first?.position == 1_010 * 16 && pieces.last == TapedSound(at: 1_030 * 16, samples))
  }

  @Test func aFullRingTakesTheBeginning() {
    var rig = Rig()
    let samples = [Int16](0..<320)
    rig.written = 100
    rig.tape.wrote(samples, ring: 0..<100, rig.standing, at: rig.now)
    rig.taken = 100
    #expect(rig.tape.finish(rig.standing).flatMap(\.samples) == Array(samples[..<100]))
  }

  /// An output that takes nothing for ever.
  @Test func whatWaitsIsBounded() {
    var rig = Rig()
    for _ in 0..<2_000 { _ = rig.write(320) }
    #expect(rig.tape.stood(rig.standing, at: rig.now).count == 2_000 - 512)
  }
}
