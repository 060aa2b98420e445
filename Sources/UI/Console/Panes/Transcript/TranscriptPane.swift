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

  // MARK: - Scrolling

  /// Scrolls by `rows`, up when positive. `size` is that of the pane's inside.
  mutating func scroll(_ rows: Int, _ lines: some BidirectionalCollection<TranscriptLine>, inside size: Size) {
    if heldAt == nil {
      guard rows > 0, let last = lines.last else { return }
      heldAt = last.at
    }
    // Counting every row costs as much as drawing them all, once per key.
    var height = 0
    for line in lines where line.at <= heldAt! { height += rowsOf(line, width: size.width, clock: nil).count }
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
      let text =
        context.isReplay
        ? "Nothing said so far." : "Nothing said yet. Speak, or press s and type what is to be spoken."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    var rows: [StyledText] = []
    let wanted = offset + inside.height
    for line in all.reversed() where heldAt.map({ line.at <= $0 }) ?? true {
      rows.append(contentsOf: rowsOf(line, width: inside.width, clock: context.clock).reversed())
      if rows.count >= wanted { break }
    }
    let start = min(offset, max(0, rows.count - inside.height))
    let shown = rows[start...].prefix(inside.height).reversed()
    for (i, row) in shown.enumerated() { surface.put(row, in: inside.row(i)) }
  }

  /// The whole transcript as plain text, for copying.
  static func text(_ lines: some Sequence<TranscriptLine>) -> String {
    lines.map { line in
      let cut = cutNote(line).map { " (\($0))" } ?? ""
      return "\(line.speaker == .user ? "you" : line.speaker.rawValue): \(line.text)\(cut)"
    }.joined(separator: "\n")
  }

  private func rowsOf(_ line: TranscriptLine, width: Int, clock: Clock?) -> [StyledText] {
    let hasTime = width >= 72
    let indent = (hasTime ? Self.timeColumns : 0) + Self.labelColumns
    let room = max(8, width - indent)
    var rows = TextWrap.lines(Self.styled(line), width: room)
    if let note = Self.cutNote(line) { rows.append(StyledText("✂ \(note)", .warning)) }
    return rows.enumerated().map { i, row in
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

  private static func styled(_ line: TranscriptLine) -> StyledText {
    switch line.speaker {
    case .notice: return StyledText(line.text, .warning)
    case .user where !line.isFinal:
      return StyledText(line.text, .user, [.dim, .italic]) + StyledText("▌", .user)
    case .user: return StyledText(line.text, .user)
    case .agent:
      guard let (heard, words) = heardWords(line) else {
        let text = StyledText(line.text, .agent)
        return line.isFinal ? text : text + StyledText("▌", .agent, .dim)
      }
      var text = StyledText(words[..<heard].joined(separator: " "), .agent)
      let rest = words[heard...].joined(separator: " ")
      if heard > 0, !rest.isEmpty { text.append(" ", Style(.agent)) }
      text.append(rest, Style(.agent, [.dim, .strike]))
      return text
    }
  }

  private static func heardWords(_ line: TranscriptLine) -> (heard: Int, words: [Substring])? {
    guard let share = line.heardShare, share.isFinite else { return nil }
    let words = line.text.split(separator: " ")
    return (Int((share * Double(words.count)).rounded()).clamped(to: 0...words.count), words)
  }

  private static func cutNote(_ line: TranscriptLine) -> String? {
    guard line.speaker == .agent, let (heard, words) = heardWords(line) else { return nil }
    return "cut after \(heard) of \(Figures.count(words.count, "word"))"
  }
}

extension String {
  /// At least `columns` wide, with spaces behind.
  func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - CharacterWidth.columns(of: self)))
  }
}
