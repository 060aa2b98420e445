import Audio
import Insight
import Screen

// How the agent's audio arrives and is played, in figures: for a pane with room.
extension AgentPane {
  /// Rows of the figures, with a gap before them.
  static let figureRows = 6

  /// - Parameter rect: `figureRows` high; what does not fit is left out from below.
  static func drawFigures(_ insight: Insight, on surface: inout Surface, in rect: Rect, _ glyphs: GlyphSet) {
    let delivery = insight.delivery
    var y = rect.y + 1
    func next() -> Rect {
      defer { y += 1 }
      return Rect(x: rect.x, y: y, width: rect.width, height: 1).intersection(rect)
    }
    func lead(_ name: String) -> StyledText { StyledText(name.padded(to: 9), .dim) }

    var flow = FigureFlow()
    flow.add("underruns", .underruns, of: insight, isBad: true)
    flow.add("dry", .dry, of: insight, isBad: true)
    flow.add("concealed", .concealed, of: insight, isBad: true)
    let late = "\(Figure.lateChunks.text(in: insight)) of \(Figure.chunks.text(in: insight))"
    flow.add("late", late, "chunks", delivery.lateChunks > 0 ? .warning : .text)
    surface.put(flow.line(width: rect.width, lead: lead("playout")), in: next())

    flow = FigureFlow()
    flow.add("jitter", .jitter, of: insight)
    if let factor = delivery.burst.factor { flow.add("burst", "\(FigureText(factor, .ratio))", "real time") }
    if delivery.highestBurst != nil { flow.add("highest", "\(Figure.burstMax.text(in: insight))") }
    if let coding = Insight.coding(delivery.wire, insight.downlinkSaving) {
      flow.add("wire", .downlinkWireRate, of: insight)
      flow.add("", coding)
    }
    surface.put(flow.line(width: rect.width, lead: lead("arrival")), in: next())

    flow = FigureFlow()
    if let source = delivery.sourceRate, let output = delivery.outputRate, let ratio = delivery.resamplingRatio {
      flow.add("", "\(Figures.grouped(source)) → \(Figures.grouped(output))", "Hz ×\(Figures.fixed(ratio, 3))")
    }
    if delivery.serverClock.ppm != nil { flow.add("server", .serverClock, of: insight, unit: "ppm slow") }
    if delivery.speakerDriftPPM != nil { flow.add("speaker", .speakerClock, of: insight) }
    if flow.isEmpty { flow.add(StyledText("not known yet", .dim)) }
    surface.put(flow.line(width: rect.width, lead: lead("clocks")), in: next())
    drawHistogram(delivery.deviations, on: &surface, next(), next(), glyphs)
  }

  /// How far arrivals were from the sender's pace: a bar a class, its upper end below it.
  private static func drawHistogram(
    _ counts: DelayCounts, on surface: inout Surface, _ bars: Rect, _ labels: Rect, _ glyphs: GlyphSet
  ) {
    guard !bars.isEmpty else { return }
    surface.put(StyledText("off pace", .dim), in: bars)
    surface.put(StyledText("up to ms", .dim), in: labels)
    let cell = 5
    let most = max(1, counts.counts.max() ?? 1)
    for (i, count) in counts.counts.enumerated() {
      let x = bars.x + 9 + i * cell
      guard x + cell <= bars.right else { return }
      let area = Rect(x: x + 1, y: bars.y, width: cell - 2, height: 1)
      let share = count == 0 ? 0 : Double(count) / Double(most)
      if count > 0 {
        Sparkline.draw(
          Array(repeating: share, count: area.width), on: &surface, in: area, glyphs: glyphs,
          style: Style(i >= 6 ? .warning : .agent))
      }
      let bound = i < DelayCounts.bounds.count ? Figures.fixed(DelayCounts.bounds[i], 0) : "more"
      surface.put(StyledText(bound, .dim), in: Rect(x: x, y: labels.y, width: cell, height: labels.height), .centre)
    }
  }
}
