import Audio
import AudioDevices
import CALSA
import Glibc
import Synchronization
import Threads
import Timeline

/// The speaker's audio thread while there is a device.
///
///     ring ──► staged period ──► device buffer ──► heard
///                          └───► pending ──(when it was played)──► played, the reference for echo cancelling
///
/// The device is kept full, with silence where the ring has nothing, so that it underruns only when this thread comes
/// late. A flush drops the device's buffer and fills it with silence: it holds 40 ms, which are more than an interrupt
/// may take. Where a stream that is begun anew stands still for a while (`SoundServer.mustKeepStream`), the 40 ms are
/// heard out instead.
///
/// A card that stands still is given up, to be opened again. A sound server's stream is kept: meanwhile the ring is
/// emptied in real time, unheard, as where there is no device.
struct PlaybackLoop {
  private let pcm: PCM
  private let ring: SampleRing
  private let pending: SampleRing
  private let played: SampleRing
  private let link: DeviceLink
  private let counters: OutputCounters
  private let wake: @Sendable () -> Void
  private let rate: Int
  private var scaleReal: RateScale
  private var scaleSilence: RateScale
  private var drift: DriftEstimator
  private var guardian: PaceGuard
  private var ledger = HandoverLedger()
  private var origin: StreamOrigin
  private var dry = DryDetector()

  /// Frames written and frames played since the stream was last prepared.
  private var written = 0
  private var heard = 0
  private var isRunning = false
  /// Begun anew by a flush, and not moved since.
  private var isRestarted = false
  /// The place in the stream of the last frame that was audio: how many frames were written up to it.
  private var lastReal = 0
  /// Frames behind the device's buffer, as far as its delay told.
  private var latencyBehind = RecentMaximum()
  /// Frames that a server has asked for at once.
  private var largestTake = RecentMaximum()
  private var takes: TakeWatch
  private var watch: StreamWatch
  /// When the device played something last, and up to when the reference knows what was heard.
  private var lastProgress: Int64 = 0
  private var referenceTime: Int64 = 0
  private var flushesSeen: Int
  /// `pcm.mono` holds a period on its way to the device: audio first, then silence; what is before `stagedOffset` has
  /// been written.
  private var stagedReal = 0
  private var stagedOffset: Int

  init(
    _ pcm: PCM, rate: Int, ring: SampleRing, pending: SampleRing, played: SampleRing, link: DeviceLink,
    counters: OutputCounters, wake: @escaping @Sendable () -> Void
  ) {
    self.pcm = pcm
    self.rate = rate
    self.ring = ring
    self.pending = pending
    self.played = played
    self.link = link
    self.counters = counters
    self.wake = wake
    scaleReal = RateScale(from: pcm.rate, to: rate)
    scaleSilence = RateScale(from: pcm.rate, to: rate)
    drift = DriftEstimator(rate: pcm.rate)
    guardian = PaceGuard(rate: pcm.rate, buffer: pcm.buffer, start: monotonicNanoseconds())
    origin = StreamOrigin(rate: pcm.rate)
    flushesSeen = ring.flushCount
    stagedOffset = pcm.period
    takes = TakeWatch(buffer: pcm.buffer, period: pcm.period)
    watch = StreamWatch(
      isServer: pcm.server != .none, buffer: .samples(pcm.buffer, rate: pcm.rate), at: .now)
  }

  /// Until the device fails (its negative error) or the end has come (0).
  /// - Parameter standIn: takes the samples while the stream stands still.
  mutating func run(_ standIn: inout StandIn) -> Int32 {
    lastProgress = monotonicNanoseconds()
    referenceTime = lastProgress
    var error = begin(until: ring.writePosition)
    while error == 0, !link.isStopping {
      if link.isStanding {
        error = stand(&standIn)
        continue
      }
      pcm.wait(milliseconds: 100)
      // In this order: a sample behind this position may have been written after a flush that is not seen below, and
      // must not be taken before it is.
      let limit = ring.writePosition
      let flushes = ring.flushCount
      if flushes != flushesSeen {
        flushesSeen = flushes
        error = withdraw(until: limit)
      }
      if error == 0 { error = refill(until: limit) }
      if error == -EPIPE { error = recover(until: limit) }
      if error == 0 { error = look(&standIn) }
    }
    if error == 0 { snd_pcm_drop(pcm.handle) }
    pending.discard()
    return link.isStopping ? 0 : error
  }

  /// Whether the stream moves, and not faster than time goes by.
  private mutating func look(_ standIn: inout StandIn) -> Int32 {
    let now = Timestamp.now
    let state = watch.state(at: now)
    if state != .moves, isRestarted { link.noteRestartStalls() }
    switch state {
    case .lost: return pcm.server == .none ? DeviceProblem.hasStalled : DeviceProblem.hasEnded
    case .stands where !link.isStanding: stand(in: &standIn)
    case .stands: break
    case .moves:
      // A server keeps time by itself, and its stream may stand still for a while and then catch up.
      if pcm.server == .none, !guardian.isPlausible(at: now.nanoseconds) { return DeviceProblem.isNotPaced }
    }
    return 0
  }

