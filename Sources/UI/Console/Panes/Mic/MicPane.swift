import Audio
import Insight
import Screen
import Timeline

/// The microphone: waveform, level with peak hold, voice activity against its threshold, and what becomes of the audio.
struct MicPane: Sendable {
  private var trace = AudioTrace()
  private(set) var last: MicFrame?
  private(set) var lastAt = Timestamp.zero
  /// The level shown: rises at once, falls by `fallDB` a second.
  private(set) var levelDB = Level.silenceDB
  /// The highest peak of the last two seconds.
  private(set) var holdDB = Level.silenceDB
  private var holdAt = Timestamp.zero
  /// When there was last something to hear.
  private var heardAt: Timestamp?
  /// Samples at full scale since the start.
  private(set) var clipped = 0

  private static let fallDB = 40.0
  /// Digital silence has no level worth a figure.
  private static let inaudibleDB = -100.0
  private static let holdTime = Duration.seconds(2)
  /// The meters' range in dBFS.
  static let range = -70.0...0.0

  mutating func observe(_ frame: MicFrame, at now: Timestamp) {
    let start = now - .samples(frame.sampleCount, rate: frame.rate)
    trace.add(frame.peaks, from: start, tag: Tag(frame).rawValue)
    let passed = max(0, (now - lastAt).milliseconds / 1000)
    levelDB = max(frame.rmsDB, levelDB - Self.fallDB * passed)
    if frame.peakDB >= holdDB || now - holdAt > Self.holdTime { (holdDB, holdAt) = (frame.peakDB, now) }
    clipped += frame.clipped
    if frame.isSynthetic || frame.isSpeech { heardAt = now }
    (last, lastAt) = (frame, now)
  }

  /// Whether there is something to hear, so that the waveform is worth drawing often.
  func isAudible(at now: Timestamp) -> Bool {
    guard let last, now - lastAt < .milliseconds(500) else { return false }
    return last.isSpeech || levelDB > -50
  }

  /// Typed speech is heard without any microphone: its waveform stays until it has left the pane, more or less.
  private func isTraceShown(at now: Timestamp) -> Bool { heardAt.map { now - $0 < .seconds(6) } ?? false }

  /// How a stretch of the waveform is drawn.
  private enum Tag: UInt8 {
    case sent = 1
    case gated, muted, synthetic
    init(_ frame: MicFrame) {
      switch frame.fate {
      case .sent: self = frame.isSynthetic ? .synthetic : .sent
      case .gated, .held: self = .gated
      case .muted: self = .muted
      }
    }
    var style: Style {
      switch self {
      case .sent: Style(.user)
      case .synthetic: Style(.operator)
      case .gated: Style(.dim)
      case .muted: Style(.modifier, .dim)
      }
    }
  }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let device = context.insight.devices[.mic]
    let missing = device.flatMap { $0.state == .failed || $0.state == .lost ? $0 : nil }
    var box = context.frame(.mic)
    let (state, style) = state(context)
    box.trailing.append(BorderLabel(StyledText([Span(state, style)]), priority: 2))
    let isMissing = missing != nil && !isTraceShown(at: context.now)
    if last != nil, !isMissing, levelDB > Self.inaudibleDB {
      box.trailing.append(BorderLabel(StyledText("\(Figures.decibels(levelDB)) dBFS", .text), priority: 1))
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
    if missing != nil, !context.isReplay,
      let hint = context.keys.hint(.say, in: .panes, glyphs: context.glyphs)
    {
      box.legend.append(BorderLabel(hint + StyledText(": speak by typing", .dim)))
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    if let missing, isMissing {
      drawMissing(missing, on: &surface, in: inside)
      return
    }
    guard last != nil else {
      let text =
        context.isReplay
        ? "No microphone audio so far." : "Waiting for the microphone. Press \(context.call(.say)) to speak by typing."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    let meterRows = inside.height >= 3 ? 2 : inside.height >= 2 ? 1 : 0
    let parts = Layout.rows(inside, [.flexible()] + Array(repeating: .fixed(1), count: meterRows))
    trace.draw(on: &surface, in: parts[0], glyphs: context.glyphs, now: context.now) {
      $0.flatMap(Tag.init)?.style ?? Style(.dim)
    }
    AudioTrace.drawMarks(
      context.insight.acts, on: &surface, in: parts[0], glyphs: context.glyphs, now: context.now)
    if meterRows == 2 { drawLevel(on: &surface, in: parts[1], context.glyphs) }
    if meterRows >= 1 { drawActivity(on: &surface, in: parts[meterRows], context.glyphs) }
  }

  private func drawMissing(_ device: DeviceChange, on surface: inout Surface, in rect: Rect) {
    var text = StyledText("No microphone: ", .warning)
    text += StyledText(device.text, .text)
    if let remedy = device.remedy { text += StyledText(" – \(remedy)", .dim) }
    surface.putWrapped(text, in: rect)
  }

  private func drawLevel(on surface: inout Surface, in rect: Rect, _ glyphs: GlyphSet) {
    surface.put("lvl ", x: rect.x, y: rect.y, width: rect.width, Style(.dim))
    let figure = holdDB > Self.inaudibleDB ? "pk \(Figures.decibels(holdDB))" : ""
    let bar = Rect(x: rect.x + 4, y: rect.y, width: rect.width - 4 - 8, height: 1)
    Meter.draw(
      Self.share(levelDB), on: &surface, in: bar, mark: Self.share(holdDB), glyphs: glyphs, markStyle: Style(.text))
    surface.put(StyledText(figure, .dim), in: Rect(x: bar.right + 1, y: rect.y, width: 7, height: 1), .right)
  }

  private func drawActivity(on surface: inout Surface, in rect: Rect, _ glyphs: GlyphSet) {
    guard let last else { return }
    surface.put("vad ", x: rect.x, y: rect.y, width: rect.width, Style(.dim))
    let bar = Rect(x: rect.x + 4, y: rect.y, width: rect.width - 4 - 8, height: 1)
    Meter.draw(
      Self.share(last.vadLevelDB), on: &surface, in: bar, look: .line, mark: Self.share(last.vadThresholdDB),
      glyphs: glyphs, style: Style(.vad, last.isSpeech ? .bold : []))
    let figure = "thr \(Figures.decibels(last.vadThresholdDB))"
    surface.put(
      StyledText(figure, last.isSpeech ? .vad : .dim), in: Rect(x: bar.right + 1, y: rect.y, width: 7, height: 1),
      .right)
  }

  private static func share(_ level: Double) -> Double {
    (level - range.lowerBound) / (range.upperBound - range.lowerBound)
  }

  /// How far typed words or a sound file have come, as in `hello.wav 1.2 of 3.4 s`.
  private func progress(_ speech: Injection, passed: Duration) -> String {
    let whole = speech.durationMs / 1000
    let done = Figures.fixed(min(whole, passed.milliseconds / 1000), 1)
    let name = speech.source == .say ? "typed words" : Truncation.middle(speech.name, to: 16)
    return "\(speech.isMixed ? "+ " : "")\(name) \(done) of \(Figures.fixed(whole, 1)) s"
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
