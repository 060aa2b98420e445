import Insight
import Screen
import Timeline

/// What was said, both sides, wrapped, with scrollback.
struct TranscriptPane: Sendable {
  /// Rows below the last one shown; 0 while the end is followed.
  private(set) var offset = 0
  /// While scrolled back: lines that began later are not shown, so that the text stands still.
  private(set) var heldAt: Timestamp?

  private static let labelColumns = 7
  private static let timeColumns = 10
  /// From this height on each turn has an empty row before it.
  private static let airyHeight = 12
  /// More of one line is not shown: nobody reads it, and wrapping it would hold up every frame.
  private static let lineLimit = 4_000

  // MARK: - Scrolling

  /// Scrolls by `rows`, up when positive. `size` is that of the pane's inside.
  mutating func scroll(_ rows: Int, _ lines: some BidirectionalCollection<TranscriptLine>, inside size: Size) {
    if heldAt == nil {
      guard rows > 0, let last = lines.last else { return }
      heldAt = last.at
    }
    // Counting every row costs as much as drawing them all, once per key.
    var height = 0
    for line in lines where line.at <= heldAt! { height += rowsOf(line, in: size, clock: nil).count }
    // Spelled so that a jump by Int.max cannot overflow.
    let reach = max(0, height - size.height)
    offset = rows >= reach ? reach : (offset + rows).clamped(to: 0...reach)
    if offset == 0 { follow() }
  }

  mutating func follow() { (offset, heldAt) = (0, nil) }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    var box = context.frame(.transcript)
    let all = context.insight.transcript
    if let heldAt {
      let later = all.reversed().prefix { $0.at > heldAt }.count
      let news = later > 0 ? "  +\(Figures.grouped(later)) new" : ""
      box.leading.append(BorderLabel(StyledText("scrolled, End follows\(news)", .modifier), priority: 1))
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard !all.isEmpty else {
      surface.putWrapped(Self.emptyText(context), in: inside)
      return
    }
    var rows: [StyledText] = []
    let wanted = offset + inside.height
    for line in all.reversed() where heldAt.map({ line.at <= $0 }) ?? true {
      rows.append(
        contentsOf: rowsOf(
          line, in: Size(width: inside.width, height: inside.height), clock: context.clock,
          shareHeard: context.insight.shareHeard(of: line)
        ).reversed())
      if rows.count >= wanted { break }
    }
    let start = min(offset, max(0, rows.count - inside.height))
    // The empty row before the very first line would only be a gap under the frame.
    let shown = rows[start...].prefix(inside.height).reversed().drop(while: \.isEmpty)
    for (i, row) in shown.enumerated() { surface.put(row, in: inside.row(i)) }
  }

  /// The whole transcript as plain text, for copying.
  static func text(_ lines: some Sequence<TranscriptLine>) -> String {
    lines.map { line in
      let cut = cutNote(line).map { " (\($0))" } ?? ""
      return "\(line.speaker == .user ? "you" : line.speaker.rawValue): \(line.text)\(cut)"
    }.joined(separator: "\n")
  }

  /// Without a connection nothing can be said, so this is the place to say why, in full.
  private static func emptyText(_ context: PaneContext) -> StyledText {
    let link = context.insight.link
    let isUp = link.state == nil || link.state == .connecting || link.state == .open || link.state == .ready
    if !isUp, let reason = link.lastReason, !reason.isEmpty, link.lastBy != .client {
      return StyledText("Not connected: ", .warning) + StyledText(reason, .text)
    }
    return StyledText(
      context.isReplay
        ? "Nothing said so far." : "Nothing said yet. Speak, or press s and type what is to be spoken.", .dim)
  }

  /// - Parameter shareHeard: of an answer that is on its way to the ear.
  private func rowsOf(
    _ line: TranscriptLine, in size: Size, clock: Clock?, shareHeard: Double? = nil
  ) -> [StyledText] {
    let width = size.width
    let hasTime = width > 76
    let indent = (hasTime ? Self.timeColumns : 0) + Self.labelColumns
    let room = max(8, width - indent)
    var line = line
    if line.text.utf8.count > Self.lineLimit {
      line.text = String(line.text.unicodeScalars.prefix(Self.lineLimit)) + "…"
    }
    var rows = TextWrap.lines(Self.styled(line, shareHeard), width: room)
    if let note = Self.cutNote(line) { rows.append(StyledText("✂ \(note)", .warning)) }
    let head = line.speaker == .user && size.height >= Self.airyHeight ? [StyledText()] : []
    return head
      + rows.enumerated().map { i, row in
        guard i == 0 else { return StyledText(String(repeating: " ", count: indent)) + row }
        let time = hasTime ? (clock?.seconds(line.at) ?? "").padded(to: Self.timeColumns) : ""
        return StyledText(time, .dim) + Self.label(line) + row
      }
  }

