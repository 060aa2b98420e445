import Insight
import Screen
import Timeline

/// Every queue on the way with its depth and drops, the console's own included.
struct BuffersPane: Sendable {
  private var histories: [String: DepthHistory] = [:]
  private(set) var report: SelfReport?
  /// Entries that never arrived, counted by the gaps in their numbers.
  private(set) var lostEntries = 0

  mutating func observe(_ queue: QueueDepth, at now: Timestamp) {
    // Names come from the machines, but a recording may hold anything.
    guard histories[queue.name] != nil || histories.count < 16 else { return }
    histories[queue.name, default: DepthHistory()].add(Double(queue.depth), at: now)
  }
  mutating func observe(_ report: SelfReport) { self.report = report }
  mutating func lost(_ count: Int) { lostEntries += count }

  // MARK: - View

  /// One line of the pane.
  private struct Gauge {
    var name: String
    var value: String
    var note = ""
    var isBad = false
    var history: DepthHistory?
    var full = 1.0
    var role = Role.server
  }

  /// - Parameter playout: the playout's depth over time.
  func draw(on surface: inout Surface, in rect: Rect, playout: DepthHistory, _ context: PaneContext) {
    let gauges = gauges(context.insight, playout)
    var box = context.frame(.buffers)
    guard rect.height > 1 else {
      for (i, gauge) in gauges.enumerated() {
        var text = StyledText("\(gauge.name) ", .dim) + StyledText(gauge.value, gauge.isBad ? .warning : .text)
        if gauge.isBad { text += StyledText(" \(gauge.note)", .warning) }
        box.leading.append(BorderLabel(text, priority: gauge.isBad ? 100 : 50 - i))
      }
      surface.box(rect, box, glyphs: context.glyphs)
      return
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    // As few columns as the height allows, so that each is wide enough for its chart.
    let columnCount = min(max(1, inside.width / 30), (gauges.count + inside.height - 1) / inside.height)
    let columns = Layout.columns(inside, Array(repeating: .flexible(), count: max(1, columnCount)), spacing: 3)
    for (i, gauge) in gauges.enumerated() where i / inside.height < columns.count {
      draw(gauge, on: &surface, in: columns[i / inside.height].row(i % inside.height), context)
    }
  }

  private func draw(_ gauge: Gauge, on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let hasChart = gauge.history != nil && rect.width >= 44
    let parts = Layout.columns(rect, [.fixed(9), .fixed(hasChart ? 12 : 0), .fixed(hasChart ? 1 : 0), .flexible()])
    surface.put(StyledText(gauge.name, .dim), in: parts[0])
    if hasChart, let history = gauge.history {
      let shares = history.shares(parts[1].width, full: gauge.full, until: context.now)
      Sparkline.draw(shares, on: &surface, in: parts[1], glyphs: context.glyphs, style: Style(gauge.role))
    }
    var text = StyledText(gauge.value, .text)
    if !gauge.note.isEmpty { text += StyledText("  \(gauge.note)", gauge.isBad ? .warning : .dim) }
    surface.put(text, in: parts[3])
  }

  /// The session's own queues.
  private static let queueNames = ["uplink", "socket"]

  private func gauges(_ insight: Insight, _ playout: DepthHistory) -> [Gauge] {
    // The same rows in the same order from the start: a row that comes later would push the others about.
    let names = Self.queueNames + insight.queues.map(\.name).filter { !Self.queueNames.contains($0) }
    var gauges = names.map { name in
      guard let queue = insight.queues.first(where: { $0.name == name }) else {
        return Gauge(name: name, value: "empty", note: "dropped 0", history: DepthHistory())
      }
      let isBytes = queue.unit == "bytes"
      let depth = isBytes ? Figures.bytes(queue.depth) : Figures.grouped(queue.depth)
      let capacity = queue.capacity.map { "/\(isBytes ? Figures.bytes($0) : Figures.grouped($0))" } ?? ""
      return Gauge(
        name: queue.name, value: "\(depth)\(capacity)\(isBytes ? "" : " \(queue.unit)")",
        note: "dropped \(Figures.grouped(queue.dropped))", isBad: queue.dropped > 0, history: histories[queue.name],
        full: Double(queue.capacity ?? 1), role: queue.name == "uplink" ? .user : .server)
    }
    let state = insight.playout
    let depth = "\(Figures.milliseconds(state.depthMs.rounded())) of \(Figures.milliseconds(state.targetMs)) ms"
    gauges.insert(
      Gauge(
        name: "playout", value: state.targetMs > 0 ? depth : "empty", note: "underruns \(state.underruns)",
        isBad: state.underruns > 0, history: playout, full: max(1, state.targetMs * 1.5), role: .agent),
      at: Self.queueNames.count)
    gauges.append(
      Gauge(
        name: "sent", value: "\(Figures.grouped(insight.sent.messages)) msgs", note: Figures.bytes(insight.sent.bytes)))
    gauges.append(
      Gauge(
        name: "received", value: "\(Figures.grouped(insight.received.messages)) msgs",
        note: Figures.bytes(insight.received.bytes)))
    let lost = max(lostEntries, report?.droppedEntries ?? 0)
    var console = Gauge(name: "console", value: "dropped \(Figures.grouped(lost))", isBad: lost > 0)
    if let report {
      console.value = "frame \(Figures.fixed(report.frameMs, 1)) ms"
      var notes = ["\(Figures.grouped(report.cellsChanged)) cells", "dropped \(Figures.grouped(lost))"]
      if report.mailboxDepth > 0 { notes.append("waiting \(report.mailboxDepth)") }
      if let cpu = report.cpuPercent { notes.append("cpu \(Figures.fixed(cpu, 1)) %") }
      console.note = notes.joined(separator: "  ")
    }
    gauges.append(console)
    return gauges
  }
}
