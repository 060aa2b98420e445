import Audio
import Insight
import Screen
import Timeline

/// The microphone: waveform, level with peak hold, voice activity against its threshold, and what becomes of the audio.
struct MicPane: Sendable {
  private var trace = AudioTrace()
  private(set) var last: MicFrame?
  private(set) var lastAt = Timestamp.zero
  private(set) var meter = LevelMeter()
  /// When the measure was last above its threshold: what is called speech after that is hangover.
  private var voicedAt: Timestamp?
  /// When there was last something to hear.
  private var heardAt: Timestamp?
  /// Samples at full scale since the start.
  private(set) var clipped = 0

  mutating func observe(_ frame: MicFrame, at now: Timestamp) {
    let start = now - .samples(frame.sampleCount, rate: frame.rate)
    if frame.isVoiced { voicedAt = now }
    trace.add(frame.peaks, from: start, tag: MicTag(frame).rawValue)
    meter.observe(rmsDB: frame.rmsDB, peakDB: frame.peakDB, at: now)
    clipped = clipped.adding(frame.clipped)
    if frame.isSynthetic || frame.isSpeech { heardAt = now }
    (last, lastAt) = (frame, now)
  }

  /// Whether there is something to hear, so that the waveform is worth drawing often.
  func isAudible(at now: Timestamp) -> Bool {
    guard let last, now - lastAt < .milliseconds(500) else { return false }
    return last.isSpeech || meter.levelDB > -50
  }

