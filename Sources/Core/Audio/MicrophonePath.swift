import DequeModule
import Timeline

/// The microphone's audio up to the session, as a machine: frames of 20 ms, echo cancelled, with typed or recorded speech
/// spoken into it, in the microphone's place or mixed with it.
///
///     heard ─► EchoPath ─► frames of 20 ms ─┬─► SpeechMeter ─► the session machine
///     typed, recorded ──────────────────────┘ instead or added, while there is any
///
/// A speech model, once there is one, measures the frames as they leave: where the echo guard holds the microphone back, it
/// is given the same silence as the server. So speech over the agent needs the word of both.
///
/// The echo path hears the microphone all the time, so that it stays in step with the speaker. Whatever the input is, it
/// ticks in real time, silence included: speech from a file or from typing is taken frame by frame as the input ticks, so
/// it flows at the pace of a voice.
public struct MicrophonePath {
  /// What the input hears besides who speaks into it.
  public enum Surroundings: Sendable {
    /// Nothing: a file, a pipe, silence.
    case silent
    /// Noise, which is suppressed.
    case noisy
    /// Noise, and the agent's voice from a speaker.
    case speaker
  }

  /// What has come since the last time.
  public struct Heard: Sendable {
    /// What the input has delivered.
    public var samples: [Int16]
    /// When its last sample was captured; nil while that is not known.
    public var capturedAt: Timestamp?
    /// What the speaker has played meanwhile, at the same rate.
    public var played: [Int16]
    public var speaker: SpeakerReport

    public init(
      _ samples: [Int16], capturedAt: Timestamp? = nil, played: [Int16] = [], speaker: SpeakerReport = .init()
    ) {
      self.samples = samples
      self.capturedAt = capturedAt
      self.played = played
      self.speaker = speaker
    }
  }

  /// What a take gives.
  public struct Outcome: Sendable {
    /// The frames that have become whole.
    public var frames: [Frame] = []
    /// Which speeches began or ended in them.
    public var changes: [Injection] = []
    /// What is to be told of the echo.
    public var news: [Entry.Event] = []
  }

  /// One frame for the session machine.
  public struct Frame: Sendable {
    public var samples: [Int16]
    /// The operator's own doing: it passes a shut gate.
    public var isSynthetic: Bool
    /// When its last sample was captured; nil while that is not known.
    public var capturedAt: Timestamp?
    /// How likely the blocks of the speech model are speech that it made whole, in order; nil where there is no model.
    public var probabilities: [Float]?
  }

  /// Speech that waits to be spoken.
  private struct QueuedSpeech {
    var speech: InjectedSpeech
    /// Silence before it.
    var breath: Int
    /// The next sample, the breath's counted in.
    var next = 0

    var isOver: Bool { next >= breath + speech.samples.count }
    var hasBegun: Bool { next > breath }

    func sample(_ index: Int) -> Int16 {
      let own = index - breath
      return speech.samples.indices.contains(own) ? speech.samples[own] : 0
    }
    func change(_ state: Injection.State, rate: Int) -> Injection {
      func ms(_ count: Int) -> Double { Duration.samples(count, rate: rate).milliseconds }
      return Injection(
        source: speech.source, state: state, name: String(speech.name.prefix(MicrophonePath.nameLimit)),
        durationMs: ms(speech.samples.count), spokenMs: ms(min(max(0, next - breath), speech.samples.count)),
        isMixed: speech.isMixed)
    }
  }

  /// Characters of a name that are told: the start of what may be a long text.
  static let nameLimit = 80

  /// Samples of one frame: 20 ms.
  public let frameCount: Int
  private let rate: Int
  private var pending: [Int16] = []
  private var speeches: Deque<QueuedSpeech> = []
  private var echoPath: EchoPath?
  private var echoTold: EchoState?
  private var meter: SpeechMeter?

  /// - Parameter rate: samples a second, of everything.
  public init(rate: Int, surroundings: Surroundings) {
    self.rate = rate
    frameCount = max(1, rate / 50)
    switch surroundings {
    case .silent: break
    case .noisy: echoPath = EchoPath(hearsSpeaker: false, rate: rate)
    case .speaker: echoPath = EchoPath(hearsSpeaker: true, rate: rate)
    }
  }

  /// Whether a file or typed speech is still being spoken.
  public var isSpeaking: Bool { !speeches.isEmpty }

