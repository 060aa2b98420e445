import Timeline
import Wire

/// Speech over the agent: whether it cuts the response, and how the agent waits until that is known.
///
///   voice ─► hold ─┬─ words that are more than an agreement ─────────► cut
///                  ├─ voice that does not end ───────────────────────► cut
///                  └─ no words, or an agreement, and the voice is over ─► go on where it was held
extension Agent {
  /// Words that wait for the end of a response, at most.
  private static let deferredLimit = 8

  /// The response that the user hears now; nil while it is not heard yet.
  private var audibleTurn: TurnID? {
    guard let response, response.pacer.sentCount > 0 else { return nil }
    return response.turn
  }

  /// Speech may cut, in one way or the other.
  private var wordsDecide: Bool { settings.voiceCuts && settings.bargeIn == .words }

  // MARK: While the user speaks

  mutating func utteranceOpened() {
    let over = audibleTurn
    listening.utterance?.over = over
    // A client that stops its playback at this word is not told before it is decided that it should.
    let isDecided = over == nil || settings.isManual || !(wordsDecide || settings.bargeIn == .off)
    if configuration.startIsACut, !isDecided {
      listening.utterance?.isUntold = true
    } else {
      send(.userSpeechStart)
    }
  }

  /// Looks at what the user says over the response, and cuts it, holds it, or lets it go on.
  mutating func settleBargeIn(at now: Timestamp) {
    endHoldOfNothing(at: now)
    let isVoicePolicy = settings.voiceCuts && settings.bargeIn == .voice
    if isVoicePolicy, audibleTurn != nil, hold != nil || listening.voicedTime >= configuration.bargeInMinimum {
      cutByVoice(at: now)
    } else if wordsDecide {
      settleWords(at: now)
    } else if hold != nil {
      goOn(at: now)
    }
    // Nothing is played any more that the word could stop.
    if response == nil || isVoicePolicy { tellStart() }
  }

  private mutating func settleWords(at now: Timestamp) {
    guard let utterance = listening.utterance, let turn = audibleTurn, utterance.over == turn else { return }
    let voiced = listening.voicedTime
    guard voiced >= configuration.bargeInHold else { return }
    let reading = reading(of: listening.interim, voiced: utterance.voicedUntil == nil ? nil : voiced)
    let limit =
      reading == .agreement
      ? configuration.bargeInAgreementLimit
      : configuration.tellsHolds ? configuration.bargeInHeldLimit : configuration.bargeInUnheldLimit
    if reading == .words || (utterance.voicedUntil == nil && voiced >= limit) { return cutByVoice(at: now) }
    if utterance.voicedUntil != nil, reading == .agreement, !isAtItsQuestion(at: now) {
      if hold != nil { goOn(at: now) }
    } else if configuration.tellsHolds, hold == nil, !utterance.wasHeld {
      beginHold(at: now)
    }
  }

  /// What words and the voice that said them are together.
  /// - Parameter voiced: how long the voice was; nil while it goes on.
  private func reading(of text: String, voiced: Duration?) -> Backchannel.Reading {
    let reading = Backchannel.reading(of: text)
    guard reading == .unclear else { return reading }
    // While the voice goes on, it may become either.
    guard let voiced else { return .nothing }
    return voiced < configuration.bargeInShortSound ? .nothing : .words
  }

  private mutating func cutByVoice(at now: Timestamp) {
    bargeIns.cuts += 1
    tellStart()
    cutResponse(at: now, tellClient: true)
  }

  /// Tells of speech that was kept back.
  private mutating func tellStart() {
    guard listening.utterance?.isUntold == true else { return }
    listening.utterance?.isUntold = false
    send(.userSpeechStart)
    if !listening.interim.isEmpty { send(.transcriptInterim(listening.interim)) }
  }

  // MARK: The hold

  var holdDeadline: Timestamp? { hold.map { $0.since + configuration.longestHold } }

