import Audio
import Synchronization
import Threads

/// What an input's thread counts for all to see. Written by that thread alone; samples at the requested rate.
package final class InputCounters: Sendable {
  package init() {}

  package let samplesCaptured = Atomic<Int>(0)
  package let silenceInserted = Atomic<Int>(0)
  package let lastArrival = Atomic<Int64>(0)
  package let ringOrigin = Atomic<Int64>(0)
  package let isStandIn = Atomic<Bool>(false)

  package func note(captured: Int, silence: Int, at now: Int64) {
    if captured > 0 { samplesCaptured.add(captured, ordering: .relaxed) }
    if silence > 0 { silenceInserted.add(silence, ordering: .relaxed) }
    lastArrival.store(now, ordering: .relaxed)
  }

  package var status: InputStatus {
    var status = InputStatus()
    status.samplesCaptured = samplesCaptured.load(ordering: .relaxed)
    status.silenceInserted = silenceInserted.load(ordering: .relaxed)
    status.lastArrival = lastArrival.load(ordering: .relaxed)
    status.isStandIn = isStandIn.load(ordering: .relaxed)
    status.ringOrigin = ringOrigin.load(ordering: .relaxed)
    return status
  }

  /// All that is in the ring up to now was captured by `moment`.
  package func noteCaptured(by moment: Int64, ring: SampleRing, rate: Int) {
    ringOrigin.store(moment - PacedClock.nanoseconds(of: ring.writePosition, rate: rate), ordering: .relaxed)
  }
}

/// What an output's thread counts for all to see. Written by that thread alone; samples at the requested rate.
package final class OutputCounters: Sendable {
  package init() {}

  package let samplesHandedOver = Atomic<Int>(0)
  package let samplesWithdrawn = Atomic<Int>(0)
  package let silencePadded = Atomic<Int>(0)
  package let deviceDelay = Atomic<Int>(0)
  package let latencyBehindBuffer = Atomic<Int>(0)
  package let bufferAfterFlush = Atomic<Int>(0)
  package let largestTake = Atomic<Int>(0)
  package let ringUnderruns = Atomic<Int>(0)
  package let standstills = Atomic<Int>(0)
  package let lastHandover = Atomic<Int64>(0)
  package let playedOutAt = Atomic<Int64>(0)
  package let isStandIn = Atomic<Bool>(false)
  /// Whether the stand-in sleeps for longer than a frame.
  package let isResting = Atomic<Bool>(false)
  package let stretches = StretchLog()

  package func note(real: Int, silence: Int, at now: Int64) {
    if real > 0 { samplesHandedOver.add(real, ordering: .relaxed) }
    if silence > 0 { silencePadded.add(silence, ordering: .relaxed) }
    lastHandover.store(now, ordering: .relaxed)
  }

  package var status: OutputStatus {
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
    stretches.tell(&status)
    return status
  }

  /// The next sample that is taken from the ring will be heard at `moment`.
  /// - Parameter afterSilence: silence was put in before it, or the device was changed.
  package func noteNext(heardAt moment: Int64, ring: SampleRing, rate: Int, afterSilence: Bool) {
    let position = ring.readPosition
    stretches.note(
      origin: moment - PacedClock.nanoseconds(of: position, rate: rate), startsAt: afterSilence ? position : nil)
  }
}
