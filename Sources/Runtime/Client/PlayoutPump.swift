import Audio
import AudioCodecs
import AudioDevices
import Timeline
import Wire

/// The way from received bytes to the speaker: decode, buffer adaptively, keep the output's ring just full enough.
///
/// Owned by the session's thread. Everything that happens is returned as timeline events.
struct PlayoutPump {
  /// Audio that is kept in the ring ahead of the device. It bounds what is still heard after a flush that the device
  /// cannot undo, and covers the session thread's scheduling delays.
  static let ringLead: Duration = .milliseconds(40)
  /// A sound server that asks for more at once (a sink in the network: 50 ms of each 50) would find too little, and silence
  /// would go between: then so much is kept, and a block. No more than this.
  private static let longestLead: Duration = .milliseconds(500)
  /// The block in which audio is handed over and recorded.
  static let block: Duration = .milliseconds(20)

  private let output: any AudioOutput
  private let writer: OutputWriter
  private let decoder: IncomingAudioDecoder
  private var buffer: PlayoutBuffer
  private let rate: Int
  private let defaultRate: Int
  private var wasPlaying = false
  private var lastHandedOver: ResponseID?
  /// The response that was handed over to its end, while none has followed, and how long it is.
  private var tail: (response: ResponseID, playedMs: Double)?
  private var lastProblem: String?
  private var isOverfull = false
  private var audition = Audition()
  private let clock: TimelineClock

  /// - Parameter defaultRate: of PCM that does not say its rate.
  init(
    output: any AudioOutput, rate: Int, defaultRate: Int, jitterMs: ClosedRange<Double>, targetMs: Double,
    clock: TimelineClock
  ) {
    self.output = output
    self.clock = clock
    self.rate = rate
    self.defaultRate = defaultRate
    writer = OutputWriter(output)
    decoder = IncomingAudioDecoder(outputRate: rate)
    buffer = PlayoutBuffer(rate: rate, targetRangeMs: jitterMs, initialTargetMs: targetMs)
  }

  /// Nothing is being played and nothing waits or is expected to go on: time may pass unnoticed.
  var isIdle: Bool { buffer.isEmpty && !buffer.isPlaying && !wasPlaying }

  /// What is heard in the next 20 ms waits in the ring already: audio that arrives meanwhile may be looked at later.
  var isAhead: Bool { buffer.isPlaying && writer.queued >= lead }

  private var lead: Duration {
    let take = Duration.samples(output.status.largestTake, rate: output.rate)
    return take < Self.ringLead ? Self.ringLead : min(take + Self.block, Self.longestLead)
  }

  mutating func play(
    _ bytes: [UInt8], format: String?, rate declaredRate: Int?, response: ResponseID, at now: Timestamp
  ) -> [Entry.Event] {
    audition.stop()
    let decoded = decoder.decode(bytes, declaredFormat: format, declaredRate: declaredRate, defaultRate: defaultRate)
    var events: [Entry.Event] = []
    if decoded.changed {
      events.append(
        .playoutChange(
          PlayoutChange(
            response, .format(AudioFormatName(decoded.format ?? "unknown"), rate: decoded.sourceRate))))
    }
    if let problem = decoded.problem, problem != lastProblem {
      lastProblem = problem
      events.append(
        .playoutChange(
          PlayoutChange(response, .undecodable(problem, format: decoded.unplayable.map { AudioFormatName($0) }))))
    }
    if !decoded.samples.isEmpty, decoded.format.flatMap(AudioFormat.init)?.isCompressed == true {
      // Nobody else can tell how long compressed audio is.
      let length = Duration.samples(decoded.samples.count, rate: rate).milliseconds
      events.append(.playoutChange(PlayoutChange(response, .decoded(ms: length))))
    }
    refuse(buffer.push(decoded.samples, response: response, at: now), of: response, &events)
    return events + feed(at: now)
  }

  /// Lets recorded audio be heard, unless the agent is speaking. It is no answer: no block of it is recorded.
  mutating func audition(_ payloads: [AudioPayload], at now: Timestamp) -> [Entry.Event] {
    guard isIdle else {
      return [.notice(Notice(.auditionRefused, .warning, .speaker, "nothing is played: the agent is speaking"))]
    }
    // What is heard from now on is no end of a response.
    tail = nil
    let (length, problem) = audition.load(payloads, rate: rate, defaultRate: defaultRate)
    var events: [Entry.Event] = [
      .notice(
        Notice(.auditionStarted, .info, .speaker, "playing \(Int(length.milliseconds)) ms of recorded audio"))
    ]
    if let problem { events.append(.notice(Notice(.auditionIncomplete, .warning, .speaker, problem))) }
    return events + feed(at: now)
  }

  mutating func expectMore(of response: ResponseID) { buffer.expectMore(of: response) }

  mutating func endOfResponse(_ response: ResponseID, at now: Timestamp) -> [Entry.Event] {
    var events: [Entry.Event] = []
    refuse(buffer.push(decoder.endOfResponse(), response: response, at: now), of: response, &events)
    buffer.endOfResponse(response)
    lastProblem = nil
    return events + feed(at: now)
  }

