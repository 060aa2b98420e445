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
    flow.add("underruns", Figures.grouped(delivery.underruns), "", delivery.underruns > 0 ? .warning : .text)
    flow.add("dry", Figures.milliseconds(delivery.underrunMs), "ms", delivery.underrunMs > 0 ? .warning : .text)
    flow.add("concealed", Figures.milliseconds(delivery.concealedMs), "ms", delivery.concealedMs > 0 ? .warning : .text)
    flow.add(
      "late", "\(Figures.grouped(delivery.lateChunks)) of \(Figures.grouped(delivery.chunks))", "chunks",
      delivery.lateChunks > 0 ? .warning : .text)
    surface.put(flow.line(width: rect.width, lead: lead("playout")), in: next())

    flow = FigureFlow()
    flow.add("jitter", Figures.milliseconds(delivery.jitterMs), "ms")
    if let factor = delivery.burst.factor { flow.add("burst", "\(Figures.fixed(factor, 1))×", "real time") }
    if let highest = delivery.highestBurst { flow.add("highest", "\(Figures.fixed(highest, 1))×") }
    surface.put(flow.line(width: rect.width, lead: lead("arrival")), in: next())

    flow = FigureFlow()
    if let source = delivery.sourceRate, let output = delivery.outputRate, let ratio = delivery.resamplingRatio {
      flow.add("", "\(Figures.grouped(source)) → \(Figures.grouped(output))", "Hz ×\(Figures.fixed(ratio, 3))")
    }
    if let ppm = delivery.serverClock.ppm { flow.add("server", "\(Figures.fixed(ppm, 0))", "ppm slow") }
    if let ppm = delivery.speakerDriftPPM { flow.add("speaker", "\(Figures.fixed(ppm, 0))", "ppm") }
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