  private mutating func beginHold(at now: Timestamp) {
    hold = Hold(turn: listening.turn, since: now)
    listening.utterance?.wasHeld = true
    response?.pacer.hold(at: now)
    bargeIns.holds += 1
    send(.responseHeld)
  }

  /// The response goes on where it was held.
  private mutating func goOn(at now: Timestamp) {
    guard let held = hold else { return }
    hold = nil
    response?.pacer.release(at: now)
    bargeIns.falseStops += 1
    bargeIns.falseStopTime += now - held.since
    send(.responseResumed)
    log(
      "the response goes on after \(Int((now - held.since).milliseconds)) ms: no interruption (\(bargeIns.falseStops) of "
        + "\(bargeIns.holds) holds)")
  }

  /// A hold whose utterance has gone, or which takes too long: the words may still cut when they come.
  private mutating func endHoldOfNothing(at now: Timestamp) {
    guard let held = hold else { return }
    let isOpen = listening.utterance != nil && listening.turn == held.turn
    let isAwaited = listening.awaited.contains { $0.turn == held.turn }
    if !(isOpen || isAwaited) || now >= held.since + configuration.longestHold { goOn(at: now) }
  }

  // MARK: When the words are known

  /// Whether the words change nothing: they were said over the response that is still heard, and nothing has cut it.
  /// - Returns: true when all is done that is to be done about them.
  mutating func passes(_ final: Listening.AwaitedFinal, _ text: String, at now: Timestamp) -> Bool {
    guard let turn = audibleTurn, final.over == turn, !final.isAskedFor else { return false }
    if settings.bargeIn == .off, !settings.isManual, final.isAnswered {
      if !text.isEmpty { deferWords(DeferredWords(turn: final.turn, text: text, isUntold: final.isUntold)) }
      if !final.isUntold { send(.transcriptFinal(text)) }
      return true
    }
    guard wordsDecide else { return false }
    let reading = reading(of: text, voiced: final.voiced)
    switch reading {
    case .words, .unclear: return false
    case .agreement: if isAtItsQuestion(at: now) { return false }
    case .nothing: if !text.isEmpty, isAtItsQuestion(at: now) { return false }
    }
    if !final.isUntold { send(.transcriptFinal(text)) }
    bargeIns.passed += 1
    let what = reading == .agreement ? "words of agreement" : "a short sound"
    log("\(what) let the agent go on (\(bargeIns.passed) so far)")
    if hold?.turn == final.turn { goOn(at: now) }
    return true
  }

  /// Whether the words of this utterance cut the response, although they may not be answered.
  func cuts(_ final: Listening.AwaitedFinal) -> Bool { wordsDecide && final.over != nil && final.over == audibleTurn }

  /// The agent has all but asked something: an agreement is the answer to it.
  private func isAtItsQuestion(at now: Timestamp) -> Bool {
    guard let response, response.isMade, trimmed(response.text).hasSuffix("?") else { return false }
    let heard = response.pacer.heardCount(at: now, delay: configuration.playoutDelay)
    let left = response.pacer.sentCount - heard + response.pacer.waitingCount
    return .samples(left, rate: response.pacer.rate) <= configuration.questionTail
  }

  // MARK: Words that wait for the end of the response

  private mutating func deferWords(_ words: DeferredWords) {
    deferred.append(words)
    deferred.removeFirst(max(0, deferred.count - Self.deferredLimit))
  }

  /// The response has ended: what was said over it comes behind it in the history.
  mutating func rememberDeferred(tellClient: Bool) {
    for words in deferred {
      if words.isUntold, tellClient {
        send(.userSpeechStart)
        send(.userSpeechEnd)
        send(.transcriptFinal(words.text))
      }
      remember(Utterance(speaker: .user, text: words.text))
      owedAnswer = (words.turn, words.text)
    }
    deferred.removeAll()
  }

  /// Answers what was said over a response that has ended, unless something newer is answered already.
  mutating func answerDeferred(at now: Timestamp) {
    guard response == nil, let (turn, text) = owedAnswer else { return }
    owedAnswer = nil
    if !callTool(for: text) { startReply(turn, at: now) }
  }
}
