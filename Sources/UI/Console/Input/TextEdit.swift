/// What an editing key does to a text.
enum TextEdit: Sendable, CaseIterable {
  /// The cursor moves: by a character, by a word, to an end of the line.
  case left, right, wordLeft, wordRight, start, end
  /// Text goes away: a character before or under the cursor, the word before it, all before or behind it in the line.
  case eraseBack, eraseForward, eraseWord, eraseToStart, eraseToEnd
}

extension LineEditor {
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

extension TextArea {
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
