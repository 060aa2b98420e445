/// A horizontal gauge for a value between 0 and 1.
public enum Meter {
  /// What a gauge is drawn with.
  public enum Look: Sendable, Hashable {
    /// A solid bar in eighths of a cell.
    case bar
    /// A heavy line in halves of a cell.
    case line
  }

  /// Draws one row.
  ///
  /// - Parameters:
  ///   - value: 0…1; what is outside is drawn at the edge.
  ///   - mark: a threshold, 0…1, drawn as an upright line over its cell.
  ///   - style: with the role `.meter` the level runs along the bar from 0 to 255.
  ///   - track: of the part that is not filled.
  public static func draw(
    _ value: Double, on surface: inout Surface, in rect: Rect, look: Look = .bar, mark: Double? = nil,
    glyphs: GlyphSet = .braille, style: Style = Style(.meter), track: Style = Style(.dim),
    markStyle: Style = Style(.modifier)
  ) {
    guard !rect.isEmpty else { return }
    let steps = look == .bar ? 8 : 2
    let filled = Int((clamped(value) * Double(rect.width * steps)).rounded())
    for column in 0..<rect.width {
      let part = min(steps, max(0, filled - column * steps))
      var cellStyle = part > 0 ? style : track
      if part > 0, style.role == .meter {
        cellStyle.level = UInt8(rect.width > 1 ? column * 255 / (rect.width - 1) : Int(clamped(value) * 255))
      }
      let scalar = glyph(part, look, glyphs)
      surface[rect.x + column, rect.y] = Cell(scalar: scalar.value, style: cellStyle)
    }
    if let mark {
      let column = min(rect.width - 1, Int(clamped(mark) * Double(rect.width)))
      let scalar: Unicode.Scalar = glyphs == .ascii ? "|" : "│"
      surface[rect.x + column, rect.y] = Cell(scalar: scalar.value, style: markStyle)
    }
  }

  private static func glyph(_ part: Int, _ look: Look, _ glyphs: GlyphSet) -> Unicode.Scalar {
    switch (look, glyphs) {
    case (.bar, .ascii): part >= 4 ? "#" : part > 0 ? "-" : "."
    case (.line, .ascii): part > 0 ? "=" : "."
    // U+2588 is the full block, U+258F one eighth from the left.
    case (.bar, _): part == 0 ? " " : Unicode.Scalar(0x2590 - UInt32(part))!
    case (.line, .blocks): part > 0 ? "■" : "·"
    case (.line, .braille): part == 2 ? "━" : part == 1 ? "╸" : " "
    }
  }

  /// 0…1; not a number counts as 0.
  static func clamped(_ value: Double) -> Double { value.isNaN ? 0 : min(1, max(0, value)) }
}

/// A small chart of the latest values, the newest at the right edge.
public enum Sparkline {
  /// - Parameters:
  ///   - values: 0…1, oldest first; one per column, the last ones that fit.
  ///   - rect: any height; a taller chart has finer steps (8 per row).
  ///   - style: with the role `.meter` each column's level is its value.
  public static func draw(
    _ values: some BidirectionalCollection<Double>, on surface: inout Surface, in rect: Rect,
    glyphs: GlyphSet = .braille, style: Style = Style(.meter)
  ) {
    guard !rect.isEmpty else { return }
    let shown = Array(values.suffix(rect.width))
    for (i, raw) in shown.enumerated() {
      let value = Meter.clamped(raw)
      var cellStyle = style
      if style.role == .meter { cellStyle.level = UInt8(value * 255) }
      let x = rect.right - shown.count + i
      // The lowest eighth is always drawn: an empty column would read as "no measurement".
      let eighths = max(1, Int((value * Double(rect.height * 8)).rounded()))
      for row in 0..<rect.height {
        let part = min(8, eighths - (rect.height - 1 - row) * 8)
        guard part > 0 else { continue }
        let scalar = glyphs == .ascii ? ascii[part - 1].value : 0x2580 + UInt32(part)
        surface[x, rect.y + row] = Cell(scalar: scalar, style: cellStyle)
      }
    }
  }

  private static let ascii: [Unicode.Scalar] = ["_", ".", ":", "-", "=", "+", "*", "#"]
}

/// One row of parts side by side on a common scale: where the time of a turn went.
public enum StackedBar {
  /// One part of the bar.
  public struct Part: Sendable, Hashable {
    /// In the unit of the scale; negative counts as 0.
    public var amount: Double
    public var style: Style
    /// What it is drawn with where parts cannot be told apart by colour; nil for `#`.
    public var letter: Unicode.Scalar?
    public init(_ amount: Double, _ style: Style, letter: Unicode.Scalar? = nil) {
      self.amount = amount
      self.style = style
      self.letter = letter
    }
  }

  /// Draws the parts from the left and returns the columns used.
  ///
  /// Ends are rounded on the running total, so the bar's length is right and no part shifts the later ones.
  /// - Parameter scale: the amount that the whole width stands for. A longer bar is cut at the edge.
  @discardableResult
  public static func draw(
    _ parts: [Part], scale: Double, on surface: inout Surface, in rect: Rect, glyphs: GlyphSet = .braille
  ) -> Int {
    guard !rect.isEmpty, scale > 0 else { return 0 }
    var total = 0.0
    var column = 0
    for part in parts {
      total += max(0, part.amount.isNaN ? 0 : part.amount)
      let end = min(rect.width, Int((Meter.clamped(total / scale) * Double(rect.width)).rounded()))
      let scalar: Unicode.Scalar = glyphs == .ascii ? part.letter ?? "#" : "▇"
      surface.fill(Rect(x: rect.x + column, y: rect.y, width: end - column, height: 1), scalar, part.style)
      column = max(column, end)
    }
    return column
  }
}
