import Filter
import Screen

// The input line: what its keys do, and completion of commands.
extension Console {
  mutating func performOnLine(_ command: Command) throws(CommandFault) -> [ConsoleEffect] {
    guard var line = prompt else { return try performOnEditor(command) }
    line.fault = nil
    switch command {
    case .accept: return accept(line)
    case .cancel:
      prompt = nil
      return []
    case .complete: complete(&line)
    case .older: history.walk(1, &line)
    case .newer: history.walk(-1, &line)
    case .cursorLeft: line.editor.left()
    case .cursorRight: line.editor.right()
    case .wordLeft: line.editor.wordLeft()
    case .wordRight: line.editor.wordRight()
    case .lineStart: line.editor.home()
    case .lineEnd: line.editor.end()
    case .eraseBack:
      // Backspace on an empty `:` line leaves it, as in pagers and editors.
      if line.editor.isEmpty, line.purpose == .command {
        prompt = nil
        return []
      }
      line.editor.backspace()
    case .eraseForward: line.editor.delete()
    case .eraseWord: line.editor.deleteWord()
    case .eraseToStart: line.editor.deleteToStart()
    case .eraseToEnd: line.editor.deleteToEnd()
    default: break
    }
    prompt = line
    return []
  }

  /// Enter: runs what the line is for. A line with a fault stays open.
  private mutating func accept(_ line: Prompt) -> [ConsoleEffect] {
    let text = String(line.editor.text.drop { $0 == " " })
    prompt = nil
    history.add(text, to: line.purpose)
    do {
      switch line.purpose {
      case .filter:
        try setFilter(text)
        return []
      case .search:
        if text.isEmpty, focus != .transcript {
          log.search = nil
          return []
        }
        return try performReading(.search, text)
      case .find:
        overlay = .help(HelpState(find: text))
        return []
      case .command:
        guard !text.isEmpty else { return [] }
        let (command, argument) = try parse(text)
        return try perform(command, argument)
      case .say, .text, .config, .send, .sendBinary, .write, .close, .refuse:
        // Nothing to say is no command; it would only open the line again.
        guard !text.isEmpty else { return [] }
        return try perform(line.purpose.command, text)
      }
    } catch {
      prompt = line
      prompt?.fault = error.reason
      if let column = error.column { prompt?.editor.place(Self.argumentStart(line) + column - 1) }
      return []
    }
  }

  /// Where the text that a column counts in begins on the line.
  private static func argumentStart(_ line: Prompt) -> Int {
    let text = line.editor.text
    let spaces = text.prefix { $0 == " " }.count
    guard line.purpose == .command else { return spaces }
    // One space parts the name from the argument; more of them are the argument's.
    return spaces + text.dropFirst(spaces).prefix { $0 != " " }.count + 1
  }

  /// A command's name, or a beginning that only one has, and its argument.
  private func parse(_ text: String) throws(CommandFault) -> (Command, String) {
    let parts = text.split(separator: " ", maxSplits: 1)
    var name = parts.first.map(String.init) ?? ""
    var argument = parts.count > 1 ? String(parts[1]) : ""
    if name.hasSuffix("!") {
      // As in `:write! FILE`: the commands that can be told to insist take the mark with their argument.
      name.removeLast()
      argument = "! " + argument
    }
    let names = Self.typeable
    if let command = names.first(where: { $0.rawValue == name }) { return (command, argument) }
    let candidates = names.filter { $0.rawValue.hasPrefix(name) }
    switch candidates.count {
    case 1: return (candidates[0], argument)
    case 0: throw CommandFault(reason: "no command \"\(name)\"; Tab lists them, ? shows keys and names")
    default:
      throw CommandFault(reason: "\"\(name)\" may be \(candidates.map(\.rawValue).joined(separator: ", "))")
    }
  }

  static let typeable = CommandTable.all.filter(\.isTypeable).map(\.command)

  /// What the text before the cursor could become.
  func completions(_ text: String) -> [String] {
    guard let space = text.firstIndex(of: " ") else {
      return Self.typeable.map(\.rawValue).filter { $0.hasPrefix(text) }.sorted()
    }
    let name = text[..<space]
    let argument = text[text.index(after: space)...]
    if [.filter, .search].contains(Command(rawValue: String(name))) {
      return FilterCompletion.candidates(String(argument), types: log.store.names).map { "\(name) \($0)" }
    }
    let choices: [String] =
      switch Command(rawValue: String(name)) {
      case .gate: ["gate", "open", "ptt"]
      case .preset: presets.map(\.name)
      case .theme: themes
      case .pane: Pane.allCases.map(\.title)
      case .edit: messageTemplates.map(\.name)
      case .sendBinary: ["hex:", "base64:", "@"]
      default: []
      }
    return choices.filter { $0.hasPrefix(argument) }.map { "\(name) \($0)" }
  }

  private func complete(_ line: inout Prompt) {
    guard [.command, .filter, .search].contains(line.purpose) else { return }
    let candidates =
      line.purpose == .command
      ? completions(line.editor.text) : FilterCompletion.candidates(line.editor.text, types: log.store.names)
    guard let first = candidates.first else {
      line.fault = "nothing to complete"
      return
    }
    var common = first
    for candidate in candidates.dropFirst() {
      while !candidate.hasPrefix(common) { common.removeLast() }
    }
    let takesArgument = Command(rawValue: first).map { !CommandTable.spec($0).argument.isEmpty } ?? false
    let isCommand = line.purpose == .command
    line.editor.text = isCommand && candidates.count == 1 && takesArgument ? first + " " : common
  }
}