  private static func label(_ line: TranscriptLine) -> StyledText {
    let (text, role): (String, Role) =
      switch line.speaker {
      case .user: ("you", .user)
      case .agent: ("agent", .agent)
      case .notice: ("note", .warning)
      }
    return StyledText(text.padded(to: labelColumns), role, line.speaker == .notice ? [] : .bold)
  }

  private static func styled(_ line: TranscriptLine, _ shareHeard: Double?) -> StyledText {
    switch line.speaker {
    case .notice: return StyledText(line.text, .warning)
    case .user where !line.isFinal:
      return StyledText(line.text, .user, [.dim, .italic]) + StyledText("▌", .user)
    case .user: return StyledText(line.text, .user)
    case .agent:
      let cursor = line.isFinal ? StyledText() : StyledText("▌", .agent, .dim)
      if let share = line.heardShare {
        return heard(line.text, share, limit: unheardLimit, ahead: Style(.agent, [.dim, .strike]))
      }
      guard let share = shareHeard else { return StyledText(line.text, .agent) + cursor }
      // Words light up as they are heard, so that a cut changes nothing but what is ahead.
      return heard(line.text, share, limit: aheadLimit, ahead: Style(.agent, .dim)) + cursor
    }
  }

  /// What was heard, and the beginning of what was not.
  private static func heard(_ text: String, _ share: Double, limit: Int, ahead: Style) -> StyledText {
    let (heard, count) = heardWords(text, share)
    let split = boundary(text, heard)
    let end = boundary(text, heard + limit)
    var result = StyledText(String(text[..<split]), .agent)
    // Where strikes cannot be drawn and colours are few, the mark still says where it was cut.
    if ahead.emphasis.contains(.strike), split < text.endIndex {
      result += StyledText(heard > 0 ? " ✂" : "✂ ", .warning)
    }
    result.append(String(text[split..<end]), ahead)
    if count > heard + limit {
      result += StyledText(" … \(Figures.count(count - heard - limit, "more word"))", .dim)
    }
    return result
  }
  /// Words shown of what nobody heard: enough to see where it would have gone on. And of what is still to be heard: a
  /// server may be a minute ahead of the ear, and the words being spoken are the ones to follow.
  private static let unheardLimit = 16
  private static let aheadLimit = 24

  private static func heardWords(_ text: String, _ share: Double) -> (heard: Int, count: Int) {
    let count = wordCount(text)
    guard share.isFinite else { return (count, count) }
    return (Int((share.clamped(to: 0...1) * Double(count)).rounded()), count)
  }

  // By scalars: each frame looks at a whole answer, and characters take ten times as long.
  private static func wordCount(_ text: String) -> Int {
    var count = 0
    var isInWord = false
    for scalar in text.unicodeScalars {
      let isSpace = isSpace(scalar)
      if !isSpace, !isInWord { count += 1 }
      isInWord = !isSpace
    }
    return count
  }

  /// The end of a text's first words.
  private static func boundary(_ text: String, _ words: Int) -> String.Index {
    guard words > 0 else { return text.startIndex }
    var left = words
    var isInWord = false
    for i in text.unicodeScalars.indices {
      let isSpace = isSpace(text.unicodeScalars[i])
      if isSpace, isInWord {
        left -= 1
        if left == 0 { return i }
      }
      isInWord = !isSpace
    }
    return text.endIndex
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x20 || (scalar.value < 0x21 || scalar.value > 0x7E) && scalar.properties.isWhitespace
  }

  /// As in `cut after 3 of 27 words`; nil for what was heard whole.
  static func cutNote(_ line: TranscriptLine) -> String? {
    guard line.speaker == .agent, let share = line.heardShare else { return nil }
    let (heard, count) = heardWords(line.text, share)
    return "cut after \(heard) of \(Figures.count(count, "word"))"
  }
}

extension String {
  /// At least `columns` wide, with spaces behind.
  func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - CharacterWidth.columns(of: self)))
  }
}
