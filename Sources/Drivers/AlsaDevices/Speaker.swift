import Audio
import AudioDevices
import Synchronization
import Threads
import Timeline

/// An ALSA playback device; while there is none, samples are taken in real time and nobody hears them.
public final class Speaker: AudioOutput {
  public let rate: Int
  public let ring: SampleRing
  /// One second; when nobody reads it, it fills up and stays so: `discard` it before the first use.
  public var reference: SampleRing? { played }
  public var ringRate: Int { currentRate.load(ordering: .acquiring) }

  private let link = DeviceLink()
  private let keeper: DeviceKeeper
  private let counters = OutputCounters()
  private let currentRate: Atomic<Int>
  private let played = SampleRing(capacity: 48_000)
  /// Handed to the device and not yet played; the audio thread's alone.
  private let pending = SampleRing(capacity: 65_536)
  private let wake: @Sendable () -> Void
  private let thread = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - name: ALSA's, as in `plughw:1,0`; nil: `default`.
  ///   - rate: samples a second.
  ///   - events: what happens to the device; called on a thread of its own.
  ///   - wake: called on the audio thread when samples were taken and less than 30 ms are left: at most a write to an
  ///     eventfd.
  public init(
    name: String?, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void, wake: @escaping @Sendable () -> Void
  ) {
    self.rate = rate
    self.wake = wake
    currentRate = Atomic(rate)
    ring = SampleRing(capacity: 48_000)
    keeper = DeviceKeeper(PCMRequest(name: name, role: .speaker, rate: rate), link: link, events: events)
  }

  public var status: OutputStatus {
    var status = counters.status
    status.xruns = link.xruns
    status.driftPPM = link.driftPPM
    return status
  }

  public func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread("playback") { [self] in run() }
      keeper.start()
    }
  }

  public func flush() {
    ring.flush()
    link.audioWaker.wake()
  }

  public func rouse() { if counters.isResting.load(ordering: .sequentiallyConsistent) { link.audioWaker.wake() } }

  public func stop(drain: Duration) {
    if thread.withLock({ $0 != nil }) { waitUntilPlayed(ring, counters, atMost: drain) }
    link.stop()
    thread.withLock { $0 }?.join()
    keeper.stop()
  }

  /// The audio thread: from here on no allocation, no lock.
  private func run() {
    requestRealtimePriority()
    var standIn = StandIn(ring: ring, counters: counters, rate: rate, ringRate: rate, waker: link.audioWaker)
    while !link.isStopping {
      if let slot = link.takeOffered() {
        let pcm = slot.pointee
        // At another rate, what waits would be heard at a wrong pitch; it is a few periods at most.
        if pcm.rate != ringRate { ring.discard() }
        currentRate.store(pcm.rate, ordering: .releasing)
        counters.isStandIn.store(false, ordering: .relaxed)
        var loop = PlaybackLoop(
          pcm, rate: rate, ring: ring, pending: pending, played: played, link: link, counters: counters, wake: wake)
        link.giveBack(slot, error: loop.run(&standIn))
        counters.deviceDelay.store(0, ordering: .relaxed)
        counters.latencyBehindBuffer.store(0, ordering: .relaxed)
        counters.bufferAfterFlush.store(0, ordering: .relaxed)
        counters.largestTake.store(0, ordering: .relaxed)
        standIn.restart(ringRate: pcm.rate)
      } else {
        counters.isStandIn.store(true, ordering: .relaxed)
        let taken = standIn.tick()
        // Nobody heard anything: to the echo canceller it is silence.
        played.writeSilence(taken.samples.count + taken.silence)
        if !taken.samples.isEmpty, LowWater.isReached(LowWater.unheard, in: ring, rate: ringRate) { wake() }
      }
    }
    standIn.deallocate()
  }
}
