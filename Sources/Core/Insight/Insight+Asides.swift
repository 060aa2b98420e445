import Timeline
import Wire

// Words that the user says over an answer and that change nothing, as "uh huh".
//
//   speech begins over an answer ─► its final comes while the answer goes on ─► aside ─┬─► nothing else: it stays one
//                                                                                      ├─► it cut the answer: a turn
//                                                                                      └─► it is answered later: a turn
//
// An aside is a line of the transcript and no turn: nobody waits for an answer to it. A server that holds its answer and
// resumes it says that it will not answer; of the others only time tells.

/// The last aside, as the turn that it may still become.
struct OpenAside: Sendable {
  var turn: Turn
  /// The number of the turn whose answer it was said over.
  var over: Int
  /// When its final came.
  var at: Timestamp
  /// The server has held the answer and resumed it.
  var isSettled: Bool
}

extension Insight {
  /// An aside that may still be answered: the server has not said that it goes on without an answer to it.
  var isAsideOpen: Bool { openAside.map { !$0.isSettled } ?? false }

  /// Speech began while an answer was heard, or a moment after the last of it that came.
  mutating func noteSpeech(over i: Int, at moment: Timestamp) {
    guard turns[i].isAnswered, let last = turns[i].lastSound ?? turns[i].lastMessage,
      moment - last < Insight.latestWord
    else { return }
    speechOver = turns[i].number
  }

  /// The answer that the speech began over, and that goes on: it is not cut, and more of it comes or is heard.
  private var answerSpokenOver: Int? {
    guard let speechOver, let i = turns.lastIndex(where: { $0.number == speechOver }),
      turns[i].ending ?? .completed == .completed,
      !turns[i].isOver || !turns[i].isPlayedOut && (playout.isPlaying || heldSince != nil)
    else { return nil }
    return i
  }

  /// Makes the last turn, whose final has just come, an aside, if it is one.
  mutating func settleAside(_ i: Int, at now: Timestamp) {
    openAside = nil
    guard i == turns.count - 1, let over = answerSpokenOver, over < i else { return }
    if let line = userLine(of: i) {
      transcript[line].turn = nil
      transcript[line].aside = TranscriptLine.Aside(heldMs: passedHoldMs)
    }
    openAside = OpenAside(
      turn: turns.removeLast(), over: turns[over].number, at: now, isSettled: passedHoldMs != nil)
    nextTurn -= 1
    asideCount += 1
  }

  /// The server silences its answer until it knows what the user says.
  mutating func answerHeld(at now: Timestamp) { heldSince = heldSince ?? now }

  /// The answer goes on: what was said over it is answered by that.
  mutating func answerResumed(at now: Timestamp) {
    guard let since = heldSince else { return }
    heldSince = nil
    let ms = (now - since).milliseconds
    guard let aside = openAside, aside.at >= since else { return passedHoldMs = ms }
    openAside?.isSettled = true
    if let line = asideLine { transcript[line].aside?.heldMs = ms }
  }

  /// An answer was cut.
  /// - Parameter i: its turn.
  mutating func asideCut(_ i: Int, at now: Timestamp) {
    heldSince = nil
    guard let aside = openAside, aside.over == turns[i].number, turns[i].interruptRequested == nil else { return }
    // Where the user has spoken again, that has cut it.
    guard speechStart == nil, now - aside.at < Insight.latestWord else { return }
    _ = promoteAside()
  }

  /// An answer begins that no turn waits for: the turn that it answers, where that was an aside so far.
  mutating func answeredAside(at now: Timestamp) -> Int? {
    guard let aside = openAside, !aside.isSettled, speechStart == nil, clientSpeechEnd == nil, serverSpeechEnd == nil
    else { return nil }
    let end = turns.last { $0.number == aside.over }?.over
    guard now - (end ?? aside.at) < Insight.longestThought else { return nil }
    return promoteAside()
  }

  /// Makes the open aside a turn.
  private mutating func promoteAside() -> Int? {
    guard var turn = openAside?.turn else { return nil }
    let line = asideLine
    openAside = nil
    turn.number = nextTurn
    nextTurn += 1
    // Whoever looks at a turn now knows it by its index: `newTurn` forgets the oldest.
    turns.append(turn)
    asideCount -= 1
    if let line {
      transcript[line].turn = turn.number
      transcript[line].aside = nil
    }
    return turns.count - 1
  }

  /// The open aside's line; nil where it was forgotten.
  private var asideLine: Int? { openAside == nil ? nil : transcript.lastIndex { $0.aside != nil } }
}
