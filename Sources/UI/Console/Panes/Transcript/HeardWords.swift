import Insight
import Screen

/// An answer split where the ear is: the words that were heard, and those that were not, or not yet.
struct HeardWords {
  private let text: String
  /// Words.
  let heard: Int
  let count: Int

  /// - Parameter share: of the text that was heard, 0…1; what is no number counts as all of it.
  init(_ text: String, _ share: Double) {
    self.text = text
    count = Self.wordCount(text)
    heard = share.isFinite ? Int((share.clamped(to: 0...1) * Double(count)).rounded()) : count
  }

  /// What was heard, and the beginning of what was not.
  /// - Parameters:
  ///   - limit: the most words of the latter.
  ///   - ahead: their style; where it strikes them out, the cut is marked, too.
  func styled(limit: Int, ahead: Style) -> StyledText {
    let split = end(ofWord: heard)
    let end = end(ofWord: heard + limit)
    var result = StyledText(String(text[..<split]), .agent)
    // Where strikes cannot be drawn and colours are few, the mark still says where it was cut.
    if ahead.emphasis.contains(.strike), split < text.endIndex {
      result += StyledText(heard > 0 ? " ✂" : "✂ ", .warning)
    }
    result.append(String(text[split..<end]), ahead)
    if count > heard + limit {
      result += StyledText(" … \(Figures.count(count - heard - limit, "more word"))", .dim)
    }
    return result
  }

  // By scalars: each frame looks at a whole answer, and characters take ten times as long.
  private static func wordCount(_ text: String) -> Int {
    var count = 0
    var isInWord = false
    for scalar in text.unicodeScalars {
      let isSpace = isSpace(scalar)
      if !isSpace, !isInWord { count += 1 }
      isInWord = !isSpace
    }
    return count
  }

  /// The end of a text's first words.
  private func end(ofWord words: Int) -> String.Index {
    guard words > 0 else { return text.startIndex }
    var left = words
    var isInWord = false
    for i in text.unicodeScalars.indices {
      let isSpace = Self.isSpace(text.unicodeScalars[i])
      if isSpace, isInWord {
        left -= 1
        if left == 0 { return i }
      }
      isInWord = !isSpace
    }
    return text.endIndex
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x20 || (scalar.value < 0x21 || scalar.value > 0x7E) && scalar.properties.isWhitespace
  }

  /// `cut after 3 of 27 words`; nil for a line that was not cut.
  static func cutNote(_ line: TranscriptLine) -> String? {
    guard line.speaker == .agent, let share = line.heardShare else { return nil }
    let words = HeardWords(line.text, share)
    return "cut after \(words.heard) of \(Figures.count(words.count, "word"))"
  }
}
