import Screen
import Timeline

/// The protocol log's cursor, freeze and filter. Positions count the shown rows from the oldest, ids never change.
struct LogPane: Sendable {
  var store: LogStore
  /// The row under the cursor while the log is frozen; the last one while it follows.
  private(set) var cursorID: Int?
  /// While frozen: the newest row that is shown.
  private(set) var frozenAt: Int?
  private var topID = 0

  init(limits: LogLimits) { store = LogStore(limits: limits) }

  var isFrozen: Bool { frozenAt != nil }
  /// How many rows there are to show, and how many more the freeze keeps back.
  var shownEnd: Int { frozenAt.map { store.shownPosition(of: $0 + 1) } ?? store.shownCount }
  var newCount: Int { store.shownCount - shownEnd }
  /// Where the cursor is; nil when nothing is shown.
  var cursor: Int? {
    guard shownEnd > 0 else { return nil }
    return cursorID.map { store.shownPosition(of: $0).clamped(to: 0...shownEnd - 1) } ?? shownEnd - 1
  }
  var selected: LogRow? { cursor.flatMap { store.shownID($0) }.flatMap { store.row($0) } }

  /// The positions that `height` rows show.
  func window(_ height: Int) -> Range<Int> {
    let end = shownEnd
    let height = max(0, height)
    guard isFrozen, let cursor else { return max(0, end - height)..<end }
    var top = store.shownPosition(of: topID)
    if cursor >= top + height { top = cursor - height + 1 }
    top = min(top, cursor).clamped(to: 0...max(0, end - height))
    return top..<min(end, top + height)
  }

  // MARK: - Moving

  mutating func freeze(height: Int) {
    guard !isFrozen, store.nextID > 0 else { return }
    topID = store.shownID(window(height).lowerBound) ?? 0
    cursorID = cursor.flatMap { store.shownID($0) }
    frozenAt = store.nextID - 1
    store.closeRuns()
  }

  mutating func follow() { (frozenAt, cursorID) = (nil, nil) }

  /// Moves the cursor to a position; a log that follows is frozen by it. Positions outside go to the ends.
  mutating func select(_ position: Int, height: Int) {
    guard shownEnd > 0 else { return }
    freeze(height: height)
    cursorID = store.shownID(position.clamped(to: 0...max(0, shownEnd - 1)))
    topID = store.shownID(window(height).lowerBound) ?? topID
  }

  mutating func setFilter(_ text: String, height: Int) {
    store.setFilter(LogFilter(text))
    if isFrozen { topID = store.shownID(window(height).lowerBound) ?? topID }
  }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let inside = surface.box(rect, frame(context), glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard shownEnd > 0 else {
      surface.putWrapped(emptyText(context), in: inside)
      return
    }
    let columns = LogColumns(width: inside.width)
    let window = window(inside.height)
    for (line, position) in window.enumerated() {
      guard let row = store.shownID(position).flatMap({ store.row($0) }) else { continue }
      columns.draw(
        row, type: store.typeName(of: row), after: pause(before: row, at: position), on: &surface,
        in: inside.row(line), context)
      if context.isFocused, position == cursor {
        surface.restyle(inside.row(line)) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) }
      }
    }
  }

  /// Since the last thing that happened; under a filter, since the last thing that is shown.
  private func pause(before row: LogRow, at position: Int) -> Duration? {
    guard !store.filter.isEmpty else { return row.pause }
    guard let before = store.shownID(position - 1).flatMap({ store.row($0) }) else { return nil }
    // A run that goes on beyond this row says nothing about when it paused.
    return row.at - (before.lastAt <= row.at ? before.lastAt : before.at)
  }

  private func frame(_ context: PaneContext) -> Box {
    var box = context.frame(.log)
    if !store.filter.isEmpty {
      box.leading.append(BorderLabel(StyledText("filter: \(store.filter.text)", .modifier), priority: 3))
      let text = "\(Figures.grouped(store.shownCount)) of \(Figures.grouped(store.rows.count))"
      box.trailing.append(BorderLabel(StyledText(text, .modifier), priority: 2))
    } else if store.nextID > 0 {
      box.trailing.append(BorderLabel(StyledText(Figures.count(store.rows.count, "row"), .dim), priority: 1))
    }
    if isFrozen {
      let news = newCount > 0 ? "  +\(Figures.grouped(newCount)) new" : ""
      box.leading.append(BorderLabel(StyledText("frozen\(news)", .modifier, .bold), priority: 4))
    }
    if store.firstID > 0 {
      let text = "\(Figures.grouped(store.firstID)) older rows forgotten"
      box.trailingLegend.append(BorderLabel(StyledText(text, .dim)))
    }
    return box
  }

  private func emptyText(_ context: PaneContext) -> StyledText {
    guard !store.filter.isEmpty else {
      return StyledText("No message yet. Everything that goes over the wire is listed here.", .dim)
    }
    var text = StyledText("No row matches ", .dim)
    text += StyledText(store.filter.text, .modifier)
    text += StyledText(". Press ", .dim) + StyledText("/", .hotkey)
    text += StyledText(" to change the filter, ", .dim) + StyledText("Esc", .hotkey)
    return text + StyledText(" to lift it.", .dim)
  }
}
