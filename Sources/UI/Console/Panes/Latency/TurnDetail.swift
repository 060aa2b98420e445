import Insight
import Screen
import Timeline

/// One turn, a row a stage, each where it happened on one scale, with what the server claims of it; then where its audio
/// went, and how it was cut.
///
///     turn 7  12:04:09  812 ms  "tell me a story"                       ✂ cut
///     endpoint ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇                                512
///     final                      ▇                                 6   stt 480 by moonshine ! 518 measured
///     text                        ▇                               21   llm 18 by llama3.2
///     audio                        ▇▇                             36   tts 12 by joe ! 36 measured
///     sound                          ▇                            40
///     end                             ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ 1 204
///     heard 1.2 s of 3.4 s received, 2.2 s thrown away  cut after 3 of 27 words, at "once"
///     key → sent 1 → acknowledged 9 → last stale audio 12 → playout empty 22 → silent 60 ms
struct TurnDetail {
  /// Head, six stages, ledger, barge-in.
  static let rows = 9
  private static let nameColumns = 9
  private static let figureColumns = 8
  /// What the server claims has as many columns as it needs, within these, and half of the row at most.
  private static let claimColumns = 24...48

  private let turn: Turn
  private let context: PaneContext

  init(_ turn: Turn, _ context: PaneContext) { (self.turn, self.context) = (turn, context) }

  func draw(on surface: inout Surface, in rect: Rect) {
    guard !rect.isEmpty else { return }
    drawHead(on: &surface, in: rect.row(0))
    let stages = turn.waterfall
    let hasClaims = turn.claims != nil && rect.width >= 70
    let claims = turn.claimedStages.map { text($0).columns }.max() ?? 0
    let claimColumns = min(claims, rect.width / 2).clamped(to: Self.claimColumns)
    // Up to the first sound: what is spoken then would leave no room for what was waited for.
    let scale = TurnBar.scale(TurnBar.total(turn, context.now))
    var passed = 0.0
    for (i, stage) in stages.enumerated() where i < 6 {
      let parts = Layout.columns(
        rect.row(1 + i),
        [
          .fixed(Self.nameColumns), .flexible(), .fixed(Self.figureColumns),
          .fixed(hasClaims ? claimColumns + 2 : 0),
        ])
      let ms = stage.duration.milliseconds
      let kind = TurnStage(rawValue: stage.name)
      let style = Style(kind?.role ?? .agent, kind == nil ? .dim : [])
      surface.put(StyledText(stage.name, style), in: parts[0])
      drawBar(from: passed, lasting: ms, scale: scale, style, kind?.letter, on: &surface, in: parts[1])
      surface.put(StyledText(Figures.milliseconds(ms), .text), in: parts[2], .right)
      if hasClaims, let claim = claim(stage.name) {
        surface.put(text(claim), in: Rect(x: parts[3].x + 2, y: parts[3].y, width: parts[3].width - 2, height: 1))
      }
      passed += ms
    }
    surface.put(ledger(rect.width), in: rect.row(7))
    if let text = bargeIn(rect.width) { surface.put(text, in: rect.row(8)) }
  }

  private func drawHead(on surface: inout Surface, in rect: Rect) {
    var text = StyledText("turn \(turn.number)", .title, .bold)
    if let begin = turn.begin { text += StyledText("  \(context.clock.time(begin))", .dim) }
    if let wait = turn.responseTime {
      text += StyledText("  \(Figures.milliseconds(wait.milliseconds)) ms", .text, .bold)
    }
    if turn.endIsServers { text += StyledText("  from the server's word of the end", .warning) }
    if let line = context.insight.transcript.last(where: { $0.speaker == .user && $0.turn == turn.number }) {
      text += StyledText("  \(Truncation.tail(line.text, to: 160))", .user)
    }
    var used = 0
    if let mark = TurnMark(turn) {
      let note = StyledText("\(mark.rawValue) \(mark.meaning)", mark.role)
      used = surface.put(note, in: rect, .right) + 2
    }
    surface.put(text, in: Rect(x: rect.x, y: rect.y, width: rect.width - used, height: 1))
  }

