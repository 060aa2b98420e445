import Insight
import Screen
import Timeline

/// Where the time of each turn went: one stacked bar per turn on a shared scale, the newest on top.
enum LatencyPane {
  private static let numberColumns = 3
  private static let totalColumns = 7
  private static let largestColumns = 12

  static func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let insight = context.insight
    var box = context.frame(.latency)
    if let p50 = insight.latency.p50, let p95 = insight.latency.p95 {
      var text = StyledText("p50 ", .dim)
      text += StyledText("\(Figures.milliseconds(p50))", .text, .bold)
      text += StyledText("  p95 ", .dim)
      text += StyledText("\(Figures.milliseconds(p95)) ms", .text, .bold)
      box.trailing.append(BorderLabel(text))
    }
    let rows = max(0, rect.height - 2)
    let wantsClaims = rows >= 6 && insight.turns.contains { $0.claims != nil }
    let turns = insight.turns.reversed().filter { !bars($0, context.now).isEmpty }.prefix(wantsClaims ? rows - 2 : rows)
    let scale = scale(turns.map { total($0, context.now) }.max() ?? 0)
    if !turns.isEmpty {
      box.legend.append(BorderLabel(legend(context.barGlyphs, isTight: rect.width < 44), priority: 2))
      let marks = marks(turns)
      if !marks.isEmpty { box.trailingLegend.append(BorderLabel(marks, priority: 1)) }
      box.trailingLegend.append(BorderLabel(StyledText("0–\(Figures.milliseconds(scale)) ms", .dim)))
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard !turns.isEmpty else {
      let text = "No turn yet. Measured from the end of your speech to the first sound."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    for (i, turn) in turns.enumerated() {
      draw(turn, scale: scale, on: &surface, in: inside.row(i), context)
    }
    if wantsClaims, let turn = insight.turns.last(where: { $0.claims != nil }) {
      let row = inside.row(inside.height - 1)
      let whole = claims(turn, "turn \(turn.number), says the server: ")
      surface.put(whole.columns <= row.width ? whole : claims(turn, "server: "), in: row)
    }
  }

  private static func draw(
    _ turn: Turn, scale: Double, on surface: inout Surface, in rect: Rect, _ context: PaneContext
  ) {
    let showsLargest = rect.width >= 34
    let parts = Layout.columns(
      rect,
      [
        .fixed(numberColumns), .flexible(), .fixed(totalColumns), .fixed(showsLargest ? largestColumns : 0),
      ])
    let isRunning = turn.firstSound == nil && !turn.isOver
    surface.put(StyledText("\(turn.number)", isRunning ? .title : .dim, isRunning ? .bold : []), in: parts[0])
    let bars = bars(turn, context.now)
    StackedBar.draw(bars.map(\.part), scale: scale, on: &surface, in: parts[1], glyphs: context.barGlyphs)
    drawActs(turn, scale: scale, on: &surface, in: parts[1], context)
    let sum = total(turn, context.now)
    let figure = Figures.milliseconds(sum) + (isRunning ? "…" : "")
    surface.put(StyledText(figure, sum >= 1500 ? .warning : .text, isRunning ? [] : .bold), in: parts[2], .right)
    guard let largest = bars.max(by: { $0.part.amount < $1.part.amount }) else { return }
    var note = StyledText(largest.name, largest.part.style)
    if let mark = Mark(turn) { note = StyledText(mark.rawValue, mark.role) + StyledText(" ") + note }
    surface.put(note, in: Rect(x: parts[3].x + 1, y: rect.y, width: parts[3].width - 1, height: parts[3].height))
  }

  /// What the operator did while the answer was waited for and heard, at its moment after the user's last word.
  private static func drawActs(
    _ turn: Turn, scale: Double, on surface: inout Surface, in bar: Rect, _ context: PaneContext
  ) {
    guard let speechEnd = turn.speechEnd, bar.width > 0 else { return }
    let next = context.insight.turns.first { $0.number == turn.number + 1 }
    for timed in context.insight.acts {
      guard timed.at >= speechEnd, next?.speechEnd.map({ timed.at < $0 }) ?? true else { continue }
      let share = (timed.at - speechEnd).milliseconds / scale
      guard let mark = ActMark(timed.act), share <= 1 else { continue }
      let x = bar.x + min(bar.width - 1, Int(share * Double(bar.width)))
      mark.draw(on: &surface, x: x, in: bar, glyphs: context.glyphs)
    }
  }

  /// What was unusual about a turn.
  private enum Mark: String, CaseIterable {
    case cut = "✂"
    case lost = "✗"
    /// The user spoke while the answer was heard.
    case overlapped = "»"

    init?(_ turn: Turn) {
      switch turn.ending {
      case .interrupted, .bargedIn: self = .cut
      case .connectionLost: self = .lost
      case .completed, nil:
        guard turn.isOverlapped else { return nil }
        self = .overlapped
      }
    }
    var role: Role { self == .lost ? .error : .warning }
    var meaning: String {
      switch self {
      case .cut: "cut"
      case .lost: "lost"
      case .overlapped: "spoken over"
      }
    }
  }

  private static func marks(_ turns: some Sequence<Turn>) -> StyledText {
    let seen = Set(turns.compactMap(Mark.init))
    var text = StyledText()
    for mark in Mark.allCases where seen.contains(mark) {
      if !text.isEmpty { text.append("  ") }
      text += StyledText(mark.rawValue, mark.role) + StyledText(" \(mark.meaning)", .dim)
    }
    return text
  }

  /// A stage of a turn as a piece of its bar; the stage that is still going on is dim and ends now.
  private static func bars(_ turn: Turn, _ now: Timestamp) -> [(name: String, part: StackedBar.Part)] {
    var bars = turn.stages.map { stage in
      let kind = Kind(rawValue: stage.name)
      return (
        stage.name, StackedBar.Part(stage.duration.milliseconds, Style(kind?.role ?? .text), letter: kind?.letter)
      )
    }
    if let speechEnd = turn.speechEnd, turn.firstSound == nil, !turn.isOver, let next = nextStage(turn) {
      let elapsed = (now - speechEnd).milliseconds - bars.reduce(0) { $0 + $1.1.amount }
      bars.append((next.rawValue, StackedBar.Part(max(0, elapsed), Style(next.role, .dim), letter: next.letter)))
    }
    return bars
  }

  private static func total(_ turn: Turn, _ now: Timestamp) -> Double {
    bars(turn, now).reduce(0) { $0 + $1.part.amount }
  }

  private static func nextStage(_ turn: Turn) -> Kind? {
    if turn.firstAudio != nil { return .sound }
    if turn.firstText != nil { return .audio }
    return turn.final != nil ? .text : .endpoint
  }

  /// The shared scale in milliseconds: 500, doubled until the longest bar fits.
  private static func scale(_ longest: Double) -> Double {
    var scale = 500.0
    while scale < longest, scale < 1e9 { scale *= 2 }
    return scale
  }

  /// The stages, named as `Turn.Stage` names them by what they wait for, each in the style of who is waited for.
  private enum Kind: String, CaseIterable {
    case endpoint, text, audio, sound
    var role: Role {
      switch self {
      case .endpoint: .vad
      case .text: .server
      case .audio: .agent
      case .sound: .good
      }
    }
    var letter: Unicode.Scalar { rawValue.unicodeScalars.first! }
  }

  private static func legend(_ glyphs: GlyphSet, isTight: Bool) -> StyledText {
    var text = StyledText()
    for kind in Kind.allCases {
      if !text.isEmpty { text.append(isTight ? " " : "  ") }
      let sample = glyphs == .ascii ? "\(Character(kind.letter)) " : isTight ? "▇" : "▇ "
      text.append("\(sample)\(kind.rawValue)", Style(kind.role))
    }
    return text
  }

  private static func claims(_ turn: Turn, _ heading: String) -> StyledText {
    var text = StyledText(heading, .dim)
    let claims: [(String, Double?)] = [
      ("stt", turn.claims?.sttMs), ("llm", turn.claims?.llmFirstTokenMs), ("tts", turn.claims?.ttsFirstByteMs),
    ]
    for (name, ms) in claims {
      guard let ms else { continue }
      text.append("\(name) ", Style(.dim))
      text.append("\(Figures.milliseconds(ms))  ", Style(.server))
    }
    text.append("ms", Style(.dim))
    return text
  }
}
