import DequeModule
import Timeline

/// The agent's audio from its decoder to the output, as a machine: when the output is fed, what a flush takes back, what was
/// heard.
///
///     arrived ─► PlayoutBuffer ─► write, as far as the output wants it ─► HandedOver
///     flush ──► empties all of it, and says of each response what was heard
///     hold ───► takes back what is not heard yet, which waits until the response is resumed
///
/// An order is done at once, and answered by `stood` with how the output stands afterwards. Facts come out in order, each
/// with its own moment: what a fact says of the time until something is heard counts from there.
public struct Playout: Sendable {
  /// What has happened.
  public enum Input: Sendable {
    case arrived(ArrivedAudio, of: ResponseID)
    /// Another response begins, and more of this one comes all the same.
    case expectsMore(ResponseID)
    /// No more of this response comes; `rest` is what its decoder still held.
    case ended(ResponseID, rest: [Int16])
    /// The operator wants to hear recorded audio again, of which some may not have been decoded.
    case audition([Int16], problem: String?)
    /// Nothing of what waits is to be heard any more. The output is as it was just before.
    case flush(OutputReport)
    /// What waits is not to be heard before it is resumed, or flushed, or `longestHold` has passed. The output is as it was
    /// just before.
    case hold(OutputReport)
    case resume
    /// The output may have taken something, or an order was done.
    case stood(OutputReport)
  }

  /// What is to be done now, and answered by `stood`.
  public enum Order: Sendable, Equatable {
    /// See how the output stands.
    case look
    /// Write a block to it.
    case write([Int16])
    /// Throw away what was written to it and is not yet heard; the stream of audio ends with it.
    case flush
    /// The same, in the middle of a stream: what is thrown away is written again.
    case takeBack
  }

  /// What the playout answers to an input.
  public struct Outcome: Sendable {
    public var facts: [PlayoutFact] = []
    public var order: Order?
  }

  /// Audio that is kept in the ring ahead of the device. It bounds what is still heard after a flush that the device
  /// cannot undo, and covers the session thread's scheduling delays.
  public static let ringLead: Duration = .milliseconds(40)
  /// A hold that nobody ends is over by itself.
  public static let longestHold: Duration = .seconds(3)
  /// Samples that were handed over last are kept for so long, because a hold may want them back: more than any ring and
  /// device hold.
  private static let longestMemory: Duration = .seconds(2)
  /// The block in which audio is handed over and recorded.
  public static let block: Duration = .milliseconds(20)
  /// A sound server that asks for more at once (a sink in the network: 50 ms of each 50) would find too little, and silence
  /// would go between: then so much is kept, and a block. No more than this.
  private static let longestLead: Duration = .milliseconds(500)

  /// A block on its way to the output.
  private struct Pending: Sendable {
    var block: PlayoutBuffer.Pulled?
    /// Samples that it has, without silence.
    var count: Int
    /// Its place in the ring, and what waited before it.
    var position: Int
    var ahead: Duration
    /// The response ends with it, and is so long.
    var wholeMs: Double?
  }

  /// Samples a second.
  private let rate: Int
  private var buffer: PlayoutBuffer
  private var handedOver = HandedOver()
  private var pending: Pending?
  /// The last block that was told was audio.
  private var wasPlaying = false
  private var audition: ArraySlice<Int16> = []
  /// Since when nothing is played, and whether that was told: something was being played.
  private var hold: (since: Timestamp, isTold: Bool)?
  /// The last samples that were handed over, all of one response.
  private var recent: (response: ResponseID?, samples: Deque<Int16>) = (nil, [])
  private var lastProblem: String?
  private var isOverfull = false
  private var lastMoment = Timestamp(nanoseconds: .min)

  /// - Parameters:
  ///   - rate: samples a second, of everything that comes in and is written.
  ///   - targetRangeMs: within which the depth of the buffer adapts, in milliseconds.
  public init(rate: Int, targetRangeMs: ClosedRange<Double>, initialTargetMs: Double) {
    self.rate = max(1, rate)
    buffer = PlayoutBuffer(rate: rate, targetRangeMs: targetRangeMs, initialTargetMs: initialTargetMs)
  }

  /// Nothing is being played and nothing waits or is expected to go on: time may pass unnoticed.
  public var isIdle: Bool { buffer.isEmpty && !buffer.isPlaying && !wasPlaying }

