import Audio
import Testing
import Timeline

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

  @Test func whatEndsARestIsHeardAtOnce() {
    let start: Int64 = 1_000_000_000
    var clock = PacedClock(rate: 16_000, frameLength: 320, start: start)
    clock.advance(at: start + 20_000_000)
    // Due at 40 ms, and wanted at 25.
    #expect(clock.hasten(to: start + 25_000_000) == 240)
    #expect(clock.due == start + 25_000_000)
    // What is due is not put off.
    #expect(clock.hasten(to: start + 30_000_000) == 0 && clock.due == start + 25_000_000)
  }

  @Test func aRestPassesWholeFramesAndLosesNone() {
    var clock = PacedClock(rate: 1_000, frameLength: 20, start: 0)
    #expect(clock.restEnd(.milliseconds(500)) == 500_000_000)
    // Ended after 50 ms: two frames of 20 ms.
    let early = clock.endRest(.milliseconds(500), at: 50_000_000)
    #expect(early == 2)
    #expect(clock.due == 60_000_000 && clock.lastDue == 40_000_000)
    #expect(clock.restEnd(.milliseconds(500)) == 540_000_000)
    // Late, and counted whole; a machine that slept has no past to make up for.
    let late = clock.endRest(.milliseconds(500), at: 740_000_000)
    #expect(late == 25)
    #expect(clock.due == 560_000_000)
    let slept = clock.endRest(.milliseconds(500), at: 60_000_000_000)
    #expect(slept == 1)
    #expect(clock.due == 60_020_000_000)
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

  @Test func theLargestIsForgottenAfterSomeSeconds() {
    var maximum = RecentMaximum()
    let second: Int64 = 1_000_000_000
    for i in 0..<10 { maximum.add(200 + i % 3, at: Int64(i) * second / 10) }
    #expect(maximum.value == 202)
    for i in 0..<60 { maximum.add(10, at: 2 * second + Int64(i) * second / 10) }
    #expect(maximum.value == 10)
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

  @Test func aDeviceThatWakesForNothingIsSleptFor() {
    var guardian = PaceGuard(rate: 16_000, buffer: 640, start: 0)
    let pauses = (0..<25).map { _ in guardian.idleWakeUp() }
    #expect(pauses == [Duration](repeating: .zero, count: 20) + [Duration](repeating: .milliseconds(2), count: 5))
    guardian.add(160)
    let afterwards = guardian.idleWakeUp()
    #expect(afterwards == .zero)
  }

  @Test func aStreamThatStoodStillMayCatchUp() {
    var guardian = PaceGuard(rate: 16_000, buffer: 640, start: 0)
    var answers: [Bool] = []
    for (count, isAnew) in [(640 + 8_000 + 3_200, false), (1, false), (640 + 8_000, true)] {
      if isAnew { guardian.restart(at: 100_000_000) }
      guardian.add(count)
      answers.append(guardian.isPlausible(at: 100_000_000))
    }
    #expect(answers == [true, false, true])
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
