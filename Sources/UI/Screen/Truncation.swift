/// Where text that is too long loses its characters; `…` stands for them.
public enum Truncation: Sendable, Hashable {
  /// Keeps the end.
  case head
  /// Keeps both ends, for URLs and identifiers.
  case middle
  /// Keeps the beginning.
  case tail

  /// At most `width` columns of `text`.
  public func callAsFunction(_ text: String, to width: Int) -> String {
    guard CharacterWidth.columns(of: text) > width else { return text }
    guard width > 0 else { return "" }
    let keep = width - 1
    let front =
      switch self {
      case .head: 0
      case .middle: keep / 2
      case .tail: keep
      }
    if CharacterWidth.isPrintableASCII(text) {
      return "\(text.prefix(front))\u{2026}\(text.suffix(keep - front))"
    }
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    let end = Self.prefix(scalars, front)
    result.append(contentsOf: scalars[..<end])
    result.append("\u{2026}")
    let start = Self.suffix(scalars, keep - front)
    result.append(contentsOf: scalars[max(end, start)...])
    return String(result)
  }

  /// The index after the last scalar that fits, marks included.
  private static func prefix(_ scalars: [Unicode.Scalar], _ width: Int) -> Int {
    var used = 0
    for (i, scalar) in scalars.enumerated() {
      used += CharacterWidth.columns(of: CharacterWidth.visible(scalar))
      if used > width { return i }
    }
    return scalars.count
  }

  /// The index of the first base character from which everything to the end fits.
  private static func suffix(_ scalars: [Unicode.Scalar], _ width: Int) -> Int {
    var used = 0
    var start = scalars.count
    for i in scalars.indices.reversed() {
      let columns = CharacterWidth.columns(of: CharacterWidth.visible(scalars[i]))
      used += columns
      if used > width { break }
      if columns > 0 { start = i }
    }
    return start
  }
}

extension StyledText {
  /// At most `width` columns; a cut end is marked by `…` in the style of what it replaces.
  public func truncated(to width: Int) -> StyledText {
    guard columns > width else { return self }
    var result = StyledText()
    var used = 0
    for span in spans {
      let spanColumns = span.columns
      guard used + spanColumns > width - 1 else {
        result.append(span.text, span.style)
        used += spanColumns
        continue
      }
      // One column too many on purpose, so that the cut leaves its mark.
      let rest = width - used
      if rest > 0 {
        let cut = spanColumns > rest ? Truncation.tail(span.text, to: rest) : Truncation.tail(span.text + " ", to: rest)
        result.append(cut, span.style)
      }
      break
    }
    return result
  }
}
