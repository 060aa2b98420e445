import Timeline
import Wire

/// From the user's words to paced audio, and how a response is cut.
extension Agent {
  /// Longest typed turn, in characters.
  static let longestText = 4000

  // MARK: Begin

  /// A typed turn: takes the place of what is being said, on both sides.
  mutating func typed(_ text: String, at now: Timestamp) {
    let text = trimmed(text)
    guard !text.isEmpty, text.count <= Self.longestText else {
      return reject("bad_text", "text: must have 1 to \(Self.longestText) characters", at: now)
    }
    cutResponse(at: now, tellClient: true)
    dropUtterance()
    remember(Utterance(speaker: .user, text: text))
    if callTool(for: text) { return }
    startReply(nextTurn(), at: now)
  }

  /// - Parameters:
  ///   - final: the user's words, where they were spoken.
  ///   - ahead: their answer, where it was asked for before they were complete.
  mutating func startReply(
    _ turn: TurnID, to final: Listening.AwaitedFinal? = nil, ahead: AdvanceReply? = nil, at now: Timestamp
  ) {
    owedAnswer = nil
    let answer = ahead?.turn ?? turn
    var metrics = ServerMetrics(turn: answer.rawValue)
    metrics.model = configuration.model
    if let final {
      (metrics.sttMs, metrics.sttQueue) = ((now - final.speechEndedAt).milliseconds, final.queue)
      metrics.recognizer = listening.substitute ?? configuration.engines?.recognizer
      metrics.endpointSavedMs = final.silenceSaved?.milliseconds
      metrics.llmAheadMs = ahead.map { (now - $0.askedAt).milliseconds }
    }
    response = Response(turn: answer, isReply: true, pacer: makePacer(), metrics: metrics, at: now)
    if configuration.tellsStarts { send(.responseStarted) }
    guard let ahead else {
      effects.append(.generate(turn, history: history, language: settings.language))
      return
    }
    if let (other, reason) = ahead.substitution { replySubstituted(ahead.turn, by: other, reason, at: now) }
    replyGenerated(ahead.turn, ahead.text, at: now)
    if ahead.isFinished { response?.finishText(at: now) }
  }

  mutating func announce(_ text: String, at now: Timestamp) {
    speak(text, turn: nextTurn(), at: now)
  }

  /// Says a text as it is.
  mutating func speak(_ text: String, turn: TurnID, at now: Timestamp) {
    var announcement = Response(
      turn: turn, isReply: false, pacer: makePacer(), metrics: ServerMetrics(turn: turn.rawValue), at: now)
    announcement.append(text, at: now)
    announcement.finishText(at: now)
    response = announcement
    send(.responseText(text))
  }

  private func makePacer() -> SpeechPacer {
    SpeechPacer(
      rate: configuration.outputRate, piece: audio.form.piece ?? configuration.audioChunk, lead: configuration.sendLead)
  }

  // MARK: What the providers tell

  mutating func replyGenerated(_ turn: TurnID, _ piece: String, at now: Timestamp) {
    guard let current = response, current.turn == turn, !current.isGenerated, !piece.isEmpty else { return }
    let room = max(0, configuration.maximumReplyLength - current.text.count)
    let taken = String(piece.prefix(room))
    if !taken.isEmpty {
      response?.append(taken, at: now)
      send(.responseText(taken))
    }
    if taken.count < piece.count {
      effects.append(.cancelGeneration(turn))
      response?.finishText(at: now)
      log("turn \(turn.rawValue): reply cut at \(configuration.maximumReplyLength) characters")
    }
  }

  /// What was generated before is still said.
  mutating func replyFailed(_ turn: TurnID, _ reason: String, at now: Timestamp) {
    guard let current = response, current.turn == turn, !current.isGenerated else { return }
    providerFailed("llm_failed", "language model: \(reason)", at: now)
    response?.finishText(at: now)
  }

  /// It has not said a word yet.
  mutating func replySubstituted(_ turn: TurnID, by other: String, _ reason: String, at now: Timestamp) {
    guard let current = response, current.turn == turn, !current.isGenerated else { return }
    response?.progressAt = now
    response?.metrics.model = other
    providerFailed("llm_unavailable", "\(other) answers: \(reason)", at: now)
  }

  /// The sentence stays text; the next may work.
  mutating func synthesisFailed(_ turn: TurnID, _ sentence: Int, _ reason: String, at now: Timestamp) {
    guard let current = response, current.turn == turn, current.isSynthesizing else { return }
    providerFailed("tts_failed", "speech synthesis: \(reason)", at: now)
    response?.sentenceBroken(sentence, at: now)
  }

  /// The answers are spoken on, by another voice.
  mutating func voiceSubstituted(_ voice: String, by other: String, _ reason: String, at now: Timestamp) {
    settings.substitute(voice, by: other)
    providerFailed("voice_unavailable", "the voice \(voice) cannot speak, \(other) does: \(reason)", at: now)
    send(.configApplied(settings.json(with: audio.settings)))
  }

  /// The voice of the answers; nil where a language has no voices with names.
  var speakingVoice: String? { settings.language.lowercased().hasPrefix("en") ? settings.voice : nil }

