import DequeModule
import Insight
import Screen
import Timeline

/// What was said, both sides, wrapped, with scrollback and search.
struct TranscriptPane: Sendable {
  /// A line of the transcript, by what does not change about it.
  struct LineKey: Sendable, Equatable {
    let at: Timestamp
    let speaker: TranscriptLine.Speaker
    /// Lines that came in one go have one moment.
    let turn: Int?
    init(_ line: TranscriptLine) { (at, speaker, turn) = (line.at, line.speaker, line.turn) }
  }
  /// Where the text stands while it is scrolled back: the first row shown. Rows are counted within their line, so what
  /// is said meanwhile moves nothing.
  struct Anchor: Sendable, Equatable {
    var line: LineKey
    var row: Int
  }

  private(set) var anchor: Anchor?
  /// When it was scrolled back: what began later is new.
  private var heldAt: Timestamp?
  private(set) var search: TextSearch?
  /// The line found last, its number among those that match, and how many these are.
  private(set) var hit: (line: LineKey, number: Int, count: Int)?

  /// Whether it is scrolled back, and so stands still.
  var isHeld: Bool { anchor != nil }

  mutating func follow() { (anchor, heldAt) = (nil, nil) }

  // MARK: - Scrolling

  /// Scrolls by `rows`, down when positive; `.min` and `.max` go to the ends. At the end it follows again.
  mutating func scroll(by rows: Int, _ rowsOf: TranscriptRows) {
    let lines = rowsOf.lines
    guard let last = lines.last else { return }
    guard rows != .max, let start = anchor.map({ index(of: $0.line, in: lines) }) ?? rowsOf.top()?.line else {
      return follow()
    }
    var place = (line: start, row: anchor?.row ?? rowsOf.top()?.row ?? 0)
    if rows == .min {
      place = (lines.startIndex, 0)
    } else {
      place.row += rows
      while place.row < 0, place.line > lines.startIndex {
        place.line -= 1
        place.row += rowsOf.rows(place.line).count
      }
      while place.row > 0, case let count = rowsOf.rows(place.line).count, place.row >= count {
        guard place.line < lines.endIndex - 1 else { return follow() }
        place.row -= count
        place.line += 1
      }
    }
    hold(at: (place.line, max(0, place.row)), rowsOf, last)
  }

  /// Stands still with this row on top, unless all the rest is on the screen anyway.
  private mutating func hold(at place: (line: Int, row: Int), _ rowsOf: TranscriptRows, _ last: TranscriptLine) {
    guard let top = rowsOf.top(), place.line < top.line || (place.line == top.line && place.row < top.row) else {
      return follow()
    }
    heldAt = heldAt ?? last.at
    anchor = Anchor(line: LineKey(rowsOf.lines[place.line]), row: place.row)
  }

  /// A line that was forgotten meanwhile gives its place to the next.
  private func index(of key: LineKey, in lines: Deque<TranscriptLine>) -> Int {
    lines.lastIndex { LineKey($0) == key } ?? lines.firstIndex { $0.at >= key.at } ?? max(0, lines.count - 1)
  }

  // MARK: - Search

  mutating func clearSearch() { (search, hit) = (nil, nil) }

  /// Looks for a text, backwards from the end of what is shown, as the newest is what one has just read.
  /// - Returns: whether it stands anywhere.
  mutating func find(_ search: TextSearch, _ rowsOf: TranscriptRows) -> Bool {
    (self.search, hit) = (search, nil)
    return step(-1, rowsOf) != nil
  }

  /// Goes to the next line that matches, down when positive.
  /// - Returns: whether it went round the end; nil when nothing matches.
  mutating func step(_ direction: Int, _ rowsOf: TranscriptRows) -> Bool? {
    guard let search else { return nil }
    let matching = rowsOf.lines.indices.filter { search.matches(rowsOf.lines[$0].text) }
    guard let first = matching.first, let last = matching.last, let newest = rowsOf.lines.last else {
      hit = nil
      return nil
    }
    let from = hit.map { index(of: $0.line, in: rowsOf.lines) } ?? rowsOf.lines.count
    let next = direction > 0 ? matching.first { $0 > from } : matching.last { $0 < from }
    let found = next ?? (direction > 0 ? first : last)
    hit = (LineKey(rowsOf.lines[found]), 1 + (matching.firstIndex(of: found) ?? 0), matching.count)
    // A third of the pane is left above it, for what led to it.
    var place = (line: found, row: 0)
    var above = rowsOf.size.height / 3
    while above > 0, place.line > 0 {
      place.line -= 1
      let count = rowsOf.rows(place.line).count
      place.row = max(0, count - above)
      above -= count
    }
    hold(at: place, rowsOf, newest)
    return next == nil
  }

