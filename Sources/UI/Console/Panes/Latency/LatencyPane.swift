import DequeModule
import Insight
import Screen
import Timeline

/// Where the time of each turn went: one stacked bar per turn on a shared scale, the newest on top, and what all of them
/// come to. Where there is room, the turn under the cursor stage by stage.
///
///     7 ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▅▅▅▅          812 ✂ endpoint
///     6 ▇▇▇▇▇▇▇▇▇▇▇▇▇▇                  604 endpoint
///     session 7  p50 604  p90 812  p95 812  p99 812 ms  worst 812 #7 endpoint
///     barge-in 2  stop p50 206 ms  last 212 ms by key
struct LatencyPane: Sendable {
  /// The turn under the cursor; nil for the newest, whichever that is.
  private(set) var chosen: Int?
  /// The first turn that is shown, counted from the newest.
  private var offset = 0

  /// Where the turns stand that have something to show, the newest first. Indexes, as each frame asks for them.
  static func shown(_ insight: Insight) -> [Int] {
    insight.turns.indices.reversed().filter { i in
      let turn = insight.turns[i]
      guard turn.speechEnd != nil else { return false }
      return !turn.isOver || turn.final != nil || turn.isAnswered || turn.firstSound != nil
    }
  }

  /// The turn under the cursor.
  func turn(in insight: Insight) -> Turn? {
    let shown = Self.shown(insight)
    return shown.isEmpty ? nil : insight.turns[shown[cursor(in: shown, insight)]]
  }

  /// The number of the turn on top; nil without turns.
  func newest(in insight: Insight) -> Int? { Self.shown(insight).first.map { insight.turns[$0].number } }

  private func cursor(in shown: [Int], _ insight: Insight) -> Int {
    chosen.flatMap { number in shown.firstIndex { insight.turns[$0].number == number } } ?? 0
  }

  /// Down, to older turns, when positive; the ends for `.min` and `.max`.
  mutating func move(by rows: Int, in insight: Insight, inside: Size) {
    let shown = Self.shown(insight)
    guard !shown.isEmpty else { return }
    let next =
      rows == .min
      ? 0
      : rows == .max ? shown.count - 1 : (cursor(in: shown, insight) + rows).clamped(to: 0...shown.count - 1)
    choose(insight.turns[shown[next]].number, in: insight, inside: inside)
  }

  /// - Parameter number: a turn's; the newest is followed from then on.
  mutating func choose(_ number: Int, in insight: Insight, inside: Size) {
    chosen = number == newest(in: insight) ? nil : number
    let shown = Self.shown(insight)
    let at = cursor(in: shown, insight)
    let count = Plan(insight, shown: shown.count, inside).turnCount
    offset = min(max(offset, at - count + 1), at).clamped(to: 0...max(0, shown.count - count))
  }

  /// The turn whose bar stands in a row of the inside.
  func turn(atRow row: Int, in insight: Insight, inside: Size) -> Turn? {
    let shown = Self.shown(insight)
    let plan = Plan(insight, shown: shown.count, inside)
    let visible = visible(shown, plan)
    guard row >= 0, row < plan.barRows, row / plan.rowsPerTurn < visible.count else { return nil }
    return insight.turns[visible[row / plan.rowsPerTurn]]
  }

