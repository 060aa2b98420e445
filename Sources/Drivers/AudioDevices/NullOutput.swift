import Audio
import Synchronization
import Threads
import Timeline

/// No speaker: takes samples in real time, as a speaker does, and forgets them.
public final class NullOutput: AudioOutput {
  public let rate: Int
  public let ring: SampleRing
  public var ringRate: Int { rate }
  public var reference: SampleRing? { nil }

  private let counters = OutputCounters()
  private let wake: @Sendable () -> Void
  /// Everything that was taken, silence included, goes there too.
  private let tap: SampleRing?
  private let stopping = Atomic<Bool>(false)
  private let waker = Waker()
  private let thread = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - rate: samples a second.
  ///   - wake: called on the thread when samples were taken and less than 20 ms are left.
  public convenience init(rate: Int, wake: @escaping @Sendable () -> Void) {
    self.init(rate: rate, tap: nil, wake: wake)
  }

  init(rate: Int, tap: SampleRing?, wake: @escaping @Sendable () -> Void) {
    self.rate = rate
    self.tap = tap
    self.wake = wake
    ring = SampleRing(capacity: 48_000)
  }

  public var status: OutputStatus { counters.status }

  public func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread("paced output") { [self] in run() }
    }
  }

  public func flush() { ring.flush() }
  public func rouse() { if counters.isResting.load(ordering: .sequentiallyConsistent) { waker.wake() } }

  public func stop(drain: Duration) {
    if thread.withLock({ $0 != nil }) { waitUntilPlayed(ring, counters, atMost: drain) }
    stopping.store(true, ordering: .releasing)
    waker.wake()
    thread.withLock { $0 }?.join()
  }

  private func run() {
    requestRealtimePriority()
    var standIn = StandIn(ring: ring, counters: counters, rate: rate, ringRate: rate, waker: waker)
    while !stopping.load(ordering: .acquiring) {
      let taken = standIn.tick()
      tap?.write(taken.samples)
      tap?.writeSilence(taken.silence)
      if !taken.samples.isEmpty, LowWater.isReached(LowWater.unheard, in: ring, rate: rate) { wake() }
    }
    standIn.deallocate()
  }
}
