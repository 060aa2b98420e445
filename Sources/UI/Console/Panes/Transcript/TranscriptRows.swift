import DequeModule
import Insight
import Screen
import Timeline

/// The transcript's lines as rows of a pane of some size.
///
///     14:13:21  turn 1                    680 ms
///     you    what time is it in berlin
///     agent  It is half past nine in Berlin.
struct TranscriptRows {
  let lines: Deque<TranscriptLine>
  /// Of the pane's inside.
  let size: Size
  private let insight: Insight
  private let clock: WallTime
  private let search: TextSearch?

  private static let labelColumns = 7
  private static let timeColumns = 10
  /// From this height on each turn has a head, and from the second on air above it.
  private static let headedHeight = 12
  private static let airyHeight = 20
  /// Bytes of one line that are shown: nobody reads more of it, and wrapping it would hold up every frame.
  static let lineLimit = 4_000

  init(_ insight: Insight, size: Size, clock: WallTime, search: TextSearch? = nil) {
    self.insight = insight
    self.size = size
    self.clock = clock
    self.search = search
    lines = insight.transcript
  }

  /// The first row that is shown when the end is; row 0 of the first line when all of it has room. Nil without lines.
  func top() -> (line: Int, row: Int)? {
    var free = size.height
    for line in lines.indices.reversed() {
      let count = rows(line).count
      if count >= free { return (line, count - free) }
      free -= count
    }
    return lines.isEmpty ? nil : (lines.startIndex, 0)
  }

  /// The rows that are shown when the end is.
  func end() -> [StyledText] {
    var shown: [[StyledText]] = []
    var free = size.height
    for line in lines.indices.reversed() where free > 0 {
      shown.append(rows(line).suffix(free))
      free -= shown[shown.count - 1].count
    }
    return shown.reversed().flatMap(\.self)
  }

  func rows(_ index: Int) -> [StyledText] {
    let line = lines[index]
    if line.speaker == .link { return rule(line) }
    let isHeaded = size.height >= Self.headedHeight
    let hasTime = !isHeaded && size.width >= 60
    let indent = (hasTime ? Self.timeColumns : 0) + Self.labelColumns
    var text = search.map { styled(line).marking($0) } ?? styled(line)
    if let aside = line.aside { text += StyledText("  \(Self.note(aside))", .dim) }
    var rows = TextWrap.lines(text, width: max(8, size.width - indent))
    if let note = Self.lengthNote(line) {
      rows += TextWrap.lines(StyledText(note, .dim), width: max(8, size.width - indent))
    }
    if let note = HeardWords.cutNote(line) {
      rows += TextWrap.lines(
        StyledText("✂ \(note)", .warning) + ledger(of: line), width: max(8, size.width - indent))
    }
    let time = hasTime ? StyledText(clock.seconds(line.at).padded(to: Self.timeColumns), .dim) : StyledText()
    let gap = StyledText(String(repeating: " ", count: indent))
    return head(of: index)
      + rows.enumerated().map { i, row in (i == 0 ? time + Self.label(line) : gap) + row }
  }

  /// Where the audio of a cut answer went.
  private func ledger(of line: TranscriptLine) -> StyledText {
    guard let ledger = line.turn.flatMap({ insight.turn($0) })?.ledger, ledger.receivedMs > 0 else {
      return StyledText()
    }
    let (heard, received) = (ledger.playedMs / 1000, ledger.receivedMs / 1000)
    return StyledText(", \(Figures.fixed(heard, 1)) of \(Figures.fixed(received, 1)) s heard", .dim)
  }

  /// What of a line is not shown; nil when all of it is.
  private static func lengthNote(_ line: TranscriptLine) -> String? {
    let hidden = line.text.utf8.count - shownText(line).utf8.count
    let notes = [
      hidden > 0 ? "\(Figures.bytes(hidden)) more are not shown here" : nil,
      line.cutBytes > 0 ? "\(Figures.bytes(line.cutBytes)) more are not kept" : nil,
    ].compactMap(\.self)
    return notes.isEmpty ? nil : "… " + notes.joined(separator: ", ")
  }

  /// What became of words over an answer.
  private static func note(_ aside: TranscriptLine.Aside) -> String {
    aside.heldMs.map { "held \(Figures.milliseconds($0)) ms, went on" } ?? "the agent went on"
  }

  private static func shownText(_ line: TranscriptLine) -> String { String(line.text.prefix(bytes: lineLimit)) }

  /// How much of the text that is shown was heard (0…1), by how much of the whole text was.
  private static func shareOfShown(_ share: Double, _ line: TranscriptLine) -> Double {
    let shown = shownText(line).utf8.count
    return shown == 0 ? share : min(1, share * Double(line.text.utf8.count) / Double(shown))
  }

