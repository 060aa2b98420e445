import Audio
import AudioDevices
import CALSA
import Glibc
import Threads
import Timeline

/// The microphone's audio thread while there is a device.
///
///     device buffer, 200 ms ──► a period ──► mean of the channels ──► ring
///
/// What an overrun swallowed becomes silence of the same length: the session's time is counted in these samples.
struct CaptureLoop {
  private let pcm: PCM
  private let ring: SampleRing
  private let link: DeviceLink
  private let counters: InputCounters
  private let wake: @Sendable () -> Void
  private var scale: RateScale
  private var drift: DriftEstimator
  private var guardian: PaceGuard
  private var origin: StreamOrigin
  /// Frames read since the stream was last started.
  private var position = 0
  /// When samples were put into the ring last.
  private var lastArrival: Int64 = 0
  private var watch: StreamWatch

  init(
    _ pcm: PCM, rate: Int, ring: SampleRing, link: DeviceLink, counters: InputCounters,
    wake: @escaping @Sendable () -> Void
  ) {
    self.pcm = pcm
    self.ring = ring
    self.link = link
    self.counters = counters
    self.wake = wake
    scale = RateScale(from: pcm.rate, to: rate)
    drift = DriftEstimator(rate: pcm.rate)
    guardian = PaceGuard(rate: pcm.rate, buffer: pcm.buffer, start: monotonicNanoseconds())
    origin = StreamOrigin(rate: pcm.rate)
    watch = StreamWatch(
      isServer: pcm.server != .none, buffer: .samples(pcm.buffer, rate: pcm.rate), at: .now)
  }

  /// Until the device fails (its negative error) or the end has come (0).
  mutating func run() -> Int32 {
    lastArrival = monotonicNanoseconds()
    var error = begin()
    while error == 0, !link.isStopping {
      pcm.wait(milliseconds: link.isStanding ? 20 : 100)
      let available = measure()
      error = available < 0 ? Int32(available) : take(available)
      if error == -EPIPE { error = recover() }
      if error == 0 { error = look() }
    }
    // The session's time goes on in real time across the loss.
    if error != 0, error != DeviceProblem.isNotPaced { fillGap() }
    return link.isStopping ? 0 : error
  }

  private mutating func begin() -> Int32 {
    position = 0
    watch.begin(at: .now)
    drift.restart()
    origin.restart()
    let error = snd_pcm_prepare(pcm.handle)
    return error < 0 ? error : min(0, snd_pcm_start(pcm.handle))
  }

  /// Frames that wait in the device, or an error; and a point for the drift, if the two clocks were read at once.
  private mutating func measure() -> Int {
    let before = monotonicNanoseconds()
    let available = pcm.available()
    let after = monotonicNanoseconds()
    if available >= 0 { origin.add(position: position + available, at: after) }
    // A server tells what it has handed out, in portions of its own: that is no clock of a card.
    if available >= 0, pcm.server == .none, after - before < DriftEstimator.longestReading {
      drift.add(position: position + available, at: before + (after - before) / 2)
      if let ppm = drift.ppm { link.publish(driftPPM: ppm) }
    }
    return available
  }

  /// Copies what waits, period by period.
  private mutating func take(_ available: Int) -> Int32 {
    var left = available
    while left > 0 {
      let count = pcm.readMono(left)
      if count == -Int(EAGAIN) || count == 0 { break }
      if count < 0 { return Int32(count) }
      resume()
      link.noteMoving()
      link.count(xruns: watch.move(at: .now))
      ring.write(UnsafeBufferPointer(rebasing: pcm.mono[..<count]))
      left -= count
      position += count
      lastArrival = monotonicNanoseconds()
      guardian.add(count)
      counters.note(captured: scale.scale(count), silence: 0, at: lastArrival)
    }
    if let moment = origin.moment(of: position) { counters.noteCaptured(by: moment, ring: ring, rate: pcm.rate) }
    if left == available { sleep(guardian.idleWakeUp()) } else { wake() }
    return 0
  }

  /// After an overrun: what it swallowed is replaced by silence of the same length, so that time goes on.
  private mutating func recover() -> Int32 {
    fillGap()
    sleep(watch.xrun(at: .now))
    return link.isStopping ? 0 : begin()
  }

  /// Whether the stream moves, and not faster than time goes by.
  private mutating func look() -> Int32 {
    let now = Timestamp.now
    switch watch.state(at: now) {
    case .lost: return pcm.server == .none ? DeviceProblem.hasStalled : DeviceProblem.hasEnded
    case .stands: stand()
    case .moves:
      // A server keeps time by itself, and its stream may stand still for a while and then catch up.
      if pcm.server == .none, !guardian.isPlausible(at: now.nanoseconds) { return DeviceProblem.isNotPaced }
    }
    return 0
  }

  /// A server's stream stands still: it is kept, with silence in its place, until it goes on.
  private mutating func stand() {
    link.setStanding(true)
    counters.isStandIn.store(true, ordering: .relaxed)
    fillGap()
  }

  private mutating func resume() {
    guard link.isStanding else { return }
    link.setStanding(false)
    counters.isStandIn.store(false, ordering: .relaxed)
    drift.restart()
    origin.restart()
    guardian.restart(at: monotonicNanoseconds())
  }

  private mutating func fillGap() {
    let now = monotonicNanoseconds()
    let missing = min(pcm.rate, PacedClock.samples(in: now - lastArrival, rate: pcm.rate))
    guard missing > 0 else { return }
    ring.writeSilence(missing)
    lastArrival = now
    counters.noteCaptured(by: now, ring: ring, rate: pcm.rate)
    counters.note(captured: 0, silence: scale.scale(missing), at: now)
    wake()
  }
}
