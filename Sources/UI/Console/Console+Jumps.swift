import Findings
import Insight
import Screen
import Timeline

// From a turn to its messages and back, and from a finding to what shows it.
extension Console {
  /// Enter in a pane without rows to open.
  mutating func openNothing() throws(CommandFault) {
    goTo(.log)
    throw CommandFault(reason: "\(call(.open)) opens a row of the protocol log; the arrows choose one")
  }

  /// The log at the messages of a turn that was chosen in another pane.
  mutating func openTurn(_ turn: Turn?) throws(CommandFault) {
    guard let turn else { throw CommandFault(reason: "there is no turn to open yet") }
    try goToMessages(of: turn)
  }

  /// The turn of the line that is looked at in the transcript.
  var turnInTranscript: Turn? { transcript.lookedAt(transcriptRows).flatMap { insight.turn($0) } }

  // MARK: - Turns

  /// The log at the turn's first message.
  mutating func goToMessages(of turn: Turn) throws(CommandFault) {
    guard let begin = turn.begin, let id = log.store.rowID(from: begin) else {
      throw CommandFault(reason: "turn \(turn.number) has no message in the log")
    }
    goToLog(id, "turn \(turn.number) begins here; \(call(.turn)) goes back to its bar")
  }

  /// The turn of a number, in the latency pane, and in the transcript when that is open.
  /// - Parameter usual: without a number; nil for the one of the message that is opened, or under the log's cursor.
  mutating func goToTurn(_ number: Int?, else usual: Turn? = nil) throws(CommandFault) {
    let turn: Turn?
    if let number {
      turn = insight.turn(number)
      if turn == nil { throw CommandFault(reason: "there is no turn \(number)\(turnsThereAre)") }
    } else {
      turn = usual ?? (currentMessage?.row ?? log.selected).flatMap { insight.turn(at: $0.at) }
    }
    guard let turn else { throw CommandFault(reason: "no turn has begun yet at that moment") }
    overlays = []
    goTo(.latency)
    latency.choose(turn.number, in: insight, inside: inside(.latency))
    transcript.show(turn: turn.number, transcriptRows)
    tell("turn \(turn.number); \(keys.call(.open, glyphs: options.glyphs)) goes to its messages")
  }

  private var turnsThereAre: String {
    guard let first = insight.turns.first, let last = insight.turns.last else { return "; there is none yet" }
    return "; there are \(first.number) to \(last.number)"
  }

  // MARK: - Findings

  /// The log at what shows the chosen finding.
  mutating func goToEvidence() throws(CommandFault) {
    guard let chosen = findings.chosen(in: findings.list) else {
      throw CommandFault(reason: "nothing was found so far")
    }
    let shown = chosen.occurrence.entries.last { log.store.rowID(ofEntry: $0) != nil }
    guard let id = shown.flatMap(log.store.rowID(ofEntry:)) ?? log.store.rowID(from: chosen.occurrence.at) else {
      throw CommandFault(reason: "the log has no row of it")
    }
    goToLog(id, entry: shown, "\(chosen.finding.rule.id): \(chosen.occurrence.detail)")
  }

  /// The log with the cursor on a row. A filter that hides it is lifted.
  private mutating func goToLog(_ id: Int, entry: Int? = nil, _ word: String) {
    goTo(.log)
    log.pointedEntry = entry
    let height = inside(.log).height
    log.follow()
    var note = ""
    if log.store.shownID(log.store.shownPosition(of: id)) != id {
      log.setFilter(.everything, filterContext, height: height)
      note = " (the filter hid it and is lifted)"
    }
    log.select(log.store.shownPosition(of: id), height: height)
    tell(word + note)
  }
}