  // MARK: - Heads

  /// Over the oldest line: how many were forgotten. Over the first line of each turn: when it began, and how long the
  /// user waited.
  func head(of index: Int) -> [StyledText] {
    let count = index == lines.startIndex ? insight.forgottenLines : 0
    let forgotten = count > 0 ? [StyledText("… \(Figures.count(count, "earlier line")) not kept", .dim)] : []
    return forgotten + turnHead(of: index)
  }

  private func turnHead(of index: Int) -> [StyledText] {
    guard size.height >= Self.headedHeight, let number = lines[index].turn,
      lines[..<index].last(where: { $0.turn != nil })?.turn != number
    else { return [] }
    var left = StyledText(clock.seconds(lines[index].at), .dim)
    left += StyledText("  turn \(number)", .dim)
    let wait = insight.turns.last { $0.number == number }?.responseTime?.milliseconds
    let right = wait.map { StyledText("\(Figures.milliseconds($0)) ms", $0 >= 1500 ? .warning : .dim) } ?? StyledText()
    let gap = String(repeating: " ", count: max(1, size.width - left.columns - right.columns))
    let air = size.height >= Self.airyHeight && index > lines.startIndex ? [StyledText()] : []
    return air + [left + StyledText(gap) + right]
  }

  /// A rule across the pane where the connection was lost.
  private func rule(_ line: TranscriptLine) -> [StyledText] {
    let role: Role = line.isFinal ? .dim : .warning
    let text = StyledText("\(clock.seconds(line.at)) \(line.text)", role)
    return TextWrap.lines(text, width: max(8, size.width - 6)).map { row in
      let rest = String(repeating: "─", count: max(0, size.width - 4 - row.columns))
      return StyledText("── ", role) + row + StyledText(" \(rest)", role)
    }
  }

  // MARK: - Text

  private static func label(_ line: TranscriptLine) -> StyledText {
    let (text, role): (String, Role) =
      switch line.speaker {
      case .user: ("you", .user)
      case .agent: ("agent", .agent)
      case .notice, .link: ("note", .warning)
      }
    return StyledText(text.padded(to: labelColumns), role, line.speaker == .notice ? [] : .bold)
  }

  private func styled(_ line: TranscriptLine) -> StyledText {
    let words = Self.shownText(line)
    switch line.speaker {
    case .notice, .link: return StyledText(words, .warning)
    case .user where !line.isFinal:
      return StyledText(words, .user, [.dim, .italic]) + StyledText("▌", .user)
    case .user: return StyledText(words, .user)
    case .agent:
      let cursor = line.isFinal ? StyledText() : StyledText("▌", .agent, .dim)
      if line.spokenMs != nil { return StyledText(words, .agent, .dim) + cursor }
      // What is looked for must be there to be found.
      let limit = search == nil ? nil : Int.max / 2
      if let share = line.heardShare {
        return HeardWords(words, Self.shareOfShown(share, line)).styled(
          limit: limit ?? Self.unheardLimit, ahead: Style(.agent, [.dim, .strike]))
      }
      guard let share = insight.shareHeard(of: line) else { return StyledText(words, .agent) + cursor }
      // Words light up as they are heard, so that a cut changes nothing but what is ahead.
      return HeardWords(words, Self.shareOfShown(share, line))
        .styled(limit: limit ?? Self.aheadLimit, ahead: Style(.agent, .dim)) + cursor
    }
  }

  /// Words shown of what nobody heard: enough to see where it would have gone on. And of what is still to be heard: a
  /// server may be a minute ahead of the ear, and the words being spoken are the ones to follow.
  private static let unheardLimit = 16
  private static let aheadLimit = 24

  // MARK: - Plain

  /// The whole transcript as plain text, for copying.
  static func text(_ lines: some Sequence<TranscriptLine>, _ clock: WallTime) -> String {
    lines.map { line in
      let time = clock.seconds(line.at)
      if line.speaker == .link { return "\(time) --- \(line.text)" }
      let notes = [
        line.cutBytes > 0 ? "\(Figures.bytes(line.cutBytes)) more were not kept" : nil, HeardWords.cutNote(line),
        line.aside.map(note),
      ].compactMap(\.self)
      let note = notes.isEmpty ? "" : " (\(notes.joined(separator: ", ")))"
      return "\(time) \(line.speaker == .user ? "you" : line.speaker.rawValue): \(line.text)\(note)"
    }.joined(separator: "\n")
  }
}

extension String {
  /// At least `columns` wide, with spaces behind.
  func padded(to columns: Int) -> String {
    self + String(repeating: " ", count: max(0, columns - CharacterWidth.columns(of: self)))
  }
}
