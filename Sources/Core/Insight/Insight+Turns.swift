import Timeline
import Wire

// How messages make turns and transcript lines.
extension Insight {
  mutating func observe(_ message: Message, meaning: [VoiceEvent]?, at now: Timestamp) {
    switch message.direction {
    case .sent:
      sent.add(message)
      // Our own audio says nothing that the microphone's frames do not.
      if message.kind == .binary { return }
      for case .text(let text) in meaning ?? message.meaning(in: dialect) { typedTurn(text, at: now) }
    case .received:
      received.add(message)
      for event in meaning ?? message.meaning(in: dialect) { observe(event, at: now) }
    }
  }

  private mutating func observe(_ event: VoiceEvent, at now: Timestamp) {
    switch event {
    case .userSpeechStart: speechStarted(at: now)
    case .userSpeechEnd: serverSpeechEnd = now
    case .transcriptInterim(let text): setUserLine(text, isFinal: false, turn: listeningTurn(at: now), at: now)
    case .transcriptFinal(let text): finalArrived(text, at: now)
    case .responseText(let text):
      let i = answeredTurn(at: now)
      turns[i].firstText = turns[i].firstText ?? now
      extendAgentLine(text, turn: turns[i].number, at: now)
    case .audio:
      let i = answeredTurn(at: now)
      turns[i].firstAudio = turns[i].firstAudio ?? now
    case .responseComplete: endCurrentTurn(.completed, at: now)
    case .interrupted:
      let isBargeIn = turns.last?.interruptRequested == nil
      endCurrentTurn(isBargeIn ? .bargedIn : .interrupted, at: now)
    case .metrics(let claims):
      if let i = turns.indices.last { turns[i].claims = claims }
    default: break
    }
  }

  mutating func speechStarted(at moment: Timestamp) {
    speechStart = speechStart ?? moment
    clientSpeechEnd = nil
    serverSpeechEnd = nil
    if let i = turns.indices.last, playout.isPlaying { turns[i].isOverlapped = true }
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
    let i = listeningTurn(at: now)
    turns[i].final = now
    if let clientSpeechEnd {
      turns[i].speechEnd = clientSpeechEnd
    } else if let serverSpeechEnd {
      turns[i].speechEnd = serverSpeechEnd
      turns[i].endIsServers = true
    }
    setUserLine(text, isFinal: true, turn: i, at: now)
    (speechStart, clientSpeechEnd, serverSpeechEnd) = (nil, nil, nil)
  }

  /// The turn that the user is speaking in: the last one while it has no final, else a new one.
  private mutating func listeningTurn(at now: Timestamp) -> Int {
    if let i = turns.indices.last, turns[i].final == nil, turns[i].firstText == nil, turns[i].firstAudio == nil,
      !turns[i].isOver
    {
      return i
    }
    return newTurn()
  }

  /// The turn that the agent is answering: the last one while it is not over, else a new one (it speaks unasked).
  private mutating func answeredTurn(at now: Timestamp) -> Int {
    if let i = turns.indices.last, !turns[i].isOver { return i }
    return newTurn()
  }

  private mutating func newTurn() -> Int {
    var turn = Turn(number: nextTurn)
    nextTurn += 1
    turn.speechStart = speechStart
    turns.append(turn)
    if turns.count > Insight.turnLimit { turns.removeFirst() }
    return turns.count - 1
  }

  mutating func endCurrentTurn(_ ending: Turn.Ending, at now: Timestamp) {
    guard let i = lastAnswered, !turns[i].isOver else { return }
    turns[i].over = now
    turns[i].ending = ending
    if ending != .completed { markCut(i) } else { settleAgentLine(of: turns[i].number) }
  }

  /// The last turn that the agent has begun to answer, or else the last one.
  private var lastAnswered: Int? {
    turns.lastIndex { !$0.isOver && ($0.firstText != nil || $0.firstAudio != nil) } ?? turns.indices.last
  }
}
