import Timeline

/// What the agent knows of the client's audio: when an utterance began, and whether it is over.
///
/// Silence is measured twice, from the last voiced sample. In audio, as long as the client sends: a burst or a hiccup
/// of the network changes nothing. In wall time, when the client sends nothing because its own gate has closed; then
/// a piece of the client's usual length and some lateness must have had time to come. Speech counts from when the
/// detector tells of it: a pause may be as long as the silence less the detector's onset, which is 60 to 100 ms.
struct Listening: Sendable {
  /// An utterance whose end has not come. Positions are samples of client audio, counted from its first.
  struct OpenUtterance: Sendable {
    var firstVoiced: Int
    /// The last voiced sample; nil while the detector hears speech.
    var voicedUntil: Int?
    /// The client's own detector says that it is over.
    var isHintedOver = false
    /// The recognizer finds that the speaker is done.
    var isFoundOver = false
    /// The response that was heard when it began; nil when none was.
    var over: TurnID?
    /// The response was held because of it.
    var wasHeld = false
    /// The client was not told of it yet.
    var isUntold = false
    /// Pieces of speech that stood before its last one, where the recognizer tells.
    var queue: Int?
    /// All its words, while the user pauses and they are known.
    var pause: Pause?
    /// Answers that were asked for ahead of its end.
    var advanceCount = 0
  }
  /// The words before a pause.
  struct Pause: Sendable, Equatable {
    var text: String
    var completeness: TurnCompleteness
  }
  /// A final transcript that is to come.
  struct AwaitedFinal: Sendable {
    var turn: TurnID
    var speechEndedAt: Timestamp
    var askedAt: Timestamp
    /// It will be answered, when there are words.
    var isAnswered = true
    /// It will be answered even without words: somebody asked for that.
    var isAskedFor = false
    /// As of the utterance.
    var over: TurnID?
    var isUntold = false
    var queue: Int?
    /// How much less silence ended it than usual.
    var silenceSaved: Duration?
    /// How long the user spoke, the pause at the end left out.
    var voiced = Duration.zero
  }

  /// Samples a second.
  let rate: Int
  /// What hears in the place of the recognizer that was asked for.
  var substitute: String?
  /// The turn that audio belongs to now.
  var turn: TurnID
  var utterance: OpenUtterance?
  /// The last interim transcript of the open utterance.
  var interim = ""
  /// Bounded: an utterance takes time.
  var awaited: [AwaitedFinal] = []
  /// The detector's decision.
  var isVoiced = false
  /// Since when the client is held back by `pause`.
  var pausedSince: Timestamp?
  /// What the recognizer has no room for yet.
  var intake = AudioIntake()
  /// The last time that the recognizer got on, while the client is held back.
  private(set) var progressAt: Timestamp?
  /// Samples that were lost since the client came, and of them those that it was told of.
  var lostCount = 0
  var toldLostCount = 0

  private(set) var receivedCount = 0
  /// What had been received when the turn began that audio belongs to now.
  private var turnBeganAt = 0
  private var lastAudioAt: Timestamp?
  private var lastPiece: Duration = .zero
  private(set) var backlog: Duration = .zero

  /// How late a piece of audio may come on a busy machine or network.
  private static let lateness = Duration.milliseconds(40)

  init(rate: Int, turn: TurnID) {
    self.rate = max(1, rate)
    self.turn = turn
  }

  /// Somebody speaks, or has spoken and the words are on their way.
  var isFloorTaken: Bool { utterance != nil || !awaited.isEmpty }

  /// Audio has come that belongs to no utterance before.
  var isUnheard: Bool { receivedCount > turnBeganAt }

  /// What has come since the last turn is an utterance, whatever the detector says.
  mutating func openUtterance() { utterance = OpenUtterance(firstVoiced: turnBeganAt) }

  mutating func turnBegan(_ turn: TurnID) {
    (utterance, interim, self.turn, turnBeganAt) = (nil, "", turn, receivedCount)
  }

  /// The recognizer was given the last piece of a turn's speech, behind so many others.
  mutating func pieceQueued(_ turn: TurnID, behind count: Int) {
    if let i = awaited.firstIndex(where: { $0.turn == turn }) {
      awaited[i].queue = count
    } else if turn == self.turn {
      utterance?.queue = count
    }
  }

  mutating func audioArrived(_ count: Int, at now: Timestamp) {
    receivedCount += count
    lastAudioAt = now
    lastPiece = .samples(count, rate: rate)
  }

  /// Audio that we made up to go on from `now`.
  mutating func padded(_ count: Int, at now: Timestamp) {
    receivedCount += count
    lastAudioAt = now
    isVoiced = false
  }

  mutating func backlogChanged(_ backlog: Duration, at now: Timestamp) {
    if backlog < self.backlog { progressed(at: now) }
    self.backlog = backlog
  }

  mutating func progressed(at now: Timestamp) { progressAt = now }

  mutating func paused(at now: Timestamp) { (pausedSince, progressAt) = (now, now) }

  /// Audio that has arrived and that the recognizer has not examined yet.
  var unexamined: Duration { backlog + .samples(intake.count, rate: rate) }

  /// The client may send again: its silence counts from now.
  mutating func resumed(at now: Timestamp) {
    pausedSince = nil
    lastAudioAt = now
  }

  mutating func edge(isSpeech: Bool, atSample: Int) {
    isVoiced = isSpeech
    let sample = min(max(atSample, 0), receivedCount)
    guard var open = utterance else {
      if isSpeech { utterance = OpenUtterance(firstVoiced: sample) }
      return
    }
    open.voicedUntil = isSpeech ? nil : max(sample, open.firstVoiced)
    if isSpeech { (open.isHintedOver, open.isFoundOver, open.pause) = (false, false, nil) }
    utterance = open
  }

  /// Samples that the detector has seen: what came, less what the recognizer is behind.
  private var examinedCount: Int {
    receivedCount - Int(backlog.nanoseconds * Int64(rate) / 1_000_000_000)
  }

  /// How long the user has spoken in the open utterance, its last pause left out.
  var voicedTime: Duration {
    guard let utterance else { return .zero }
    return .samples(max(0, (utterance.voicedUntil ?? examinedCount) - utterance.firstVoiced), rate: rate)
  }

  /// How long the open utterance is, pauses and all.
  var utteranceTime: Duration {
    utterance.map { .samples(receivedCount - $0.firstVoiced, rate: rate) } ?? .zero
  }

  /// The silence heard at the end of the open utterance; nil while the detector hears speech.
  var silenceInAudio: Duration? {
    guard let until = utterance?.voicedUntil else { return nil }
    return .samples(max(0, examinedCount - until), rate: rate)
  }

  /// When a client that sends nothing more has been silent for `silence`; nil when there is nothing to end.
  func quietDeadline(silence: Duration) -> Timestamp? {
    guard pausedSince == nil, intake.isEmpty, utterance != nil || isVoiced, let lastAudioAt else { return nil }
    let left = silence - (silenceInAudio ?? .zero)
    return lastAudioAt + (utterance?.isHintedOver == true ? left : max(left, lastPiece + Self.lateness))
  }

  /// When a sample was spoken, if the client sends as it records.
  func time(of sample: Int) -> Timestamp? {
    lastAudioAt.map { $0 - .samples(max(0, receivedCount - sample), rate: rate) }
  }
}
