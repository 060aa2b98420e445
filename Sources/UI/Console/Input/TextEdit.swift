/// What an editing key does to a text.
enum TextEdit: Sendable, CaseIterable {
  /// The cursor moves: by a character, by a word, to an end of the line.
  case left, right, wordLeft, wordRight, start, end
  /// Text goes away: a character before or under the cursor, the word before it, all before or behind it in the line.
  case eraseBack, eraseForward, eraseWord, eraseToStart, eraseToEnd
}

/// A text with a cursor that the editing keys work on.
protocol EditableText {
  mutating func left()
  mutating func right()
  mutating func wordLeft()
  mutating func wordRight()
  mutating func home()
  mutating func end()
  mutating func backspace()
  mutating func delete()
  mutating func deleteWord()
  mutating func deleteToStart()
  mutating func deleteToEnd()
}

extension LineEditor: EditableText {}
extension TextArea: EditableText {}

extension EditableText {
  mutating func apply(_ edit: TextEdit) {
    switch edit {
    case .left: left()
    case .right: right()
    case .wordLeft: wordLeft()
    case .wordRight: wordRight()
    case .start: home()
    case .end: end()
    case .eraseBack: backspace()
    case .eraseForward: delete()
    case .eraseWord: deleteWord()
    case .eraseToStart: deleteToStart()
    case .eraseToEnd: deleteToEnd()
    }
  }
}
