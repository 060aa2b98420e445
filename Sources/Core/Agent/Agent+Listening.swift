import Timeline
import Wire

/// Audio in, utterances out: endpointing, transcripts, flow control.
extension Agent {
  mutating func hear(_ samples: [Int16], at now: Timestamp) {
    guard !samples.isEmpty else { return }
    listening.audioArrived(samples.count, at: now)
    effects.append(.recognize(samples, listening.turn))
  }

  mutating func voiceDetected(_ isSpeech: Bool, at sample: Int) {
    let wasOpen = listening.utterance != nil
    listening.edge(isSpeech: isSpeech, atSample: sample)
    if !wasOpen, listening.utterance != nil { send(.userSpeechStart) }
  }

  /// Ends what is over, and cuts the response when the user has spoken for long enough.
  mutating func settleListening(at now: Timestamp) {
    expireFinals(at: now)
    if let since = listening.pausedSince, now >= since + configuration.providerTimeout {
      recognizerFailed("did not catch up within \(seconds(configuration.providerTimeout))", at: now)
    }
    if let response, response.pacer.sentCount > 0, listening.voicedTime >= configuration.bargeInMinimum {
      cutResponse(at: now, tellClient: true)
    }
    let isVoiced = listening.isVoiced
    if listening.utterance != nil, listening.utteranceTime >= configuration.maximumUtterance {
      endUtterance(at: now)
      // The user goes on: so does a new utterance.
      if isVoiced { voiceDetected(true, at: listening.receivedCount) }
    } else if let open = listening.utterance, let silence = listening.silenceInAudio,
      silence >= settings.endpointSilence || (open.isHintedOver && configuration.trustsClientEnd)
    {
      endUtterance(at: now)
    }
    if let quiet = listening.quietDeadline(silence: settings.endpointSilence), now >= quiet {
      if listening.utterance != nil { endUtterance(at: now) }
      if listening.isVoiced { quietDetector(at: now) }
    }
  }

  var listeningDeadline: Timestamp? {
    [
      listening.quietDeadline(silence: settings.endpointSilence),
      listening.awaited.first.map { $0.askedAt + configuration.providerTimeout },
      listening.pausedSince.map { $0 + configuration.providerTimeout },
    ].compactMap(\.self).min()
  }

  private mutating func endUtterance(at now: Timestamp) {
    guard let utterance = listening.utterance else { return }
    send(.userSpeechEnd)
    effects.append(.endUtterance(listening.turn))
    let end = listening.time(of: utterance.voicedUntil ?? listening.receivedCount) ?? now
    listening.awaited.append(.init(turn: listening.turn, speechEndedAt: end, askedAt: now))
    beginTurn()
  }

  private mutating func beginTurn() {
    listening.utterance = nil
    listening.interim = ""
    listening.turn = nextTurn()
  }

  /// The client stopped sending in mid-speech, so the detector would hear speech for ever and never tell when it
  /// begins again. Feed it the silence that the client did not send; it belongs to the next turn and delays no final.
  private mutating func quietDetector(at now: Timestamp) {
    let count = Int(configuration.detectorHang.nanoseconds * Int64(configuration.inputRate) / 1_000_000_000)
    listening.padded(count, at: now)
    effects.append(.recognize([Int16](repeating: 0, count: count), listening.turn))
  }

  /// Forgets the utterance in progress. The user's `user_speech_start` gets its end.
  mutating func dropUtterance() {
    guard listening.utterance != nil else { return }
    send(.userSpeechEnd)
    send(.transcriptFinal(""))
    effects.append(.discardUtterance(listening.turn))
    beginTurn()
  }

  // MARK: What the recognizer tells

  mutating func interimRecognized(_ turn: TurnID, _ text: String) {
    guard turn == listening.turn, listening.utterance != nil, text != listening.interim else { return }
    // A recognizer that doubts what it heard says less for a moment. What was shown stays until there is a better word.
    guard Self.wordCount(text) >= Self.wordCount(listening.interim) else { return }
    listening.interim = text
    send(.transcriptInterim(text))
  }

  private static func wordCount(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }

  mutating func finalRecognized(_ turn: TurnID, _ text: String, at now: Timestamp) {
    guard let index = listening.awaited.firstIndex(where: { $0.turn == turn }) else { return }
    let awaited = listening.awaited.remove(at: index)
    let text = trimmed(text)
    send(.transcriptFinal(text))
    guard !text.isEmpty else { return }
    cutResponse(at: now, tellClient: true)
    remember(Utterance(speaker: .user, text: text))
    startReply(turn, sttTime: now - awaited.speechEndedAt, at: now)
  }

  mutating func recognizerFailed(_ reason: String, at now: Timestamp) {
    providerFailed("stt_failed", "speech recognition: \(reason)", at: now)
    for _ in listening.awaited { send(.transcriptFinal("")) }
    listening.awaited.removeAll()
    dropUtterance()
    if listening.pausedSince != nil { resumeClient(at: now) }
  }

  private mutating func expireFinals(at now: Timestamp) {
    while let first = listening.awaited.first, now >= first.askedAt + configuration.providerTimeout {
      listening.awaited.removeFirst()
      providerFailed(
        "stt_failed", "speech recognition: no transcript within \(seconds(configuration.providerTimeout))", at: now)
      send(.transcriptFinal(""))
    }
  }

  // MARK: Flow control

  mutating func backlogChanged(_ backlog: Duration, at now: Timestamp) {
    listening.backlogChanged(backlog)
    if listening.pausedSince == nil, backlog > configuration.pauseAbove {
      listening.pausedSince = now
      send(.pause)
    } else if listening.pausedSince != nil, backlog < configuration.resumeBelow {
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
