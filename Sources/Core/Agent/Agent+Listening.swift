import Timeline
import Wire

/// Audio in, utterances out: endpointing, transcripts, flow control.
extension Agent {
  /// The most audio that goes to the recognizer at a time, and so the most by which its lead is passed.
  private static let largestPiece = Duration.milliseconds(600)
  /// While audio waits here: how little of it the recognizer has left when it gets more, and in what pieces. A turn is
  /// ended after what the recognizer was given, so this keeps the next utterance's first word out of it.
  private static let refill = Duration.milliseconds(100)
  private static let refillPiece = Duration.milliseconds(50)

  /// Whether an event of the client may be given now. What has to keep its place behind audio waits until that audio went
  /// to the recognizer; an interrupt does not.
  public func accepts(_ event: VoiceEvent) -> Bool {
    switch event {
    case .interrupt: true
    case .audio: .samples(listening.intake.count, rate: listening.rate) < configuration.intakeLimit
    default: listening.intake.isEmpty
    }
  }

  mutating func audioReceived(_ samples: [Int16], at now: Timestamp) {
    let direct =
      listening.intake.isEmpty && listening.backlog < configuration.recognizerLead
      ? samples.prefix(count(of: Self.largestPiece)) : []
    hear(Array(direct), at: now)
    listening.intake.append(samples.dropFirst(direct.count))
    regulateFlow(at: now)
  }

  /// Gives the recognizer what it has room for.
  private mutating func refillRecognizer(at now: Timestamp) {
    var room = count(of: Self.refill - listening.backlog)
    while room > 0, !listening.intake.isEmpty {
      let piece = listening.intake.next(atMost: count(of: Self.refillPiece))
      room -= piece.count
      hear(piece, at: now)
      listening.progressed(at: now)
    }
  }

  private func count(of duration: Duration) -> Int {
    Int(duration.nanoseconds * Int64(listening.rate) / 1_000_000_000)
  }

  private mutating func hear(_ samples: [Int16], at now: Timestamp) {
    guard !samples.isEmpty else { return }
    listening.audioArrived(samples.count, at: now)
    effects.append(.recognize(samples, listening.turn))
  }

  /// No loss unseen: the client is told, the log, and the metrics of the turns that follow.
  mutating func audioLost(_ count: Int, at now: Timestamp) {
    guard count > 0 else { return }
    listening.lostCount += count
    let admission = providerErrors.admit(at: now)
    guard admission.isAdmitted else { return }
    let new = milliseconds(listening.lostCount - listening.toldLostCount)
    listening.toldLostCount = listening.lostCount
    let text =
      "\(new) ms of the client's audio were lost (\(milliseconds(listening.lostCount)) ms since it came): speech "
      + "recognition is behind; send audio as fast as it is spoken, and none between pause and resume"
    send(.error(ServerError(message: text, code: "audio_lost")))
    log(text)
  }

  private func milliseconds(_ count: Int) -> Int { count * 1000 / listening.rate }

  mutating func voiceDetected(_ isSpeech: Bool, at sample: Int) {
    let wasOpen = listening.utterance != nil
    listening.edge(isSpeech: isSpeech, atSample: sample)
    if !wasOpen, listening.utterance != nil { utteranceOpened() }
  }

  /// Ends what is over, and decides about what the user says over the response.
  mutating func settleListening(at now: Timestamp) {
    expireFinals(at: now)
    if let deadline = catchUpDeadline, now >= deadline {
      recognizerFailed("did not catch up within \(seconds(configuration.providerTimeout))", at: now)
    }
    settleBargeIn(at: now)
    let isVoiced = listening.isVoiced
    if listening.utterance != nil, listening.utteranceTime >= configuration.maximumUtterance {
      endUtterance(answers: settings.answersTurns, at: now)
      // The user goes on: so does a new utterance.
      if isVoiced { voiceDetected(true, at: listening.receivedCount) }
    } else if !settings.isManual, let open = listening.utterance, let silence = listening.silenceInAudio,
      silence >= endingSilence || open.isFoundOver || (open.isHintedOver && configuration.trustsClientEnd)
    {
      endUtterance(answers: settings.answersTurns, saved: settings.endpointing.silence - silence, at: now)
    }
    if let quiet = listening.quietDeadline(silence: endingSilence), now >= quiet {
      if listening.utterance != nil, !settings.isManual { endUtterance(answers: settings.answersTurns, at: now) }
      if listening.isVoiced { quietDetector(at: now) }
    }
  }

  /// Silence that ends the open utterance.
  private var endingSilence: Duration { settings.endpointing.silence(after: listening.utterance?.pause?.completeness) }

  var listeningDeadline: Timestamp? {
    [
      listening.quietDeadline(silence: endingSilence),
      listening.awaited.first.map { $0.askedAt + configuration.providerTimeout },
      catchUpDeadline, holdDeadline,
    ].compactMap(\.self).min()
  }

  /// When a recognizer that is behind and does not get on has failed.
  private var catchUpDeadline: Timestamp? {
    guard listening.pausedSince != nil else { return nil }
    return listening.progressAt.map { $0 + configuration.providerTimeout }
  }

