/// A text of several lines with a cursor.
struct TextArea: Sendable, Equatable {
  private(set) var lines: [[Character]] = [[]]
  private(set) var row = 0
  private(set) var column = 0
  /// Where a walk up and down wants to be, on lines that are long enough.
  private var wantedColumn = 0

  /// More characters than this are not taken.
  static let limit = 1 << 20

  init(_ text: String = "") {
    insert(text)
    (row, column, wantedColumn) = (0, 0, 0)
  }

  var text: String { lines.map { String($0) }.joined(separator: "\n") }
  var isEmpty: Bool { lines == [[]] }

  // MARK: - Changing

  /// Puts text at the cursor, with its line breaks; a tab is two spaces.
  mutating func insert(_ text: String) {
    var room = Self.limit - lines.reduce(0) { $0 + $1.count + 1 }
    for character in text {
      guard room > 0 else { break }
      room -= 1
      if character.isNewline { breakLine() } else { put(character == "\t" ? [" ", " "] : [character]) }
    }
    wantedColumn = column
  }

  /// Enter: the new line begins where this one does, and two columns further behind an opening bracket.
  mutating func newLine() {
    let indent = lines[row].prefix { $0 == " " }.count
    let opens = lines[row][..<column].last { $0 != " " }.map { ["{", "["].contains($0) } ?? false
    breakLine()
    put(Array(repeating: " ", count: min(indent + (opens ? 2 : 0), 80)))
    wantedColumn = column
  }

  mutating func backspace() {
    if column > 0 {
      column -= 1
      lines[row].remove(at: column)
    } else if row > 0 {
      let rest = lines.remove(at: row)
      row -= 1
      column = lines[row].count
      lines[row] += rest
    }
    wantedColumn = column
  }

  mutating func delete() {
    if column < lines[row].count {
      lines[row].remove(at: column)
    } else if row + 1 < lines.count {
      lines[row] += lines.remove(at: row + 1)
    }
  }

  mutating func deleteWord() {
    guard column > 0 else { return backspace() }
    let end = column
    wordLeft()
    lines[row].removeSubrange(column..<end)
  }

  mutating func deleteToStart() {
    lines[row].removeFirst(column)
    home()
  }

  mutating func deleteToEnd() { lines[row].removeSubrange(column...) }

  private mutating func breakLine() {
    let rest = Array(lines[row][column...])
    lines[row].removeSubrange(column...)
    row += 1
    column = 0
    lines.insert(rest, at: row)
  }

  private mutating func put(_ characters: [Character]) {
    lines[row].insert(contentsOf: characters, at: column)
    column += characters.count
  }

  // MARK: - Moving

  mutating func left() {
    if column > 0 { column -= 1 } else if row > 0 { (row, column) = (row - 1, lines[row - 1].count) }
    wantedColumn = column
  }

  mutating func right() {
    if column < lines[row].count { column += 1 } else if row + 1 < lines.count { (row, column) = (row + 1, 0) }
    wantedColumn = column
  }

  /// Down when positive.
  mutating func move(by rows: Int) {
    row = rows == .max ? lines.count - 1 : rows == .min ? 0 : (row + rows).clamped(to: 0...lines.count - 1)
    column = min(wantedColumn, lines[row].count)
  }

  mutating func home() { (column, wantedColumn) = (0, 0) }

  mutating func end() {
    column = lines[row].count
    wantedColumn = column
  }

  /// To the beginning of the word before the cursor, and behind the word after it, on this line.
  mutating func wordLeft() {
    while column > 0, lines[row][column - 1] == " " { column -= 1 }
    while column > 0, lines[row][column - 1] != " " { column -= 1 }
    wantedColumn = column
  }

  mutating func wordRight() {
    while column < lines[row].count, lines[row][column] == " " { column += 1 }
    while column < lines[row].count, lines[row][column] != " " { column += 1 }
    wantedColumn = column
  }
}
