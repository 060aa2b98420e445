import Glibc
import Synchronization
import Threads
import Timeline

/// Takes a ring's samples in real time where there is no device to take them. One thread.
struct StandIn {
  private let ring: SampleRing
  private let counters: OutputCounters
  private let rate: Int
  private var clock: PacedClock
  private var scale: RateScale
  private var dry = DryDetector()
  /// Room for 20 ms at the highest rate.
  private let block = UnsafeMutableBufferPointer<Int16>.allocate(capacity: 8_192)

  /// - Parameters:
  ///   - rate: samples a second as counted.
  ///   - ringRate: samples a second as taken.
  init(ring: SampleRing, counters: OutputCounters, rate: Int, ringRate: Int) {
    self.ring = ring
    self.counters = counters
    self.rate = rate
    block.initialize(repeating: 0)
    clock = PacedClock(rate: ringRate, frameLength: ringRate / 50)
    scale = RateScale(from: ringRate, to: rate)
  }

  /// Whether the last tick took anything: then there is room for more.
  private(set) var hasTakenSamples = false

  func deallocate() { block.deallocate() }

  /// Samples taken with each tick: 20 ms, half of what is kept ahead of a device.
  var frameLength: Int { min(clock.frameLength, block.count) }

  /// After a device was lost: from now on, at its rate.
  mutating func restart(ringRate: Int) {
    clock = PacedClock(rate: ringRate, frameLength: ringRate / 50)
    scale = RateScale(from: ringRate, to: rate)
  }

  /// Sleeps until the next 20 ms are over and takes them. What there was of samples begins the result; silence follows.
  @discardableResult
  mutating func tick() -> UnsafeBufferPointer<Int16> {
    let now = clock.wait()
    let frame = UnsafeMutableBufferPointer(rebasing: block[..<frameLength])
    let real = ring.read(into: frame)
    for index in real..<frame.count { frame[index] = 0 }
    hasTakenSamples = real > 0
    let realCount = scale.scale(real)
    counters.note(real: realCount, silence: scale.scale(frame.count - real), at: now)
    if real > 0 { counters.playedOutAt.store(now, ordering: .relaxed) }
    if dry.hasRunDry(real: real, of: frame.count) { counters.ringUnderruns.add(1, ordering: .relaxed) }
    return UnsafeBufferPointer(frame)
  }
}

/// Blocks the calling thread until the ring is empty and its last sample was heard, or the time is over.
func waitUntilPlayed(_ ring: SampleRing, _ counters: OutputCounters, atMost limit: Duration) {
  let deadline = monotonicNanoseconds() + limit.nanoseconds
  while true {
    let now = monotonicNanoseconds()
    let isPlayed = ring.count == 0 && now >= counters.playedOutAt.load(ordering: .relaxed)
    if isPlayed || now >= deadline { return }
    usleep(2_000)
  }
}
