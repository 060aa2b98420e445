/// Breaks text into lines of a given number of columns.
public enum TextWrap {
  /// Lines of at most `width` columns (1 at least), broken at spaces and line feeds; a word longer than a line is cut.
  ///
  /// Spaces at a break disappear. Combining marks stay with their base; a wide character is never cut in half, so at
  /// `width` 1 it stands alone on a line on which it does not fit. Text without a character gives one empty line.
  public static func lines(_ text: String, width: Int) -> [String] {
    lines(StyledText(text), width: width).map(\.plain)
  }

  /// The same for text in several styles.
  public static func lines(_ text: StyledText, width: Int) -> [StyledText] {
    var breaker = LineBreaker(width: max(1, width))
    for span in text.spans {
      for scalar in span.text.unicodeScalars { breaker.add(scalar, span.style) }
    }
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

  init(width: Int) { self.width = width }

  mutating func add(_ scalar: Unicode.Scalar, _ style: Style) {
    switch scalar {
    case "\n":
      endWord()
      breakLine()
    case "\r":
      break
    case " ":
      endWord()
      gap.append(" ", style)
      gapColumns += 1
    default:
      let columns = CharacterWidth.columns(of: CharacterWidth.visible(scalar))
      if wordColumns + columns > width, wordColumns > 0 { cutWord() }
      word.append(String(Character(scalar)), style)
      wordColumns += columns
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
    (gap, gapColumns, word, wordColumns) = (StyledText(), 0, StyledText(), 0)
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
    (word, wordColumns, gap, gapColumns) = (StyledText(), 0, StyledText(), 0)
    breakLine()
  }
}

extension StyledText {
  /// The same text with neighbouring spans of one style joined.
  fileprivate var merged: StyledText {
    var result = StyledText()
    for span in spans { result.append(span.text, span.style) }
    return result
  }
}
