import Timeline
import Wire

// How messages make turns and transcript lines.
extension Insight {
  mutating func observe(_ message: Message, meaning: [VoiceEvent]?, at now: Timestamp) {
    switch message.direction {
    case .sent:
      sent.add(message)
      uplink.sent(byteCount: message.payload.count, at: now)
      for event in meaning ?? message.meaning(in: dialect) { observeSent(event, message, at: now) }
    case .received:
      received.add(message)
      for event in meaning ?? message.meaning(in: dialect) { observe(event, at: now) }
    }
  }

  private mutating func observeSent(_ event: VoiceEvent, _ message: Message, at now: Timestamp) {
    switch event {
    case .audio(let payload):
      let ms = sentLength.read(payload, rate: inputRate).ms ?? 0
      uplink.sent(payload, lasting: ms, waitedMs: message.waitedMs, at: now)
    case .interrupt: bargeIns.interruptSent(at: now)
    case .text(let text): typedTurn(text, at: now)
    default: break
    }
  }

  private mutating func observe(_ event: VoiceEvent, at now: Timestamp) {
    switch event {
    case .userSpeechStart: speechStarted(at: now)
    case .userSpeechEnd:
      serverSpeechEnd = now
      endpointed = now
    case .transcriptInterim(let text): setUserLine(text, isFinal: false, turn: listeningTurn(at: now), at: now)
    case .transcriptFinal(let text): finalArrived(text, at: now)
    case .responseText(let text):
      let i = answeredTurn(at: now)
      turns[i].firstText = turns[i].firstText ?? now
      extendAgentLine(text, turn: turns[i].number, at: now)
    case .audio(let payload):
      let i = answeredTurn(at: now)
      turns[i].firstAudio = turns[i].firstAudio ?? now
      audioArrived(payload, turn: i, at: now)
    case .responseComplete:
      delivery.responseEnded()
      let i = runningAnswer
      bargeIns.acknowledged(isCut: false, at: now, turn: i.map { turns[$0].number })
      if let i {
        turns[i].isSentWhole = true
        endTurn(i, .completed, at: now)
      }
    case .interrupted:
      delivery.responseEnded()
      let i = runningAnswer
      bargeIns.acknowledged(isCut: true, at: now, turn: i.map { turns[$0].number })
      if let i {
        endTurn(i, turns[i].interruptRequested == nil ? .bargedIn : .interrupted, at: now)
      }
    case .ready(let ready): outputRate = ready.outputRate ?? outputRate
    case .metrics(let claims):
      if let i = turns.lastIndex(where: \.isAnswered) ?? turns.indices.last { turns[i].claims = claims }
    default: break
    }
  }

  mutating func speechStarted(at moment: Timestamp) {
    // A breath belongs to the utterance. After a longer pause it is another one, and of the one before (a cough, a word
    // that was never understood) no transcript has come.
    if let end = clientSpeechEnd ?? serverSpeechEnd, moment - end > Insight.longestBreath { speechStart = nil }
    speechStart = speechStart ?? moment
    serverSpeechEnd = nil
    // The answer that is heard, or was about to be: not the turn that the user has already begun to speak in.
    if let i = turns.lastIndex(where: { $0.final != nil || $0.isAnswered }), !turns[i].isOver || playout.isPlaying {
      turns[i].isOverlapped = true
      latency.observe(&turns[i])
      bargeIns.speechStarted(at: moment, turn: turns[i].number)
    }
  }

  mutating func speechEnded(at moment: Timestamp) {
    // A quick server can be done before our own detector has made up its mind.
    if let i = turns.indices.last, let final = turns[i].final, turns[i].speechEnd == nil || turns[i].endIsServers,
      moment < final, moment > turns[i].speechStart ?? .zero
    {
      turns[i].speechEnd = moment
      turns[i].endIsServers = false
    } else {
      clientSpeechEnd = moment
    }
  }

  private mutating func typedTurn(_ text: String, at now: Timestamp) {
    let i = listeningTurn(at: now)
    turns[i].speechEnd = now
    turns[i].final = now
    setUserLine(text, isFinal: true, turn: i, at: now)
  }

