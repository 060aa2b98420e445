import Audio
import Timeline

/// Which audio of a client goes to a service that hears it as it comes, and which of its words are told of which turn.
///
///     audio, edges ─► heard ─► send ─► the service ─► words ─► interim, final
///
/// The service is sent what the voice detector calls speech, from shortly before it until the turn ends. When the agent has
/// ended a turn, the service is asked to tell all words of it; when it has already said that the speaker paused, and nobody
/// has spoken since, its words are told at once. What is told after that belongs to the next turn.
///
/// Positions are samples at 16 kHz, counted from the first that this value was given.
public struct StreamedTranscribing: Sendable {
  /// What is to be done or told.
  public enum Outcome: Sendable, Equatable {
    /// The service is to hear this: 16 kHz mono.
    case send([Int16])
    /// The service is to tell all words of what it was sent.
    case finish
    /// The service is to be told that the silence is meant.
    case keepAlive
    /// What the connection would still say is not wanted: a new one is needed for what comes.
    case renew
    case interim(TurnID, String)
    /// The speaker has paused, and these are all words of the turn so far.
    case paused(TurnID, String)
    /// Empty when nothing was understood.
    case final(TurnID, String)
    /// The service finds that the speaker is done.
    case turnEnded(TurnID)
    /// The service owes words, and has been silent for too long.
    case silent
  }
  /// What a service tells.
  public enum Word: Sendable, Equatable {
    /// The words after the last settled ones, which may change.
    case interim(String)
    /// More words that do not change any more, in the place of the last interim ones.
    case settled(String)
    /// The speaker has paused, and all words before are settled.
    case paused
    /// As `paused`; and the service finds that the speaker is done.
    case turnEnded
    /// The speaker goes on after all.
    case resumed
    /// The answer to `finish`: nothing more comes of what was sent before.
    case complete
  }
  /// What is peculiar to a service.
  public struct Habits: Sendable, Equatable {
    /// How long it may be sent nothing; nil: for ever.
    public var keepAlive: Duration?
    /// A connection hears one utterance.
    public var isOneUtterance = false
    /// It says nothing at all where it has understood nothing.
    public var isSilentWithoutWords = false
    /// The longest wait for an answer to `finish`.
    public var patience: Duration = .seconds(4)
    /// The same when all words that are known are settled.
    public var settledPatience: Duration = .seconds(1)
    public init() {}
  }

  private struct Utterance {
    var turn: TurnID
    var isWanted = true
    var settled = ""
    var open = ""
    /// The service has said that the speaker paused, and nobody has spoken since.
    var hasPaused = false
    /// The service has told something of it.
    var hasAnswer = false
    var endedAt: Timestamp?

    var text: String { [settled, open].filter { !$0.isEmpty }.joined(separator: " ") }
  }

  private static let rate = Transcribing.sampleRate
  /// The most bytes of one turn's words: 25 s of speech hold some 90.
  static let textLimit = 8_192

  private let habits: Habits
  private var turn: TurnID?
  private var utterance: Utterance?
  /// Ended, and their words are not complete. At most one for each second of speech, because each has a deadline.
  private var awaited: [Utterance] = []
  private var isSpeech = false
  private var shown = ""
  private var position = 0
  /// What was before belongs to the utterance before.
  private var earliestStart = 0
  /// The newest audio, for what begins before it is detected.
  private var recent: [Int16] = []
  private var lastSent: Timestamp?
  private var outcomes: [Outcome] = []

  public init(_ habits: Habits) { self.habits = habits }

  /// The service owes words.
  public var isOwed: Bool { utterance != nil || !awaited.isEmpty }

  /// There is a connection with the service now, or there is none any more.
  public mutating func connected(_ isOpen: Bool, at now: Timestamp) { lastSent = isOpen ? now : nil }

  // MARK: Audio and turns

  /// Takes the next audio of a turn, as the voice detector sees it.
  /// - Parameters:
  ///   - edges: what the detector found in this block, in order.
  ///   - isSpeech: its decision at the end of the block.
  public mutating func heard(
    _ block: ArraySlice<Int16>, of blockTurn: TurnID, edges: [SpeechEdge], isSpeech: Bool, at now: Timestamp
  ) -> [Outcome] {
    if turn != blockTurn { drop(at: now) }
    turn = blockTurn
    position += block.count
    recent.append(contentsOf: block)
    if recent.count > 2 * Transcribing.preRoll { recent.removeFirst(recent.count - Transcribing.preRoll) }
    self.isSpeech = isSpeech
    if utterance != nil {
      if isSpeech { utterance?.hasPaused = false }
      send(Array(block), at: now)
    } else if let edge = edges.first(where: \.isSpeech) {
      let start = max(edge.sample - Transcribing.preRoll, earliestStart, position - recent.count)
      let count = max(block.count, position - start)
      begin(blockTurn, Array(recent.suffix(count)), at: now)
    } else if isSpeech {
      // Speech that goes on from the turn before has no edge in this one.
      begin(blockTurn, Array(block), at: now)
    }
    return taken()
  }

