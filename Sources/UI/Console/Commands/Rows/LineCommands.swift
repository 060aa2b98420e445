import Screen
import Session

// Editing what is typed, in the input line and wherever else one types.
extension Command {
  static let accept = Command("accept")
  static let cancel = Command("cancel")
  static let complete = Command("complete")
  static let previousChoice = Command("previous-choice")
  static let older = Command("older")
  static let newer = Command("newer")
  static let cursorLeft = Command("cursor-left")
  static let cursorRight = Command("cursor-right")
  static let wordLeft = Command("word-left")
  static let wordRight = Command("word-right")
  static let lineStart = Command("line-start")
  static let lineEnd = Command("line-end")
  static let eraseBack = Command("erase-back")
  static let eraseForward = Command("erase-forward")
  static let eraseWord = Command("erase-word")
  static let eraseToStart = Command("erase-to-start")
  static let eraseToEnd = Command("erase-to-end")
}

extension CommandTable {
  static let lineRows: [CommandSpec] = [
    CommandSpec(
      .accept, .line, [.on(.enter, .typing)], "done",
      "Take the line, or what was chosen; in the message editor, begin another line.",
      hinted: .typing.subtracting([.editor]), run: CommandSpec.inModesOnly),
    CommandSpec(
      .cancel, .line, [.on(.escape, .typing.subtracting([.editor]))], "cancel", "Leave without taking it.",
      hinted: .typing.subtracting([.editor]), run: CommandSpec.inModesOnly),
    CommandSpec(
      .complete, .line, [.on(.tab, [.line, .palette])], "complete",
      "Complete the word; again for the next choice. In the palette: edit before running.",
      hinted: [.line, .palette], run: CommandSpec.inModesOnly),
    CommandSpec(
      .previousChoice, .line, [.on(.backTab, [.line])], "choice", "The choice before.", run: CommandSpec.inModesOnly),
    CommandSpec(
      .older, .line, [.on(.up, [.line]), .on(.control("p"), [.editor])], "history",
      "The line before that begins like this one; the message sent before.", hinted: [.line],
      run: CommandSpec.inModesOnly),
    CommandSpec(
      .newer, .line, [.on(.down, [.line]), .on(.control("n"), [.editor])], "history",
      "The line after that begins like this one; the message sent after.", run: CommandSpec.inModesOnly),
    CommandSpec(
      .cursorLeft, .line, [.on(.left, .typing)], "left", "One character to the left."
    ) { console, _ in console.edit(.left) },
    CommandSpec(
      .cursorRight, .line, [.on(.right, .typing)], "right", "One character to the right; at the end, take the dim rest."
    ) { console, _ in console.edit(.right) },
    CommandSpec(
      .wordLeft, .line, [.on(Key(.left, .control), .typing)], "word", "One word to the left."
    ) { console, _ in console.edit(.wordLeft) },
    CommandSpec(
      .wordRight, .line, [.on(Key(.right, .control), .typing)], "word", "One word to the right."
    ) { console, _ in console.edit(.wordRight) },
    CommandSpec(
      .lineStart, .line, [.on(.home, .typing), .on(.control("a"), .typing)], "start", "To the beginning."
    ) { console, _ in console.edit(.start) },
    CommandSpec(
      .lineEnd, .line, [.on(.end, .typing), .on(.control("e"), .typing)], "end", "To the end."
    ) { console, _ in console.edit(.end) },
    CommandSpec(
      .eraseBack, .line, [.on(.backspace, .typing)], "erase", "Erase the character before the cursor."
    ) { console, _ in console.edit(.eraseBack) },
    CommandSpec(
      .eraseForward, .line, [.on(.delete, .typing)], "erase", "Erase the character under the cursor."
    ) { console, _ in console.edit(.eraseForward) },
    CommandSpec(
      .eraseWord, .line, [.on(.control("w"), .typing)], "erase", "Erase the word before the cursor."
    ) { console, _ in console.edit(.eraseWord) },
    CommandSpec(
      .eraseToStart, .line, [.on(.control("u"), .typing)], "clear", "Erase to the beginning, or to the prefilled name.",
      hinted: [.line]
    ) { console, _ in console.edit(.eraseToStart) },
    CommandSpec(
      .eraseToEnd, .line, [.on(.control("k"), .typing)], "erase", "Erase to the end."
    ) { console, _ in console.edit(.eraseToEnd) },
  ]
}