  private mutating func finalArrived(_ text: String, at now: Timestamp) {
    defer { (speechStart, clientSpeechEnd, serverSpeechEnd, endpointed) = (nil, nil, nil, nil) }
    guard !text.isEmpty else { return takeBackListeningTurn() }
    bargeIns.nextExchange()
    if let i = turns.indices.last, turns[i].lacksFinal, turns[i].final == nil, speechStart == nil {
      return lateFinalArrived(text, turn: i, at: now)
    }
    let i = listeningTurn(at: now)
    turns[i].final = now
    turns[i].endpointed = endpointed
    if let clientSpeechEnd {
      turns[i].speechEnd = clientSpeechEnd
    } else if let serverSpeechEnd {
      turns[i].speechEnd = serverSpeechEnd
      turns[i].endIsServers = true
    }
    setUserLine(text, isFinal: true, turn: i, at: now)
  }

  /// The transcript of what is being answered already: some servers recognise beside the model that answers.
  private mutating func lateFinalArrived(_ text: String, turn i: Int, at now: Timestamp) {
    turns[i].final = now
    if turns[i].firstSound == nil { turns[i].lacksFinal = false }
    let line = TranscriptLine(
      speaker: .user, at: turns[i].speechStart ?? now, text: text, isFinal: true, turn: turns[i].number)
    // Before the answer, as it was said.
    let number = turns[i].number
    transcript.insert(line, at: transcript.firstIndex { $0.speaker == .agent && $0.turn == number } ?? transcript.count)
  }

  /// The server has understood nothing: no answer will come, and what interim transcripts showed was wrong.
  private mutating func takeBackListeningTurn() {
    guard let i = turns.indices.last, isListening(i) else { return }
    removeUserLine(of: turns[i].number)
    turns.removeLast()
    nextTurn -= 1
  }

  /// The turn that the user is speaking in: the last one while it has no final, else a new one.
  private mutating func listeningTurn(at now: Timestamp) -> Int {
    if let i = turns.indices.last, isListening(i) { return i }
    return newTurn()
  }

  private func isListening(_ i: Int) -> Bool { turns[i].final == nil && !turns[i].isAnswered && !turns[i].isOver }

  /// The turn that the agent is answering: the last one while it is not over, else a new one (it speaks unasked).
  private mutating func answeredTurn(at now: Timestamp) -> Int {
    guard let last = turns.indices.last, !turns[last].isOver else { return newAnswer(at: now) }
    // The user has begun to speak, and the answer before that goes on until the server cuts it.
    if isListening(last) { return turns.lastIndex { $0.isAnswered && !$0.isOver } ?? last }
    return last
  }

  private mutating func newAnswer(at now: Timestamp) -> Int {
    let i = newTurn()
    // Where no transcript tells of it, an answer answers what was heard last, if that was not long ago.
    if !dialect.marksResponseEnd {
      turns[i].speechEnd = clientSpeechEnd
      (speechStart, clientSpeechEnd) = (nil, nil)
    } else if let end = clientSpeechEnd ?? serverSpeechEnd, now - end < Insight.longestThought {
      turns[i].speechEnd = end
      turns[i].endIsServers = clientSpeechEnd == nil
      turns[i].endpointed = endpointed
      turns[i].lacksFinal = true
      (speechStart, clientSpeechEnd, serverSpeechEnd, endpointed) = (nil, nil, nil, nil)
    }
    return i
  }

  private mutating func newTurn() -> Int {
    var turn = Turn(number: nextTurn)
    nextTurn += 1
    turn.speechStart = speechStart
    turns.append(turn)
    if turns.count > Insight.turnLimit { turns.removeFirst() }
    return turns.count - 1
  }

  mutating func endTurn(_ i: Int, _ ending: Turn.Ending, at now: Timestamp) {
    turns[i].over = now
    turns[i].ending = ending
    defer { latency.observe(&turns[i]) }
    if ending != .completed { markCut(i) } else { settleAgentLine(of: turns[i].number) }
  }

  /// The answer that goes on, or is waited for. A turn in which the user still speaks is none.
  var runningAnswer: Int? {
    turns.lastIndex { $0.isAnswered && !$0.isOver } ?? turns.lastIndex { $0.final != nil && !$0.isOver }
  }
}
