import Screen

/// What a search looks for: a stretch of text anywhere, in one line.
///
/// Letters match in either case, unless the operator typed a capital ("smart case", as in vim and ripgrep).
struct TextSearch: Sendable, Equatable {
  /// As the operator typed it.
  let text: String
  private let needle: [Character]
  private let isExact: Bool

  /// Nil for an empty text: there is nothing to look for.
  init?(_ text: String) {
    guard !text.isEmpty else { return nil }
    self.text = text
    isExact = text.contains(where: \.isUppercase)
    needle = Array(text)
  }

  func matches(_ text: String) -> Bool { firstRange(in: text[...]) != nil }

  /// Every place where it stands, from left to right; they do not overlap.
  func ranges(in text: String) -> [Range<String.Index>] {
    var ranges: [Range<String.Index>] = []
    var rest = text[...]
    while let range = firstRange(in: rest) {
      ranges.append(range)
      rest = text[range.upperBound...]
    }
    return ranges
  }

  private func firstRange(in text: Substring) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if let end = end(of: text, from: start) { return start..<end }
      start = text.index(after: start)
    }
    return nil
  }

  /// Where the needle ends when it begins at `start`; nil when it does not stand there.
  private func end(of text: Substring, from start: Substring.Index) -> Substring.Index? {
    var index = start
    for wanted in needle {
      guard index < text.endIndex, isSame(text[index], wanted) else { return nil }
      index = text.index(after: index)
    }
    return index
  }

  private func isSame(_ character: Character, _ wanted: Character) -> Bool {
    if character == wanted { return true }
    return !isExact && character.lowercased() == wanted.lowercased()
  }
}

extension StyledText {
  /// The same text with every match marked: reversed.
  func marking(_ search: TextSearch) -> StyledText {
    let text = plain
    let ranges = search.ranges(in: text)
    guard !ranges.isEmpty else { return self }
    var result = StyledText()
    var index = text.startIndex
    var next = ranges.startIndex
    for span in spans {
      // A span is read piece by piece, each wholly inside or outside a match.
      var rest = span.text.unicodeScalars.count
      while rest > 0 {
        while next < ranges.endIndex, ranges[next].upperBound <= index { next += 1 }
        let isMatch = next < ranges.endIndex && ranges[next].contains(index)
        let border =
          next == ranges.endIndex ? text.endIndex : isMatch ? ranges[next].upperBound : ranges[next].lowerBound
        let spanEnd = text.unicodeScalars.index(index, offsetBy: rest)
        let end = min(border, spanEnd)
        var style = span.style
        if isMatch { style.emphasis.insert(.reverse) }
        result.append(String(text[index..<end]), style)
        rest -= text.unicodeScalars.distance(from: index, to: end)
        index = end
      }
    }
    return result
  }
}