  /// From now on what is in the ring goes unheard, until the stream goes on.
  private mutating func stand(in standIn: inout StandIn) {
    link.setStanding(true)
    counters.isStandIn.store(true, ordering: .relaxed)
    stagedReal = 0
    stagedOffset = pcm.period
    standIn.restart(ringRate: pcm.rate)
  }

  /// 20 ms of a stream that stands still, or the moment when it goes on.
  private mutating func stand(_ standIn: inout StandIn) -> Int32 {
    let taken = standIn.tick()
    // To the echo canceller it is silence.
    played.writeSilence(taken.samples.count + taken.silence)
    if !taken.samples.isEmpty, LowWater.isReached(LowWater.unheard, in: ring, rate: pcm.rate) { wake() }
    flushesSeen = ring.flushCount
    let available = pcm.available()
    guard available != -Int(EPIPE) else {
      let error = recover(until: ring.writePosition)
      return error == 0 ? look(&standIn) : error
    }
    guard available >= 0 else { return Int32(available) }
    guard written - (pcm.buffer - available) > heard else { return 0 }
    goOn()
    return refill(until: ring.writePosition)
  }

  /// The stream moves again.
  private mutating func goOn() {
    link.setStanding(false)
    counters.isStandIn.store(false, ordering: .relaxed)
    drift.restart()
    origin.restart()
    guardian.restart(at: monotonicNanoseconds())
    latencyBehind = RecentMaximum()
  }

  /// Prepares the device, fills it and starts it.
  private mutating func begin(until limit: Int) -> Int32 {
    written = 0
    heard = 0
    lastReal = 0
    pending.discard()
    ledger.removeAll()
    drift.restart()
    origin.restart()
    isRunning = false
    watch.begin(at: .now)
    var error = snd_pcm_prepare(pcm.handle)
    while error >= 0, written < pcm.buffer {
      let before = written
      error = handOver(until: limit, atMost: pcm.buffer - written)
      if written == before { break }
    }
    if error >= 0 { error = snd_pcm_start(pcm.handle) }
    guard error >= 0 else { return error }
    isRunning = true
    noteMoments(delay: readDelay(), afterSilence: false)
    return 0
  }

  /// Writes a period for each that was played.
  private mutating func refill(until limit: Int) -> Int32 {
    let before = monotonicNanoseconds()
    var available = pcm.available()
    let after = monotonicNanoseconds()
    guard available >= 0 else { return Int32(available) }
    let taken = written - (pcm.buffer - available) - heard
    noteHeard(heard + taken, at: after)
    if pcm.server != .none, pcm.canBeLonger, taken > 0, takes.take(taken) {
      // The echo canceller begins anew.
      counters.standstills.add(1, ordering: .relaxed)
      return DeviceProblem.holdsTooLittle
    }
    // A server tells what it has asked for, in portions of its own: that is no clock of a card.
    if pcm.server == .none, after - before < DriftEstimator.longestReading {
      drift.add(position: heard, at: before + (after - before) / 2)
      if let ppm = drift.ppm { link.publish(driftPPM: ppm) }
    }
    guard available >= pcm.period else {
      sleep(guardian.idleWakeUp())
      return 0
    }
    let writtenBefore = written
    while available >= pcm.period {
      let before = written
      let error = handOver(until: limit, atMost: available)
      if error != 0 { return error }
      if written == before { break }
      available -= written - before
    }
    if pcm.server != .none {
      largestTake.add(written - writtenBefore, at: after)
      counters.largestTake.store(largestTake.value * rate / pcm.rate, ordering: .relaxed)
    }
    if LowWater.isReached(LowWater.heard, in: ring, rate: pcm.rate) { wake() }
    return 0
  }

  /// Writes what is staged, or the next period of the ring, filled up with silence.
  private mutating func handOver(until limit: Int, atMost room: Int) -> Int32 {
    if stagedOffset == pcm.period {
      stagedReal = ring.read(into: pcm.mono, until: limit)
      for index in stagedReal..<pcm.period { pcm.mono[index] = 0 }
      stagedOffset = 0
      if dry.hasRunDry(real: stagedReal, of: pcm.period) { counters.ringUnderruns.add(1, ordering: .relaxed) }
    }
    let count = pcm.writeMono(min(pcm.period - stagedOffset, room), from: stagedOffset)
    if count == -Int(EAGAIN) { return 0 }
    if count < 0 { return Int32(count) }
    let real = max(0, min(stagedOffset + count, stagedReal) - stagedOffset)
    pending.write(UnsafeBufferPointer(rebasing: pcm.mono[stagedOffset..<stagedOffset + count]))
    stagedOffset += count
    written += count
    noteHandover(real: real, silence: count - real)
    return 0
  }

