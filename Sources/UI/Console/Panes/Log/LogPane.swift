import Filter
import Timeline

/// The protocol log's cursor, freeze, filter, search and mark. Positions count the shown rows from the oldest, ids never
/// change.
struct LogPane: Sendable {
  var store: LogStore
  /// The row under the cursor while the log is frozen; the last one while it follows.
  private(set) var cursorID: Int?
  /// While frozen: the newest row that is shown.
  private(set) var frozenAt: Int?
  private var topID = 0
  /// What `n` and `N` go to.
  var search: LogSearch?
  /// The message that the cursor was sent to, which may be one of many in its row; as an entry's index.
  var pointedEntry: Int?
  /// The row that deltas are counted from, instead of from the row before; with its moment, for rows are forgotten.
  private(set) var mark: (id: Int, at: Timestamp)?

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

  mutating func setFilter(_ filter: Filter, _ context: FilterContext, height: Int) {
    store.setFilter(filter, context)
    keepCursorInSight(height: height)
  }

  private mutating func keepCursorInSight(height: Int) {
    if isFrozen { topID = store.shownID(window(height).lowerBound) ?? topID }
  }

  /// Takes the rows of another moment, and follows them. Filter, search and mark stay.
  mutating func takeReadings(of other: LogPane) {
    var rows = other.store
    rows.takeFilter(of: store)
    store = rows
    search?.stop()
    pointedEntry = nil
    follow()
  }

  // MARK: - Marking

  /// Marks the row under the cursor, or lifts the mark that is there.
  mutating func toggleMark() {
    guard let row = selected else { return }
    mark = mark?.id == row.id ? nil : (row.id, row.at)
  }

  mutating func liftMark() { mark = nil }

  // MARK: - Work in slices

  /// Rows are still to be filtered or searched.
  var hasWork: Bool { store.progress != nil || search?.walk != nil }

  /// Does a slice of it: a millisecond or two, however long the log is.
  /// - Returns: how a search ended, when it did.
  mutating func work(height: Int) -> LogSearch.Outcome? {
    if store.progress != nil {
      store.examine(budget: LogStore.slice)
      keepCursorInSight(height: height)
    }
    // Taken out while it walks: it reads the store that it stands beside.
    guard var walking = search else { return nil }
    search = nil
    let outcome = walking.advance(in: store, end: shownEnd, budget: LogStore.slice)
    search = walking
    if case .found(let id, _)? = outcome { select(store.shownPosition(of: id), height: height) }
    return outcome
  }

  /// Begins the walk to the next (+1) or previous (-1) row that is searched for.
  mutating func startSearch(_ step: Int) {
    guard let cursor, let id = store.shownID(cursor) else { return }
    search?.start(step, from: id)
  }
}
