import Audio
import Timeline

/// Decides which microphone audio goes on the uplink: by the operator's mode and by voice activity.
///
///   samples, probabilities
///           ─► detector ─► edges ──► speech held open for pre-roll and hangover ─┐
///           └► history (pre-roll) ──────────────────────────────────────────────┴─► what passes
///
/// Typed speech is meant to be heard: it passes muted microphones and untouched talk keys, gated by voice activity.
struct UplinkGate: Sendable {
  /// What came of a slice of audio.
  struct Slice: Equatable {
    var edges: [MicrophoneDetector.Edge] = []
    /// What goes out; with the pre-roll in front at an onset.
    var samples: [Int16] = []
    /// Whose it is, or whose flow has ended; nil in an open mic, where the client does not tell utterances apart.
    var utterance: Int?
    /// The flow has ended here, and whether it was cut in speech rather than faded into silence.
    var hasEnded = false
    var wasCut = false
  }

  private(set) var state: Gate
  private(set) var detector: MicrophoneDetector
  /// The utterance that passes now.
  private(set) var utterance: Int?

  private let rate: Int
  private let preRoll: Int
  private var hangover: Int
  private var utteranceCount = 0
  /// Audio goes through: an utterance, or an open mic's flow.
  private(set) var isPassing = false
  private var lastWasSynthetic = false
  private var lastWasLive = false
  /// Speech, from its onset to the end of the hangover.
  private var isSpeechOpen = false
  private var hangoverLeft: Int?
  private var history: [Int16] = []

  init(mode: Gate.Mode, rate: Int, preRoll: Duration, hangover: Duration, settings: VoiceActivityDetector.Settings) {
    state = Gate(mode: mode)
    detector = MicrophoneDetector(rate: rate, settings: settings)
    self.rate = rate
    self.preRoll = Self.sampleCount(preRoll, rate)
    self.hangover = Self.sampleCount(hangover, rate)
  }

  /// Takes what the speech model says of blocks that end with the next samples; nil where there is no model.
  mutating func take(_ probabilities: [Float]?) { detector.take(probabilities) }

  /// Looks at the next samples, 10 ms or less. `isLive`: whether they could be sent at once; while they cannot, only
  /// speech is worth keeping.
  mutating func process(_ slice: [Int16], isSynthetic: Bool, isLive: Bool) -> Slice {
    (lastWasSynthetic, lastWasLive) = (isSynthetic, isLive)
    var result = Slice(edges: detector.process(slice))
    var onset = 0
    if let left = hangoverLeft {
      hangoverLeft = left - slice.count
      if left <= slice.count { (hangoverLeft, isSpeechOpen) = (nil, false) }
    }
    for edge in result.edges {
      let ago = Self.sampleCount(edge.ago, rate)
      if edge.isStart {
        (hangoverLeft, isSpeechOpen, onset) = (nil, true, ago)
      } else {
        hangoverLeft = max(hangover - ago, 1)
      }
    }
    guard isOpen else {
      (result.hasEnded, result.wasCut, result.utterance) = (isPassing, isPassing && isSpeechOpen, utterance)
      endFlow()
      keep(slice)
      return result
    }
    if !isPassing, isSpeechOpen, state.mode != .ptt || isSynthetic {
      result.samples = Array(history.suffix(max(preRoll + onset - slice.count, 0)))
    }
    result.samples += slice
    beginFlow()
    result.utterance = utterance
    history.removeAll(keepingCapacity: true)
    return result
  }

  /// Of speech that ends from now on.
  mutating func setHangover(_ duration: Duration) { hangover = Self.sampleCount(duration, rate) }
  mutating func setMode(_ mode: Gate.Mode) { state.mode = mode }
  mutating func setMuted(_ muted: Bool) { state.muted = muted }
  mutating func setTalking(_ talking: Bool) { state.talking = talking }
  mutating func setPaused(_ paused: Bool) { state.pausedByServer = paused }

  /// Applies what the operator changed: ends the flow if it may not go on, and returns the utterance
  /// that was cut short.
  mutating func applyChange() -> (wasCut: Bool, utterance: Int?) {
    guard isPassing, !isOpen else { return (false, nil) }
    defer { endFlow() }
    history.removeAll()
    return (true, utterance)
  }

  private var isOpen: Bool {
    switch state.mode {
    case _ where state.muted: lastWasSynthetic && isSpeechOpen
    case .ptt: state.talking || lastWasSynthetic && isSpeechOpen
    case .gate: isSpeechOpen
    case .open: lastWasLive || isSpeechOpen
    }
  }

  private mutating func beginFlow() {
    isPassing = true
    if state.mode == .open, !state.muted {
      utterance = nil
    } else if utterance == nil {
      utteranceCount += 1
      utterance = utteranceCount
    }
  }

  private mutating func endFlow() {
    isPassing = false
    utterance = nil
  }

  /// What was said while muted, or before the talk key, is nobody's business: it must not come out as a pre-roll.
  private mutating func keep(_ slice: [Int16]) {
    guard lastWasSynthetic || (!state.muted && state.mode != .ptt) else { return history.removeAll() }
    history += slice
    // The detector needs up to 60 ms to be sure of an onset, a speech model as long as its block and a frame.
    let limit = preRoll + rate / 10
    if history.count > limit { history.removeFirst(history.count - limit) }
  }

  private static func sampleCount(_ duration: Duration, _ rate: Int) -> Int {
    Int(duration.nanoseconds / 1000 * Int64(rate) / 1_000_000)
  }
}