  /// What is heard in the next 20 ms waits in the ring already: audio that arrives meanwhile may be looked at later.
  public func isAhead(_ report: OutputReport) -> Bool { buffer.isPlaying && report.queued >= lead(report) }

  /// - Parameter now: when it happened. An answer to an order happens when the order was done.
  public mutating func handle(_ input: Input, at now: Timestamp) -> Outcome {
    var outcome = Outcome()
    switch input {
    case .arrived(let audio, let response):
      audition = []
      tell(audio, of: response, at: now, &outcome)
      push(audio.samples, of: response, at: now, &outcome)
      outcome.order = .look
    case .expectsMore(let response): buffer.expectMore(of: response)
    case .ended(let response, let rest):
      push(rest, of: response, at: now, &outcome)
      buffer.endOfResponse(response)
      lastProblem = nil
      outcome.order = .look
    case .audition(let samples, let problem): begin(samples, problem, at: now, &outcome)
    case .hold(let report):
      let now = max(now, lastMoment)
      noteWritten(report, at: now, &outcome)
      begin(holdAt: now, report, &outcome)
    case .resume:
      endHold(at: now, &outcome)
      outcome.order = .look
    case .flush(let report):
      let now = max(now, lastMoment)
      noteWritten(report, at: now, &outcome)
      flush(report, at: now, &outcome)
    case .stood(let report):
      let now = max(now, lastMoment)
      noteWritten(report, at: now, &outcome)
      feed(report, at: now, &outcome)
    }
    return outcome
  }

  // MARK: What comes in

  private mutating func tell(
    _ audio: ArrivedAudio, of response: ResponseID, at now: Timestamp, _ outcome: inout Outcome
  ) {
    if let detected = audio.detected {
      add(PlayoutChange(response, .format(detected.name, rate: detected.rate)), at: now, &outcome)
    }
    if let problem = audio.problem, problem != lastProblem {
      lastProblem = problem
      add(PlayoutChange(response, .undecodable(problem, format: audio.unplayable)), at: now, &outcome)
    }
    if !audio.samples.isEmpty, audio.hidesLength {
      // Nobody else can tell how long it is.
      add(PlayoutChange(response, .decoded(ms: ms(audio.samples.count))), at: now, &outcome)
    }
  }

  /// Audio that finds no room, as the buffer holds two minutes, is told once for each stretch.
  private mutating func push(
    _ samples: [Int16], of response: ResponseID, at now: Timestamp, _ outcome: inout Outcome
  ) {
    let refused = buffer.push(samples, response: response, at: now)
    guard refused > 0, !isOverfull else {
      if refused == 0 { isOverfull = false }
      return
    }
    isOverfull = true
    add(
      .notice(
        Notice(
          .playoutFull, .warning, .speaker,
          "the playout buffer is full (\(Int(buffer.capacityMs / 1000)) s); audio of response \(response.rawValue) is lost",
          remedy: "the server sends much faster than real time; it should pace its audio")), at: now, &outcome)
  }

  /// Recorded audio is heard while the agent is silent. It is no answer: no block of it is told.
  private mutating func begin(_ samples: [Int16], _ problem: String?, at now: Timestamp, _ outcome: inout Outcome) {
    guard isIdle else {
      let text = "nothing is played: the agent is speaking"
      return add(.notice(Notice(.auditionRefused, .warning, .speaker, text)), at: now, &outcome)
    }
    audition = samples[...]
    let text = "playing \(Int(ms(samples.count))) ms of recorded audio"
    add(.notice(Notice(.auditionStarted, .info, .speaker, text)), at: now, &outcome)
    if let problem {
      add(.notice(Notice(.auditionIncomplete, .warning, .speaker, problem)), at: now, &outcome)
    }
    outcome.order = .look
  }

  // MARK: What goes out

  private func lead(_ report: OutputReport) -> Duration {
    report.largestTake < Self.ringLead ? Self.ringLead : min(report.largestTake + Self.block, Self.longestLead)
  }