  /// - Parameters:
  ///   - answers: whether words are answered by themselves.
  ///   - saved: how much less silence ended it than usual.
  mutating func endUtterance(answers: Bool, saved: Duration = .zero, at now: Timestamp) {
    guard let utterance = listening.utterance else { return }
    if !utterance.isUntold { send(.userSpeechEnd) }
    effects.append(.endUtterance(listening.turn))
    let end = listening.time(of: utterance.voicedUntil ?? listening.receivedCount) ?? now
    listening.awaited.append(
      .init(
        turn: listening.turn, speechEndedAt: end, askedAt: now, isAnswered: answers, over: utterance.over,
        isUntold: utterance.isUntold, queue: utterance.queue, silenceSaved: saved > .zero ? saved : nil,
        voiced: listening.voicedTime))
    beginTurn()
  }

  mutating func beginTurn() { listening.turnBegan(nextTurn()) }

  /// The client stopped sending in mid-speech, so the detector would hear speech for ever and never tell when it
  /// begins again. Feed it the silence that the client did not send; it belongs to the next turn and delays no final.
  mutating func quietDetector(at now: Timestamp) {
    let count = Int(configuration.detectorHang.nanoseconds * Int64(configuration.inputRate) / 1_000_000_000)
    listening.padded(count, at: now)
    effects.append(.recognize([Int16](repeating: 0, count: count), listening.turn))
  }

  /// Forgets the utterance in progress. The user's `user_speech_start` gets its end.
  mutating func dropUtterance() {
    guard let utterance = listening.utterance else { return }
    if !utterance.isUntold {
      send(.userSpeechEnd)
      send(.transcriptFinal(""))
    }
    effects.append(.discardUtterance(listening.turn))
    beginTurn()
  }

  // MARK: What the recognizer tells

  mutating func interimRecognized(_ turn: TurnID, _ text: String) {
    guard turn == listening.turn, listening.utterance != nil, text != listening.interim else { return }
    // A recognizer that doubts what it heard says less for a moment. What was shown stays until there is a better word.
    guard Self.wordCount(text) >= Self.wordCount(listening.interim) else { return }
    listening.interim = text
    if listening.utterance?.isUntold != true { send(.transcriptInterim(text)) }
  }

  private static func wordCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  mutating func finalRecognized(_ turn: TurnID, _ text: String, at now: Timestamp) {
    guard let index = listening.awaited.firstIndex(where: { $0.turn == turn }) else { return }
    let awaited = listening.awaited.remove(at: index)
    let text = trimmed(text)
    if passes(awaited, text, at: now) { return }
    // Of a sound without words that was never told, nothing is told now.
    if awaited.isUntold, text.isEmpty, !awaited.isAskedFor { return }
    let isBargeIn = !text.isEmpty && self.cuts(awaited)
    if isBargeIn { bargeIns.cuts += 1 }
    let cuts = isBargeIn || (!text.isEmpty && awaited.isAnswered)
    if awaited.isUntold {
      send(.userSpeechStart)
      if cuts { cutResponse(at: now, tellClient: true) }
      send(.userSpeechEnd)
    }
    send(.transcriptFinal(text))
    guard !text.isEmpty else {
      if awaited.isAskedFor { startReply(turn, at: now) }
      return
    }
    if cuts { cutResponse(at: now, tellClient: true) }
    let before = history
    remember(Utterance(speaker: .user, text: text))
    guard awaited.isAnswered, !callTool(for: text) else { return }
    startReply(turn, to: awaited, ahead: takenAdvance(of: turn, text, after: before), at: now)
  }

  /// The turn ends now, or as soon as our own detector hears silence.
  mutating func turnFoundOver(_ turn: TurnID) {
    if turn == listening.turn { listening.utterance?.isFoundOver = true }
  }

  /// Nothing is lost: the other one hears the turn from its beginning.
  mutating func recognizerSubstituted(by other: String, _ reason: String, at now: Timestamp) {
    listening.substitute = other
    providerFailed("stt_unavailable", "speech recognition: \(reason); \(other) hears instead", at: now)
  }

  mutating func recognizerFailed(_ reason: String, at now: Timestamp) {
    providerFailed("stt_failed", "speech recognition: \(reason)", at: now)
    for final in listening.awaited where !final.isUntold { send(.transcriptFinal("")) }
    listening.awaited.removeAll()
    dropUtterance()
    let lost = listening.intake.count
    listening.intake = AudioIntake()
    audioLost(lost, at: now)
    if listening.pausedSince != nil { resumeClient(at: now) }
  }

  private mutating func expireFinals(at now: Timestamp) {
    while let first = listening.awaited.first, now >= first.askedAt + configuration.providerTimeout {
      listening.awaited.removeFirst()
      providerFailed(
        "stt_failed", "speech recognition: no transcript within \(seconds(configuration.providerTimeout))", at: now)
      if !first.isUntold { send(.transcriptFinal("")) }
    }
  }

  // MARK: Flow control

  mutating func backlogChanged(_ backlog: Duration, at now: Timestamp) {
    listening.backlogChanged(backlog, at: now)
    refillRecognizer(at: now)
    regulateFlow(at: now)
  }

  private mutating func regulateFlow(at now: Timestamp) {
    if listening.pausedSince == nil, listening.unexamined > configuration.pauseAbove {
      listening.paused(at: now)
      send(.pause)
    } else if listening.pausedSince != nil, listening.unexamined < configuration.resumeBelow {
      resumeClient(at: now)
    }
  }

  private mutating func resumeClient(at now: Timestamp) {
    listening.resumed(at: now)
    send(.resume)
  }

  func seconds(_ duration: Duration) -> String { "\(duration.components.seconds) s" }
  func trimmed(_ text: String) -> String {
    let isSpace: (Character) -> Bool = \.isWhitespace
    guard let first = text.firstIndex(where: { !isSpace($0) }), let last = text.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(text[first...last])
  }
}
