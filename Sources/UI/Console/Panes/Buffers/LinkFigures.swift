import Insight
import Screen
import Timeline

/// How the user's audio gets away and how the connection holds, in figures: for a pane with room.
enum LinkFigures {
  /// Rows with their heads and the gap between them.
  static let rows = 7

  static func draw(_ insight: Insight, on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    var y = rect.y
    func put(_ lead: String, _ flow: FigureFlow) {
      guard !flow.isEmpty, y < rect.bottom else { return }
      let area = Rect(x: rect.x, y: y, width: rect.width, height: rect.bottom - y)
      y += flow.draw(on: &surface, in: area, lead: StyledText(lead.padded(to: 11), .dim))
    }
    put("uplink", uplink(insight.uplink))
    put("", wire(insight.uplink, context.now))
    y += 1
    put("connection", connection(insight))
    put("connect", connect(insight.connection))
    put("outages", outages(insight.connection, context))
  }

  private static func uplink(_ uplink: UplinkFigures) -> FigureFlow {
    var flow = FigureFlow()
    if let p50 = uplink.waits.p50, let p95 = uplink.waits.p95 {
      flow.add("captured → sent p50", Figures.milliseconds(p50))
      flow.add("p95", Figures.milliseconds(p95), "ms")
    }
    flow.add("waiting", "\(Figures.grouped(uplink.depth))", "most \(Figures.grouped(uplink.highestDepth))")
    flow.add("dropped", Figures.grouped(uplink.dropped), "", uplink.dropped > 0 ? .warning : .text)
    flow.add("backlog", Figures.bytes(uplink.backlogBytes), "most \(Figures.bytes(uplink.highestBacklogBytes))")
    return flow
  }

  private static func wire(_ uplink: UplinkFigures, _ now: Timestamp) -> FigureFlow {
    var flow = FigureFlow()
    flow.add("", Figures.bytes(Int(uplink.bytesPerSecond(at: now).clamped(to: 0...1e12))), "/s")
    if let factor = uplink.realTimeFactor {
      flow.add("", "\(Figures.fixed(factor, 2))×", "real time", abs(factor - 1) > 0.1 ? .warning : .text)
    }
    flow.add(
      "sent", "\(Figures.fixed(uplink.sentMs / 1000, 1)) s",
      "of it silence \(Figures.fixed(uplink.silentMs / 1000, 1)) s")
    let gaps = uplink.sequenceGaps
    flow.add(
      "sequence gaps", Figures.grouped(gaps), gaps > 0 ? "\(Figures.grouped(uplink.missingChunks)) missing" : "",
      gaps > 0 ? .warning : .text)
    return flow
  }

  private static func connection(_ insight: Insight) -> FigureFlow {
    let figures = insight.connection
    var flow = FigureFlow()
    if let p50 = figures.roundTrips.p50, let p95 = figures.roundTrips.p95 {
      flow.add("round trip p50", Figures.milliseconds(p50))
      flow.add("p95", Figures.milliseconds(p95), "ms of \(Figures.count(figures.roundTrips.count, "ping"))")
    } else {
      flow.add(StyledText("no ping was answered yet", .dim))
    }
    flow.add("missed pongs", Figures.grouped(figures.missedPongs), "", figures.missedPongs > 0 ? .warning : .text)
    if let subprotocol = insight.link.subprotocol { flow.add("subprotocol", subprotocol) }
    return flow
  }

  /// `dns 0  tcp 0.2  tls –  upgrade 1.4  ready 2.0 ms`, in the order in which they passed.
  private static func connect(_ figures: ConnectionFigures) -> FigureFlow {
    var flow = FigureFlow()
    for stage in figures.stages { flow.add(stage.name.rawValue, Figures.milliseconds(stage.ms)) }
    if !flow.isEmpty { flow.add(StyledText("ms", .dim)) }
    if figures.connectTimes.count > 1, let p50 = figures.connectTimes.p50, let most = figures.connectTimes.maximum {
      flow.add("of \(figures.connectTimes.count) connections p50", Figures.milliseconds(p50))
      flow.add("longest", Figures.milliseconds(most), "ms")
    }
    return flow
  }

  private static func outages(_ figures: ConnectionFigures, _ context: PaneContext) -> FigureFlow {
    var flow = FigureFlow()
    guard let last = figures.outages.last else {
      flow.add(StyledText("none", .dim))
      return flow
    }
    flow.add("", Figures.grouped(figures.outages.count), "", .warning)
    let code = last.code.map { " with \($0)" } ?? ""
    let back = last.recovery.map { "back after \(Figures.fixed($0.milliseconds / 1000, 1)) s" } ?? "not back yet"
    flow.add("last \(context.clock.seconds(last.lostAt))\(code)", back)
    if last.lostMs > 0 { flow.add("speech lost", "\(Figures.fixed(last.lostMs / 1000, 1)) s", "", .warning) }
    if let p50 = figures.recoveryTimes.p50, let p95 = figures.recoveryTimes.p95, figures.recoveryTimes.count > 1 {
      flow.add("recovery p50", Figures.milliseconds(p50))
      flow.add("p95", Figures.milliseconds(p95), "ms")
    }
    return flow
  }
}