  /// Orders the next block, if the output wants one.
  private mutating func feed(_ report: OutputReport, at now: Timestamp, _ outcome: inout Outcome) {
    if let hold {
      if now - hold.since < Self.longestHold {
        if wasPlaying { addSilence(report, at: now, &outcome) }
        return
      }
      endHold(at: now, &outcome)
    }
    guard report.queued < lead(report) else { return }
    let count = rate / 50
    let pulled = buffer.pull(count, at: now)
    var wholeMs: Double?
    for change in pulled.changes {
      add(change, at: now, &outcome)
      guard case .finished(let playedMs) = change.step, let response = change.response else { continue }
      // Or its last block is the one that is written now.
      if response == pulled.response { wholeMs = playedMs } else { handedOver.finish(response, ms: playedMs) }
    }
    if pulled.realSampleCount > 0 {
      pending = Pending(
        block: pulled, count: pulled.realSampleCount, position: report.written, ahead: report.queued, wholeMs: wholeMs)
      outcome.order = .write(pulled.samples)
      return
    }
    if wasPlaying { addSilence(report, at: now, &outcome) }
    guard !audition.isEmpty else { return }
    let block = Array(audition.prefix(count))
    audition = audition.dropFirst(count)
    pending = Pending(block: nil, count: block.count, position: report.written, ahead: report.queued)
    outcome.order = .write(block)
  }

  /// The block that was ordered is in the ring. Only now it is known when it is heard: what is taken from the ring
  /// meanwhile moves its place and the device's end together, but silence that the device puts in before it does not.
  private mutating func noteWritten(_ report: OutputReport, at now: Timestamp, _ outcome: inout Outcome) {
    guard let pending else { return }
    self.pending = nil
    let start = report.moment(ofSample: pending.position, at: now)
    let silence = (pending.block?.samples.count ?? pending.count) - pending.count
    handedOver.add(ms(pending.count), silenceMs: ms(silence), of: pending.block?.response, heardFrom: start)
    guard let block = pending.block else { return }
    remember(block.samples.prefix(block.realSampleCount), of: block.response)
    if let response = block.response, let wholeMs = pending.wholeMs { handedOver.finish(response, ms: wholeMs) }
    wasPlaying = true
    add(
      .playout(
        PlayoutBlock(
          response: block.response, sampleCount: block.realSampleCount, rate: rate,
          peaks: peaks(of: block.samples, window: rate / 200), rmsDB: Level(of: block.samples).rmsDB,
          depthMs: buffer.depthMs, targetMs: buffer.targetMs,
          deviceDelayMs: report.delay(ofSample: pending.position, behind: pending.ahead, at: now).milliseconds)),
      at: now, &outcome)
  }

  private mutating func addSilence(_ report: OutputReport, at now: Timestamp, _ outcome: inout Outcome) {
    wasPlaying = false
    add(
      .playout(
        PlayoutBlock(
          response: nil, sampleCount: 0, rate: rate, peaks: [], rmsDB: Level.silenceDB, depthMs: buffer.depthMs,
          targetMs: buffer.targetMs,
          deviceDelayMs: report.delay(ofSample: report.written, behind: report.queued, at: now).milliseconds)),
      at: now, &outcome)
  }

  /// What is in the ring, and in the device but for what a flush leaves there, had been counted as played, and will not be
  /// heard. It is the end of what was handed over.
  private mutating func flush(_ report: OutputReport, at now: Timestamp, _ outcome: inout Outcome) {
    let left = report.leftToHear(isPlaying: wasPlaying, at: now)
    let remaining = min(left, report.keptByFlush)
    audition = []
    hold = nil
    recent = (nil, [])
    var changes = buffer.flush(at: now)
    var ended: [PlayoutChange] = []
    for taken in handedOver.takeBack(unheardMs: (left - remaining).milliseconds) {
      if let i = changes.firstIndex(where: { $0.response == taken.response }),
        case .flushed(let playedMs, let discardedMs, _) = changes[i].step
      {
        let unheard = min(playedMs, taken.unheardMs)
        changes[i].step = .flushed(playedMs: playedMs - unheard, discardedMs: discardedMs + unheard)
      } else if let wholeMs = taken.finishedMs, taken.unheardMs >= 1 {
        // It was handed over to its end and has left the buffer, and is cut all the same.
        let unheard = min(wholeMs, taken.unheardMs)
        ended.append(PlayoutChange(taken.response, .flushed(playedMs: wholeMs - unheard, discardedMs: unheard)))
      }
    }
    changes = ended + changes
    // Told once, of the response that is heard: the first.
    if case .flushed(let playedMs, let discardedMs, _)? = changes.first?.step {
      changes[0].step = .flushed(
        playedMs: playedMs, discardedMs: discardedMs, remainingMs: min(remaining.milliseconds, playedMs))
    }
    for change in changes { add(change, at: now, &outcome) }
    outcome.order = .flush
  }

