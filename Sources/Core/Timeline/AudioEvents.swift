/// The smallest and largest sample of a stretch of audio: one column of a waveform. Full scale is ±32 767.
public struct Peak: Sendable, Equatable, Codable {
  public var low: Int16
  public var high: Int16
  public init(low: Int16, high: Int16) {
    self.low = low
    self.high = high
  }
  public init(from decoder: any Decoder) throws {
    var pair = try decoder.unkeyedContainer()
    low = try pair.decode(Int16.self)
    high = try pair.decode(Int16.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var pair = encoder.unkeyedContainer()
    try pair.encode(low)
    try pair.encode(high)
  }
}

/// How likely a speech model takes a block of audio for speech.
public struct SpeechProbability: Sendable, Equatable, Codable {
  /// 0 to 1.
  public var value: Float
  /// What it is held against: lower while there is speech.
  public var threshold: Float
  public init(value: Float, threshold: Float) {
    self.value = value
    self.threshold = threshold
  }
}

/// A frame of microphone audio. Its last sample was captured `ageMs` before `Entry.at`.
public struct MicFrame: Sendable, Equatable, Codable {
  /// What happened to the frame.
  public enum Fate: String, Sendable, Codable {
    /// Put on the uplink queue.
    case sent
    /// Held back by the gate: no speech, or push to talk not pressed.
    case gated
    /// Muted by the operator.
    case muted
    /// Held back because the server said `pause`, or because there is no ready connection.
    case held
  }
  public var sampleCount: Int
  /// Samples a second.
  public var rate: Int
  /// RMS and peak in dBFS (0 = full-scale square wave; -120 for digital silence).
  public var rmsDB: Double
  public var peakDB: Double
  /// Consecutive stretches of 5 ms, first to last.
  public var peaks: [Peak]
  /// The energy detector's level for this frame and its threshold, both in dBFS. It measures also where a speech model
  /// decides.
  public var vadLevelDB: Double
  public var vadThresholdDB: Double
  /// Samples at or next to full scale.
  public var clipped: Int
  /// How long ago its last sample was captured, in milliseconds: what it waited for in the device and in the echo
  /// canceller. Nil where nobody knows.
  public var ageMs: Double?
  // The small ones last: fifty entries a second hold them.
  public var fate: Fate
  /// The detector's decision, with hangover.
  public var isSpeech: Bool
  /// True while a typed utterance is being spoken into the microphone path.
  public var isSynthetic: Bool
  /// What the speech model says of its newest block; nil where energy decides.
  public var vadProbability: SpeechProbability?

  public init(
    sampleCount: Int, rate: Int, rmsDB: Double, peakDB: Double, peaks: [Peak], fate: Fate, vadLevelDB: Double,
    vadThresholdDB: Double, vadProbability: SpeechProbability? = nil, isSpeech: Bool,
    isSynthetic: Bool = false, clipped: Int = 0, ageMs: Double? = nil
  ) {
    self.sampleCount = sampleCount
    self.rate = rate
    self.rmsDB = rmsDB
    self.peakDB = peakDB
    self.peaks = peaks
    self.fate = fate
    self.vadLevelDB = vadLevelDB
    self.vadThresholdDB = vadThresholdDB
    self.vadProbability = vadProbability
    self.isSpeech = isSpeech
    self.isSynthetic = isSynthetic
    self.clipped = clipped
    self.ageMs = ageMs
  }
}

extension MicFrame {
  /// What decides whether there is speech, and what it is held against.
  public enum Measure: Sendable, Equatable {
    /// In dBFS.
    case energy(levelDB: Double, thresholdDB: Double)
    case probability(SpeechProbability)
  }

  public var measure: Measure {
    vadProbability.map { .probability($0) } ?? .energy(levelDB: vadLevelDB, thresholdDB: vadThresholdDB)
  }

  /// The measure is above its threshold: what is called speech without that is hangover.
  public var isVoiced: Bool {
    switch measure {
    case .energy(let levelDB, let thresholdDB): levelDB > thresholdDB
    case .probability(let probability): probability.value >= probability.threshold
    }
  }

