import Audio
import AudioDevices
import Synchronization
import Threads
import Timeline

/// An ALSA capture device, and paced silence while there is none.
public final class Microphone: AudioInput {
  public let rate: Int
  public let ring: SampleRing
  public var ringRate: Int { currentRate.load(ordering: .acquiring) }

  private let link = DeviceLink()
  private let keeper: DeviceKeeper
  private let counters = InputCounters()
  private let currentRate: Atomic<Int>
  private let isResting = Atomic<Bool>(false)
  private let wake: @Sendable () -> Void
  private let thread = Locked<NamedThread?>(nil)

  /// - Parameters:
  ///   - name: ALSA's, as in `plughw:1,0`; nil: `default`.
  ///   - rate: samples a second.
  ///   - events: what happens to the device; called on a thread of its own.
  ///   - wake: called on the audio thread when samples have come: at most a write to an eventfd.
  public init(
    name: String?, rate: Int, events: @escaping @Sendable (DeviceChange) -> Void, wake: @escaping @Sendable () -> Void
  ) {
    self.rate = rate
    self.wake = wake
    currentRate = Atomic(rate)
    // A second at the highest rate: more would be too late to be of use.
    ring = SampleRing(capacity: 48_000)
    keeper = DeviceKeeper(PCMRequest(name: name, role: .mic, rate: rate), link: link, events: events)
  }

  public var status: InputStatus {
    var status = counters.status
    status.xruns = link.xruns
    status.driftPPM = link.driftPPM
    return status
  }

  public func start() {
    thread.withLock { thread in
      guard thread == nil else { return }
      thread = NamedThread("capture") { [self] in run() }
      keeper.start()
    }
  }

  public func stop() {
    link.stop()
    thread.withLock { $0 }?.join()
    keeper.stop()
  }

  public func setResting(_ rests: Bool) {
    isResting.store(rests, ordering: .releasing)
    if !rests { link.audioWaker.wake() }
  }

  /// The audio thread: from here on no allocation, no lock.
  private func run() {
    requestRealtimePriority()
    var pace = PacedClock(rate: ringRate, frameLength: ringRate / 50)
    while !link.isStopping {
      if let slot = link.takeOffered() {
        let pcm = slot.pointee
        currentRate.store(pcm.rate, ordering: .releasing)
        counters.isStandIn.store(false, ordering: .relaxed)
        var loop = CaptureLoop(pcm, rate: rate, ring: ring, link: link, counters: counters, wake: wake)
        link.giveBack(slot, error: loop.run())
        pace = PacedClock(rate: pcm.rate, frameLength: pcm.rate / 50)
      } else {
        counters.isStandIn.store(true, ordering: .relaxed)
        // The waker ends a rest also when a device was found.
        let passed =
          isResting.load(ordering: .acquiring) ? pace.rest(until: link.audioWaker) : (frames: 1, now: pace.wait())
        let count = passed.frames * pace.frameLength
        guard count > 0 else { continue }
        ring.writeSilence(count)
        counters.noteCaptured(
          by: pace.lastDue, ring: ring, rate: pace.rate)
        counters.note(captured: 0, silence: count * rate / pace.rate, at: passed.now)
        wake()
      }
    }
  }
}
