import DequeModule
import Insight
import Screen
import Timeline

/// The playout buffer's depth over time against its target, the newest at the right edge: 200 ms a column.
///
///     ⢀⣀⣤⣶⣿⣿⣷⣶⣤⣀     ⣀⣤ 160
///     ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 80
enum PlayoutGraph {
  static let columnSpan = Duration.milliseconds(200)

  /// - Parameter depths: oldest first.
  static func draw(
    _ depths: Deque<DeliveryFigures.Depth>, on surface: inout Surface, in rect: Rect, now: Timestamp, glyphs: GlyphSet
  ) {
    let figureColumns = 6
    let chart = Rect(x: rect.x, y: rect.y, width: rect.width - figureColumns - 1, height: rect.height)
    guard chart.width > 4, let last = depths.last else { return }
    let columns = columns(depths, count: chart.width, now: now)
    let shown = columns.compactMap(\.self)
    let target = last.targetMs.isFinite ? max(0, last.targetMs) : 0
    let full = max(target * 2, shown.map(\.depthMs).max() ?? 0, 1)
    // The target first, so that what lies above it covers it.
    let line = Int((1 - (target / full).clamped(to: 0...1)) * Double(chart.height))
    if target > 0 {
      let y = chart.y + min(chart.height - 1, line)
      surface.fill(Rect(x: chart.x, y: y, width: chart.width, height: 1), glyphs == .ascii ? "-" : "╌", Style(.dim))
      surface.put(
        StyledText(Figures.milliseconds(target), .dim),
        in: Rect(x: chart.right + 1, y: y, width: figureColumns, height: 1), .right)
    }
    if chart.height > 1, line > 0 {
      surface.put(
        StyledText(Figures.milliseconds(full), .dim),
        in: Rect(x: chart.right + 1, y: chart.y, width: figureColumns, height: 1), .right)
    }
    for (x, column) in columns.enumerated() {
      guard let column else { continue }
      let area = Rect(x: chart.x + x, y: chart.y, width: 1, height: chart.height)
      // Below half of the target it is about to run dry.
      let style = Style(column.depthMs < column.targetMs / 2 ? .warning : .agent)
      Sparkline.draw(CollectionOfOne(column.depthMs / full), on: &surface, in: area, glyphs: glyphs, style: style)
    }
  }

  /// The least depth in each column; nil where nothing was played.
  static func columns(
    _ depths: Deque<DeliveryFigures.Depth>, count: Int, now: Timestamp
  ) -> [DeliveryFigures.Depth?] {
    var columns = [DeliveryFigures.Depth?](repeating: nil, count: count)
    let span = columnSpan.nanoseconds
    let newest = now.nanoseconds / span
    for depth in depths.reversed() where depth.depthMs.isFinite && depth.targetMs.isFinite {
      let column = count - 1 - Int(newest - depth.at.nanoseconds / span)
      guard column >= 0 else { break }
      guard column < count else { continue }
      if depth.depthMs < columns[column]?.depthMs ?? .infinity { columns[column] = depth }
    }
    return columns
  }
}