  /// Speaks this as soon as what was said before is over.
  /// - Parameter passed: how much time the input has still to deliver that is over, as after a rest. It comes at once, and
  ///   speech must not begin in it.
  public mutating func speak(_ speech: InjectedSpeech, after passed: Duration = .zero) {
    // A breath between two utterances, so that they do not melt into one.
    let frames = speeches.isEmpty ? Int((passed / .samples(frameCount, rate: rate)).rounded(.up)) : 20
    speeches.append(QueuedSpeech(speech: speech, breath: frameCount * max(0, frames)))
  }

  /// Drops what is being spoken and what waits.
  /// - Returns: what was dropped.
  public mutating func stopSpeaking() -> [Injection] {
    defer { speeches = [] }
    return speeches.map { $0.change(.cancelled, rate: rate) }
  }

  /// What the echo path is doing; nil where there is none.
  public var echo: EchoState? { echoPath?.state }

  /// Measures every frame from now on with this model.
  public mutating func measure(with model: any SpeechModel) { meter = SpeechMeter(model, rate: rate) }

  /// Something happened to the microphone or the speaker.
  public mutating func deviceChanged(_ change: DeviceChange) { echoPath?.deviceChanged(change) }

  public mutating func handle(_ heard: Heard, at now: Timestamp) -> Outcome {
    var outcome = Outcome()
    let clean =
      echoPath?.process(heard.samples, played: heard.played, speaker: heard.speaker, at: now) ?? heard.samples
    tellEcho(&outcome)
    if pending.isEmpty { pending = clean } else { pending += clean }
    let held = echoPath?.held ?? .zero
    // One frame, as a rule: it is handed on as it is.
    if pending.count == frameCount {
      let samples = pending
      pending = []
      append(samples, end: heard.capturedAt, held: held, &outcome)
      return outcome
    }
    var start = 0
    while pending.count - start >= frameCount {
      let samples = Array(pending[start..<start + frameCount])
      start += frameCount
      let end = heard.capturedAt.map { $0 - .samples(pending.count - start, rate: rate) }
      append(samples, end: end, held: held, &outcome)
    }
    pending.removeFirst(start)
    return outcome
  }

  /// - Parameters:
  ///   - end: when the input delivered the frame's last sample.
  ///   - held: how much older what the microphone heard is, because it was held in the echo path.
  private mutating func append(_ samples: [Int16], end: Timestamp?, held: Duration, _ outcome: inout Outcome) {
    // What is spoken in the microphone's place has not been through the canceller.
    var frame = Frame(samples: samples, isSynthetic: false, capturedAt: end.map { $0 - held })
    if let spoken = spoken(over: samples, &outcome.changes) {
      frame = spoken
      frame.capturedAt = end
    }
    frame.probabilities = meter?.measure(frame.samples)
    if meter != nil, frame.probabilities == nil {
      meter = nil
      outcome.news.append(
        .notice(
          Notice(
            .engineMissing, .warning, .mic,
            "the speech model has failed: energy tells from here on when somebody speaks")))
    }
    outcome.frames.append(frame)
  }

  /// When it has learnt the room, and when it begins or ends to hold the microphone back.
  private mutating func tellEcho(_ outcome: inout Outcome) {
    guard let echo else { return }
    if let told = echoTold, told.phase == echo.phase, told.isHolding == echo.isHolding { return }
    let wasUnsure = echoTold?.isUnsure == true
    echoTold = echo
    outcome.news.append(.echo(echo))
    guard echo.isUnsure == true, !wasUnsure else { return }
    outcome.news.append(
      .notice(
        Notice(
          .echoNotLearnt, .warning, .mic,
          "the way of the agent's voice into the microphone is not learnt: the agent may interrupt itself",
          remedy: "use a headset, or play more quietly")))
  }

  /// The next frame of what is being spoken, the microphone's own in its mix; nil when nothing is.
  private mutating func spoken(over heard: [Int16], _ changes: inout [Injection]) -> Frame? {
    guard var waiting = speeches.popFirst() else { return nil }
    if !waiting.hasBegun, waiting.next + frameCount > waiting.breath {
      changes.append(waiting.change(.started, rate: rate))
    }
    var samples = (waiting.next..<waiting.next + frameCount).map(waiting.sample)
    if waiting.speech.isMixed {
      for i in samples.indices { samples[i] = Int16(clamping: Int(samples[i]) + Int(heard[i])) }
    }
    waiting.next += frameCount
    if waiting.isOver { changes.append(waiting.change(.ended, rate: rate)) } else { speeches.prepend(waiting) }
    return Frame(samples: samples, isSynthetic: waiting.speech.isSynthetic, capturedAt: nil)
  }
}
