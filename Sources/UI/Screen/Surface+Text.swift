/// Where a text stands in the room it has.
public enum Alignment: Sendable, Hashable {
  case left, centre, right
}

extension Surface {
  /// Writes text in several styles from (x, y), cut off after `width` columns, and returns the columns used.
  @discardableResult
  public mutating func put(_ text: StyledText, x: Int, y: Int, width: Int = .max) -> Int {
    var used = 0
    for span in text.spans {
      let written = put(span.text, x: x + used, y: y, width: width - used, span.style)
      used += written
      if written < span.columns { break }
    }
    return used
  }

  /// Writes text into the first row of `rect`; what is too long ends in `…`. Returns the columns used.
  @discardableResult
  public mutating func put(_ text: StyledText, in rect: Rect, _ alignment: Alignment = .left) -> Int {
    guard !rect.isEmpty else { return 0 }
    let shown = text.truncated(to: rect.width)
    let room = rect.width - shown.columns
    let offset =
      switch alignment {
      case .left: 0
      case .centre: room / 2
      case .right: room
      }
    return put(shown, x: rect.x + offset, y: rect.y, width: rect.width - offset)
  }

  /// Writes text wrapped to the width of `rect`, as many lines as fit, and returns the lines written. Where lines are
  /// left out, the last one ends in `…`.
  @discardableResult
  public mutating func putWrapped(_ text: StyledText, in rect: Rect, _ alignment: Alignment = .left) -> Int {
    guard !rect.isEmpty else { return 0 }
    var lines = TextWrap.lines(text, width: rect.width)
    if lines.count > rect.height {
      lines.removeSubrange(rect.height...)
      let style = lines[rect.height - 1].spans.last?.style ?? .plain
      let mark = StyledText([Span("…", style)])
      // A column is kept for the mark.
      lines[rect.height - 1] =
        lines[rect.height - 1].columns < rect.width
        ? lines[rect.height - 1] + mark : (lines[rect.height - 1] + mark).truncated(to: rect.width)
    }
    for (i, line) in lines.enumerated() { put(line, in: rect.row(i), alignment) }
    return lines.count
  }
}
