import Testing
import Timeline

@testable import AudioDevices

@Suite struct PacedClockTests {
  @Test func deadlinesDoNotDriftAtOddRates() {
    var clock = PacedClock(rate: 44_100, frameLength: 441, start: 0)
    for frame in 1...100_000 {
      #expect(clock.due == Int64(frame) * 10_000_000)
      clock.advance(at: clock.due)
    }
    var odd = PacedClock(rate: 11_025, frameLength: 110, start: 0)
    for _ in 1..<11_025 { odd.advance(at: odd.due) }
    #expect(odd.due == 110_000_000_000)
  }

  @Test func beingLateIsMadeUpForButNotForEver() {
    var clock = PacedClock(rate: 1_000, frameLength: 10, start: 0)
    clock.advance(at: 400_000_000)
    #expect(clock.due == 20_000_000)
    clock.advance(at: 9_000_000_000)
    #expect(clock.due == 9_010_000_000)
  }

  @Test func longTimesDoNotOverflow() {
    let year = 365 * 86_400
    #expect(PacedClock.nanoseconds(of: year * 48_000, rate: 48_000) == Int64(year) * 1_000_000_000)
    #expect(PacedClock.samples(in: Int64(year) * 1_000_000_000, rate: 48_000) == year * 48_000)
    #expect(PacedClock.samples(in: 1_500_000_000, rate: 16_000) == 24_000)
  }
}

@Suite struct StreamOriginTests {
  @Test func theEarliestOfTheLastSecondsIsTheTrueOne() {
    var origin = StreamOrigin(rate: 16_000)
    #expect(origin.moment(of: 0) == nil)
    // Looked at each 10 ms, up to 7 ms late, of a stream that began at 1 s.
    for i in 0..<400 {
      let position = i * 160
      let lateness = Int64(i * 37 % 8) * 1_000_000
      origin.add(position: position, at: 1_000_000_000 + Int64(i) * 10_000_000 + lateness)
      if i > 8 { #expect(origin.moment(of: position) == 1_000_000_000 + Int64(i) * 10_000_000) }
    }
    // A clock that is 300 ppm too slow is followed.
    for i in 400..<1200 {
      origin.add(position: i * 160, at: 1_000_000_000 + Int64(Double(i) * 10_000_000 * 1.0003))
    }
    let moment = origin.moment(of: 1199 * 160) ?? 0
    #expect(abs(moment - 1_000_000_000 - Int64(11_990_000_000 * 1.0003)) < 700_000)
    origin.restart()
    #expect(origin.moment(of: 0) == nil)
  }

  @Test func whatRestsBeginsAtOnce() {
    var status = OutputStatus()
    #expect(status.moment(ofSample: 0, ringRate: 16_000, after: 0) == nil)
    status.ringOrigin = 1_000_000_000
    #expect(status.moment(ofSample: 1_600, ringRate: 16_000, after: 0) == 1_100_000_000)
    // In the past: it is late, and so is what follows.
    #expect(status.moment(ofSample: 1_600, ringRate: 16_000, after: 1_205_000_000) == 1_100_000_000)
    status.isResting = true
    #expect(status.moment(ofSample: 1_600, ringRate: 16_000, after: 1_205_000_000) == 1_205_000_000)
    #expect(status.moment(ofSample: 1_600, ringRate: 16_000, after: 1_220_000_000) == 1_220_000_000)
  }
}

@Suite struct PaceGuardTests {
  @Test func realTimeIsPlausible() {
    var guardian = PaceGuard(rate: 16_000, buffer: 640, start: 0)
    var isPlausible = true
    for i in 1...10_000 {
      guardian.add(160)
      isPlausible = guardian.isPlausible(at: Int64(i) * 10_000_000) && isPlausible
    }
    #expect(isPlausible)
  }

  @Test func aRunawayIsNoticedEvenAfterALongGoodTime() {
    var guardian = PaceGuard(rate: 16_000, buffer: 640, start: 0)
    for i in 1...6_000 {
      guardian.add(160)
      _ = guardian.isPlausible(at: Int64(i) * 10_000_000)
    }
    var isPlausible = true
    for _ in 0..<2_000 where isPlausible {
      guardian.add(160)
      isPlausible = guardian.isPlausible(at: 60_000_000_000)
    }
    #expect(!isPlausible)
  }
}

@Suite struct CountingTests {
  @Test func scalingLosesNothing() {
    var scale = RateScale(from: 44_100, to: 16_000)
    var sum = 0
    for _ in 0..<44_100 { sum += scale.scale(7) }
    #expect(sum == 7 * 16_000)
  }

  @Test func dryIsOnlyWhatWasFull() {
    var dry = DryDetector()
    let answers = [0, 160, 20, 0, 160].map { dry.hasRunDry(real: $0, of: 160) }
    #expect(answers == [false, false, true, false, false])
    dry.reset()
    let afterReset = dry.hasRunDry(real: 0, of: 160)
    #expect(!afterReset)
  }
}