  // MARK: Go on

  /// Orders synthesis, sends what it is time for, and ends the response when all is done.
  mutating func settleResponse(at now: Timestamp) {
    guard var current = response else { return }
    if let wait = current.wait, now >= current.progressAt + timeout(of: wait) {
      return abandon(current, waitingFor: wait, at: now)
    }
    orderSynthesis(&current, at: now)
    while !isHeld(current), let samples = current.pacer.next(at: now) {
      send(audioEvent(samples))
      if var metrics = current.takeMetrics() {
        metrics.voice = metrics.ttsFirstByteMs == nil ? nil : speakingVoice
        if listening.lostCount > 0 { metrics.audioLostMs = Double(listening.lostCount) * 1000 / Double(listening.rate) }
        send(.metrics(metrics))
      }
      orderSynthesis(&current, at: now)
    }
    response = current
    if hold == nil, current.isSent, (current.pacer.playedBy.map { $0 - now <= configuration.completeLead } ?? true) {
      send(.responseComplete)
      let text = trimmed(current.text)
      if !text.isEmpty { rememberSpoken(current, Utterance(speaker: .agent, text: text)) }
      response = nil
      let heard = HeardEstimate(
        of: current.sentences, heardCount: current.pacer.sentCount, rate: configuration.outputRate)
      account(for: heard.bill, of: current.turn, tellClient: true)
      rememberDeferred(tellClient: true)
    }
  }

  var responseDeadline: Timestamp? {
    guard let response else { return nil }
    return [
      isHeld(response) ? nil : response.pacer.deadline,
      response.isSent && hold == nil ? response.pacer.playedBy.map { $0 - configuration.completeLead } : nil,
      response.wait.map { response.progressAt + timeout(of: $0) },
    ].compactMap(\.self).min()
  }

  private func timeout(of wait: Response.Wait) -> Duration {
    switch wait {
    case .generator: configuration.replyTimeout
    case .synthesizer: configuration.providerTimeout
    }
  }

  /// Nothing new is said while the user speaks, or while the user's words are on their way.
  private func isHeld(_ response: Response) -> Bool { response.pacer.sentCount == 0 && listening.isFloorTaken }

  private mutating func orderSynthesis(_ current: inout Response, at now: Timestamp) {
    guard let (sentence, text) = current.orderSynthesis(ahead: configuration.synthesisAhead, at: now) else { return }
    effects.append(
      .synthesize(
        current.turn, sentence: sentence, text: text, voice: settings.voice, language: settings.language))
  }

  private mutating func audioEvent(_ samples: [Int16]) -> VoiceEvent {
    lastSequence += 1
    let bytes = [UInt8](unsafeUninitializedCapacity: samples.count * 2) { buffer, count in
      for (index, sample) in samples.enumerated() {
        let bits = UInt16(bitPattern: sample)
        buffer[2 * index] = UInt8(truncatingIfNeeded: bits)
        buffer[2 * index + 1] = UInt8(truncatingIfNeeded: bits >> 8)
      }
      count = samples.count * 2
    }
    return .audio(
      AudioPayload(bytes: bytes, format: "pcm16", rate: configuration.outputRate, sequence: lastSequence))
  }

  // MARK: Cut

  mutating func interrupt(at now: Timestamp) {
    if response == nil { log("interrupt, and nothing to interrupt") }
    cutResponse(at: now, tellClient: true)
  }

  /// Ends the running response, if there is one. What was heard of it goes into the history; nothing does when
  /// nothing was heard.
  mutating func cutResponse(at now: Timestamp, tellClient: Bool) {
    guard let current = response else { return }
    (response, hold) = (nil, nil)
    if tellClient { send(.interrupted) }
    if !current.isGenerated { effects.append(.cancelGeneration(current.turn)) }
    if current.isSynthesizing { effects.append(.cancelSynthesis(current.turn)) }
    let heardCount = current.pacer.heardCount(at: now, delay: configuration.playoutDelay)
    let heard = HeardEstimate(of: current.sentences, heardCount: heardCount, rate: configuration.outputRate)
    account(for: heard.bill, of: current.turn, tellClient: tellClient)
    let isWhole = heard.isWhole && current.isGenerated
    let text = isWhole ? trimmed(current.text) : heard.text
    if !text.isEmpty { rememberSpoken(current, Utterance(speaker: .agent, text: text, wasCut: !isWhole)) }
    rememberDeferred(tellClient: tellClient)
  }

  private mutating func rememberSpoken(_ response: Response, _ utterance: Utterance) {
    remember(utterance)
    lastSpoken = (response.sentences, utterance)
  }

  /// A provider has not done anything for too long.
  private mutating func abandon(_ current: Response, waitingFor wait: Response.Wait, at now: Timestamp) {
    let within = "nothing within \(seconds(timeout(of: wait)))"
    switch wait {
    case .generator: providerFailed("llm_failed", "language model: \(within)", at: now)
    case .synthesizer: providerFailed("tts_failed", "speech synthesis: \(within)", at: now)
    }
    cutResponse(at: now, tellClient: true)
  }
}
