import Timeline
import Wire

// How messages make turns and transcript lines.
extension Insight {
  mutating func observe(_ message: Message, reading: Reading?, at now: Timestamp) {
    let reading = reading ?? reader.read(message)
    switch message.way {
    case .toServer:
      sent.add(message)
      uplink.sent(byteCount: message.payload.count, at: now)
      for event in reading.events { observeSent(event, message, at: now) }
    case .toClient:
      received.add(message)
      for event in reading.events {
        let place = responses.place(event, of: reading.of, at: now)
        abandonAnswer(at: now)
        observe(event, place, byteCount: message.payload.count, at: now)
      }
    }
  }

  /// What time alone has ended.
  mutating func expireResponses(at now: Timestamp) {
    guard let deadline = responses.deadline, deadline <= now else { return }
    while responses.expire(at: now) != nil {}
    abandonAnswer(at: now)
  }

  /// An answer that we cut, and of which the server will not say that it was.
  private mutating func abandonAnswer(at now: Timestamp) {
    guard let id = responses.takeAbandoned(), let i = turns.lastIndex(where: { $0.place == id }), !turns[i].isOver
    else { return }
    endTurn(i, .interrupted, at: now)
  }

  private mutating func observeSent(_ event: VoiceEvent, _ message: Message, at now: Timestamp) {
    switch event {
    case .audio(let payload):
      let reading = sentLength.read(payload, rate: inputRate)
      let ms = reading.ms ?? 0
      uplink.wire.passed(
        reading.format, messageBytes: message.payload.count, codedBytes: payload.bytes.count, lasting: ms)
      uplink.sent(payload, lasting: ms, waitedMs: message.waitedMs, at: now)
    case .interrupt: bargeIns.interruptSent(at: now)
    case .text(let text): typedTurn(text, at: now)
    default: break
    }
  }

  /// - Parameter byteCount: of the message.
  private mutating func observe(
    _ event: VoiceEvent, _ place: ResponseTable.Place, byteCount: Int, at now: Timestamp
  ) {
    switch event {
    case .userSpeechStart:
      serverHeardSpeech(at: now)
      if case .ended = place { responseEnded(place, isCut: true, at: now) }
    case .userSpeechEnd:
      knowsSpeech = true
      serverSpeechEnd = now
      endpointed = now
    case .transcriptInterim(let text):
      // Where nobody tells when the user speaks, the first words do.
      if !knowsSpeech, speechOver == nil, let i = overlappedTurn { noteSpeech(over: i, at: now) }
      if let i = lateTurn {
        setLateUserLine(text, isFinal: false, turn: i, at: now)
      } else {
        setUserLine(text, isFinal: false, turn: listeningTurn(at: now), at: now)
      }
    case .transcriptFinal(let text): finalArrived(text, at: now)
    case .responseText(let text):
      guard let i = answeredTurn(place, at: now) else { break }
      turns[i].firstText = turns[i].firstText ?? now
      turns[i].lastMessage = now
      extendAgentLine(text, turn: turns[i].number, at: now)
    case .audio(let payload):
      if case .stale(let id) = place {
        audioArrived(payload, in: byteCount, turn: turns.lastIndex { $0.place == id }, at: now)
      } else if let i = answeredTurn(place, at: now) {
        turns[i].firstAudio = turns[i].firstAudio ?? now
        turns[i].lastMessage = now
        if vantage == .wire, turns[i].firstSound == nil {
          turns[i].firstSound = now
          latency.observe(&turns[i])
        }
        audioArrived(payload, in: byteCount, turn: i, at: now)
      }
    case .responseHeld:
      delivery.responsePaused()
      answerHeld(at: now)
      if vantage == .wire { bargeIns.held(lastSound: now) }
    case .responseResumed:
      answerResumed(at: now)
      if vantage == .wire { bargeIns.resumed(at: now) }
    case .responseComplete: responseEnded(place, isCut: false, at: now)
    case .interrupted: responseEnded(place, isCut: true, at: now)
    case .ready(let ready): serverIsReady(ready)
    case .configApplied(let settings): configApplied(settings)
    case .metrics(let claims): claimed(claims)
    default: break
    }
  }

