import Insight
import Screen

// Filter, freeze, open, copy: the commands of reading.
extension Console {
  /// Shows the list of keys, and in it those with some words; asks for the words when there are none.
  mutating func askForKeys(_ input: CommandInput) {
    if !isHelpOpen { toggleHelp() }
    if case .help(let list) = overlay, input.text.isEmpty {
      prompt = Prompt(.find, text: list.find)
    } else {
      find(input.text)
    }
  }

  mutating func openMessage() throws(CommandFault) {
    guard let row = log.selected else { throw CommandFault(reason: "there is no row to open yet") }
    // What is being read must not move away.
    let followed = !log.isFrozen
    log.freeze(height: inside(.log).height)
    var message = OpenedMessage(row, entry: log.pointedEntry, in: log.store, reading(of: row))
    message.resumesFollowing = followed
    lay(.message(message))
  }

  mutating func stepFinding(_ direction: Int) throws(CommandFault) {
    guard findings.step(direction) else {
      throw CommandFault(reason: direction > 0 ? "it was not found again after that" : "no earlier time is kept")
    }
  }

  /// To the next message of an audio row, and at its end to the next row.
  mutating func stepMessage(_ step: Int) throws(CommandFault) {
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

  /// The message that is opened or under the cursor.
  mutating func copyMessage() throws(CommandFault) -> [ConsoleEffect] {
    guard let message = currentMessage ?? selectedMessage else { throw CommandFault(reason: Self.nothingToCopy) }
    let text = message.plainText
    return try copy(text, "\(message.type), \(Figures.bytes(text.utf8.count)), by OSC 52; :write puts it into a file")
  }

  /// The turn that was searched for in the transcript, else all of it.
  mutating func copyTranscript() throws(CommandFault) -> [ConsoleEffect] {
    let lines = foundTurn
    let text = TranscriptRows.text(lines ?? Array(insight.transcript), clock)
    let count = Figures.count(lines?.count ?? insight.transcript.count, "line")
    let aside = lines == nil ? "; \(call(.filter)) finds a turn to copy alone" : ""
    let turn = lines?.first?.turn.map { "turn \($0)" } ?? "what was found"
    return try copy(text, "\(lines == nil ? "the whole transcript" : turn), \(count), by OSC 52\(aside)")
  }

  private static let nothingToCopy = "there is nothing to copy yet"

  /// - Parameter what: what the text is, for the operator.
  private mutating func copy(_ text: String, _ what: String) throws(CommandFault) -> [ConsoleEffect] {
    guard !text.isEmpty else { throw CommandFault(reason: Self.nothingToCopy) }
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { clean.append(scalar == "\n" ? scalar : CharacterWidth.visible(scalar)) }
    tell("copied \(CharacterWidth.printable(what))")
    return [.copy(String(clean))]
  }

  var selectedMessage: OpenedMessage? { log.selected.map { OpenedMessage($0, in: log.store, reading(of: $0)) } }

  /// The lines of the turn that the transcript was searched for; nil while it is not searched.
  private var foundTurn: [TranscriptLine]? {
    guard let hit = transcript.hit?.line,
      let found = insight.transcript.last(where: { TranscriptPane.LineKey($0) == hit })
    else { return nil }
    guard let turn = found.turn else { return [found] }
    return insight.transcript.filter { $0.turn == turn }
  }
}