  private mutating func noteHandover(real: Int, silence: Int) {
    let now = monotonicNanoseconds()
    ledger.add(real: real, silence: silence)
    let delay = readDelay()
    counters.deviceDelay.store(delay * rate / pcm.rate, ordering: .relaxed)
    // The device plays on between the two readings, which makes the difference too small: the largest is true, of the
    // last seconds, because a sound server may move the stream to another device.
    latencyBehind.add(delay - (written - heard), at: now)
    counters.latencyBehindBuffer.store(latencyBehind.value * rate / pcm.rate, ordering: .relaxed)
    let left = keepsStream ? max(0, delay - latencyBehind.value) : 0
    counters.bufferAfterFlush.store(left * rate / pcm.rate, ordering: .relaxed)
    counters.note(real: scaleReal.scale(real), silence: scaleSilence.scale(silence), at: now)
    if real > 0 { lastReal = written - silence }
    noteMoments(delay: delay, afterSilence: silence > 0)
  }

  /// Frames from the device's end to the ear.
  private func readDelay() -> Int {
    var delay = 0
    return snd_pcm_delay(pcm.handle, &delay) < 0 || delay < 0 ? written - heard : delay
  }

  /// When what comes next will be heard, and when what was audio will have been.
  private mutating func noteMoments(delay: Int, afterSilence: Bool) {
    let now = monotonicNanoseconds()
    // A device that stands still is where it will start from, some time after now.
    if isRunning { origin.add(position: written - delay, at: now) }
    func moment(_ position: Int) -> Int64 {
      origin.moment(of: position) ?? now + PacedClock.nanoseconds(of: delay - (written - position), rate: pcm.rate)
    }
    counters.noteNext(
      heardAt: moment(written + pcm.period - stagedOffset), ring: ring, rate: pcm.rate, afterSilence: afterSilence)
    if lastReal > 0 { counters.playedOutAt.store(moment(lastReal), ordering: .relaxed) }
  }

  /// The device has played up to `position`: that goes into the reference.
  private mutating func noteHeard(_ position: Int, at now: Int64) {
    guard position > heard else { return }
    let count = position - heard
    noteLostTime(PacedClock.samples(in: now - lastProgress, rate: pcm.rate) - count)
    isRestarted = false
    link.noteMoving()
    link.count(xruns: watch.move(at: Timestamp(nanoseconds: now)))
    lastProgress = now
    referenceTime = now
    heard = position
    guardian.add(count)
    move(count)
  }

  /// A server that moves a stream to another sink does not say so; the stream stands still meanwhile.
  /// - Parameter frames: what should have been played since the last progress, and was not.
  private mutating func noteLostTime(_ frames: Int) {
    guard pcm.server != .none, isRunning, heard > 0, frames > pcm.rate / 10 else { return }
    counters.standstills.add(1, ordering: .relaxed)
    latencyBehind = RecentMaximum()
    origin.restart()
  }

  private func move(_ count: Int) {
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: 256) { block in
      var left = count
      while left > 0 {
        let taken = pending.read(into: UnsafeMutableBufferPointer(rebasing: block[..<min(left, block.count)]))
        if taken == 0 { return }
        played.write(UnsafeBufferPointer(rebasing: block[..<taken]))
        left -= taken
      }
    }
  }

  /// What is in the device's buffer is heard out after a flush.
  private var keepsStream: Bool { pcm.server.mustKeepStream || link.mustKeepStream }

  /// A flush: what waits here and in the device is not to be heard any more.
  private mutating func withdraw(until limit: Int) -> Int32 {
    stagedReal = 0
    stagedOffset = pcm.period
    dry.reset()
    if keepsStream { return 0 }
    let available = pcm.available()
    if available < 0 { return Int32(available) }
    noteHeard(written - (pcm.buffer - available), at: monotonicNanoseconds())
    let withdrawn = ledger.real(inLast: pcm.buffer - available)
    // Only silence in there: dropping it would be heard as a click, for nothing.
    guard withdrawn > 0 else { return 0 }
    let error = snd_pcm_drop(pcm.handle)
    if error < 0 { return error }
    counters.samplesWithdrawn.add(withdrawn * rate / pcm.rate, ordering: .relaxed)
    counters.playedOutAt.store(monotonicNanoseconds(), ordering: .relaxed)
    isRestarted = true
    return begin(until: limit)
  }

  /// After an underrun: all that was handed over has been heard, then nothing; the reference goes on in real time.
  private mutating func recover(until limit: Int) -> Int32 {
    let now = monotonicNanoseconds()
    let missed = PacedClock.samples(in: now - referenceTime, rate: pcm.rate) - (written - heard)
    noteLostTime(missed)
    move(written - heard)
    played.writeSilence(min(pcm.rate, max(0, missed)))
    referenceTime = now
    sleep(watch.xrun(at: .now))
    return link.isStopping ? 0 : begin(until: limit)
  }
}
