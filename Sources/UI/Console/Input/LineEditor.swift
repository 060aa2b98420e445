import Screen

/// One line of text with a cursor, edited as shells do it.
struct LineEditor: Sendable, Equatable {
  /// The characters before and after the cursor.
  private(set) var before: [Character] = []
  private(set) var after: [Character] = []

  /// More than this is not taken: a pasted book would be no line.
  static let limit = 65_536

  init(_ text: String = "") { insert(text) }

  var text: String {
    get { String(before + after) }
    set {
      (before, after) = ([], [])
      insert(newValue)
    }
  }
  var cursor: Int { before.count }
  var isEmpty: Bool { before.isEmpty && after.isEmpty }

  /// Puts text at the cursor. Line breaks and tabs become spaces, as in a paste of several lines.
  mutating func insert(_ text: String) {
    for character in text {
      guard before.count + after.count < Self.limit else { return }
      before.append(character.isNewline || character == "\t" ? " " : character)
    }
  }

  mutating func backspace() { _ = before.popLast() }
  mutating func delete() { if !after.isEmpty { after.removeFirst() } }
  mutating func left() { if let last = before.popLast() { after.insert(last, at: 0) } }
  mutating func right() { if !after.isEmpty { before.append(after.removeFirst()) } }
  mutating func home() {
    after = before + after
    before = []
  }
  mutating func end() {
    before += after
    after = []
  }
  /// Puts the cursor before the character at `position`, or behind the last.
  mutating func place(_ position: Int) {
    home()
    for _ in 0..<max(0, position) { right() }
  }
  mutating func deleteToStart() { before = [] }
  mutating func deleteToEnd() { after = [] }
  /// Deletes the spaces before the cursor, and the word before those.
  mutating func deleteWord() {
    while before.last == " " { before.removeLast() }
    while let last = before.last, last != " " { before.removeLast() }
  }
  /// Puts text in the place of some characters, the cursor behind it.
  mutating func replace(_ range: Range<Int>, _ text: String) {
    let all = before + after
    let range = range.clamped(to: 0..<all.count)
    (before, after) = (Array(all[..<range.lowerBound]), Array(all[range.upperBound...]))
    insert(text)
  }
  /// To the beginning of the word before the cursor, and behind the word after it.
  mutating func wordLeft() {
    while before.last == " " { left() }
    while let last = before.last, last != " " { left() }
  }
  mutating func wordRight() {
    while after.first == " " { right() }
    while let first = after.first, first != " " { right() }
  }

  /// The stretch of the text that is shown in `width` columns, the number of its first character, and the cursor's
  /// column in it.
  func window(width: Int) -> (text: String, first: Int, cursor: Int) {
    guard width > 0 else { return ("", 0, 0) }
    func columns(_ character: Character) -> Int { CharacterWidth.columns(of: String(character)) }
    var shown: [Character] = []
    var room = width - 1
    for character in before.reversed() {
      guard columns(character) <= room else { break }
      room -= columns(character)
      shown.append(character)
    }
    shown.reverse()
    let first = before.count - shown.count
    let cursor = width - 1 - room
    room += 1
    for character in after {
      guard columns(character) <= room else { break }
      room -= columns(character)
      shown.append(character)
    }
    return (String(shown), first, cursor)
  }
}
