/// The lowest and highest sample in a stretch of audio, −1…1.
public struct WaveformPeak: Sendable, Hashable {
  public var low: Float
  public var high: Float
  public init(low: Float, high: Float) {
    self.low = low
    self.high = high
  }
  /// The larger distance from zero, 0…1.
  public var amplitude: Float { min(1, max(abs(low), abs(high))) }
}

/// Draws audio as its extremes over time, the newest at the right edge.
///
/// Every glyph set shows the same stretch of time: a cell is two peaks wide (two columns of braille dots).
public enum Waveform {
  /// How many peaks fit into so many columns.
  public static func capacity(columns: Int) -> Int { max(0, columns) * 2 }

  /// - Parameters:
  ///   - peaks: oldest first; the last `capacity` of them are drawn.
  ///   - scale: multiplies the peaks, to make quiet audio visible. What leaves −1…1 is drawn at the edge.
  ///   - style: of every cell; with the role `.meter` each cell's level is its own amplitude.
  public static func draw(
    _ peaks: some BidirectionalCollection<WaveformPeak>, on surface: inout Surface, in rect: Rect,
    glyphs: GlyphSet = .braille, scale: Float = 1, style: Style = Style(.meter)
  ) {
    guard !rect.isEmpty else { return }
    let shown = Array(peaks.suffix(capacity(columns: rect.width)))
    // An odd number leaves the left half of the first cell empty, so pairs are counted from the right edge.
    let start = capacity(columns: rect.width) - shown.count
    for column in (start / 2)..<rect.width {
      let left = column * 2 >= start ? shown[column * 2 - start].scaled(scale) : nil
      let right = shown[column * 2 + 1 - start].scaled(scale)
      let amplitude = max(left?.amplitude ?? 0, right.amplitude)
      var cellStyle = style
      if style.role == .meter { cellStyle.level = UInt8(amplitude * 255) }
      let area = Rect(x: rect.x + column, y: rect.y, width: 1, height: rect.height)
      switch glyphs {
      case .braille: drawBraille(left, right, on: &surface, in: area, cellStyle)
      case .blocks: drawBlocks(amplitude, on: &surface, in: area, cellStyle)
      case .ascii: drawASCII(amplitude, on: &surface, in: area, cellStyle)
      }
    }
  }

  /// Two columns of dots, each lit from its lowest to its highest sample.
  private static func drawBraille(
    _ left: WaveformPeak?, _ right: WaveformPeak, on surface: inout Surface, in area: Rect, _ style: Style
  ) {
    let leftDots = left.map { dots($0, area.height * 4) }
    let rightDots = dots(right, area.height * 4)
    for row in 0..<area.height {
      var pattern: UInt32 = 0
      if let leftDots { pattern |= column(leftDots, row: row) }
      // The right column's three upper dots are bits 3 to 5, its lowest is bit 7; the left one's are 0 to 2, and 6.
      let bits = column(rightDots, row: row)
      pattern |= (bits & 0x07) << 3 | (bits & 0x40) << 1
      if pattern != 0 { surface[area.x, area.y + row] = Cell(scalar: 0x2800 + pattern, style: style) }
    }
  }

  /// The rows of dots, from the top, that are lit.
  private static func dots(_ peak: WaveformPeak, _ height: Int) -> ClosedRange<Int> {
    let top = dotRow(peak.high, height)
    return top...max(top, dotRow(peak.low, height))
  }

  /// The left dots of a braille cell (Unicode 15, block 2800) in a row of cells.
  private static func column(_ dots: ClosedRange<Int>, row: Int) -> UInt32 {
    let first = max(dots.lowerBound, row * 4)
    let last = min(dots.upperBound, row * 4 + 3)
    guard first <= last else { return 0 }
    var pattern: UInt32 = 0
    for dot in first...last { pattern |= dot - row * 4 < 3 ? 1 << UInt32(dot - row * 4) : 0x40 }
    return pattern
  }

  /// The row of dots, from the top, that stands for a value: +1 is the first, −1 the last, 0 just below the middle.
  private static func dotRow(_ value: Float, _ height: Int) -> Int {
    let fromTop = (1 - min(1, max(-1, value))) / 2
    return min(height - 1, max(0, Int(fromTop * Float(height))))
  }

  /// A bar from the bottom in eighths of a cell; the lowest eighth stands for silence.
  private static func drawBlocks(_ amplitude: Float, on surface: inout Surface, in area: Rect, _ style: Style) {
    let eighths = max(1, Int((amplitude * Float(area.height * 8)).rounded()))
    for row in 0..<area.height {
      let filled = min(8, eighths - (area.height - 1 - row) * 8)
      if filled > 0 {
        surface[area.x, area.y + row] = Cell(scalar: 0x2580 + UInt32(filled), style: style)
      }
    }
  }

  private static let shades: [Unicode.Scalar] = ["_", ".", ":", "-", "=", "+", "*", "#"]

  /// One row: a shade by amplitude. More rows: a bar from the bottom.
  private static func drawASCII(_ amplitude: Float, on surface: inout Surface, in area: Rect, _ style: Style) {
    guard area.height > 1 else {
      let shade = shades[min(shades.count - 1, Int(amplitude * Float(shades.count)))]
      surface[area.x, area.y] = Cell(scalar: shade.value, style: style)
      return
    }
    let filled = Int((amplitude * Float(area.height)).rounded())
    if filled == 0 { surface[area.x, area.bottom - 1] = Cell(scalar: shades[0].value, style: style) }
    for row in 0..<filled { surface[area.x, area.bottom - 1 - row] = Cell(scalar: 0x23, style: style) }
  }
}

extension WaveformPeak {
  /// Not a number counts as silence.
  fileprivate func scaled(_ factor: Float) -> WaveformPeak {
    let low = self.low * factor
    let high = self.high * factor
    return WaveformPeak(low: low.isNaN ? 0 : low, high: high.isNaN ? 0 : high)
  }
}
