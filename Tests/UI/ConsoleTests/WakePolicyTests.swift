import Testing
import Timeline

@testable import Console

/// When the main thread wakes, what it looks at, and what it draws.
struct WakePolicyTests {
  private static let frame = Duration.milliseconds(33)

  private func ms(_ ms: Double) -> Timestamp { Timestamp(milliseconds: ms) }

  /// A policy whose last frame, whole, and last look were at `start`.
  private func drawn(at start: Double = 0) -> WakePolicy {
    var policy = WakePolicy(frame: Self.frame)
    policy.handle(.entriesTaken(0, left: 0, took: .zero, behind: .zero), at: ms(start))
    policy.handle(.drawn(.whole), at: ms(start))
    return policy
  }

  private func demand(_ change: (inout RedrawDemand) -> Void) -> RedrawDemand {
    var demand = RedrawDemand()
    change(&demand)
    return demand
  }

  private func until(_ policy: WakePolicy, _ demand: RedrawDemand, isBusy: Bool = false, at now: Double) -> Double {
    policy.sleep(demand, isScreenBusy: isBusy, at: ms(now)).until.milliseconds
  }

  // MARK: - Sleep

  @Test func theFirstFrameIsDrawnAtOnce() {
    let policy = WakePolicy(frame: Self.frame)
    #expect(until(policy, RedrawDemand(), at: 5) <= 5)
    #expect(policy.frame(RedrawDemand(), isScreenBusy: false, at: ms(5)) == .meters)
    #expect(policy.frame(demand { $0.isUrgent = true }, isScreenBusy: false, at: ms(5)) == .whole)
  }

  @Test func withoutAScreenNothingIsDrawn() {
    var policy = WakePolicy(frame: nil, longestSleep: .milliseconds(100))
    policy.handle(.entriesTaken(3, left: 0, took: .zero, behind: .zero), at: ms(10))
    let sleep = policy.sleep(RedrawDemand(), isScreenBusy: false, at: ms(10))
    #expect(sleep == .init(until: ms(110), watchesEntries: true))
    #expect(policy.frame(RedrawDemand(), isScreenBusy: false, at: ms(10)) == nil)
    #expect(policy.entryLimit(at: ms(10)) > 0)
  }

  @Test func whereNothingHappensItWakesOnceASecond() {
    var policy = drawn()
    var (now, wakes) = (0.0, 0)
    let quiet = demand { $0.nextChange = ms(1e9) }
    while now < 10_000 {
      now = until(policy, quiet, at: now)
      wakes += 1
      if policy.entryLimit(at: ms(now)) > 0 {
        policy.handle(.entriesTaken(0, left: 0, took: .zero, behind: .zero), at: ms(now))
      }
      #expect(policy.frame(quiet, isScreenBusy: false, at: ms(now)) == nil)
    }
    // The first is for entries, which are not listened to within a frame of the last one.
    #expect(wakes == 11)
  }

  @Test func metersAreDrawnAtTheirPaceAndFiguresAtTheirs() {
    var policy = drawn()
    let sound = demand {
      ($0.isMeterDue, $0.isFigureDue, $0.isAudible) = (true, true, true)
      ($0.meterInterval, $0.figureInterval) = (Self.frame, .milliseconds(200))
    }
    var (now, whole, meters) = (0.0, 0, 0)
    while now < 10_000 {
      now = until(policy, sound, at: now)
      guard let extent = policy.frame(sound, isScreenBusy: false, at: ms(now)) else { continue }
      if extent == .whole { whole += 1 } else { meters += 1 }
      policy.handle(.entriesTaken(1, left: 0, took: .zero, behind: .zero), at: ms(now))
      policy.handle(.drawn(extent), at: ms(now))
    }
    #expect(whole + meters == 304)
    // Each seventh frame is the first after 200 ms.
    #expect(whole == 43)
  }

