import Insight
import Screen
import Timeline

/// A stage of a turn, named as `Turn.Stage` names it by what it waits for, in the style of who is waited for.
enum TurnStage: String, CaseIterable {
  case endpoint, final, text, audio, sound

  var role: Role {
    switch self {
    case .endpoint: .vad
    case .final: .user
    case .text: .server
    case .audio: .agent
    case .sound: .good
    }
  }
  var letter: Unicode.Scalar { rawValue.unicodeScalars.first! }

  /// What a turn waits for now.
  init(awaitedBy turn: Turn) {
    self =
      turn.firstAudio != nil
      ? .sound
      : turn.firstText != nil ? .audio : turn.final != nil ? .text : turn.endpointed != nil ? .final : .endpoint
  }

  static func legend(_ glyphs: GlyphSet, isTight: Bool) -> StyledText {
    var text = StyledText()
    for stage in allCases {
      if !text.isEmpty { text.append(isTight ? " " : "  ") }
      let sample = glyphs == .ascii ? "\(Character(stage.letter)) " : isTight ? "▇" : "▇ "
      text.append("\(sample)\(stage.rawValue)", Style(stage.role))
    }
    return text
  }
}

/// What was unusual about a turn, so that its time is kept apart from the others'.
enum TurnMark: String, CaseIterable {
  case cut = "✂"
  case lost = "✗"
  /// The user spoke while the answer was heard.
  case overlapped = "»"
  /// An answer to speech that was never transcribed.
  case noFinal = "?"

  init?(_ turn: Turn) {
    switch turn.ending {
    case .interrupted, .bargedIn: self = .cut
    case .connectionLost: self = .lost
    case .completed, nil:
      if turn.isOverlapped { self = .overlapped } else if turn.lacksFinal { self = .noFinal } else { return nil }
    }
  }
  var role: Role { self == .lost ? .error : .warning }
  var meaning: String {
    switch self {
    case .cut: "cut"
    case .lost: "lost"
    case .overlapped: "spoken over"
    case .noFinal: "no final"
    }
  }

  static func legend(_ turns: some Sequence<Turn>) -> StyledText {
    let seen = Set(turns.compactMap(TurnMark.init))
    var text = StyledText()
    for mark in allCases where seen.contains(mark) {
      if !text.isEmpty { text.append("  ") }
      text += StyledText(mark.rawValue, mark.role) + StyledText(" \(mark.meaning)", .dim)
    }
    return text
  }
}

/// A turn's row: its number, its bar, its sum, and the largest part of it; below, if there is a second row, what the server
/// claims.
struct TurnBar {
  private static let numberColumns = 3
  private static let totalColumns = 7
  private static let largestColumns = 12

  private let turn: Turn
  private let scale: Double
  private let context: PaneContext

  init(_ turn: Turn, scale: Double, _ context: PaneContext) {
    (self.turn, self.scale, self.context) = (turn, scale, context)
  }

  func draw(on surface: inout Surface, in rect: Rect) {
    guard !rect.isEmpty else { return }
    let hasLargest = rect.width >= 34
    let parts = Layout.columns(
      rect,
      [
        .fixed(Self.numberColumns), .flexible(), .fixed(Self.totalColumns),
        .fixed(hasLargest ? Self.largestColumns : 0),
      ]
    )
    let isRunning = turn.firstSound == nil && !turn.isOver
    surface.put(StyledText("\(turn.number)", isRunning ? .title : .dim, isRunning ? .bold : []), in: parts[0])
    let bars = Self.bars(turn, context.now)
    StackedBar.draw(bars.map(\.part), scale: scale, on: &surface, in: parts[1], glyphs: context.barGlyphs)
    drawActs(on: &surface, in: parts[1].row(0))
    let sum = bars.reduce(0) { $0 + $1.part.amount }
    let figure = Figures.milliseconds(sum) + (isRunning ? "…" : "")
    surface.put(StyledText(figure, sum >= 1500 ? .warning : .text, isRunning ? [] : .bold), in: parts[2], .right)
    if let largest = bars.max(by: { $0.part.amount < $1.part.amount }) {
      var note = StyledText(largest.stage.rawValue, Style(largest.stage.role))
      if let mark = TurnMark(turn) { note = StyledText(mark.rawValue, mark.role) + StyledText(" ") + note }
      surface.put(note, in: Rect(x: parts[3].x + 1, y: rect.y, width: parts[3].width - 1, height: parts[3].height))
    }
    if rect.height > 1 { drawClaims(on: &surface, parts.map { $0.row(1) }) }
  }

  /// The server's account on the same scale: `stt` covers endpointing and final, as the server sees them.
  private func drawClaims(on surface: inout Surface, _ cells: [Rect]) {
    let claims = turn.claimedStages
    guard !claims.isEmpty else { return }
    let bars = claims.map { claim in
      let stage: TurnStage = claim.name == "stt" ? .final : claim.name == "llm" ? .text : .audio
      return StackedBar.Part(claim.claimedMs, Style(stage.role, .dim), letter: stage.letter)
    }
    StackedBar.draw(bars, scale: scale, on: &surface, in: cells[1], glyphs: context.barGlyphs)
    surface.put(
      StyledText(Figures.milliseconds(claims.reduce(0) { $0 + $1.claimedMs }), .server), in: cells[2], .right)
    let isDisputed = claims.contains(where: \.isDisputed)
    let note = isDisputed ? StyledText("! claimed", .warning) : StyledText("claimed", .dim)
    surface.put(note, in: Rect(x: cells[3].x + 1, y: cells[3].y, width: cells[3].width - 1, height: 1))
  }

  /// What the operator did while the answer was waited for and heard, at its moment after the user's last word.
  private func drawActs(on surface: inout Surface, in bar: Rect) {
    guard let speechEnd = turn.speechEnd, bar.width > 0 else { return }
    let next = context.insight.turn(turn.number + 1)
    for timed in context.insight.acts {
      guard timed.at >= speechEnd, next?.speechEnd.map({ timed.at < $0 }) ?? true else { continue }
      let share = (timed.at - speechEnd).milliseconds / scale
      guard let mark = ActMark(timed.act), share <= 1 else { continue }
      let x = bar.x + min(bar.width - 1, Int(share * Double(bar.width)))
      mark.draw(on: &surface, x: x, in: bar, glyphs: context.glyphs)
    }
  }

  /// The wait's stages as pieces of the bar; the stage that is still going on is dim and ends now.
  static func bars(_ turn: Turn, _ now: Timestamp) -> [(stage: TurnStage, part: StackedBar.Part)] {
    var bars = turn.waterfall.compactMap { stage in
      TurnStage(rawValue: stage.name).map { kind in
        (kind, StackedBar.Part(stage.duration.milliseconds, Style(kind.role), letter: kind.letter))
      }
    }
    if let speechEnd = turn.speechEnd, turn.firstSound == nil, !turn.isOver {
      let next = TurnStage(awaitedBy: turn)
      let elapsed = (now - speechEnd).milliseconds - bars.reduce(0) { $0 + $1.1.amount }
      bars.append((next, StackedBar.Part(max(0, elapsed), Style(next.role, .dim), letter: next.letter)))
    }
    return bars
  }

  static func total(_ turn: Turn, _ now: Timestamp) -> Double { bars(turn, now).reduce(0) { $0 + $1.part.amount } }

  /// The shared scale in milliseconds: 500, doubled until the longest bar fits.
  static func scale(_ longest: Double) -> Double {
    var scale = 500.0
    while scale < longest, scale < 1e9 { scale *= 2 }
    return scale
  }
}
