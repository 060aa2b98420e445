import Audio
import Insight
import Screen
import Timeline

/// The agent's voice: what is handed to the speaker, and how well the playout buffer holds.
struct AgentPane: Sendable {
  private var trace = AudioTrace()
  private(set) var depth = DepthHistory()
  private var meter = LevelMeter()
  private(set) var last: PlayoutBlock?
  private(set) var lastAt = Timestamp.zero
  /// When there was last something to hear.
  private var heardAt: Timestamp?

  mutating func observe(_ block: PlayoutBlock, at now: Timestamp) {
    // Drawn where it is heard. Blocks are handed over in bursts, but heard one after the other.
    let delay = block.deviceDelayMs.isFinite ? block.deviceDelayMs.clamped(to: 0...10_000) : 0
    let heard = now + .nanoseconds(Int64(delay * 1e6))
    trace.add(block.peaks, from: heard, tag: block.response == nil ? 1 : 2)
    depth.add(block.depthMs, at: now)
    let peak = block.peaks.map { max(abs(Int($0.low)), abs(Int($0.high))) }.max() ?? 0
    let share = Double(peak) / 32_767
    meter.observe(rmsDB: block.rmsDB, peakDB: Decibels.fromPower(share * share), at: now)
    (last, lastAt) = (block, now)
    if block.response != nil { heardAt = now }
  }

  /// An emptied or drained playout has no block of its own to say so.
  mutating func observe(_ change: PlayoutChange, at now: Timestamp) {
    if change.kind == .flushed || change.kind == .finished { depth.add(0, at: now) }
  }

  /// Whether there is something to hear, so that the waveform is worth drawing often.
  func isAudible(at now: Timestamp) -> Bool {
    guard let last, now - lastAt < .milliseconds(500) else { return false }
    return last.response != nil
  }

