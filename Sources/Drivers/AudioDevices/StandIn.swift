import Audio
import Glibc
import Synchronization
import Threads
import Timeline

/// Takes a ring's samples in real time where there is no device to take them. One thread.
///
/// When the ring has been empty for half a second it rests: it looks twice a second, or when it is roused.
package struct StandIn {
  /// What a tick took: some samples, and then silence.
  package struct Taken {
    package var samples: UnsafeBufferPointer<Int16>
    package var silence: Int
  }

  /// Samples taken with each tick: 20 ms, half of what is kept ahead of a device.
  package static let frame = Duration.milliseconds(20)

  private let ring: SampleRing
  private let counters: OutputCounters
  private let rate: Int
  private var clock: PacedClock
  private var scale: RateScale
  private var dry = DryDetector()
  /// Ends a rest.
  private let waker: Waker
  private var emptyTicks = 0
  /// Room for 20 ms at the highest rate.
  private let block = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 8_192)

  /// - Parameters:
  ///   - rate: samples a second as counted.
  ///   - ringRate: samples a second as taken.
  ///   - waker: ends a rest; whoever writes to the ring while `counters.isResting` wakes it.
  package init(ring: SampleRing, counters: OutputCounters, rate: Int, ringRate: Int, waker: Waker) {
    self.ring = ring
    self.counters = counters
    self.rate = rate
    self.waker = waker
    block.initialize(repeating: 0)
    clock = PacedClock(rate: ringRate, frameLength: ringRate / 50)
    scale = RateScale(from: ringRate, to: rate)
    counters.noteNext(heardAt: clock.due, ring: ring, rate: ringRate, afterSilence: true)
  }

  package func deallocate() { block.deallocate() }

  private var frameLength: Int { min(clock.frameLength, block.count) }

  /// After a device was lost: from now on, at its rate.
  package mutating func restart(ringRate: Int) {
    clock = PacedClock(rate: ringRate, frameLength: ringRate / 50)
    scale = RateScale(from: ringRate, to: rate)
    emptyTicks = 0
    counters.noteNext(heardAt: clock.due, ring: ring, rate: clock.rate, afterSilence: true)
  }

  /// Sleeps until the next 20 ms are over and takes them, or until a rest is over.
  package mutating func tick() -> Taken {
    if emptyTicks >= Int(AudioRest.patience / .milliseconds(20)) { return rest() }
    let now = clock.wait()
    let frame = UnsafeMutableBufferPointer(rebasing: block[..<frameLength])
    let real = ring.read(into: frame)
    // What is taken now is heard from now on, and the rest one frame later.
    counters.noteNext(heardAt: clock.due, ring: ring, rate: clock.rate, afterSilence: real < frame.count)
    emptyTicks = real > 0 ? 0 : emptyTicks + 1
    let realCount = scale.scale(real)
    counters.note(real: realCount, silence: scale.scale(frame.count - real), at: now)
    if real > 0 { counters.playedOutAt.store(now, ordering: .relaxed) }
    if dry.hasRunDry(real: real, of: frame.count) { counters.ringUnderruns.add(1, ordering: .relaxed) }
    return Taken(samples: UnsafeBufferPointer(rebasing: frame[..<real]), silence: frame.count - real)
  }

  /// What was written meanwhile is heard from now on, not in the time that has passed.
  private mutating func rest() -> Taken {
    counters.isResting.store(true, ordering: .sequentiallyConsistent)
    var passed = (frames: 0, now: monotonicNanoseconds())
    // Written before the writer could see that it has to wake anybody: not to be slept over.
    if ring.count == 0 { passed = clock.rest(until: waker) }
    var silence = passed.frames * frameLength
    if ring.count > 0 {
      emptyTicks = 0
      // Nothing but its own silence keeps it from beginning at once.
      if silence > 0 { silence -= clock.hasten(to: passed.now) }
    }
    counters.noteNext(heardAt: clock.due, ring: ring, rate: clock.rate, afterSilence: silence > 0)
    counters.isResting.store(false, ordering: .sequentiallyConsistent)
    counters.note(real: 0, silence: scale.scale(silence), at: passed.now)
    return Taken(samples: UnsafeBufferPointer(rebasing: block[..<0]), silence: silence)
  }
}

/// Blocks the calling thread until the ring is empty and its last sample was heard, or the time is over.
package func waitUntilPlayed(_ ring: SampleRing, _ counters: OutputCounters, atMost limit: Duration) {
  let deadline = monotonicNanoseconds() + limit.nanoseconds
  while true {
    let now = monotonicNanoseconds()
    let isPlayed = ring.count == 0 && now >= counters.playedOutAt.load(ordering: .relaxed)
    if isPlayed || now >= deadline { return }
    usleep(2_000)
  }
}
