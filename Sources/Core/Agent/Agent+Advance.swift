import Timeline
import Wire

/// An answer that the language model was asked for before the user's turn was over, because the user had paused and the
/// words up to there were known.
///
/// It is used when the turn ends with the same words, and cancelled when the user goes on, the words turn out to be others,
/// or the turn is dropped. Nothing of it is told before.
struct AdvanceReply: Sendable {
  /// By which the language model's events name it.
  let turn: TurnID
  /// The user's turn that it answers.
  let heardTurn: TurnID
  /// What was understood, as words are compared.
  let words: [String]
  /// What was said before them.
  let history: [Utterance]
  let language: String
  let askedAt: Timestamp
  /// What has come of it.
  var text = ""
  var isFinished = false
  var substitution: (other: String, reason: String)?
}

extension Agent {
  /// Answers that are asked for ahead of one turn's end, at most: a user who pauses often is not to cost more than that.
  private static let mostAdvances = 3
  /// Silence after words that may go on, before an answer to them is asked for. It costs a request when they do.
  private static let pauseOfOpenWords = Duration.milliseconds(260)

  /// The user has paused, and these are all words of the turn so far.
  mutating func pauseRecognized(_ turn: TurnID, _ text: String, at now: Timestamp) {
    guard turn == listening.turn, listening.utterance?.voicedUntil != nil else { return }
    // Endings are known of one language.
    let isEnglish = settings.language.lowercased().hasPrefix("en")
    listening.utterance?.pause = .init(text: text, completeness: isEnglish ? TurnCompleteness(of: text) : .open)
  }

  /// Asks ahead for the answer to a user who has paused; cancels what was asked for in vain.
  mutating func settleAdvance(at now: Timestamp) {
    if let advance, !isWanted(advance) { cancelAdvance() }
    guard configuration.asksAhead, settings.endpointing.looksAtWords, settings.answersTurns, advance == nil,
      response == nil, toolResults.isEmpty, owedAnswer == nil, listening.awaited.isEmpty,
      let utterance = listening.utterance, let pause = utterance.pause, pause.completeness != .unfinished,
      utterance.advanceCount < Self.mostAdvances, let silence = listening.silenceInAudio,
      pause.completeness == .complete || silence >= Self.pauseOfOpenWords
    else { return }
    listening.utterance?.advanceCount += 1
    let asked = AdvanceReply(
      turn: nextTurn(), heardTurn: listening.turn, words: Self.keys(of: pause.text), history: history,
      language: settings.language, askedAt: now)
    advance = asked
    let words = Utterance(speaker: .user, text: trimmed(pause.text))
    effects.append(.generate(asked.turn, history: remembered(history + [words]), language: asked.language))
  }

  /// The user is still silent after the same words, or the turn has ended and its words are to come.
  private func isWanted(_ advance: AdvanceReply) -> Bool {
    if listening.awaited.contains(where: { $0.turn == advance.heardTurn }) { return true }
    guard listening.turn == advance.heardTurn, let pause = listening.utterance?.pause else { return false }
    return Self.keys(of: pause.text) == advance.words
  }

  mutating func cancelAdvance() {
    guard let advance else { return }
    self.advance = nil
    if !advance.isFinished { effects.append(.cancelGeneration(advance.turn)) }
  }

  /// The answer that was asked for ahead, when it answers these words after that history.
  mutating func takenAdvance(of turn: TurnID, _ text: String, after history: [Utterance]) -> AdvanceReply? {
    guard let advance, advance.heardTurn == turn, advance.words == Self.keys(of: text), advance.history == history,
      advance.language == settings.language
    else {
      cancelAdvance()
      return nil
    }
    self.advance = nil
    return advance
  }

  /// Takes what the language model tells of the answer that was asked for ahead.
  /// - Returns: whether it was about that one.
  mutating func tookForAdvance(_ input: AgentInput) -> Bool {
    guard var waiting = advance else { return false }
    switch input {
    case .replyGenerated(waiting.turn, let piece):
      waiting.text += piece.prefix(max(0, configuration.maximumReplyLength + 1 - waiting.text.count))
    case .replyFinished(waiting.turn): waiting.isFinished = true
    case .replySubstituted(waiting.turn, let other, let reason): waiting.substitution = (other, reason)
    case .replyFailed(waiting.turn, _):
      // Nobody waits for it yet: the words will be asked about anew, when they are final.
      advance = nil
      if listening.turn == waiting.heardTurn { listening.utterance?.advanceCount = Self.mostAdvances }
      return true
    default: return false
    }
    advance = waiting
    return true
  }

  private static func keys(of text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map { TranscriptText.key(String($0)) }.filter { !$0.isEmpty }
  }
}
