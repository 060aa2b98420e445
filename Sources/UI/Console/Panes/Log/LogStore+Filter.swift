import Filter
import Timeline

// Which rows pass. A long log is looked at in slices, the newest rows first: what is on the screen is right at once.
extension LogStore {
  /// Work of one slice, in bytes looked at: a millisecond or two, so that a busy machine, too, draws its frames.
  static let slice = 384 << 10
  /// What a row costs beyond its texts, in the same measure.
  private static let rowCost = 48

  /// How much of the log has been looked at, 0…1; nil when all of it has.
  var progress: Double? {
    guard !filter.isEmpty, unexamined > firstID else { return nil }
    return 1 - Double(unexamined - firstID) / Double(max(1, rows.count))
  }

  /// Looks at more rows, from new to old, until the work is done or the budget spent.
  mutating func examine(budget: Int) {
    guard !filter.isEmpty else { return }
    var left = budget
    while unexamined > firstID, left > 0 {
      unexamined -= 1
      let before = matcher.work
      if passes(unexamined) { matches.prepend(unexamined) }
      left -= Self.rowCost + matcher.work - before
    }
  }

  /// A row that has grown: found by its newest payload, or lost by what was added to it.
  mutating func examineAgain(_ row: LogRow) {
    // Its turn will come.
    guard row.id >= unexamined else { return }
    let position = shownPosition(of: row.id)
    let isShown = position < matches.count && matches[position] == row.id
    // All payloads are looked at only when the row might have to go.
    let isToBeShown = ask(row.id, onlyNewest: true) || (isShown && ask(row.id))
    if isToBeShown, !isShown { matches.insert(row.id, at: position) }
    if !isToBeShown, isShown { matches.remove(at: position) }
  }

  /// Whether a row passes the filter for one of its messages.
  mutating func passes(_ id: Int) -> Bool { ask(id) }

  private mutating func ask(_ id: Int, onlyNewest: Bool = false) -> Bool {
    var asked = matcher
    // Not shared while it learns: a copy of its tables for each row would be dear.
    matcher = Self.idle
    defer { matcher = asked }
    return passes(id, matcher: &asked, onlyNewest: onlyNewest)
  }
  private static let idle = FilterMatcher(.everything, FilterContext(now: .zero))

  /// The same for another matcher than the filter's.
  func passes(_ id: Int, matcher: inout FilterMatcher) -> Bool { passes(id, matcher: &matcher, onlyNewest: false) }

  private func passes(_ id: Int, matcher: inout FilterMatcher, onlyNewest: Bool) -> Bool {
    guard let (record, texts) = rows.raw(id) else { return false }
    func holds(_ payload: [UInt8]?) -> Bool {
      matcher.matches(
        LogSubject(
          record: record, type: nameBytes[Int(record.type)], texts: texts, payload: payload, sources: sources))
    }
    // Audio and what is no message say nothing in words beyond the row's own.
    let hasWords = record.kind != .event && record.run != .audio && !record.isBinary
    guard hasWords else { return holds(nil) }
    if onlyNewest { return holds(payloads.last.flatMap { $0.row == id ? $0.bytes : nil }) }
    let kept = payloads(of: id, from: Timestamp(nanoseconds: record.at), to: Timestamp(nanoseconds: record.lastAt))
    guard !kept.isEmpty else { return holds(nil) }
    return kept.contains { holds($0.bytes) }
  }
}
