import Timeline
import Wire

/// What clients ask for whose protocol has words for it: the end of their turn, an answer, a tool's result, and how much
/// of an answer was heard.
extension Agent {
  /// Results of tools that wait to be spoken of.
  static let toolResultLimit = 16

  /// The client says that the user's turn is over. Whether it is answered is its own affair (`responseRequested`), or
  /// that of the settings.
  mutating func turnEnded(at now: Timestamp) {
    idling.active(at: now)
    // Words may be in what the detector did not take for speech.
    if listening.utterance == nil {
      guard listening.isUnheard else { return }
      listening.openUtterance()
    }
    endUtterance(answers: false, at: now)
    if listening.isVoiced { quietDetector(at: now) }
  }

  /// The client wants an answer: to the words that are on their way, or else to what was said last.
  mutating func responseRequested(at now: Timestamp) {
    idling.active(at: now)
    guard typedTurns.admit(at: now).isAdmitted else {
      return reject("too_fast", "a response was asked for more than 5 times a second; this one is not made", at: now)
    }
    cutResponse(at: now, tellClient: true)
    if !listening.awaited.isEmpty {
      let last = listening.awaited.count - 1
      (listening.awaited[last].isAnswered, listening.awaited[last].isAskedFor) = (true, true)
    } else if toolResults.isEmpty {
      startReply(nextTurn(), at: now)
    } else {
      let words = toolResults.map { ToolChoice.words($0) }.joined(separator: " ")
      toolResults = []
      speak(words, turn: nextTurn(), at: now)
    }
  }

  /// The client takes back what it has sent and what is not understood yet.
  mutating func audioDiscarded(at now: Timestamp) {
    idling.active(at: now)
    listening.intake = AudioIntake()
    effects.append(.discardUtterance(listening.turn))
    listening.isVoiced = false
    beginTurn()
  }

  mutating func toolReturned(_ result: ToolResult, at now: Timestamp) {
    idling.active(at: now)
    var result = result
    result.output = String(result.output.prefix(Self.longestText))
    toolResults.append(result)
    toolResults.removeFirst(max(0, toolResults.count - Self.toolResultLimit))
  }

  /// How much of the last answer was heard is known better than it was estimated.
  mutating func heard(_ heard: HeardAudio) {
    guard let spoken = lastSpoken, let i = history.lastIndex(where: { $0.speaker == .agent }),
      history[i] == spoken.remembered
    else { return }
    let count = Int(min(max(heard.ms, 0), 1e9) * Double(configuration.outputRate) / 1000)
    let estimate = HeardEstimate(of: spoken.sentences, heardCount: count, rate: configuration.outputRate)
    lastSpoken = nil
    if estimate.isWhole { return }
    if estimate.text.isEmpty {
      history.remove(at: i)
    } else {
      history[i] = Utterance(speaker: .agent, text: estimate.text, wasCut: true)
    }
  }

  /// Calls a tool that the client has declared, where the user's words name it and the agent is one that calls tools.
  /// - Returns: whether one was called; then the answer is what its result says.
  mutating func callTool(for text: String) -> Bool {
    guard configuration.callsTools, let call = ToolChoice.call(for: text, among: settings.tools, id: nextCallID())
    else { return false }
    owedAnswer = nil
    send(.responseStarted)
    send(.toolCall(call))
    send(.responseComplete)
    log("tool \(call.name.prefix(60)) called")
    return true
  }

  private mutating func nextCallID() -> String { "call_\(nextTurn().rawValue)" }
}