  /// The server said that a response was sent whole, or that it was cut.
  private mutating func responseEnded(_ place: ResponseTable.Place, isCut: Bool, at now: Timestamp) {
    delivery.responsePaused()
    let ended: [Int]
    switch place {
    case .ended(let ids):
      let known = ids.compactMap { id in turns.lastIndex { $0.place == id && !$0.isOver } }
      ended = known.isEmpty ? [runningAnswer].compactMap(\.self) : known
    case .answered(let id?): ended = [turns.lastIndex { $0.place == id && !$0.isOver }].compactMap(\.self)
    // What ends nothing here may still be the word that the stopwatch waits for.
    case .answered(nil), .surplus, .none, .stale, .response: ended = []
    }
    bargeIns.acknowledged(isCut: isCut, at: now, turn: ended.first.map { turns[$0].number })
    for i in ended {
      if isCut {
        endTurn(i, turns[i].interruptRequested == nil ? .bargedIn : .interrupted, at: now)
      } else {
        turns[i].isSentWhole = true
        // What was cut here was cut, though it was sent whole meanwhile.
        let wasCut = turns[i].ending == .interrupted || turns[i].ending == .bargedIn
        endTurn(i, wasCut ? turns[i].ending ?? .completed : .completed, at: now)
      }
    }
  }

  /// The server's word that the user has begun to speak. It comes some time after the voice did: where our own detector
  /// has heard that voice, its moment stands.
  private mutating func serverHeardSpeech(at now: Timestamp) {
    knowsSpeech = true
    guard let own = ownSpeech, own.end.map({ !own.isTold && now - $0 < Insight.latestWord }) ?? true else {
      return speechStarted(at: now, byServer: true)
    }
    ownSpeech?.isTold = true
    serverSpeechEnd = nil
    // The agent may have begun to speak into it.
    guard own.end == nil, let i = overlappedTurn, !bargeIns.hasCandidate else { return }
    overlap(i, since: max(own.start, turns[i].firstSound ?? own.start), byServer: false)
  }

  mutating func speechStarted(at moment: Timestamp, byServer: Bool = false) {
    // A breath belongs to the utterance. After a longer pause it is another one, and of the one before (a cough, a word
    // that was never understood) no transcript has come.
    if let end = clientSpeechEnd ?? serverSpeechEnd, moment - end > Insight.longestBreath { speechStart = nil }
    if speechStart == nil { (speechOver, passedHoldMs) = (nil, nil) }
    speechStart = speechStart ?? moment
    serverSpeechEnd = nil
    if let i = overlappedTurn { overlap(i, since: moment, byServer: byServer) }
  }

  /// The answer that is heard, or was about to be: not the turn that the user has already begun to speak in.
  private var overlappedTurn: Int? {
    let last = turns.lastIndex { $0.final != nil || $0.isAnswered }
    return last.flatMap { !turns[$0].isOver || playout.isPlaying ? $0 : nil }
  }

  private mutating func overlap(_ i: Int, since moment: Timestamp, byServer: Bool) {
    noteSpeech(over: i, at: moment)
    turns[i].isOverlapped = true
    latency.observe(&turns[i])
    bargeIns.speechStarted(at: moment, turn: turns[i].number, byServer: byServer)
  }

  mutating func speechEnded(at moment: Timestamp) {
    // A quick server can be done before our own detector has made up its mind.
    if let i = turns.indices.last, let answered = turns[i].final ?? turns[i].firstText ?? turns[i].firstAudio,
      turns[i].speechEnd == nil || turns[i].endIsServers, moment < answered, moment > turns[i].speechStart ?? .zero,
      turns[i].final != nil || turns[i].speechStart != nil
    {
      turns[i].speechEnd = moment
      turns[i].endIsServers = false
      if turns[i].final == nil {
        speechStart = nil
        turns[i].awaitsFinal = reader.card.marksResponseEnd
        turns[i].lacksFinal = turns[i].awaitsFinal && reader.card.transcription == .beforeAnswer
      }
      latency.observe(&turns[i])
    } else {
      clientSpeechEnd = moment
    }
  }

  private mutating func typedTurn(_ text: String, at now: Timestamp) {
    responses.typed(at: now)
    abandonAnswer(at: now)
    openAside = nil
    let i = listeningTurn(at: now)
    turns[i].speechEnd = now
    turns[i].final = now
    setUserLine(text, isFinal: true, turn: i, at: now)
  }

  private mutating func finalArrived(_ text: String, at now: Timestamp) {
    defer {
      (speechStart, clientSpeechEnd, serverSpeechEnd, endpointed) = (nil, nil, nil, nil)
      (speechOver, passedHoldMs) = (nil, nil)
    }
    ownSpeech?.isTold = true
    guard !text.isEmpty else { return takeBackListeningTurn() }
    if isRepeated(text) { return }
    bargeIns.nextExchange()
    if let i = lateTurn { return lateFinalArrived(text, turn: i, at: now) }
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
    settleAside(i, at: now)
  }

