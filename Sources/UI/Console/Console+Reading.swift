import Insight
import Screen

// Filter, freeze, open, copy: the commands of reading.
extension Console {
  /// - Parameter isAnswer: the argument comes from the line that asked for it, so an empty one is an answer, too.
  mutating func performReading(
    _ command: Command, _ argument: String, isAnswer: Bool = false
  ) throws(CommandFault) -> [ConsoleEffect] {
    if mode != .help, !isAnswer, focus == .transcript, try performInTranscript(command, argument) { return [] }
    switch command {
    case .filter:
      // With an argument from the `:` line, else by a line of its own that starts with the filter in force.
      if argument.isEmpty, !isAnswer {
        prompt = Prompt(.filter, text: log.store.filter.text)
      } else {
        try setFilter(argument)
      }
    case .search: return try search(argument)
    case .searchNext: if focus == .findings { try stepFinding(1) } else { try searchOn(1) }
    case .searchPrevious: if focus == .findings { try stepFinding(-1) } else { try searchOn(-1) }
    case .turn: try goToTurn(Int(argument))
    case .source: try showSource(argument)
    case .mark: try toggleMark()
    case .follow:
      if log.isFrozen { log.follow() } else { log.freeze(height: inside(.log).height) }
    case .open:
      if case .message = overlay { return try perform(.fold, "") }
      if case .disconnect(let selected) = overlay {
        return try perform(Self.waysToDisconnect[selected].command, "")
      }
      if case .help(let list) = overlay { return try runChosen(of: list) }
      try openFocused()
    case .previous: try stepMessage(-1)
    case .next: try stepMessage(1)
    case .copy: return try copy()
    case .hex, .fold, .foldAll, .unfoldAll: try changeView(command)
    case .write: return try write(argument)
    case .listen: return try listen()
    case .find:
      if !isHelpOpen { toggleHelp() }
      if case .help(let list) = overlay, argument.isEmpty {
        prompt = Prompt(.find, text: list.find)
      } else {
        find(argument)
      }
    case .lineUp: scroll(by: -1)
    case .lineDown: scroll(by: 1)
    case .pageUp: scroll(by: -pageHeight)
    case .pageDown: scroll(by: pageHeight)
    case .top: scroll(by: .min)
    case .bottom: scroll(by: .max)
    default: break
    }
    return []
  }

  mutating func openMessage() throws(CommandFault) {
    guard let row = log.selected else { throw CommandFault(reason: "there is no row to open yet") }
    // What is being read must not move away.
    let followed = !log.isFrozen
    log.freeze(height: inside(.log).height)
    show(OpenedMessage(row, entry: log.pointedEntry, in: log.store, reading(of: row)), resumesFollowing: followed)
  }

  private mutating func stepFinding(_ direction: Int) throws(CommandFault) {
    guard findings.step(direction) else {
      throw CommandFault(reason: direction > 0 ? "it was not found again after that" : "no earlier time is kept")
    }
  }

  /// To the next message of an audio row, and at its end to the next row.
  private mutating func stepMessage(_ step: Int) throws(CommandFault) {
    guard let message = currentMessage else { throw CommandFault(reason: "\(call(.open)) opens a message first") }
    if let sibling = message.sibling(step, in: log.store, reading(of: message.row)) {
      show(sibling, resumesFollowing: message.resumesFollowing)
      return
    }
    guard let cursor = log.cursor else { return }
    log.select(cursor + step, height: inside(.log).height)
    guard let row = log.selected, row.id != message.row.id else { return }
    show(
      OpenedMessage(row, in: log.store, reading(of: row), atEnd: step < 0), resumesFollowing: message.resumesFollowing)
  }

  private mutating func show(_ message: OpenedMessage, resumesFollowing: Bool) {
    var message = message
    message.resumesFollowing = resumesFollowing
    overlay = .message(message)
  }

  /// The message that is opened or under the cursor; in the transcript the turn that was searched for, else all of it.
  private mutating func copy() throws(CommandFault) -> [ConsoleEffect] {
    let text: String
    let what: String
    if let message = currentMessage ?? (focus == .transcript ? nil : selectedMessage) {
      text = message.plainText
      what = "\(message.type), \(Figures.bytes(text.utf8.count)), by OSC 52; :write puts it into a file"
    } else if focus == .transcript {
      let lines = foundTurn
      text = TranscriptRows.text(lines ?? Array(insight.transcript), clock)
      let count = Figures.count(lines?.count ?? insight.transcript.count, "line")
      let aside = lines == nil ? "; \(call(.filter)) finds a turn to copy alone" : ""
      let turn = lines?.first?.turn.map { "turn \($0)" } ?? "what was found"
      what = "\(lines == nil ? "the whole transcript" : turn), \(count), by OSC 52\(aside)"
    } else {
      (text, what) = ("", "")
    }
    guard !text.isEmpty else { throw CommandFault(reason: "there is nothing to copy yet") }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { clean.append(scalar == "\n" ? scalar : CharacterWidth.visible(scalar)) }
    tell("copied \(CharacterWidth.printable(what))")
    return [.copy(String(clean))]
  }

  private var selectedMessage: OpenedMessage? { log.selected.map { OpenedMessage($0, in: log.store, reading(of: $0)) } }

  /// The lines of the turn that the transcript was searched for; nil while it is not searched.
  private var foundTurn: [TranscriptLine]? {
    guard let hit = transcript.hit?.line,
      let found = insight.transcript.last(where: { TranscriptPane.LineKey($0) == hit })
    else { return nil }
    guard let turn = found.turn else { return [found] }
    return insight.transcript.filter { $0.turn == turn }
  }
}
