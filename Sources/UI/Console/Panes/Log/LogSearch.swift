import Filter
import Timeline

/// A search among the shown rows: to the next row that passes, and the one before. Unlike a filter it hides nothing.
struct LogSearch: Sendable {
  /// A walk that has not come to its end. Long walks go on from slice to slice.
  struct Walk: Sendable, Equatable {
    /// +1 to newer rows, -1 to older ones.
    var step: Int
    /// The row looked at last.
    var at: Int
    var examined = 0
    var hasWrapped = false
  }
  /// How a walk ended.
  enum Outcome: Sendable, Equatable {
    case found(Int, hasWrapped: Bool)
    case nothing
  }

  let filter: Filter
  private(set) var highlights: FilterHighlights
  private var matcher: FilterMatcher
  private(set) var walk: Walk?

  init(_ filter: Filter, _ context: FilterContext) {
    self.filter = filter
    highlights = FilterHighlights(filter)
    matcher = FilterMatcher(filter, context)
  }

  /// Starts from a row, which is itself looked at last.
  mutating func start(_ step: Int, from id: Int) { walk = Walk(step: step, at: id) }

  mutating func stop() { walk = nil }

  /// Goes on, for as much work as the budget allows.
  /// - Parameter end: the number of rows that are shown; a freeze keeps newer ones back.
  /// - Returns: how the walk ended; nil when there is none, or it has not.
  mutating func advance(in store: LogStore, end: Int, budget: Int) -> Outcome? {
    guard var walk else { return nil }
    var left = budget
    var position = store.shownPosition(of: walk.at)
    while left > 0 {
      // Where the row itself is gone, the position is already that of the next.
      let isHere = store.shownID(position) == walk.at
      position += walk.step > 0 ? (isHere ? 1 : 0) : -1
      if position >= end { (position, walk.hasWrapped) = (0, true) }
      if position < 0 { (position, walk.hasWrapped) = (end - 1, true) }
      guard walk.examined < end, let id = store.shownID(position) else {
        self.walk = nil
        return .nothing
      }
      walk.at = id
      walk.examined += 1
      let before = matcher.work
      if store.passes(id, matcher: &matcher) {
        self.walk = nil
        return .found(id, hasWrapped: walk.hasWrapped)
      }
      left -= 48 + matcher.work - before
    }
    self.walk = walk
    return nil
  }
}
