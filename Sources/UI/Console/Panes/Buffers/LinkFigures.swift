import Insight
import Screen
import Timeline

/// How the user's audio gets away and how the connection holds, in figures: for a pane with room.
enum LinkFigures {
  /// Rows with their heads and the gap between them.
  static func rows(_ insight: Insight) -> Int { ServerFacts(insight).isEmpty ? 7 : 8 }

  static func draw(_ insight: Insight, on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    var y = rect.y
    func put(_ lead: String, _ flow: FigureFlow) {
      guard !flow.isEmpty, y < rect.bottom else { return }
      let area = Rect(x: rect.x, y: y, width: rect.width, height: rect.bottom - y)
      y += flow.draw(on: &surface, in: area, lead: StyledText(lead.padded(to: 11), .dim))
    }
    put("uplink", uplink(insight))
    put("", wire(insight, context.now))
    y += 1
    put("connection", connection(insight))
    put("connect", connect(insight))
    put("outages", outages(insight, context))
    put("server", ServerFacts(insight).flow)
  }

  private static func uplink(_ insight: Insight) -> FigureFlow {
    let uplink = insight.uplink
    var flow = FigureFlow()
    if uplink.waits.count > 0 {
      flow.add("captured → sent p50", .uplinkWaitP50, of: insight, unit: "")
      flow.add("p95", .uplinkWaitP95, of: insight)
    }
    flow.add("waiting", "\(Figures.grouped(uplink.depth))", "most \(Figure.uplinkDepthMax.text(in: insight))")
    flow.add("dropped", .uplinkDropped, of: insight, isBad: true)
    flow.add("backlog", Figures.bytes(uplink.backlogBytes), "most \(Figure.uplinkBacklogMax.text(in: insight))")
    return flow
  }

  private static func wire(_ insight: Insight, _ now: Timestamp) -> FigureFlow {
    let uplink = insight.uplink
    var flow = FigureFlow()
    flow.add("", Figures.bytes(Int(uplink.bytesPerSecond(at: now).clamped(to: 0...1e12))), "/s")
    if let coding = Insight.coding(uplink.wire, insight.uplinkSaving) { flow.add("", coding) }
    if let factor = uplink.realTimeFactor {
      flow.add("", "\(Figures.fixed(factor, 2))×", "real time", abs(factor - 1) > 0.1 ? .warning : .text)
    }
    flow.add(
      "sent", "\(Figure.uplinkSent.text(in: insight))", "of it silence \(Figure.uplinkSilence.text(in: insight))")
    let missing = uplink.sequenceGaps > 0 ? "\(Figure.sequenceMissing.text(in: insight)) missing" : ""
    flow.add("sequence gaps", .sequenceGaps, of: insight, unit: missing, isBad: true)
    return flow
  }

  private static func connection(_ insight: Insight) -> FigureFlow {
    let pongs = insight.connection.roundTrips.count
    var flow = FigureFlow()
    if pongs > 0 {
      flow.add("round trip p50", .roundTripP50, of: insight, unit: "")
      flow.add("p95", .roundTripP95, of: insight, unit: "ms of \(Figures.count(pongs, "ping"))")
    } else {
      flow.add(StyledText("no ping was answered yet", .dim))
    }
    flow.add("missed pongs", .missedPongs, of: insight, isBad: true)
    if let subprotocol = insight.link.subprotocol { flow.add("subprotocol", subprotocol) }
    return flow
  }

  /// `dns 0  tcp 0.2  tls –  upgrade 1.4  ready 2.0 ms`, in the order in which they passed.
  private static func connect(_ insight: Insight) -> FigureFlow {
    let figures = insight.connection
    var flow = FigureFlow()
    for stage in figures.stages { flow.add(stage.name.rawValue, Figures.milliseconds(stage.ms)) }
    if !flow.isEmpty { flow.add(StyledText("ms", .dim)) }
    if figures.connectTimes.count > 1 {
      flow.add("of \(figures.connectTimes.count) connections p50", .connectTimeP50, of: insight, unit: "")
      flow.add("longest", .connectTimeMax, of: insight)
    }
    return flow
  }

  private static func outages(_ insight: Insight, _ context: PaneContext) -> FigureFlow {
    let figures = insight.connection
    var flow = FigureFlow()
    guard let last = figures.outages.last else {
      flow.add(StyledText("none", .dim))
      return flow
    }
    flow.add("", .outages, of: insight, isBad: true)
    let code = last.code.map { " with \($0)" } ?? ""
    let back = last.recovery.map { "back after \(Figures.fixed($0.milliseconds / 1000, 1)) s" } ?? "not back yet"
    flow.add("last \(context.clock.seconds(last.lostAt))\(code)", back)
    if last.lostMs > 0 { flow.add("speech lost", "\(Figures.fixed(last.lostMs / 1000, 1)) s", "", .warning) }
    if figures.recoveryTimes.count > 1 {
      flow.add("recovery p50", .recoveryTimeP50, of: insight, unit: "")
      flow.add("p95", .recoveryTimeP95, of: insight)
    }
    return flow
  }
}