  private mutating func begin(_ turn: TurnID, _ samples: [Int16], at now: Timestamp) {
    utterance = Utterance(turn: turn)
    shown = ""
    send(samples, at: now)
  }

  private mutating func send(_ samples: [Int16], at now: Timestamp) {
    if lastSent != nil { lastSent = now }
    outcomes.append(.send(samples))
  }

  /// The turn's audio is complete: its words are to be told.
  public mutating func ended(_ endedTurn: TurnID, at now: Timestamp) -> [Outcome] {
    if endedTurn == turn { turn = nil }
    guard var ended = utterance, ended.turn == endedTurn else {
      outcomes.append(.final(endedTurn, ""))
      return taken()
    }
    utterance = nil
    earliestStart = position
    // What it pauses after are words: of a sound without any it may still be thinking.
    if ended.hasPaused, !ended.text.isEmpty, awaited.isEmpty {
      outcomes.append(.final(endedTurn, ended.text))
      if habits.isOneUtterance { outcomes.append(.renew) }
    } else {
      ended.endedAt = now
      awaited.append(ended)
      outcomes.append(.finish)
    }
    return taken()
  }

  /// Forget the turn's audio.
  public mutating func discarded(_ discardedTurn: TurnID, at now: Timestamp) -> [Outcome] {
    if discardedTurn == turn { drop(at: now) }
    return taken()
  }

  /// Its words must not become those of the next turn.
  private mutating func drop(at now: Timestamp) {
    turn = nil
    guard var dropped = utterance else { return }
    utterance = nil
    earliestStart = position
    (dropped.isWanted, dropped.endedAt) = (false, now)
    awaited.append(dropped)
    outcomes.append(.finish)
  }

  // MARK: Words

  /// Takes what the service tells.
  public mutating func told(_ word: Word) -> [Outcome] {
    if !awaited.isEmpty {
      awaited[0].hasAnswer = true
      switch word {
      case .interim(let text): awaited[0].open = Self.plain(text)
      case .settled(let text): Self.settle(text, in: &awaited[0])
      case .paused, .turnEnded, .resumed: break
      case .complete: completed()
      }
      return taken()
    }
    guard var current = utterance else { return taken() }
    current.hasAnswer = true
    switch word {
    case .interim(let text):
      current.open = Self.plain(text)
      if !current.open.isEmpty { current.hasPaused = false }
    case .settled(let text): Self.settle(text, in: &current)
    // It tells of a while ago: who speaks now has gone on.
    case .paused:
      current.hasPaused = !isSpeech
      tellPause(of: current)
    case .turnEnded:
      current.hasPaused = !isSpeech
      tellPause(of: current)
      if !current.text.isEmpty { outcomes.append(.turnEnded(current.turn)) }
    case .resumed: current.hasPaused = false
    case .complete: break
    }
    utterance = current
    if current.text != shown, !current.text.isEmpty {
      shown = current.text
      outcomes.insert(.interim(current.turn, shown), at: 0)
    }
    return taken()
  }

  private mutating func tellPause(of utterance: Utterance) {
    guard utterance.hasPaused, !utterance.text.isEmpty else { return }
    outcomes.append(.paused(utterance.turn, utterance.text))
  }

  private static func settle(_ text: String, in utterance: inout Utterance) {
    utterance.open = ""
    let more = plain(text)
    guard !more.isEmpty, utterance.settled.utf8.count + more.utf8.count < textLimit else { return }
    utterance.settled += utterance.settled.isEmpty ? more : " " + more
  }

  private static func plain(_ text: String) -> String { TranscriptText.plain(text) }

  /// All words of the oldest turn that was ended are told.
  private mutating func completed() {
    let first = awaited.removeFirst()
    if first.isWanted { outcomes.append(.final(first.turn, first.text)) }
    if habits.isOneUtterance { outcomes.append(.renew) }
  }

  // MARK: Time

  /// When to call `passed`, if nothing else happens before.
  public var deadline: Timestamp? {
    [awaited.first.flatMap(patienceEnds), keepAliveDue].compactMap(\.self).min()
  }

  /// The deadline has passed.
  public mutating func passed(at now: Timestamp) -> [Outcome] {
    if let first = awaited.first, let end = patienceEnds(first), now >= end {
      if !first.isWanted || first.hasAnswer || habits.isSilentWithoutWords {
        completed()
        // What comes too late must not become words of the next turn.
        if !habits.isOneUtterance { outcomes.append(.renew) }
      } else {
        outcomes.append(.silent)
      }
    }
    if let due = keepAliveDue, now >= due {
      lastSent = now
      outcomes.append(.keepAlive)
    }
    return taken()
  }

  private func patienceEnds(_ utterance: Utterance) -> Timestamp? {
    let isSettled = utterance.open.isEmpty && !utterance.settled.isEmpty
    return utterance.endedAt.map { $0 + (isSettled ? habits.settledPatience : habits.patience) }
  }

  private var keepAliveDue: Timestamp? {
    guard let interval = habits.keepAlive else { return nil }
    return lastSent.map { $0 + interval }
  }

  private mutating func taken() -> [Outcome] {
    defer { outcomes.removeAll(keepingCapacity: true) }
    return outcomes
  }
}