  /// The same words as before, and nobody has spoken since: the server says its final twice, or echoes a typed turn.
  private func isRepeated(_ text: String) -> Bool {
    guard speechStart == nil, clientSpeechEnd == nil, serverSpeechEnd == nil,
      let last = turns.last(where: { $0.final != nil }), knowsSpeech || last.speechEnd == last.final,
      let i = turns.indices.last, !isListening(i)
    else { return false }
    let line = transcript.last { $0.speaker == .user && $0.turn == last.number }
    return line.map { sameWords($0.text, text) } ?? false
  }

  /// The transcript of what is being answered already: some servers recognise beside the model that answers.
  private mutating func lateFinalArrived(_ text: String, turn i: Int, at now: Timestamp) {
    turns[i].final = now
    if turns[i].firstSound == nil { turns[i].lacksFinal = false }
    setLateUserLine(text, isFinal: true, turn: i, at: now)
  }

  /// The turn that is answered already while its transcript is still to come.
  private var lateTurn: Int? {
    guard let i = turns.indices.last, speechStart == nil else { return nil }
    return turns[i].awaitsFinal && turns[i].final == nil ? i : nil
  }

  private mutating func setLateUserLine(_ text: String, isFinal: Bool, turn i: Int, at now: Timestamp) {
    let number = turns[i].number
    guard userLine(of: i) == nil else {
      return setUserLine(text, isFinal: isFinal, turn: i, at: now)
    }
    let line = TranscriptLine(
      speaker: .user, at: turns[i].speechStart ?? now, text: text, isFinal: isFinal, turn: number)
    turns[i].hasUserLine = true
    // Before the answer, as it was said.
    insert(line, at: transcript.firstIndex { $0.speaker == .agent && $0.turn == number } ?? transcript.count)
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

  /// The turn that a message of a response belongs to; nil for what is not to be shown.
  private mutating func answeredTurn(_ place: ResponseTable.Place, at now: Timestamp) -> Int? {
    guard case .response(let id, let isNew, let continues) = place else { return nil }
    // No turn knows a new one.
    if !isNew {
      if let i = turns.lastIndex(where: { $0.place == id }), !turns[i].isOver { return i }
      if let i = turns.lastIndex(where: { $0.tails.contains(id) }) { return i }
    }
    if let continues, let i = turns.lastIndex(where: { $0.place == continues || $0.tails.contains(continues) }) {
      turns[i].addTail(id)
      return i
    }
    var i = answeredTurn(at: now)
    // Another response is on its way, and this one is not it.
    if turns[i].place != nil, turns[i].place != id, i == turns.count - 1 { i = newAnswer(at: now) }
    turns[i].place = id
    return i
  }

  /// The turn that the agent is answering: the last one while it is not over, else a new one (it speaks unasked).
  private mutating func answeredTurn(at now: Timestamp) -> Int {
    guard let last = turns.indices.last, !turns[last].isOver else { return newAnswer(at: now) }
    // The user has begun to speak, and the answer before that goes on until the server cuts it.
    if isListening(last) { return turns.lastIndex { $0.isAnswered && !$0.isOver } ?? last }
    return last
  }

  private mutating func newAnswer(at now: Timestamp) -> Int {
    if let i = answeredAside(at: now) { return i }
    let i = newTurn()
    // Where no transcript tells of it, an answer answers what was heard last, if that was not long ago.
    if !reader.card.marksResponseEnd {
      turns[i].speechEnd = clientSpeechEnd
      (speechStart, clientSpeechEnd) = (nil, nil)
    } else if let end = clientSpeechEnd ?? serverSpeechEnd, now - end < Insight.longestThought {
      turns[i].speechEnd = end
      turns[i].endIsServers = clientSpeechEnd == nil
      turns[i].endpointed = endpointed
      turns[i].awaitsFinal = true
      turns[i].lacksFinal = reader.card.transcription == .beforeAnswer
      (speechStart, clientSpeechEnd, serverSpeechEnd, endpointed) = (nil, nil, nil, nil)
    }
    return i
  }

  private mutating func newTurn() -> Int {
    var turn = Turn(number: nextTurn)
    nextTurn += 1
    turn.speechStart = speechStart
    turns.append(turn)
    while turns.count > Insight.turnLimit { turns.removeFirst() }
    return turns.count - 1
  }

  mutating func endTurn(_ i: Int, _ ending: Turn.Ending, at now: Timestamp) {
    turns[i].over = now
    turns[i].ending = ending
    latency.observe(&turns[i])
    if ending != .completed { markCut(i) } else { settleAgentLine(of: turns[i].number) }
    if ending == .interrupted || ending == .bargedIn { asideCut(i, at: now) }
  }

  /// The answer that goes on, or is waited for. A turn in which the user still speaks is none.
  var runningAnswer: Int? {
    turns.lastIndex { $0.isAnswered && !$0.isOver } ?? turns.lastIndex { $0.final != nil && !$0.isOver }
  }
}