  /// Whether its level falls by itself, so that it is worth drawing though nothing is heard.
  func isFalling(at now: Timestamp) -> Bool { meter.isFalling(at: now) }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let insight = context.insight
    let playout = insight.playout
    let speaker = insight.devices[.speaker]
    let missing = context.missing(.speaker)
    var box = context.frame(.agent)
    if playout.isPlaying {
      box.trailing.append(BorderLabel(StyledText("playing", .agent, .bold), priority: 2))
    } else if last != nil {
      box.trailing.append(BorderLabel(StyledText("silent", .dim), priority: 2))
    }
    if let format = playout.format {
      box.trailing.append(BorderLabel(StyledText(format, .text), priority: 1))
    }
    if let missing {
      let text = missing.state == .lost ? "speaker lost" : "no speaker"
      box.legend.append(BorderLabel(StyledText(text, .warning), priority: 3))
    } else if let speaker {
      box.legend.append(BorderLabel(StyledText(speaker.name, .dim)))
      box.legend += speaker.troubles
    }
    if last != nil {
      let text = StyledText("underruns \(playout.underruns)", playout.underruns > 0 ? .warning : .dim)
      box.trailingLegend.append(BorderLabel(text, priority: 1))
    }
    if playout.undecodable > 0 {
      let text = "undecodable \(playout.undecodable)"
      box.trailingLegend.append(BorderLabel(StyledText(text, .error), priority: 2))
    }
    drawInside(on: &surface, in: surface.box(rect, box, glyphs: context.glyphs), context)
  }

  /// What moves with the sound: all but the frame and its figures.
  func drawInside(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let inside = rect.inset(1, 0)
    guard !inside.isEmpty else { return }
    let insight = context.insight
    let playout = insight.playout
    let missing = context.missing(.speaker)
    let isTraceShown = heardAt.map { context.now - $0 < .seconds(6) } ?? false
    if let missing, !isTraceShown {
      drawMissing(missing, on: &surface, in: inside)
      return
    }
    guard last != nil || playout.playedMs > 0 else {
      let text =
        !context.powers.contains(.speak)
        ? "The agent has not been heard so far."
        : "Nothing played yet. Speak, or press \(context.call(.say)) and type: the answer is drawn here."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    // What goes first when rows are short: the figures, the graph, the level, the ledger, the depth; the waveform has what
    // is left.
    let height = inside.height
    let graphHeight = height >= 24 ? 5 : height >= 14 ? 3 : height >= 9 ? 2 : 0
    let parts = Layout.rows(
      inside,
      [
        .flexible(), .fixed(height >= 5 ? 1 : 0), .fixed(graphHeight), .fixed(height >= 2 ? 1 : 0),
        .fixed(height >= 3 ? 1 : 0), .fixed(height >= 16 ? Self.figureRows : 0),
      ])
    trace.draw(on: &surface, in: parts[0], glyphs: context.glyphs, now: context.now) { tag in
      Style(tag == 2 ? .agent : .dim)
    }
    AudioTrace.drawMarks(insight.acts, on: &surface, in: parts[0], glyphs: context.glyphs, now: context.now)
    if !parts[1].isEmpty {
      let columns = inside.width >= 44 ? 17 : 8
      let row = LevelMeter.Row(parts[1], figureColumns: columns)
      meter.settled(at: context.now).draw(on: &surface, in: row, context.glyphs)
    }
    if !parts[2].isEmpty {
      PlayoutGraph.draw(
        insight.delivery.depths, on: &surface, in: parts[2], now: context.now, glyphs: context.glyphs)
    }
    let hasGraph = !parts[2].isEmpty
    if !parts[3].isEmpty { drawDepth(on: &surface, in: parts[3], playout, hasChart: !hasGraph, context) }
    if !parts[4].isEmpty { drawLedger(on: &surface, in: parts[4], insight, isHeard: missing == nil) }
    if !parts[5].isEmpty { Self.drawFigures(insight, on: &surface, in: parts[5], context.glyphs) }
  }

  private func drawMissing(_ device: DeviceChange, on surface: inout Surface, in rect: Rect) {
    var text = StyledText(device.state == .lost ? "Speaker lost: " : "No speaker: ", .warning)
    text += StyledText(device.text, .text)
    if let remedy = device.remedy { text += StyledText(" – \(remedy)", .dim) }
    surface.putWrapped(text, in: rect)
  }

  private func drawDepth(
    on surface: inout Surface, in rect: Rect, _ playout: PlayoutState, hasChart: Bool, _ context: PaneContext
  ) {
    var text = StyledText("playout ", .dim)
    text += StyledText("\(Figures.milliseconds(playout.depthMs)) ms", .text)
    text += StyledText("  target \(Figures.milliseconds(playout.targetMs))", .dim)
    let width = min(12, rect.width - text.columns - 2)
    surface.put(text, in: Rect(x: rect.x, y: rect.y, width: rect.width - max(0, width), height: 1))
    guard width >= 4, hasChart else { return }
    let chart = Rect(x: rect.right - width, y: rect.y, width: width, height: 1)
    Sparkline.draw(
      depth.shares(width, full: max(1, playout.targetMs * 1.5), until: context.now), on: &surface, in: chart,
      glyphs: context.glyphs,
      style: Style(.agent))
  }

  private func drawLedger(on surface: inout Surface, in rect: Rect, _ insight: Insight, isHeard: Bool) {
    var text = StyledText(isHeard ? "heard " : "played ", .dim)
    text += StyledText("\(Figure.played.text(in: insight))", .text)
    if insight.playout.discardedMs > 0 {
      text += StyledText("  cut ", .dim)
      text += StyledText("\(Figure.discarded.text(in: insight))", .warning)
    }
    if insight.playout.jitterMs != nil {
      let more = StyledText("  jitter ", .dim) + StyledText("\(Figure.jitter.text(in: insight))", .text)
      if text.columns + more.columns <= rect.width { text += more }
    }
    surface.put(text, in: rect)
  }
}
