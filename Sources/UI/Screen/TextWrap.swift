/// Breaks text into lines of a given number of columns.
public enum TextWrap {
  /// Lines of at most `width` columns (1 at least), broken at spaces, at line feeds and between wide characters, as
  /// scripts without spaces want it; a word longer than a line is cut.
  ///
  /// Spaces at a break disappear. What a reader takes for one character stays whole: combining marks, flags, emoji that
  /// are joined from several (Unicode 15, UAX #29), unless it is wider than a line. A wide character is never cut in
  /// half, so at `width` 1 it stands alone on a line on which it does not fit. Text without a character gives one empty
  /// line.
  public static func lines(_ text: String, width: Int) -> [String] {
    lines(StyledText(text), width: width).map(\.plain)
  }

  /// The same for text in several styles.
  public static func lines(_ text: StyledText, width: Int) -> [StyledText] {
    var breaker = LineBreaker(width: max(1, width))
    for span in text.spans { breaker.addText(span.text, span.style) }
    return breaker.finish()
  }
}

/// The state of a running line break: finished lines, the current line, and the word being read.
private struct LineBreaker {
  let width: Int
  var done: [StyledText] = []
  var line = StyledText()
  var lineColumns = 0
  var gap = StyledText()
  var gapColumns = 0
  var word = StyledText()
  var wordColumns = 0
  /// The word's last character.
  var last: Character?

  init(width: Int) { self.width = width }

  /// Word by word where it is printable ASCII, which most of it is; else character by character.
  mutating func addText(_ text: String, _ style: Style) {
    var rest = text[...]
    while !rest.isEmpty {
      let ascii = rest.utf8.prefix { (0x20..<0x7F).contains($0) }
      // The last of it may carry a mark, and is one character with it.
      var end = ascii.endIndex
      if end < rest.endIndex {
        guard end > rest.startIndex else {
          add(rest.removeFirst(), style)
          continue
        }
        end = rest.utf8.index(before: end)
        if end == rest.startIndex {
          add(rest.removeFirst(), style)
          continue
        }
      }
      for word in rest[..<end].utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false) {
        if word.startIndex > rest.startIndex { add(Character(" "), style) }
        if !word.isEmpty { addWord(Substring(word), style) }
      }
      rest = rest[end...]
    }
  }

  /// Printable ASCII without spaces.
  private mutating func addWord(_ text: Substring, _ style: Style) {
    let columns = text.utf8.count
    let breaksBefore = last.map { LineBreaking.allowsBreak(between: $0, and: text.first!) } ?? false
    guard wordColumns + columns <= width, !breaksBefore else {
      for character in text { add(character, style) }
      return
    }
    word.append(String(text), style)
    wordColumns += columns
    last = text.last
  }

  mutating func add(_ character: Character, _ style: Style) {
    switch character {
    case "\n", "\r\n":
      endWord()
      breakLine()
    case "\r":
      break
    case " ":
      endWord()
      gap.append(" ", style)
      gapColumns += 1
    default:
      let text = String(character)
      let columns = CharacterWidth.columns(of: text)
      guard columns <= width || text.unicodeScalars.count == 1 else {
        for scalar in text.unicodeScalars { add(Character(scalar), style) }
        return
      }
      if let last, LineBreaking.allowsBreak(between: last, and: character) { endWord() }
      if wordColumns + columns > width, wordColumns > 0 { cutWord() }
      word.append(text, style)
      wordColumns += columns
      last = character
    }
  }

  mutating func finish() -> [StyledText] {
    endWord()
    breakLine()
    return done
  }

  /// Puts the finished word on this line or the next.
  private mutating func endWord() {
    guard !word.spans.isEmpty else { return }
    if lineColumns > 0, lineColumns + gapColumns + wordColumns > width { breakLine() }
    // A soft break has emptied the gap, so spaces at the start of a line are the writer's own indent: kept if they fit.
    if gapColumns + wordColumns <= width - lineColumns {
      line += gap
      lineColumns += gapColumns
    }
    line += word
    lineColumns += wordColumns
    (gap, gapColumns, word, wordColumns, last) = (StyledText(), 0, StyledText(), 0, nil)
  }

  private mutating func breakLine() {
    done.append(line.merged)
    (line, lineColumns, gap, gapColumns) = (StyledText(), 0, StyledText(), 0)
  }

  /// A word longer than the line: what has been read of it fills a line of its own.
  private mutating func cutWord() {
    if lineColumns > 0 { breakLine() }
    line = word
    lineColumns = wordColumns
    (word, wordColumns, last, gap, gapColumns) = (StyledText(), 0, nil, StyledText(), 0)
    breakLine()
  }
}

/// Where a line may end though there is no space: a simplified UAX #14 for wide characters.
private enum LineBreaking {
  static func allowsBreak(between first: Character, and second: Character) -> Bool {
    // Nearly all text is neither, and is told by one comparison.
    guard isHigh(first) || isHigh(second), isWide(first) || isWide(second) else { return false }
    return !cannotStart.contains(second) && !cannotEnd.contains(first)
  }

  private static func isHigh(_ character: Character) -> Bool { character.unicodeScalars.first!.value >= 0x1100 }
  private static func isWide(_ character: Character) -> Bool {
    CharacterWidth.columns(of: character.unicodeScalars.first!) == 2
  }

  /// Closing marks, prolonged sound marks and small kana (JIS X 4051), and what closes in Latin script.
  private static let cannotStart = Set(
    ".,:;!?)]}\u{201D}\u{2019}%、。，．：；！？）］｝〕〉》」』】…‥ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ")
  private static let cannotEnd = Set("([{\u{201C}\u{2018}（［｛〔〈《「『【")
}

extension StyledText {
  /// The same text with neighbouring spans of one style joined.
  fileprivate var merged: StyledText {
    var result = StyledText()
    for span in spans { result.append(span.text, span.style) }
    return result
  }
}