  // MARK: A hold

  private mutating func remember(_ samples: some Collection<Int16>, of response: ResponseID?) {
    if recent.response != response { recent = (response, []) }
    recent.samples.append(contentsOf: samples)
    let most = Int(Self.longestMemory.nanoseconds * Int64(rate) / 1_000_000_000)
    recent.samples.removeFirst(max(0, recent.samples.count - most))
  }

  /// Silences the output. What is not heard of the response that is being played waits again. Where the end of another one
  /// is on its way to the ear as well, all of that is heard: it has ended, and cannot wait.
  private mutating func begin(holdAt now: Timestamp, _ report: OutputReport, _ outcome: inout Outcome) {
    guard hold == nil else { return }
    let playing = buffer.hold()
    hold = (now, playing != nil)
    guard let playing else { return }
    let left = report.leftToHear(isPlaying: wasPlaying, at: now)
    let kept = min(left, report.keptByFlush)
    var handedOver = handedOver
    let taken = handedOver.takeBack(unheardMs: (left - kept).milliseconds)
    let isAlone = taken.allSatisfy { $0.response == playing && $0.finishedMs == nil }
    var takenBackMs = 0.0
    if isAlone, let unheardMs = taken.first?.unheardMs, recent.response == playing {
      self.handedOver = handedOver
      let count = min(recent.samples.count, Int((unheardMs * Double(rate) / 1_000).rounded()))
      buffer.putBack(Array(recent.samples.suffix(count)), of: playing)
      recent.samples.removeLast(count)
      takenBackMs = ms(count)
      outcome.order = .takeBack
    }
    let remaining = outcome.order == .takeBack ? kept : left
    add(
      PlayoutChange(
        playing, .held(playedMs: buffer.playedMs, takenBackMs: takenBackMs, remainingMs: remaining.milliseconds)),
      at: now, &outcome)
    if outcome.order == nil { outcome.order = .look }
  }

  private mutating func endHold(at now: Timestamp, _ outcome: inout Outcome) {
    guard let held = hold else { return }
    hold = nil
    if held.isTold { add(PlayoutChange(buffer.first, .resumed(playedMs: buffer.playedMs)), at: now, &outcome) }
  }

  // MARK: Facts

  private mutating func add(_ change: PlayoutChange, at now: Timestamp, _ outcome: inout Outcome) {
    add(.playoutChange(change), at: now, &outcome)
  }

  /// What happened earlier than the fact before it, such as a message that had waited, is told at that one's moment.
  private mutating func add(_ event: Entry.Event, at now: Timestamp, _ outcome: inout Outcome) {
    lastMoment = max(lastMoment, now)
    outcome.facts.append(PlayoutFact(at: lastMoment, event: event))
  }

  private func ms(_ count: Int) -> Double { Double(count) * 1_000 / Double(rate) }
}

/// Something that the playout has to tell, and when it was so.
public struct PlayoutFact: Sendable, Equatable {
  public var at: Timestamp
  public var event: Entry.Event
  public init(at: Timestamp, event: Entry.Event) {
    self.at = at
    self.event = event
  }
}

/// The audio of a message, decoded, and what was found out about it.
public struct ArrivedAudio: Sendable {
  /// Mono, at the playout's rate.
  public var samples: [Int16]
  /// What it is, when that has become known or has changed.
  public var detected: (name: AudioFormatName, rate: Int?)?
  /// What is wrong with the bytes, in words.
  public var problem: String?
  /// What cannot be played at all.
  public var unplayable: AudioFormatName?
  /// Its length cannot be told from its bytes alone.
  public var hidesLength: Bool

  public init(
    samples: [Int16], detected: (name: AudioFormatName, rate: Int?)? = nil, problem: String? = nil,
    unplayable: AudioFormatName? = nil, hidesLength: Bool = false
  ) {
    self.samples = samples
    self.detected = detected
    self.problem = problem
    self.unplayable = unplayable
    self.hidesLength = hidesLength
  }
}
