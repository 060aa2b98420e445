import Screen
import Timeline

/// The log's columns, as many as the width has room for:
///
///     12:04:09.112   +16 → audio ×41           pcm16 16000 Hz   37.1 kB
struct LogColumns {
  private let time: Int
  private let pause: Int
  private let type: Int
  private let size: Int
  /// Sizes to the byte.
  private let isExact: Bool

  /// Room for the name of an event, so that their texts stand under each other.
  private static let eventColumns = 11

  init(width: Int) {
    time = width >= 64 ? 13 : width >= 48 ? 10 : 0
    pause = width >= 40 ? 7 : 0
    // "transcript_interim ×12", and where there is no room for that, the names alone.
    type = width >= 90 ? 26 : width >= 64 ? 22 : 20
    isExact = width >= 90
    size = isExact ? 13 : width >= 70 ? 9 : 0
  }

  /// - Parameter delta: since the row before, or since the marked one.
  func draw(
    _ row: LogRow, type name: String, delta: StyledText, on surface: inout Surface, in rect: Rect,
    _ context: PaneContext
  ) {
    let cells = Layout.columns(
      rect, [.fixed(time), .fixed(pause), .fixed(2), .fixed(type), .flexible(), .fixed(size)])
    let moment = context.clock.time(row.at)
    // The minute is worth more than the hour where both have no room.
    surface.put(StyledText(time >= 13 ? moment : String(moment.dropFirst(3)), .dim), in: cells[0])
    let pauseCell = Rect(x: cells[1].x, y: rect.y, width: cells[1].width - 1, height: cells[1].height)
    surface.put(delta, in: pauseCell, .right)
    let arrow =
      switch row.kind {
      case .sent: "→"
      case .received: "←"
      case .event: "·"
      }
    surface.put(StyledText(arrow, row.actor, .bold), in: cells[2])
    let isLoud = [.error, .warning, .fault, .modifier, .dim].contains(row.actor)
    let summary = StyledText(row.summary, isLoud ? row.actor : row.isMedia ? .dim : .text)
    guard row.kind != .event else {
      // Not a message: no size, and words instead of columns.
      let rest = Rect(x: cells[3].x, y: rect.y, width: rect.right - cells[3].x, height: 1)
      let gap = String(repeating: " ", count: max(1, Self.eventColumns - CharacterWidth.columns(of: name)))
      surface.put(StyledText(name, row.actor) + StyledText(gap) + summary, in: rest)
      return
    }
    // A name that is too long loses its end, never its count.
    let count = row.count > 1 ? " ×\(Figures.grouped(row.count))" : ""
    let what = StyledText(name, row.actor).truncated(to: max(1, cells[3].width - 1 - count.unicodeScalars.count))
    let typeCell = Rect(x: cells[3].x, y: rect.y, width: cells[3].width - 1, height: cells[3].height)
    surface.put(what + StyledText(count, row.actor, .bold), in: typeCell)
    surface.put(summary, in: cells[4])
    let figure = isExact ? Figures.bytes(row.byteCount) : Figures.shortBytes(row.byteCount)
    surface.put(StyledText(figure, .dim), in: cells[5], .right)
  }
}
