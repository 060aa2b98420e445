import Insight
import Screen
import Timeline

/// How an act of the operator is marked at its moment, in waveforms and in the latency lane: a line in the operator's
/// colour (a fault's for what breaks the connection), with a letter on top that says which act.
struct ActMark: Equatable {
  let letter: Unicode.Scalar
  let role: Role

  /// Nil for what is no doing to the session.
  init?(_ act: OperatorAct) {
    let way = act.argument.prefix { $0 != " " }
    switch act.command {
    case .disconnect: (letter, role) = (Self.disconnecting[String(way)] ?? "d", .fault)
    default:
      guard let letter = Self.letters[act.command] else { return nil }
      (self.letter, role) = (letter, .operator)
    }
  }

  /// By the command's name in its entry. The letters are those of the keys where they have one.
  static let letters: [ActName: Unicode.Scalar] = [
    .interrupt: "i", .config: "c", .text: "w", .send: "e", .say: "s", .toolResult: "o", .play: "P", .listen: "p",
    .hush: "S",
    .mute: "m",
    .gate: "v", .talk: "t", .reconnect: "r", .quit: "q", .moment: "*",
  ]
  /// By the way: close, abort, stall, refuse.
  static let disconnecting: [String: Unicode.Scalar] = ["close": "C", "abort": "A", "stall": "L", "refuse": "R"]

  /// Draws it into a column, the letter in the first row.
  func draw(on surface: inout Surface, x: Int, in rect: Rect, glyphs: GlyphSet) {
    let column = Rect(x: x, y: rect.y, width: 1, height: rect.height).intersection(rect)
    guard !column.isEmpty else { return }
    if rect.height > 1 { surface.fill(column, glyphs == .ascii ? "|" : "│", Style(role)) }
    surface.fill(column.row(0), letter, Style(role, .bold))
  }
}

extension AudioTrace {
  /// Marks what the operator did over a waveform that was drawn by `draw` for the same moment.
  static func drawMarks(
    _ acts: some Sequence<TimedAct>, on surface: inout Surface, in rect: Rect, glyphs: GlyphSet, now: Timestamp
  ) {
    for timed in acts {
      guard let mark = ActMark(timed.act), let x = column(of: timed.at, width: rect.width, now: now) else { continue }
      mark.draw(on: &surface, x: rect.x + x, in: rect, glyphs: glyphs)
    }
  }
}
