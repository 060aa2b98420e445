import Synchronization
import Threads

/// Changes counts of samples at one rate into counts at another without losing the fractions.
struct RateScale {
  let from: Int
  let to: Int
  private var rest = 0

  init(from: Int, to: Int) {
    self.from = max(1, from)
    self.to = to
  }

  mutating func scale(_ count: Int) -> Int {
    let product = count * to + rest
    rest = product % from
    return product / from
  }
}

/// What an input's thread counts for all to see. Written by that thread alone; samples at the requested rate.
final class InputCounters: Sendable {
  let samplesCaptured = Atomic<Int>(0)
  let silenceInserted = Atomic<Int>(0)
  let lastArrival = Atomic<Int64>(0)
  let ringOrigin = Atomic<Int64>(0)
  let isStandIn = Atomic<Bool>(false)

  func note(captured: Int, silence: Int, at now: Int64) {
    if captured > 0 { samplesCaptured.add(captured, ordering: .relaxed) }
    if silence > 0 { silenceInserted.add(silence, ordering: .relaxed) }
    lastArrival.store(now, ordering: .relaxed)
  }

  var status: InputStatus {
    var status = InputStatus()
    status.samplesCaptured = samplesCaptured.load(ordering: .relaxed)
    status.silenceInserted = silenceInserted.load(ordering: .relaxed)
    status.lastArrival = lastArrival.load(ordering: .relaxed)
    status.isStandIn = isStandIn.load(ordering: .relaxed)
    status.ringOrigin = ringOrigin.load(ordering: .relaxed)
    return status
  }

  /// All that is in the ring up to now was captured by `moment`.
  func noteCaptured(by moment: Int64, ring: SampleRing, rate: Int) {
    ringOrigin.store(moment - PacedClock.nanoseconds(of: ring.writePosition, rate: rate), ordering: .relaxed)
  }
}

/// What an output's thread counts for all to see. Written by that thread alone; samples at the requested rate.
final class OutputCounters: Sendable {
  let samplesHandedOver = Atomic<Int>(0)
  let samplesWithdrawn = Atomic<Int>(0)
  let silencePadded = Atomic<Int>(0)
  let deviceDelay = Atomic<Int>(0)
  let latencyBehindBuffer = Atomic<Int>(0)
  let bufferAfterFlush = Atomic<Int>(0)
  let largestTake = Atomic<Int>(0)
  let ringUnderruns = Atomic<Int>(0)
  let standstills = Atomic<Int>(0)
  let lastHandover = Atomic<Int64>(0)
  let playedOutAt = Atomic<Int64>(0)
  let isStandIn = Atomic<Bool>(false)
  /// Whether the stand-in sleeps for longer than a frame.
  let isResting = Atomic<Bool>(false)
  let ringOrigin = Atomic<Int64>(0)

  func note(real: Int, silence: Int, at now: Int64) {
    if real > 0 { samplesHandedOver.add(real, ordering: .relaxed) }
    if silence > 0 { silencePadded.add(silence, ordering: .relaxed) }
    lastHandover.store(now, ordering: .relaxed)
  }

  var status: OutputStatus {
    var status = OutputStatus()
    status.samplesHandedOver = samplesHandedOver.load(ordering: .relaxed)
    status.samplesWithdrawn = samplesWithdrawn.load(ordering: .relaxed)
    status.silencePadded = silencePadded.load(ordering: .relaxed)
    status.deviceDelay = deviceDelay.load(ordering: .relaxed)
    status.latencyBehindBuffer = latencyBehindBuffer.load(ordering: .relaxed)
    status.bufferAfterFlush = bufferAfterFlush.load(ordering: .relaxed)
    status.largestTake = largestTake.load(ordering: .relaxed)
    status.ringUnderruns = ringUnderruns.load(ordering: .relaxed)
    status.standstills = standstills.load(ordering: .relaxed)
    status.lastHandover = lastHandover.load(ordering: .relaxed)
    if status.lastHandover > 0 {
      status.sinceHandover = .nanoseconds(max(0, monotonicNanoseconds() - status.lastHandover))
    }
    status.playedOutAt = playedOutAt.load(ordering: .relaxed)
    status.isStandIn = isStandIn.load(ordering: .relaxed)
    status.isResting = isResting.load(ordering: .sequentiallyConsistent)
    status.ringOrigin = ringOrigin.load(ordering: .relaxed)
    return status
  }

  /// The next sample that is taken from the ring will be heard at `moment`.
  func noteNext(heardAt moment: Int64, ring: SampleRing, rate: Int) {
    ringOrigin.store(moment - PacedClock.nanoseconds(of: ring.readPosition, rate: rate), ordering: .relaxed)
  }
}

/// Tells a ring that has run dry from one that was never full.
struct DryDetector {
  private var wasFull = false

  /// - Returns: true when the ring had full periods until now, and has less than one.
  mutating func hasRunDry(real: Int, of period: Int) -> Bool {
    defer { wasFull = real == period }
    return wasFull && real < period
  }

  /// The ring was emptied on purpose.
  mutating func reset() { wasFull = false }
}