  // MARK: - Turns

  /// The turn that is looked at: of the line found last, else of the last line that is shown.
  func lookedAt(_ rowsOf: TranscriptRows) -> Int? {
    let lines = rowsOf.lines
    if let hit { return lines[...].last { LineKey($0) == hit.line }?.turn }
    guard let anchor else { return lines.last { $0.turn != nil }?.turn }
    var line = index(of: anchor.line, in: lines)
    var free = rowsOf.size.height + anchor.row
    var turn: Int?
    while line < lines.endIndex {
      free -= rowsOf.rows(line).count
      guard free >= 0 else { break }
      turn = lines[line].turn ?? turn
      line += 1
    }
    return turn ?? lines[..<min(line + 1, lines.count)].last { $0.turn != nil }?.turn
  }

  /// Scrolls so that the turn's first line is on top, or follows when the rest is on the screen anyway.
  mutating func show(turn number: Int, _ rowsOf: TranscriptRows) {
    guard rowsOf.size.height > 0, let newest = rowsOf.lines.last,
      let first = rowsOf.lines.firstIndex(where: { $0.turn == number })
    else { return }
    follow()
    hold(at: (first, 0), rowsOf, newest)
  }

  /// The turn whose head stands in a row of the inside.
  func turn(atRow row: Int, _ rowsOf: TranscriptRows) -> Int? {
    let start = anchor.map { (index(of: $0.line, in: rowsOf.lines), $0.row) } ?? rowsOf.top().map { ($0.line, $0.row) }
    guard var (line, skipped) = start else { return nil }
    var y = 0
    while line < rowsOf.lines.endIndex, y <= row {
      let place = row - y + skipped
      y += rowsOf.rows(line).count - skipped
      if row < y { return place < rowsOf.head(of: line).count ? rowsOf.lines[line].turn : nil }
      (line, skipped) = (line + 1, 0)
    }
    return nil
  }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    var box = context.frame(.transcript)
    let all = context.insight.transcript
    if isHeld {
      let later = heldAt.map { held in all.reversed().prefix { $0.at > held }.count } ?? 0
      let news = later > 0 ? "  +\(Figures.grouped(later)) new" : ""
      box.leading.append(BorderLabel(StyledText("scrolled, End follows\(news)", .modifier), priority: 1))
    }
    if let search {
      let found = hit.map { "\($0.number) of \($0.count)" } ?? "nothing found"
      box.trailing.append(BorderLabel(StyledText("search: \(search.text)  \(found)", .modifier), priority: 2))
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard !all.isEmpty else {
      surface.putWrapped(Self.emptyText(context), in: inside)
      return
    }
    let rowsOf = TranscriptRows(
      context.insight, size: Size(width: inside.width, height: inside.height), clock: context.clock, search: search)
    var y = 0
    guard let anchor else {
      for row in rowsOf.end() {
        surface.put(row, in: inside.row(y))
        y += 1
      }
      return
    }
    var (skipped, line) = (anchor.row, index(of: anchor.line, in: all))
    while y < inside.height, line < all.endIndex {
      for row in rowsOf.rows(line).dropFirst(skipped).prefix(inside.height - y) {
        surface.put(row, in: inside.row(y))
        y += 1
      }
      (skipped, line) = (0, line + 1)
    }
  }

  /// Without a connection nothing can be said, so this is the place to say why, in full.
  private static func emptyText(_ context: PaneContext) -> StyledText {
    let link = context.insight.link
    let isUp = link.state == nil || link.state == .connecting || link.state == .open || link.state == .ready
    if !isUp, let reason = link.lastReason, !reason.isEmpty, link.lastBy != .client {
      return StyledText("Not connected: ", .warning) + StyledText(reason, .text)
    }
    guard context.powers.contains(.speak) else { return StyledText("Nothing said so far.", .dim) }
    return StyledText("Nothing said yet. Speak, or press ", .dim) + StyledText("s", .hotkey, .bold)
      + StyledText(" and type what is to be spoken. Words brighten as they are heard.", .dim)
  }
}
