import Audio
import Synchronization
import Threads
import Timeline

/// Samples that are known from the start (a WAV, a synthesised sentence) instead of a microphone: at real-time pace,
/// then silence for ever.
public final class PacedInput: AudioInput {
  public let rate: Int
  public let ring: SampleRing
  public var ringRate: Int { rate }

  private let loop: PacedLoop

  /// - Parameters:
  ///   - samples: at `rate`; may be empty.
  ///   - rate: samples a second.
  ///   - frame: how much comes at a time.
  ///   - name: of the source, for its `ended` event.
  ///   - isHeld: silence flows until `release` is called, so that nothing is spoken before somebody listens.
  ///   - events: `ended` when the last sample was delivered; called once, on the paced thread.
  ///   - wake: called on the paced thread with each frame.
  public init(
    _ samples: [Int16], rate: Int, frame: Duration = .milliseconds(20), name: String, isHeld: Bool = false,
    events: @escaping @Sendable (DeviceChange) -> Void, wake: @escaping @Sendable () -> Void
  ) {
    self.rate = rate
    let source = FixedSource(samples, rate: rate, name: name, isHeld: isHeld, events: events, wake: wake)
    self.source = source
    ring = source.ring
    loop = PacedLoop(name: "paced input", rate: rate, frame: frame) { frames, now in source.tick(frames, now) }
    source.frameLength.store(loop.frameLength, ordering: .relaxed)
  }

  /// No input at all: silence in real time.
  public static func silence(
    rate: Int, frame: Duration = .milliseconds(20), wake: @escaping @Sendable () -> Void
  ) -> PacedInput {
    PacedInput([], rate: rate, frame: frame, name: "silence", isHeld: true, events: { _ in }, wake: wake)
  }

  private let source: FixedSource

  public var status: InputStatus { source.counters.status }
  public func start() { loop.start() }
  public func stop() { loop.stop() }
  public func setResting(_ rests: Bool) { loop.setResting(rests) }

  /// Any thread: lets the samples flow, if they were held. Later calls do nothing.
  public func release() { source.isHeld.store(false, ordering: .releasing) }
}

/// What the paced thread of a `PacedInput` works on.
private final class FixedSource: @unchecked Sendable {
  // Sendable: `position` is touched by the paced thread alone; `samples` never changes; the rest is atomic or constant.
  let ring: SampleRing
  let counters = InputCounters()
  let isHeld: Atomic<Bool>
  let frameLength = Atomic<Int>(1)
  private let samples: UnsafeMutableBufferPointer<Int16>
  private let rate: Int
  private let name: String
  private let events: @Sendable (DeviceChange) -> Void
  private let wake: @Sendable () -> Void
  private var position = 0
  private var hasEnded = false

  init(
    _ samples: [Int16], rate: Int, name: String, isHeld: Bool, events: @escaping @Sendable (DeviceChange) -> Void,
    wake: @escaping @Sendable () -> Void
  ) {
    self.samples = .allocate(capacity: samples.count)
    _ = self.samples.initialize(from: samples)
    self.rate = rate
    self.name = name
    self.isHeld = Atomic(isHeld)
    self.events = events
    self.wake = wake
    ring = SampleRing(capacity: rate)
  }

  deinit { samples.deallocate() }

  func tick(_ frames: Int, _ now: Int64) {
    let length = frames * frameLength.load(ordering: .relaxed)
    let isFlowing = !isHeld.load(ordering: .acquiring)
    let count = isFlowing ? min(length, samples.count - position) : 0
    if count > 0 {
      ring.write(UnsafeBufferPointer(rebasing: samples[position..<position + count]))
      position += count
    }
    ring.writeSilence(length - count)
    counters.noteCaptured(by: now, ring: ring, rate: rate)
    counters.note(captured: count, silence: length - count, at: now)
    if isFlowing, !hasEnded, position == samples.count {
      // The one event of its life: the stream is over, nothing can be late any more.
      hasEnded = true
      let seconds = Double(samples.count * 10 / rate) / 10
      events(DeviceChange(role: .mic, state: .ended, name: name, text: "\(name) was spoken to its end (\(seconds) s)"))
    }
    wake()
  }
}
