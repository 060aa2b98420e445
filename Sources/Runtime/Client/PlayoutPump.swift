import Audio
import AudioCodecs
import AudioDevices
import Capture
import Timeline
import Wire

/// The way from received bytes to the speaker: decodes, and does what `Playout` orders.
///
/// Owned by the session's thread. What has to be told is returned, each fact with its own moment.
struct PlayoutPump {
  private let output: any AudioOutput
  private let writer: OutputWriter
  private let decoder: IncomingAudioDecoder
  private var playout: Playout
  private let rate: Int
  private let defaultRate: Int
  private let clock: TimelineClock
  private let now: () -> Timestamp
  /// What the speaker was handed, where that is captured.
  private var tape: SpeakerTape?

  /// - Parameters:
  ///   - defaultRate: of PCM that does not say its rate.
  ///   - isTaped: what the output was handed is kept for `takeTaped`.
  ///   - now: the time, as the session's thread sees it; nil for the clock's.
  init(
    output: any AudioOutput, rate: Int, defaultRate: Int, jitterMs: ClosedRange<Double>, targetMs: Double,
    clock: TimelineClock, isTaped: Bool = false, now: (() -> Timestamp)? = nil
  ) {
    tape = isTaped ? SpeakerTape(rate: rate) : nil
    self.output = output
    self.clock = clock
    self.now = now ?? { clock.now }
    self.rate = rate
    self.defaultRate = defaultRate
    writer = OutputWriter(output)
    decoder = IncomingAudioDecoder(outputRate: rate)
    playout = Playout(rate: rate, targetRangeMs: jitterMs, initialTargetMs: targetMs)
  }

  /// Nothing is being played and nothing waits or is expected to go on: time may pass unnoticed.
  var isIdle: Bool { playout.isIdle }

  /// What is heard in the next 20 ms waits in the ring already: audio that arrives meanwhile may be looked at later.
  var isAhead: Bool { playout.isAhead(report) }

  /// - Parameter now: when the bytes arrived.
  mutating func play(
    _ bytes: [UInt8], format: String?, rate declaredRate: Int?, response: ResponseID, at now: Timestamp
  ) -> [PlayoutFact] {
    let decoded = decoder.decode(bytes, declaredFormat: format, declaredRate: declaredRate, defaultRate: defaultRate)
    var detected: (name: AudioFormatName, rate: Int?)?
    if decoded.changed { detected = (AudioFormatName(decoded.format ?? "unknown"), decoded.sourceRate) }
    let audio = ArrivedAudio(
      samples: decoded.samples, detected: detected,
      problem: decoded.problem, unplayable: decoded.unplayable.map { AudioFormatName($0) },
      hidesLength: decoded.format.flatMap(AudioFormat.init)?.hidesLength == true)
    return run(.arrived(audio, of: response), at: now)
  }

  /// Lets recorded audio be heard, unless the agent is speaking: decoded as it was when it arrived.
  mutating func audition(_ payloads: [AudioPayload], at now: Timestamp) -> [PlayoutFact] {
    let decoder = IncomingAudioDecoder(outputRate: rate)
    var samples: [Int16] = []
    var problem: String?
    for payload in payloads {
      let piece = decoder.decode(
        payload.bytes, declaredFormat: payload.format, declaredRate: payload.rate, defaultRate: defaultRate)
      samples += piece.samples
      problem = problem ?? piece.problem
    }
    samples += decoder.endOfResponse()
    return run(.audition(samples, problem: problem), at: now)
  }

  /// Another response begins, and more of this one comes all the same.
  mutating func expectMore(of response: ResponseID) { _ = playout.handle(.expectsMore(response), at: now()) }

  /// No more of this response comes.
  mutating func endOfResponse(_ response: ResponseID, at now: Timestamp) -> [PlayoutFact] {
    run(.ended(response, rest: decoder.endOfResponse()), at: now)
  }

  /// Empties everything between the socket and the ear.
  mutating func flush(at now: Timestamp) -> [PlayoutFact] { run(.flush(report), at: now) }

  /// Silences what was not heard yet, until it is resumed.
  mutating func hold(at now: Timestamp) -> [PlayoutFact] { run(.hold(report), at: now) }

  /// Plays on what was held.
  mutating func resume(at now: Timestamp) -> [PlayoutFact] { run(.resume, at: now) }

  /// Fills the ring up to its lead. Call whenever the output has consumed something.
  mutating func feed(at now: Timestamp) -> [PlayoutFact] { run(.stood(report), at: now) }

  /// Tells the machine what has happened, and does what it orders, until it has no more orders.
  private mutating func run(_ input: Playout.Input, at now: Timestamp) -> [PlayoutFact] {
    var outcome = playout.handle(input, at: now)
    var facts = outcome.facts
    while let order = outcome.order {
      switch order {
      case .look: break
      case .write(let samples): write(samples)
      case .flush:
        flushOutput()
        decoder.reset()
      case .takeBack: flushOutput()
      }
      let report = report
      outcome = playout.handle(.stood(report), at: self.now())
      facts += outcome.facts
    }
    return facts
  }

  private mutating func write(_ samples: [Int16]) {
    let ring = output.ring
    let start = ring.writePosition
    writer.write(samples)
    guard tape != nil else { return }
    let (standing, now) = (standing, now())
    tape?.wrote(samples, ring: start..<ring.writePosition, standing, at: now)
  }

  private mutating func flushOutput() {
    let ring = output.ring
    let (withdrawn, flushed) = (output.status.samplesWithdrawn, ring.flushed)
    writer.flush()
    guard tape != nil else { return }
    // The device may have passed over what was flushed by now, and has counted that.
    let position = ring.consumerPosition
    let passed = ring.flushed - flushed
    tape?.flushed(
      taken: passed > 0 ? ring.writePosition - passed : position, withdrawn: withdrawn, at: now())
  }

  // MARK: The tape

  /// The track on which `takeTaped` places its pieces; nil where nothing is taped.
  var track: AudioTrack? { tape?.track }

  /// What was heard since the last call.
  mutating func takeTaped(at now: Timestamp) -> [TapedSound] {
    guard tape != nil else { return [] }
    let standing = standing
    return tape?.stood(standing, at: now) ?? []
  }

  /// What was taken of the rest, after the output has stopped.
  mutating func finishTape() -> [TapedSound] {
    let standing = standing
    return tape?.finish(standing) ?? []
  }

  private var standing: SpeakerTape.Standing {
    // In this order: when it is known that a sample was taken, it is known when it is heard.
    let taken = output.ring.readPosition
    return SpeakerTape.Standing(report, taken: taken, withdrawn: output.status.samplesWithdrawn)
  }

  private var report: OutputReport {
    let status = output.status
    func moment(_ nanoseconds: Int64) -> Timestamp? { nanoseconds == 0 ? nil : clock.timestamp(nanoseconds) }
    func length(_ count: Int) -> Duration { .samples(count, rate: output.rate) }
    return OutputReport(
      queued: writer.queued, written: output.ring.writePosition, ringRate: output.ringRate,
      origin: moment(status.ringOrigin), stretchStart: status.stretchStart,
      earlierOrigin: moment(status.earlierOrigin), earlierStart: status.earlierStart, isResting: status.isResting,
      resamplerDelay: writer.latency, playedOutAt: clock.timestamp(status.playedOutAt),
      deviceDelay: length(status.deviceDelay), sinceHandover: status.sinceHandover,
      keptByFlush: length(status.latencyBehindBuffer + status.bufferAfterFlush),
      largestTake: length(status.largestTake))
  }
}