  private func visible(_ shown: [Int], _ plan: Plan) -> [Int] {
    let first = chosen == nil ? 0 : offset.clamped(to: 0...max(0, shown.count - plan.turnCount))
    return Array(shown[first...].prefix(plan.turnCount))
  }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let insight = context.insight
    let inside = Size(width: rect.width - 4, height: rect.height - 2)
    let shown = Self.shown(insight)
    let plan = Plan(insight, shown: shown.count, inside)
    let turns = visible(shown, plan).map { insight.turns[$0] }
    let scale = TurnBar.scale(turns.map { TurnBar.total($0, context.now) }.max() ?? 0)
    let box = frame(turns, scale: scale, isTight: rect.width < 54, context)
    let area = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !area.isEmpty else { return }
    guard !turns.isEmpty else {
      let isHeard = context.insight.vantage == .ear
      let end = isHeard ? "sound" : "audio on the wire"
      let text = "No turn yet. Measured from the end of \(isHeard ? "your" : "the user's") speech to the first \(end)."
      surface.putWrapped(StyledText(text, .dim), in: area)
      return
    }
    let cursor = insight.turns[shown[cursor(in: shown, insight)]]
    for (i, turn) in turns.enumerated() {
      let rows = Rect(x: area.x, y: area.y + i * plan.rowsPerTurn, width: area.width, height: plan.rowsPerTurn)
      TurnBar(turn, scale: scale, context).draw(on: &surface, in: rows.intersection(area))
      if context.isFocused, turn.number == cursor.number {
        surface.select(rows.row(0).intersection(area))
      }
    }
    let rest = Rect(
      x: area.x, y: area.y + plan.barRows, width: area.width, height: max(0, area.height - plan.barRows))
    drawRest(plan, cursor, on: &surface, in: rest, context)
  }

  private func frame(_ turns: [Turn], scale: Double, isTight: Bool, _ context: PaneContext) -> Box {
    var box = context.frame(.latency)
    if context.insight.latency.count > 0 {
      var text = StyledText("p50 ", .dim)
      text += StyledText(Figure.responseTimeP50.text(in: context.insight).number, .text, .bold)
      text += StyledText("  p95 ", .dim)
      text += StyledText("\(Figure.responseTimeP95.text(in: context.insight))", .text, .bold)
      if context.insight.vantage == .wire { text += StyledText("  at the wire", .modifier) }
      box.trailing.append(BorderLabel(text))
    }
    guard !turns.isEmpty else { return box }
    box.legend.append(BorderLabel(TurnStage.legend(context.barGlyphs, isTight: isTight), priority: 2))
    let marks = TurnMark.legend(turns)
    if !marks.isEmpty { box.trailingLegend.append(BorderLabel(marks, priority: 1)) }
    box.trailingLegend.append(BorderLabel(StyledText("0–\(Figures.milliseconds(scale)) ms", .dim)))
    return box
  }

  private func drawRest(_ plan: Plan, _ turn: Turn, on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    var y = rect.y
    func next(_ count: Int) -> Rect {
      defer { y += count }
      return Rect(x: rect.x, y: y, width: rect.width, height: count).intersection(rect)
    }
    if plan.detailRows > 0 {
      _ = next(1)
      TurnDetail(turn, context).draw(on: &surface, in: next(plan.detailRows - 1))
    }
    if plan.hasGap { _ = next(1) }
    let summary = LatencyFigures(context.insight, width: rect.width)
    if plan.hasPercentiles {
      surface.put(summary.session, in: next(1))
      surface.put(summary.window, in: next(1))
    }
    if plan.hasClaims, let claimed = turn.claims == nil ? context.insight.turns.last(where: { $0.claims != nil }) : turn
    {
      surface.put(LatencyFigures.claims(claimed, width: rect.width), in: next(1))
    }
    if plan.hasBargeIns { surface.put(summary.bargeIns, in: next(1)) }
  }
}

extension LatencyPane {
  /// What finds room in a pane of some size, beside the bars.
  struct Plan: Equatable {
    private(set) var rowsPerTurn = 1
    /// Turns whose bars are shown at most.
    private(set) var turnCount = 0
    private(set) var detailRows = 0
    private(set) var hasGap = false
    private(set) var hasPercentiles = false
    private(set) var hasClaims = false
    private(set) var hasBargeIns = false

    var barRows: Int { turnCount * rowsPerTurn }

    /// - Parameter shown: how many turns there are to show.
    init(_ insight: Insight, shown: Int, _ inside: Size) {
      let hasClaimed = insight.turns.contains { $0.claims != nil }
      let bargeIns = insight.bargeIns
      var free = max(0, inside.height)
      // In the order in which they are given room; the bars keep three rows before any of them.
      func take(_ rows: Int, leaving: Int, _ isWanted: Bool) -> Bool {
        guard isWanted, free - rows >= min(max(shown, 1), leaving) else { return false }
        free -= rows
        return true
      }
      hasBargeIns = take(1, leaving: 3, !bargeIns.all.isEmpty || bargeIns.ignored > 0)
      let hasDetail = take(TurnDetail.rows + 1, leaving: 6, shown > 0 && inside.width >= 40)
      if hasDetail { detailRows = TurnDetail.rows + 1 }
      // The detail has them beside its stages.
      hasClaims = !hasDetail && take(1, leaving: 3, hasClaimed)
      hasPercentiles = take(2, leaving: 4, insight.latency.count > 0 || !insight.latency.excluded.isEmpty)
      hasGap = take(1, leaving: 5, hasBargeIns || hasClaims || hasPercentiles)
      // The server's account of each turn in a row of its own, while there is room for it.
      if hasClaimed, hasDetail, free >= shown * 2 { rowsPerTurn = 2 }
      turnCount = free / rowsPerTurn
      // What follows stands right below the last bar.
      turnCount = min(turnCount, max(1, shown))
    }
  }
}
