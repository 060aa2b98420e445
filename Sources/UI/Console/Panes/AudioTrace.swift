import Screen
import Timeline

/// The extremes of the last 40 seconds of one audio stream, on the timeline's clock.
///
/// A ring of 10 ms cells; a column of a waveform is a whole number of cells that begins at a multiple of its span, so
/// columns keep their shape while they travel to the left.
struct AudioTrace: Sendable {
  static let cell: Int64 = 10_000_000
  /// A power of two: a cell's slot is a mask away.
  private static let capacity = 4_096
  /// The length of the stretches that peaks come in (see `Peak`).
  private static let peakLength: Int64 = 5_000_000

  private var low = [Int16](repeating: 0, count: capacity)
  private var high = [Int16](repeating: 0, count: capacity)
  private var tags = [UInt8](repeating: 0, count: capacity)
  /// Which cell of all time a slot holds.
  private var stamps = [Int64](repeating: .min, count: capacity)

  /// One column: its extremes, and the tag of its latest audio; nil where there was none.
  struct Column: Sendable, Equatable {
    var peak: WaveformPeak
    var tag: UInt8
    /// A sample in it is at or next to full scale, as `Level.clipped` counts them.
    var isClipped: Bool
  }

  /// Adds consecutive stretches, the first of which begins at `start`. A tag above 0 says what became of the audio.
  mutating func add(_ peaks: [Peak], from start: Timestamp, tag: UInt8) {
    for (i, peak) in peaks.enumerated() {
      let number = start.nanoseconds.adding(Int64(i) * Self.peakLength).dividedDown(by: Self.cell)
      let slot = Int(truncatingIfNeeded: number) & (Self.capacity - 1)
      if stamps[slot] == number {
        low[slot] = min(low[slot], peak.low)
        high[slot] = max(high[slot], peak.high)
      } else {
        (stamps[slot], low[slot], high[slot]) = (number, peak.low, peak.high)
      }
      tags[slot] = tag
    }
  }

  /// The last `count` whole columns of `cells` cells each before `now`, oldest first.
  func columns(_ count: Int, cells: Int, before now: Timestamp) -> [Column?] {
    let cells = Int64(max(1, cells))
    let last = now.nanoseconds.dividedDown(by: Self.cell * cells)
    return (0..<max(0, count)).map { i in column((last - Int64(count - i)) * cells, cells) }
  }

  private func column(_ first: Int64, _ cells: Int64) -> Column? {
    var result: (low: Int16, high: Int16, tag: UInt8)?
    for number in first..<first + cells {
      let slot = Int(truncatingIfNeeded: number) & (Self.capacity - 1)
      guard stamps[slot] == number else { continue }
      result = (min(result?.low ?? .max, low[slot]), max(result?.high ?? .min, high[slot]), tags[slot])
    }
    return result.map {
      Column(
        peak: WaveformPeak(low: Float($0.low) / 32_768, high: Float($0.high) / 32_768), tag: $0.tag,
        isClipped: $0.low <= -32_766 || $0.high >= 32_766)
    }
  }
}

extension AudioTrace {
  /// How much time a column of dots stands for, in cells of 10 ms: 50 ms, so that a word fills about ten columns.
  static let cellsPerColumn = 5

  /// Draws the trace so that it ends at `now`; `style` gives each tag its style, nil for no audio. Where it is clipped,
  /// its tips are marked as errors.
  func draw(
    on surface: inout Surface, in rect: Rect, glyphs: GlyphSet, now: Timestamp, style: (UInt8?) -> Style
  ) {
    guard !rect.isEmpty else { return }
    let columns = columns(Waveform.capacity(columns: rect.width), cells: Self.cellsPerColumn, before: now)
    let silence = WaveformPeak(low: 0, high: 0)
    Waveform.draw(
      columns.map { $0?.peak.companded ?? silence }, on: &surface, in: rect, glyphs: glyphs, style: style(nil))
    for x in 0..<rect.width {
      let tag = columns[2 * x + 1]?.tag ?? columns[2 * x]?.tag
      guard let tag else { continue }
      let chosen = style(tag)
      surface.restyle(Rect(x: rect.x + x, y: rect.y, width: 1, height: rect.height)) { $0 = chosen }
      guard columns[2 * x]?.isClipped == true || columns[2 * x + 1]?.isClipped == true else { continue }
      for y in [rect.y, rect.bottom - 1] {
        surface.restyle(Rect(x: rect.x + x, y: y, width: 1, height: 1)) { $0 = Style(.error, .bold) }
      }
    }
  }

  /// Draws a row of what the tags say, column for column under the waveform: a glyph and a style, nil for nothing.
  func drawLane(
    on surface: inout Surface, in rect: Rect, now: Timestamp, _ mark: (UInt8) -> (Unicode.Scalar, Style)?
  ) {
    guard !rect.isEmpty else { return }
    let columns = columns(Waveform.capacity(columns: rect.width), cells: Self.cellsPerColumn, before: now)
    for x in 0..<rect.width {
      let marks = [columns[2 * x], columns[2 * x + 1]].compactMap { $0.flatMap { mark($0.tag) } }
      guard let (scalar, style) = marks.last else { continue }
      surface[rect.x + x, rect.y] = Cell(scalar: scalar.value, style: style)
    }
  }

  /// The column of cells in which a moment is drawn; nil when it is not shown.
  static func column(of moment: Timestamp, width: Int, now: Timestamp) -> Int? {
    let span = cell * Int64(cellsPerColumn)
    let count = Int64(Waveform.capacity(columns: width))
    let place = moment.nanoseconds.dividedDown(by: span) - (now.nanoseconds.dividedDown(by: span) - count)
    // What is happening now stands at the edge: its column is not whole yet.
    guard place >= 0, moment <= now, width > 0 else { return nil }
    return min(width - 1, Int(place) / 2)
  }

  /// How much time `columns` columns of cells show, in seconds.
  static func seconds(columns: Int) -> Double {
    Double(Waveform.capacity(columns: columns) * cellsPerColumn) * Double(cell) / 1e9
  }
}

extension WaveformPeak {
  /// The square root of each side: a murmur at -40 dBFS is still to be seen, and loud speech is no solid block. Unlike a
  /// scale that follows the loudest part, it never changes, so heights can be compared.
  fileprivate var companded: WaveformPeak {
    func root(_ value: Float) -> Float { value < 0 ? -(-value).squareRoot() : value.squareRoot() }
    return WaveformPeak(low: root(low), high: root(high))
  }
}