  /// When its last sample was captured.
  public func end(at entry: Timestamp) -> Timestamp { ageMs.map { entry - .recorded(milliseconds: $0) } ?? entry }
}

/// Speech began or ended. `Entry.at` is when the detector decided; `sinceMs` back-dates it to the first or last
/// voiced sample: the edge itself was `sinceMs` before `Entry.at`.
public struct VoiceEdge: Sendable, Equatable, Codable {
  public var isStart: Bool
  public var sinceMs: Double
  public init(isStart: Bool, sinceMs: Double) {
    self.isStart = isStart
    self.sinceMs = sinceMs
  }
}

/// What lets microphone audio through to the uplink.
public struct Gate: Sendable, Equatable, Codable {
  /// The operator's choice.
  public enum Mode: String, Sendable, Codable, CaseIterable {
    /// Only speech, with pre-roll and hangover.
    case gate
    /// Everything.
    case open
    /// Only while the operator holds the line open.
    case ptt
  }
  public var mode: Mode
  public var muted: Bool
  /// Push to talk is pressed (a toggle).
  public var talking: Bool
  /// The server said `pause`.
  public var pausedByServer: Bool
  public init(mode: Mode, muted: Bool = false, talking: Bool = false, pausedByServer: Bool = false) {
    self.mode = mode
    self.muted = muted
    self.talking = talking
    self.pausedByServer = pausedByServer
  }
}

/// What the echo canceller of a real microphone beside a real speaker is doing.
public struct EchoState: Sendable, Equatable, Codable {
  /// How far it has come.
  public enum Phase: String, Sendable, Codable {
    /// The room is being learnt: nobody can speak over the agent yet.
    case learning
    /// Speech over the agent is told from the agent's echo.
    case ready
  }
  public var phase: Phase
  /// The agent is heard and the operator is not: silence is sent in the microphone's place.
  public var isHolding: Bool
  /// How much of the echo it takes out, in dB (echo return loss enhancement); 0 while that is not known.
  public var erleDB: Double
  /// It is ready because so much of the agent's voice has passed, and still lets the echo through; nil: it is not so, as in
  /// recordings from before this was told.
  public var isUnsure: Bool?
  public init(phase: Phase, isHolding: Bool = false, erleDB: Double = 0, isUnsure: Bool? = nil) {
    self.isUnsure = isUnsure
    self.phase = phase
    self.isHolding = isHolding
    self.erleDB = erleDB
  }
}

/// A block of audio was handed to the output. Its first sample is heard `deviceDelayMs` after `Entry.at`.
public struct PlayoutBlock: Sendable, Equatable, Codable {
  /// Whose audio it is; nil for silence between responses.
  public var response: ResponseID?
  public var sampleCount: Int
  /// Samples a second.
  public var rate: Int
  /// Consecutive stretches of 5 ms, first to last.
  public var peaks: [Peak]
  public var rmsDB: Double
  /// Audio that waits behind this block, in milliseconds, and the adaptive target it is held against.
  public var depthMs: Double
  public var targetMs: Double
  /// From `Entry.at` to hearing, in milliseconds; a little below zero for a block that was recorded late.
  public var deviceDelayMs: Double
  public init(
    response: ResponseID?, sampleCount: Int, rate: Int, peaks: [Peak], rmsDB: Double, depthMs: Double,
    targetMs: Double, deviceDelayMs: Double
  ) {
    self.response = response
    self.sampleCount = sampleCount
    self.rate = rate
    self.peaks = peaks
    self.rmsDB = rmsDB
    self.depthMs = depthMs
    self.targetMs = targetMs
    self.deviceDelayMs = deviceDelayMs
  }
}

/// An audio device's state.
public struct DeviceChange: Sendable, Equatable, Codable {
  /// Which way the audio flows.
  public enum Role: String, Sendable, Codable {
    case mic, speaker
  }
  /// What happened to the device.
  public enum State: String, Sendable, Codable {
    /// Open and running; `text` describes it.
    case open
    /// Could not be opened; `text` and `remedy` say why and what to do. A stand-in keeps the session going.
    case failed
    /// An overrun (mic) or underrun (speaker) of the hardware buffer; recovered at once.
    case xrun
    /// Vanished. It is looked for again every second.
    case lost
    /// Back after `lost` or `failed`.
    case recovered
    /// The input came to its end (a WAV was played, stdin was closed).
    case ended
    /// There is no device, and a stand-in takes its place: silence, or nobody who listens.
    public var isMissing: Bool { self == .failed || self == .lost }
  }
  public var role: Role
  public var state: State
  public var name: String
  public var text: String
  public var remedy: String?
  /// Xruns since the session's start.
  public var xruns: Int
  /// The device's clock against ours, in parts per million, once it is known.
  public var driftPPM: Double?
  public init(
    role: Role, state: State, name: String, text: String, remedy: String? = nil, xruns: Int = 0,
    driftPPM: Double? = nil
  ) {
    self.role = role
    self.state = state
    self.name = name
    self.text = text
    self.remedy = remedy
    self.xruns = xruns
    self.driftPPM = driftPPM
  }
}

/// Speech that does not come from the microphone is spoken into its path.
public struct Injection: Sendable, Equatable, Codable {
  /// Where the speech comes from.
  public enum Source: String, Sendable, Codable {
    /// Typed words.
    case say
    /// A sound file, played by the operator.
    case play
    /// What the session was started with.
    case input
  }
  /// What happened to it.
  public enum State: String, Sendable, Codable {
    case started
    /// It was spoken to its end.
    case ended
    /// The operator stopped it.
    case cancelled
  }
  public var source: Source
  public var state: State
  /// The words, or the file's name.
  public var name: String
  /// How long it lasts, in milliseconds.
  public var durationMs: Double
  /// How much of it was spoken, in milliseconds.
  public var spokenMs: Double
  /// The microphone is heard with it, not replaced by it.
  public var isMixed: Bool
  public init(
    source: Source, state: State, name: String, durationMs: Double, spokenMs: Double = 0, isMixed: Bool = false
  ) {
    self.source = source
    self.state = state
    self.name = name
    self.durationMs = durationMs
    self.spokenMs = spokenMs
    self.isMixed = isMixed
  }
}