  /// A bar that begins where the stage before it ended; a stage of less than a cell is still to be seen.
  private func drawBar(
    from start: Double, lasting ms: Double, scale: Double, _ style: Style, _ letter: Unicode.Scalar?,
    on surface: inout Surface, in rect: Rect
  ) {
    guard rect.width > 0, scale > 0, start < scale else { return }
    let x = Int(start / scale * Double(rect.width))
    let end = min(rect.width, Int(((start + ms) / scale * Double(rect.width)).rounded()))
    let bar = Rect(x: rect.x + min(x, rect.width - 1), y: rect.y, width: max(1, end - x), height: 1)
    let scalar: Unicode.Scalar = ms <= 0 ? "▏" : context.barGlyphs == .ascii ? letter ?? "#" : "▇"
    surface.fill(bar.intersection(rect), scalar, style)
    if start + ms > scale { surface.fill(Rect(x: rect.right - 1, y: rect.y, width: 1, height: 1), "▶", style) }
  }

  private func text(_ claim: ClaimedStage) -> StyledText {
    LatencyFigures.text(claim, of: turn, named: ["stt", "llm", "tts"])
  }

  private func claim(_ stage: String) -> ClaimedStage? {
    let name = ["final": "stt", "text": "llm", "audio": "tts"][stage]
    return turn.claimedStages.first { $0.name == name }
  }

  private func ledger(_ width: Int) -> StyledText {
    let ledger = turn.ledger
    var flow = FigureFlow()
    func seconds(_ ms: Double) -> String { "\(Figures.fixed(ms / 1000, 1)) s" }
    if ledger.receivedMs > 0 {
      flow.add(
        StyledText("heard ", .dim) + StyledText(seconds(ledger.playedMs), .agent) + StyledText(" of ", .dim)
          + StyledText(seconds(ledger.receivedMs), .text) + StyledText(" received", .dim))
      if ledger.queuedMs > 0 { flow.add("waiting", seconds(ledger.queuedMs)) }
      if ledger.discardedMs > 0 { flow.add("thrown away", seconds(ledger.discardedMs), "", .warning) }
    }
    if let cut = context.insight.transcript.last(where: { $0.speaker == .agent && $0.turn == turn.number })?.cut {
      let place = cut.word.map { ", at \"\(Truncation.tail($0, to: 20))\"" } ?? ""
      flow.add(StyledText("cut after \(cut.heardWords) of \(Figures.count(cut.wordCount, "word"))\(place)", .warning))
    }
    return flow.line(width: width)
  }

  /// `key → sent 1 → acknowledged 9 → last stale audio 12 → playout empty 22 → silent 60 ms`
  private func bargeIn(_ width: Int) -> StyledText? {
    guard let bargeIn = context.insight.bargeIns.all.last(where: { $0.turn == turn.number }) else { return nil }
    var text = StyledText("barge-in ", .dim) + StyledText(bargeIn.trigger.rawValue, .operator)
    let moments: [(String, Timestamp?)] = [
      ("sent", bargeIn.interruptSent), ("acknowledged", bargeIn.acknowledged), ("last stale", bargeIn.lastStaleAudio),
      ("empty", bargeIn.playoutEmpty), ("silent", bargeIn.lastSound),
    ]
    let known = moments.compactMap { name, at in at.map { (name, $0) } }.sorted { $0.1 < $1.1 }
    for (name, at) in known {
      text += StyledText(" → ", .dim) + StyledText("\(name) ", .dim)
      text += StyledText(Figures.milliseconds(max(0, (at - bargeIn.onset).milliseconds)), .text)
    }
    text += StyledText(" ms", .dim)
    switch bargeIn.verdict {
    case .genuine: break
    case .tooShort: text += StyledText("  too short to be one", .warning)
    case .echo: text += StyledText("  the agent's own echo", .warning)
    }
    return text.truncated(to: width)
  }
}
