import Insight
import Screen
import Timeline

// The strip on top: what everybody asks, never hidden, and in one place everything that is not as usual.
extension Console {
  func drawStrip(on surface: inout Surface, in rect: Rect) {
    let link = insight.link
    var box = Box()
    box.leading = [BorderLabel(StyledText(options.title, .title, .bold), priority: .max)]
    let (state, style) = linkState
    box.leading.append(BorderLabel(StyledText([Span("● \(state)", style)]), priority: 90))
    if let source = shownSourceText {
      box.leading.append(BorderLabel(StyledText(source, .modifier), priority: 85))
    }
    if let start = insight.start {
      box.leading.append(BorderLabel(StyledText(insight.source?.url ?? start.url, .server), priority: 40))
      let dialect = (insight.source?.dialect ?? start.dialect) + (link.subprotocol.map { " (\($0))" } ?? "")
      box.leading.append(BorderLabel(StyledText(dialect, .dim), priority: 20))
    }
    if let id = link.sessionID, !id.isEmpty {
      box.leading.append(BorderLabel(StyledText(Truncation.middle(id, to: 12), .dim), priority: 10))
    }
    let server = ServerFacts(insight)
    for (i, fact) in server.inUse.enumerated() {
      let text = StyledText("\(fact.short) ", .dim) + StyledText(fact.name, .server)
      box.leading.append(BorderLabel(text, priority: 18 - i))
    }
    if let turn = insight.turns.last {
      box.leading.append(BorderLabel(StyledText("turn \(turn.number)", .text), priority: 50))
    }
    box.leading.append(BorderLabel(StyledText(Figures.elapsed(now - .zero), .text), priority: 60))
    if let rtt = link.rttMs {
      box.leading.append(BorderLabel(StyledText("rtt \(Figures.milliseconds(rtt)) ms", .text), priority: 30))
    }
    box.trailing = badges(server)
    surface.box(rect, box, glyphs: options.glyphs)
  }

  /// Everything that is held, muted, filtered or broken on purpose, in one place; and how much was found.
  private func badges(_ server: ServerFacts) -> [BorderLabel] {
    var badges: [BorderLabel] = []
    func add(_ text: String, _ role: Role) {
      badges.append(BorderLabel(StyledText(text, role, .bold), priority: 80))
    }
    if let standing = insight.capture, ended == nil {
      switch standing {
      case .recording: add("● rec", .modifier)
      case .failing: add("rec failing", .error)
      }
      if let lost = notKept { add(lost, .error) }
    }
    if let missing = server.badge { add(missing, .warning) }
    if let delay { add("\(Figures.fixed(delay.milliseconds / 1000, 1)) s behind", .warning) }
    for fault in insight.faults.values.sorted(by: { $0.name.rawValue < $1.name.rawValue }) {
      let length = fault.durationMs.map { " \(Figures.milliseconds($0 / 1000)) s" } ?? ""
      add("fault: \(fault.name)\(length)", .fault)
    }
    if insight.gate.muted { add("muted", .modifier) }
    if insight.gate.pausedByServer { add("paused by server", .server) }
    if insight.gate.mode != .gate {
      add(insight.gate.mode == .ptt && insight.gate.talking ? "ptt: talking" : insight.gate.mode.rawValue, .modifier)
    }
    let found = FindingsPane.countsText(findings.counts, isLong: false)
    if !found.isEmpty {
      let name = StyledText("\(options.glyphs.hotkey(Pane.findings.digit))", .hotkey) + StyledText("found ", .dim)
      badges.append(BorderLabel(name + found, priority: 70))
    }
    if log.isFrozen { add("frozen", .modifier) }
    if !log.store.filter.isEmpty { add("filter", .modifier) }
    if isZoomed { add("zoom", .modifier) }
    if let badge = port.badge { add(badge, .operator) }
    if let behindText { badges.append(BorderLabel(StyledText("live \(behindText)", .operator, .bold), priority: 95)) }
    return badges
  }

  /// What the capture has lost, as its queues tell; nil when it has all.
  private var notKept: String? {
    func dropped(_ name: QueueName) -> Int { insight.queues.first { $0.name == name }?.dropped ?? 0 }
    let entries = dropped(.capture)
    if entries > 0 { return "not kept \(Figures.grouped(entries))" }
    return dropped(.captureSound) > 0 ? "sound not kept" : nil
  }

  private var linkState: (String, Style) {
    if let ended { return ("ended", Style(ended.orderly ? .dim : .error)) }
    switch insight.link.state {
    case nil: return ("starting", Style(.dim))
    case .connecting: return ("connecting", Style(.warning))
    case .open: return shownCard.needsReady ? ("no ready yet", Style(.warning)) : ("live", Style(.good, .bold))
    case .ready: return ("live", Style(.good, .bold))
    case .closing: return ("closing", Style(.warning))
    case .closed, .failed: return ("lost", Style(.error, .bold))
    case .waiting: return ("reconnecting", Style(.warning, .bold))
    case .gaveUp: return ("gave up", Style(.error, .bold))
    }
  }
}