  /// Typed speech is heard without any microphone: its waveform stays until it has left the pane, more or less.
  private func isTraceShown(at now: Timestamp) -> Bool { heardAt.map { now - $0 < .seconds(6) } ?? false }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let device = context.insight.devices[.mic]
    let missing = context.missing(.mic)
    var box = context.frame(.mic)
    let (state, style) = state(context)
    box.trailing.append(BorderLabel(StyledText([Span(state, style)]), priority: 2))
    let isMissing = missing != nil && !isTraceShown(at: context.now)
    if last != nil, !isMissing, meter.levelDB > LevelMeter.inaudibleDB {
      box.trailing.append(BorderLabel(StyledText("\(Figures.decibels(meter.levelDB)) dBFS", .text), priority: 1))
    }
    if let device, missing == nil {
      box.legend.append(BorderLabel(StyledText(device.name, .dim)))
      box.legend += device.troubles
    }
    if let echo = context.insight.echo {
      let text = echo.phase == .learning ? "echo: learning" : "echo \(Figures.decibels(-echo.erleDB)) dB"
      box.trailingLegend.append(BorderLabel(StyledText(text, .dim)))
    }
    if clipped > 0 {
      box.trailingLegend.append(BorderLabel(StyledText("clipped \(Figures.grouped(clipped))", .error), priority: 2))
    }
    if missing != nil, context.powers.contains(.speak),
      let hint = context.keys.hint(.say, in: .panes, glyphs: context.glyphs)
    {
      box.legend.append(BorderLabel(hint + StyledText(": speak by typing", .dim)))
    }
    drawInside(on: &surface, in: surface.box(rect, box, glyphs: context.glyphs), context)
  }

  /// What moves with the sound: all but the frame and its figures.
  func drawInside(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let inside = rect.inset(1, 0)
    guard !inside.isEmpty else { return }
    if let missing = context.missing(.mic), !isTraceShown(at: context.now) {
      drawMissing(missing, on: &surface, in: inside)
      return
    }
    guard last != nil else {
      let text =
        !context.powers.contains(.speak)
        ? "No microphone audio so far." : "Waiting for the microphone. Press \(context.call(.say)) to speak by typing."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    drawMeters(on: &surface, in: inside, context)
  }

  /// What goes first when rows are short: the lane of decisions, the scale, the level; the waveform has what is left.
  private func drawMeters(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let height = rect.height
    let parts = Layout.rows(
      rect,
      [
        .flexible(), .fixed(height >= 7 ? 1 : 0), .fixed(height >= 3 ? 1 : 0), .fixed(height >= 2 ? 1 : 0),
        .fixed(height >= 5 ? 1 : 0),
      ])
    // A frame's audio is up to 20 ms old when it comes, and takes some time to be looked at: where the newest columns
    // are still being filled, they would flicker.
    let now = context.now - .milliseconds(40)
    trace.draw(on: &surface, in: parts[0], glyphs: context.glyphs, now: now) {
      $0.map { MicTag(rawValue: $0).style } ?? Style(.dim)
    }
    AudioTrace.drawMarks(context.insight.acts, on: &surface, in: parts[0], glyphs: context.glyphs, now: now)
    trace.drawLane(on: &surface, in: parts[1], now: now) { MicTag(rawValue: $0).mark }
    let columns = rect.width >= 44 ? 17 : 8
    if !parts[2].isEmpty {
      meter.draw(on: &surface, in: LevelMeter.Row(parts[2], figureColumns: columns), context.glyphs)
    }
    if !parts[3].isEmpty {
      drawActivity(on: &surface, in: LevelMeter.Row(parts[3], figureColumns: columns), context.glyphs)
    }
    if !parts[4].isEmpty { LevelMeter.drawScale(on: &surface, in: LevelMeter.Row(parts[4], figureColumns: columns)) }
  }

  private func drawMissing(_ device: DeviceChange, on surface: inout Surface, in rect: Rect) {
    var text = StyledText("No microphone: ", .warning)
    text += StyledText(device.text, .text)
    if let remedy = device.remedy { text += StyledText(" – \(remedy)", .dim) }
    surface.putWrapped(text, in: rect)
  }

  /// The detector's energy or the speech model's probability against its threshold, and what was decided. A probability is
  /// told in figures as well: its bar runs from 0 to 1, beside a scale of levels.
  private func drawActivity(on surface: inout Surface, in row: LevelMeter.Row, _ glyphs: GlyphSet) {
    guard let last else { return }
    surface.put(StyledText("vad", .dim), in: row.name)
    let share: (measure: Double, threshold: Double)
    let threshold: StyledText
    var value: StyledText?
    switch last.measure {
    case .energy(let levelDB, let thresholdDB):
      share = (LevelMeter.share(levelDB), LevelMeter.share(thresholdDB))
      threshold = StyledText("thr \(Figures.decibels(thresholdDB))", .dim)
    case .probability(let probability):
      share = (Double(probability.value), Double(probability.threshold))
      threshold = StyledText("thr \(Figures.fixed(share.threshold, 2))", .dim)
      value = StyledText(Figures.fixed(share.measure, 2), .text)
    }
    var row = row
    if let value, row.bar.width >= 16 {
      surface.put(value, in: Rect(x: row.bar.x, y: row.bar.y, width: 4, height: 1))
      row.cutBar(5)
    }
    Meter.draw(
      share.measure, on: &surface, in: row.bar, look: .line, mark: share.threshold, glyphs: glyphs,
      style: Style(.vad, last.isSpeech ? .bold : []))
    guard row.figure.width >= 14 else {
      return _ = surface.put(decision ?? threshold, in: row.figure, .right)
    }
    surface.put(threshold, in: row.figure)
    surface.put(decision ?? StyledText("silence", .dim), in: row.figure, .right)
  }

  /// `speech`, or for how many milliseconds nothing was heard of it while the hangover lasts; nil for silence.
  private var decision: StyledText? {
    guard let last, last.isSpeech else { return nil }
    guard !last.isVoiced, let voicedAt else { return StyledText("speech", .vad, .bold) }
    return StyledText("hang \(Figures.milliseconds((lastAt - voicedAt).milliseconds.rounded()))", .vad)
  }

  /// How far typed words or a sound file have come, as in `hello.wav 1.2/3.4 s`.
  private func progress(_ speech: Injection, passed: Duration) -> String {
    let whole = speech.durationMs / 1000
    let done = Figures.fixed(min(whole, passed.milliseconds / 1000), 1)
    let name = speech.source == .say ? "typed words" : Truncation.middle(speech.name, to: 12)
    return "\(speech.isMixed ? "+ " : "")\(name) \(done)/\(Figures.fixed(whole, 1)) s"
  }

  /// One word for what the microphone is doing, in the style of what causes it.
  private func state(_ context: PaneContext) -> (String, Style) {
    let gate = context.insight.gate
    if gate.muted { return ("muted", Style(.modifier, .bold)) }
    if gate.pausedByServer { return ("paused by server", Style(.server)) }
    if let (speech, since) = context.insight.injection, context.now >= since {
      return (progress(speech, passed: context.now - since), Style(.operator, .bold))
    }
    if let last, last.isSynthetic { return ("speaking typed words", Style(.operator, .bold)) }
    if let device = context.insight.devices[.mic] {
      if device.state == .lost { return ("lost", Style(.error)) }
      if device.state == .failed { return ("no device", Style(.warning)) }
      if device.state == .ended { return ("ended", Style(.dim)) }
    }
    if gate.mode == .ptt { return gate.talking ? ("talking", Style(.vad, .bold)) : ("ptt", Style(.modifier)) }
    guard let last else { return ("", .plain) }
    if last.isSpeech { return ("speaking", Style(.vad, .bold)) }
    if context.insight.echo?.isHolding == true { return ("held: agent speaks", Style(.modifier)) }
    switch last.fate {
    case .held: return ("held: not connected", Style(.warning))
    case .gated: return ("gated", Style(.dim))
    case .sent: return (gate.mode == .open ? "open" : "sending", Style(.dim))
    case .muted: return ("muted", Style(.modifier))
    }
  }
}