  @Test func whatIsUrgentWaitsForTheNextFrameAndAKeyForHalfOfOne() {
    var policy = drawn()
    let urgent = demand { $0.isUrgent = true }
    #expect(until(policy, urgent, at: 2) == 33)
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(32)) == nil)
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(33)) == .whole)
    policy.handle(.keysHandled, at: ms(2))
    #expect(abs(until(policy, urgent, at: 2) - 8.333333) < 1e-6)
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(8.4)) == .whole)
    policy.handle(.drawn(.whole), at: ms(8.4))
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(17)) == nil, "the hurry is over with the frame")
    #expect(until(policy, urgent, at: 50) == 50, "long after the last frame it is drawn at once")
  }

  @Test func aBusyScreenIsNotDrawnOnAndNotWaitedForInVain() {
    let policy = drawn()
    let urgent = demand { $0.isUrgent = true }
    #expect(policy.frame(urgent, isScreenBusy: true, at: ms(100)) == nil)
    #expect(until(policy, urgent, isBusy: true, at: 100) == 1000)
  }

  @Test func aLostScreenIsDrawnThoughNothingChanged() {
    var policy = drawn()
    #expect(policy.frame(RedrawDemand(), isScreenBusy: false, at: ms(100)) == nil)
    policy.handle(.screenLost, at: ms(100))
    #expect(until(policy, RedrawDemand(), at: 100) == 100)
    #expect(policy.frame(RedrawDemand(), isScreenBusy: false, at: ms(100)) == .meters)
  }

  @Test func whatChangesByItselfWakesWhenItDoes() {
    let policy = drawn()
    #expect(until(policy, demand { $0.nextChange = ms(400) }, at: 100) == 400)
    #expect(until(policy, demand { $0.nextChange = ms(10) }, at: 35) == 35 - 2, "not before the next frame")
    #expect(policy.isTickDue(demand { $0.nextChange = ms(400) }, at: ms(400)))
    #expect(!policy.isTickDue(demand { $0.nextChange = ms(400) }, at: ms(399)))
    let falling = demand { ($0.movesMeters, $0.meterInterval) = (true, .milliseconds(50)) }
    #expect(until(policy, falling, at: 40) == 50 && policy.isTickDue(falling, at: ms(50)))
    let growing = demand { ($0.movesFigures, $0.figureInterval) = (true, .milliseconds(100)) }
    #expect(until(policy, growing, at: 40) == 100 && policy.isTickDue(growing, at: ms(100)))
    #expect(!policy.isTickDue(RedrawDemand(), at: ms(1e6)))
  }

  @Test func workOnTheLogGoesOnAtOnce() {
    let policy = drawn()
    let working = demand { $0.isWorking = true }
    #expect(until(policy, working, at: 1) == 1)
    #expect(policy.isTickDue(working, at: ms(1)))
  }

  // MARK: - Entries

  @Test func entriesWakeItNoMoreOftenThanItDraws() {
    var policy = drawn()
    let quiet = demand { $0.nextChange = ms(1e9) }
    #expect(policy.sleep(quiet, isScreenBusy: false, at: ms(5)) == .init(until: ms(33), watchesEntries: false))
    #expect(policy.sleep(quiet, isScreenBusy: false, at: ms(33)) == .init(until: ms(1000), watchesEntries: true))
    policy.handle(.entriesSignalled, at: ms(40))
    #expect(policy.entryLimit(at: ms(40)) > 0)
    policy.handle(.entriesTaken(1, left: 0, took: .zero, behind: .zero), at: ms(40))
    #expect(policy.entryLimit(at: ms(41)) == 0)
    #expect(!policy.sleep(quiet, isScreenBusy: false, at: ms(41)).watchesEntries)
    #expect(policy.entryLimit(at: ms(73)) > 0, "when it is awake anyway, it looks")
  }

  @Test func nearReasonsToWakeAreOne() {
    let policy = drawn()
    // 38 is due 5 ms after entries would be listened to: it wakes once for both.
    #expect(until(policy, demand { $0.nextChange = ms(38) }, at: 1) == 38)
    #expect(until(policy, demand { $0.nextChange = ms(60) }, at: 1) == 33)
  }

  @Test func whatIsLeftIsLookedAtWithoutASleep() {
    var policy = drawn()
    policy.handle(.entriesTaken(256, left: 9, took: .milliseconds(4), behind: .milliseconds(10)), at: ms(1))
    #expect(policy.hasMore && until(policy, RedrawDemand(), at: 2) == 2)
    #expect(policy.entryLimit(at: ms(2)) > 0 && policy.entryLimitBeforeFrame == 0)
    policy.handle(.entriesTaken(9, left: 0, took: .milliseconds(1), behind: .milliseconds(10)), at: ms(2))
    #expect(!policy.hasMore && until(policy, RedrawDemand(), at: 3) > 3)
    #expect(policy.entryLimit(at: ms(3)) == 0 && policy.entryLimitBeforeFrame > 0)
  }

  /// Slices of a flood in which every entry costs as much: after a few of them each takes the time that it may.
  @Test(arguments: [1_000, 20_000, 100_000]) func slicesTakeTheTimeThatTheyMay(nanosecondsEach: Int64) {
    var policy = drawn()
    var now = ms(100)
    var took = Duration.zero
    for _ in 0..<20 {
      let count = policy.entryLimit(at: now)
      took = .nanoseconds(Int64(count) * nanosecondsEach)
      policy.handle(.entriesTaken(count, left: 100_000, took: took, behind: .zero), at: now)
      now += took
    }
    #expect(took <= .milliseconds(5) && (took >= .milliseconds(3) || nanosecondsEach == 1_000))
    #expect(WakePolicy.sliceRange.contains(policy.entryLimit(at: now)))
  }

  @Test func aSliceShrinksAtOnceAndGrowsSlowly() {
    var policy = drawn()
    policy.handle(.entriesTaken(256, left: 1000, took: .milliseconds(400), behind: .zero), at: ms(1))
    #expect(policy.entryLimit(at: ms(401)) == 16)
    for expected in [32, 64, 128] {
      let count = policy.entryLimit(at: ms(500))
      policy.handle(.entriesTaken(count, left: 1000, took: .zero, behind: .zero), at: ms(500))
      #expect(policy.entryLimit(at: ms(500)) == expected)
    }
    policy.handle(.entriesTaken(1, left: 1000, took: .zero, behind: .zero), at: ms(500))
    #expect(policy.entryLimit(at: ms(500)) == 128, "one entry says nothing of a full slice")
    for _ in 0..<20 { policy.handle(.entriesTaken(4096, left: 1, took: .zero, behind: .zero), at: ms(500)) }
    #expect(policy.entryLimit(at: ms(500)) == 4096)
  }

  @Test func howFarBehindIsToldWhenItIsFelt() {
    var policy = drawn()
    #expect(policy.noticeableDelay == nil)
    policy.handle(.entriesTaken(9, left: 5, took: .zero, behind: .milliseconds(500)), at: ms(1))
    #expect(policy.noticeableDelay == nil)
    policy.handle(.entriesTaken(9, left: 5, took: .zero, behind: .milliseconds(501)), at: ms(2))
    #expect(policy.noticeableDelay == .milliseconds(501))
    policy.handle(.entriesTaken(5, left: 0, took: .zero, behind: .seconds(3)), at: ms(3))
    #expect(policy.noticeableDelay == nil, "nothing waits any more, however old the last one was")
  }

  @Test func framesGiveWayToWhatWaits() {
    var policy = drawn()
    let urgent = demand { $0.isUrgent = true }
    policy.handle(.entriesTaken(9, left: 5, took: .zero, behind: .seconds(1)), at: ms(1))
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(99)) == nil)
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(100)) == .whole)
    policy.handle(.keysHandled, at: ms(2))
    #expect(policy.frame(urgent, isScreenBusy: false, at: ms(9)) == .whole, "a key does not wait for that")
  }

  /// A flood that never ends, entries that cost a tenth of a millisecond, frames of 10 ms, and keys: however they fall,
  /// each is seen soon.
  @Test func aKeyIsAnsweredInAFlood() {
    var policy = drawn()
    var now = 100.0
    var (isUrgent, pressedAt) = (false, Double?.none)
    var (worst, answered, looked) = (0.0, 0, 0)
    policy.handle(.entriesTaken(256, left: 60_000, took: .zero, behind: .zero), at: ms(now))
    for round in 0..<20_000 {
      let sleep = policy.sleep(demand { $0.isUrgent = isUrgent }, isScreenBusy: false, at: ms(now))
      #expect(sleep.until <= ms(now), "there is always work")
      if round % 37 == 0, pressedAt == nil {
        // Pressed just after the keys were looked at, so that it waits a slice and a frame.
        pressedAt = now
      } else if pressedAt != nil {
        policy.handle(.keysHandled, at: ms(now))
      }
      let count = policy.entryLimit(at: ms(now))
      policy.handle(
        .entriesTaken(count, left: 60_000, took: .nanoseconds(Int64(count) * 100_000), behind: .seconds(2)), at: ms(now)
      )
      now += Double(count) / 10
      looked += count
      isUrgent = true
      guard let extent = policy.frame(demand { $0.isUrgent = true }, isScreenBusy: false, at: ms(now)) else { continue }
      policy.handle(.drawn(extent), at: ms(now))
      now += 10
      guard let at = pressedAt else { continue }
      worst = max(worst, now - at)
      (answered, pressedAt) = (answered + 1, nil)
    }
    #expect(answered > 200)
    #expect(worst < 100, "\(worst) ms")
    // Most of the time goes into the flood, all the same.
    #expect(Double(looked) / 10 > (now - 100) * 0.5)
  }

  // MARK: - Worth waking

  private func micFrame(_ db: Double, isSpeech: Bool = false) -> Entry.Event {
    .micFrame(
      MicFrame(
        sampleCount: 320, rate: 16_000, rmsDB: db, peakDB: db, peaks: [], fate: .gated, vadLevelDB: db,
        vadThresholdDB: -45, isSpeech: isSpeech))
  }
  private func message(_ bytes: Int) -> Entry.Event {
    .message(Message(link: LinkID(1), way: .toClient, kind: .text, payload: [UInt8](repeating: 0x20, count: bytes)))
  }

  @Test func newsWakesAndSoundOnlyTheSleeper() {
    for event in [message(10), message(512), message(16_385), .voiceEdge(VoiceEdge(isStart: true, sinceMs: 0))] {
      #expect(WakePolicy.wakes(event, isDozing: false) && WakePolicy.wakes(event, isDozing: true))
    }
    for event in [
      message(513), message(16_384),
      .queue(QueueDepth(name: .uplink, depth: 0, capacity: nil, dropped: 0, unit: .frames)),
    ] {
      #expect(!WakePolicy.wakes(event, isDozing: false) && !WakePolicy.wakes(event, isDozing: true))
    }
    #expect(WakePolicy.wakes(micFrame(-49), isDozing: true) && !WakePolicy.wakes(micFrame(-49), isDozing: false))
    #expect(WakePolicy.wakes(micFrame(-70, isSpeech: true), isDozing: true))
    #expect(!WakePolicy.wakes(micFrame(-51), isDozing: true))
  }
}