  /// Empties everything between the socket and the ear.
  mutating func flush(at now: Timestamp) -> [Entry.Event] {
    // What is in the ring, and in the device but for what a flush leaves there, had been counted as played, and will
    // not be heard. It is the end of the response that was handed over last.
    let leftMs = leftToHearMs(at: now)
    let remainingMs = min(leftMs, leftAfterFlushMs)
    let unheardMs = leftMs - remainingMs
    audition.stop()
    writer.flush()
    decoder.reset()
    var changes = buffer.flush(at: now)
    // A response that was handed over to its end has left the queue, and is cut all the same.
    if let tail, unheardMs >= 1 {
      changes.insert(
        PlayoutChange(tail.response, .flushed(playedMs: tail.playedMs, discardedMs: 0)), at: 0)
    }
    tail = nil
    if let i = changes.firstIndex(where: { $0.response == lastHandedOver }),
      case .flushed(let playedMs, let discardedMs, _) = changes[i].step
    {
      let takenBackMs = min(playedMs, unheardMs)
      changes[i].step = .flushed(playedMs: playedMs - takenBackMs, discardedMs: discardedMs + takenBackMs)
    }
    // Said once, of the response that is heard: the first.
    if case .flushed(let playedMs, let discardedMs, _)? = changes.first?.step {
      changes[0].step = .flushed(
        playedMs: playedMs, discardedMs: discardedMs, remainingMs: min(remainingMs, playedMs))
    }
    return changes.map { .playoutChange($0) } + (wasPlaying ? [silence(at: now)] : [])
  }

  /// Fills the ring up to its lead. Call whenever the output has consumed something, and after each arrival.
  mutating func feed(at now: Timestamp) -> [Entry.Event] {
    var events: [Entry.Event] = []
    let count = Int(Self.block.nanoseconds * Int64(rate) / 1_000_000_000)
    let lead = lead
    while writer.queued < lead {
      let pulled = buffer.pull(count, at: now)
      events.append(contentsOf: pulled.changes.map { .playoutChange($0) })
      for change in pulled.changes where change.kind == .finished || change.kind == .started {
        tail = change.kind == .finished ? change.response.map { ($0, change.playedMs ?? 0) } : nil
      }
      guard pulled.realSampleCount > 0 else {
        if wasPlaying { events.append(silence(at: now)) }
        guard !audition.isEmpty else { break }
        writer.write(audition.take(count))
        continue
      }
      let (ahead, position) = (writer.queued, output.ring.writePosition)
      writer.write(pulled.samples)
      wasPlaying = true
      lastHandedOver = pulled.response
      events.append(
        .playout(
          PlayoutBlock(
            response: pulled.response, sampleCount: pulled.realSampleCount, rate: rate,
            peaks: peaks(of: pulled.samples, window: rate / 200), rmsDB: Level(of: pulled.samples).rmsDB,
            depthMs: buffer.depthMs, targetMs: buffer.targetMs,
            deviceDelayMs: delayMs(ofSample: position, behind: ahead, at: now))))
    }
    return events
  }

  /// Audio that found no room: the buffer holds two minutes. Said once for each stretch.
  private mutating func refuse(_ count: Int, of response: ResponseID, _ events: inout [Entry.Event]) {
    guard count > 0, !isOverfull else {
      if count == 0 { isOverfull = false }
      return
    }
    isOverfull = true
    events.append(
      .notice(
        Notice(
          .playoutFull, .warning, .speaker,
          "the playout buffer is full (\(Int(buffer.capacityMs / 1000)) s); audio of response \(response.rawValue) is lost",
          remedy: "the server sends much faster than real time; it should pace its audio")))
  }

  private var leftAfterFlushMs: Double {
    let status = output.status
    return Duration.samples(status.latencyBehindBuffer + status.bufferAfterFlush, rate: output.rate).milliseconds
  }

  /// From `now` until a sample that was just written is heard. To be asked for after it was written: what is taken from
  /// the ring meanwhile moves it and the device's end together, but silence that is put in before it does not.
  /// - Parameters:
  ///   - position: its place in the ring.
  ///   - ahead: what waited in the ring before it.
  private func delayMs(ofSample position: Int, behind ahead: Duration, at now: Timestamp) -> Double {
    let status = output.status
    let moment = status.moment(ofSample: position, ringRate: output.ringRate, after: clock.nanoseconds(now))
    guard let moment else {
      return (ahead + .samples(status.deviceDelay, rate: output.rate)).milliseconds
    }
    return max(0, (clock.timestamp(moment) + writer.latency - now).milliseconds)
  }

  /// What was handed over and is still to be heard, if nothing is taken back: in the ring, in the device, and behind it.
  private func leftToHearMs(at now: Timestamp) -> Double {
    let status = output.status
    let queued = writer.queued
    guard status.ringOrigin != 0 else {
      guard wasPlaying || queued > .zero else { return 0 }
      // The device has played on since it was asked.
      return (queued + max(.zero, .samples(status.deviceDelay, rate: output.rate) - status.sinceHandover)).milliseconds
    }
    let end =
      queued > .zero
      ? status.ringOrigin + Duration.samples(output.ring.writePosition, rate: output.ringRate).nanoseconds
      : status.playedOutAt
    return max(0, (clock.timestamp(end) - now).milliseconds)
  }

  private mutating func silence(at now: Timestamp) -> Entry.Event {
    wasPlaying = false
    return .playout(
      PlayoutBlock(
        response: nil, sampleCount: 0, rate: rate, peaks: [], rmsDB: Level.silenceDB, depthMs: buffer.depthMs,
        targetMs: buffer.targetMs,
        deviceDelayMs: delayMs(ofSample: output.ring.writePosition, behind: writer.queued, at: now)))
  }
}
