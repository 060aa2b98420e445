import Insight
import Screen
import Timeline

/// Every queue on the way with its depth and drops, the console's own included.
struct BuffersPane: Sendable {
  private var histories: [QueueName: DepthHistory] = [:]
  private(set) var report: SelfReport?
  /// Entries that never arrived, counted by the gaps in their numbers.
  private(set) var lostEntries = 0

  mutating func observe(_ queue: QueueDepth, at now: Timestamp) {
    // Names come from the machines, but a recording may hold anything.
    guard histories[queue.name] != nil || histories.count < 16 else { return }
    histories[queue.name, default: DepthHistory()].add(Double(queue.depth), at: now)
  }
  mutating func observe(_ report: SelfReport) { self.report = report }
  /// How the program itself is doing follows from no entry.
  mutating func takeReadings(of other: BuffersPane) { (histories, lostEntries) = (other.histories, other.lostEntries) }
  mutating func lost(_ count: Int) { lostEntries = lostEntries.adding(count) }

  // MARK: - View

  /// One line of the pane.
  private struct Gauge {
    var name: String
    var value: String
    /// The most telling first: what finds no room is left out whole.
    var notes: [Note] = []
    var isBad: Bool { notes.contains(where: \.isBad) }
    var history: DepthHistory?
    var full = 1.0
    var role = Role.server
  }
  private struct Note {
    var text: String
    var isBad = false
  }

  /// - Parameter playout: the playout's depth over time.
  func draw(on surface: inout Surface, in rect: Rect, playout: DepthHistory, _ context: PaneContext) {
    let gauges = gauges(context.insight, playout)
    var box = context.frame(.buffers)
    guard rect.height > 1 else {
      for (i, gauge) in gauges.enumerated() {
        var text = StyledText("\(gauge.name) ", .dim) + StyledText(gauge.value, gauge.isBad ? .warning : .text)
        for note in gauge.notes where note.isBad { text += StyledText(" \(note.text)", .warning) }
        box.leading.append(BorderLabel(text, priority: gauge.isBad ? 100 : 50 - i))
      }
      surface.box(rect, box, glyphs: context.glyphs)
      return
    }
    let whole = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !whole.isEmpty else { return }
    // The queues side by side, and below them what is known of the uplink and the connection.
    let linkRows = LinkFigures.rows(context.insight)
    let listHeight = whole.height >= 12 ? min(gauges.count, max(4, whole.height - linkRows - 1)) : whole.height
    let inside = Rect(x: whole.x, y: whole.y, width: whole.width, height: listHeight)
    if listHeight < whole.height {
      let rest = Rect(
        x: whole.x, y: inside.bottom + 1, width: whole.width, height: whole.height - listHeight - 1)
      LinkFigures.draw(context.insight, on: &surface, in: rest, context)
    }
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
    for note in gauge.notes where text.columns + 2 + CharacterWidth.columns(of: note.text) <= parts[3].width {
      text += StyledText("  \(note.text)", note.isBad ? .warning : .dim)
    }
    surface.put(text, in: parts[3])
  }

  /// The session's own queues.
  private static let queueNames: [QueueName] = [.uplink, .socket]

  private func gauges(_ insight: Insight, _ playout: DepthHistory) -> [Gauge] {
    // The same rows in the same order from the start: a row that comes later would push the others about.
    let names = Self.queueNames + insight.queues.map(\.name).filter { !Self.queueNames.contains($0) }
    var gauges = names.map { name in
      guard let queue = insight.queues.first(where: { $0.name == name }) else {
        return Gauge(name: name.rawValue, value: "empty", notes: [Note(text: "dropped 0")], history: DepthHistory())
      }
      let isBytes = queue.unit == .bytes
      let depth = isBytes ? Figures.bytes(queue.depth) : Figures.grouped(queue.depth)
      let capacity = queue.capacity.map { "/\(isBytes ? Figures.bytes($0) : Figures.grouped($0))" } ?? ""
      return Gauge(
        name: queue.name.rawValue, value: "\(depth)\(capacity)\(isBytes ? "" : " \(queue.unit)")",
        notes: [Note(text: "dropped \(Figures.grouped(queue.dropped))", isBad: queue.dropped > 0)],
        history: histories[queue.name], full: Double(queue.capacity ?? 1),
        role: queue.name == .uplink ? .user : .server)
    }
    gauges.insert(playoutGauge(insight, playout), at: Self.queueNames.count)
    let traffic: [(String, Figure, Figure)] = [
      ("sent", .messagesSent, .bytesSent), ("received", .messagesReceived, .bytesReceived),
    ]
    for (name, messages, bytes) in traffic {
      let count = messages.text(in: insight).number
      gauges.append(
        Gauge(
          name: name, value: "\(count) message\(count == "1" ? "" : "s")",
          notes: [Note(text: "\(bytes.text(in: insight))")]))
    }
    gauges.append(consoleGauge)
    return gauges
  }

  private func playoutGauge(_ insight: Insight, _ history: DepthHistory) -> Gauge {
    let state = insight.playout
    let depth = "\(Figures.milliseconds(state.depthMs.rounded())) of \(Figures.milliseconds(state.targetMs)) ms"
    let underruns = Figure.underruns.text(in: insight)
    var notes = [Note(text: "underruns \(underruns)", isBad: underruns.number != "0")]
    if state.jitterMs != nil { notes.append(Note(text: "jitter \(Figure.jitter.text(in: insight))")) }
    return Gauge(
      name: "playout", value: state.targetMs > 0 ? depth : "empty", notes: notes, history: history,
      full: max(1, state.targetMs * 1.5), role: .agent)
  }

  /// The program itself: a debugger debugs itself, too.
  private var consoleGauge: Gauge {
    let lost = max(lostEntries, report?.droppedEntries ?? 0)
    let dropped = Note(text: "dropped \(Figures.grouped(lost))", isBad: lost > 0)
    guard let report else { return Gauge(name: "console", value: "starting", notes: [dropped]) }
    var notes = [dropped]
    if report.mailboxDepth > 0 { notes.append(Note(text: "waiting \(Figures.grouped(report.mailboxDepth))")) }
    if let cpu = report.cpuPercent { notes.append(Note(text: "cpu \(Figures.fixed(cpu, 1)) %")) }
    notes.append(Note(text: "\(Figures.grouped(report.cellsChanged)) cells"))
    return Gauge(name: "console", value: "frame \(Figures.fixed(report.frameMs, 1)) ms", notes: notes)
  }
}
