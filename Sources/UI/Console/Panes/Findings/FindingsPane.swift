import Findings
import Screen
import Timeline
import Wire

/// What the linter has found: a row a rule, the worst first, and of the chosen one what to do about it.
struct FindingsPane: Sendable {
  private(set) var linter: FindingsLinter
  /// The rule under the cursor; nil for the first of the list.
  private var chosenRule: String?
  /// Which of its occurrences is looked at, from 1; nil for the newest.
  private var chosenNumber: Int?
  private let silencedCount: Int

  /// - Parameters:
  ///   - silenced: ids of rules that are left out.
  ///   - dialect: how messages are read until the session says.
  init(silenced: Set<String>, _ dialect: any Dialect, among dialects: DialectTable, of source: SourceID? = nil) {
    linter = FindingsLinter(dialect: dialect, silenced: silenced, among: dialects, of: source)
    silencedCount = FindingTable.all.count { silenced.contains($0.id) }
  }

  // MARK: - Reading

  /// The worst first; among equals in the table's order, so that rows do not change places.
  var list: [Finding] {
    let all = linter.findings
    return Self.severities.flatMap { severity in all.filter { $0.rule.severity == severity } }
  }

  /// Where the cursor is in `list`; nil when nothing was found.
  func cursor(in list: [Finding]) -> Int? {
    list.isEmpty ? nil : list.firstIndex { $0.rule.id == chosenRule } ?? 0
  }

  /// The occurrence that is looked at, with its number among all that there were.
  func chosen(in list: [Finding]) -> (finding: Finding, occurrence: Finding.Occurrence, number: Int)? {
    guard let finding = cursor(in: list).map({ list[$0] }), !finding.occurrences.isEmpty else { return nil }
    // The oldest are only counted.
    let forgotten = finding.count - finding.occurrences.count
    let number = (chosenNumber ?? finding.count).clamped(to: forgotten + 1...finding.count)
    return (finding, finding.occurrences[number - forgotten - 1], number)
  }

  /// Occurrences by severity, for the strip.
  var counts: [(severity: Notice.Severity, count: Int)] {
    Self.severities.compactMap { severity in linter.counts[severity].map { (severity, $0) } }
  }

  private static let severities: [Notice.Severity] = [.error, .warning, .info]

  // MARK: - Doing

  /// Moves the cursor by rows, down when positive; the ends for `.min` and `.max`.
  mutating func move(by rows: Int) {
    let list = list
    guard let cursor = cursor(in: list) else { return }
    choose((rows == .min ? 0 : rows == .max ? list.count - 1 : cursor + rows).clamped(to: 0...list.count - 1), of: list)
  }

  mutating func choose(_ index: Int, of list: [Finding]) {
    guard list.indices.contains(index) else { return }
    (chosenRule, chosenNumber) = (list[index].rule.id, nil)
  }

  /// To the next (+1) or previous (-1) time that the chosen rule fired.
  /// - Returns: false at the end of those that are kept.
  mutating func step(_ direction: Int) -> Bool {
    guard let chosen = chosen(in: list) else { return false }
    let next = chosen.number + direction
    guard next > chosen.finding.count - chosen.finding.occurrences.count, next <= chosen.finding.count else {
      return false
    }
    // By its id: a rule that stands before it may fire meanwhile.
    (chosenRule, chosenNumber) = (chosen.finding.rule.id, next)
    return true
  }

  /// Takes what was found at another moment; the cursor stays.
  mutating func takeReadings(of other: FindingsPane) { linter = other.linter }

  /// Takes the next entry.
  /// - Returns: whether something was found.
  mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool { linter.observe(entry, reading: reading) }
}

// MARK: - View

extension FindingsPane {
  /// The finding that stands in a row of the pane's inside; nil for other rows.
  func index(atRow row: Int, height: Int) -> Int? {
    let list = list
    let rows = listRows(list.count, height: height)
    guard (0..<rows).contains(row), let cursor = cursor(in: list) else { return nil }
    let index = Self.top(cursor: cursor, count: list.count, rows: rows) + row
    return index < list.count ? index : nil
  }

  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let list = list
    var box = context.frame(.findings)
    let counts = Self.countsText(counts, isLong: rect.width >= 50)
    if !counts.isEmpty { box.trailing.append(BorderLabel(counts, priority: 2)) }
    if silencedCount > 0 {
      let text = "\(Figures.count(silencedCount, "rule")) silenced"
      box.trailingLegend.append(BorderLabel(StyledText(text, .modifier), priority: 1))
    }
    let inside = surface.box(rect, box, glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard let cursor = cursor(in: list) else {
      let text =
        "Nothing found so far. \(FindingTable.all.count - silencedCount) rules watch the protocol, the audio, its pace, "
        + "the connection and the microphone."
      surface.putWrapped(StyledText(text, .dim), in: inside)
      return
    }
    let rows = listRows(list.count, height: inside.height)
    let top = Self.top(cursor: cursor, count: list.count, rows: rows)
    for (row, index) in (top..<min(list.count, top + rows)).enumerated() {
      draw(list[index], isChosen: index == cursor && context.isFocused, on: &surface, in: inside.row(row), context)
    }
    let rest = Rect(x: inside.x, y: inside.y + rows, width: inside.width, height: inside.height - rows)
    if let chosen = chosen(in: list) { drawDetail(chosen, on: &surface, in: rest, context) }
  }

  /// `✗2 !3`, or in words where there is room.
  static func countsText(_ counts: [(severity: Notice.Severity, count: Int)], isLong: Bool) -> StyledText {
    var text = StyledText()
    for (severity, count) in counts where isLong || severity != .info {
      if !text.isEmpty { text.append(isLong ? "  " : " ") }
      let figure = isLong ? Figures.count(count, word(severity)) : "\(symbol(severity))\(Figures.grouped(count))"
      text.append(figure, Style(role(severity), severity == .error ? .bold : []))
    }
    return text
  }

  private static func word(_ severity: Notice.Severity) -> String { severity == .info ? "hint" : severity.rawValue }
  private static func symbol(_ severity: Notice.Severity) -> String {
    switch severity {
    case .error: "✗"
    case .warning: "!"
    case .info: "·"
    }
  }
  private static func role(_ severity: Notice.Severity) -> Role {
    switch severity {
    case .error: .error
    case .warning: .warning
    case .info: .text
    }
  }

  /// Rows of the list: all that there are, but for the detail's, which has the rest and at least a few.
  private func listRows(_ count: Int, height: Int) -> Int {
    let detail = height >= 14 ? 8 : height >= 8 ? 4 : height >= 4 ? 1 : 0
    return min(count, max(1, height - detail))
  }

  private static func top(cursor: Int, count: Int, rows: Int) -> Int {
    (cursor - rows / 2).clamped(to: 0...max(0, count - rows))
  }

  private static let idColumns = (FindingTable.all.map(\.id.count).max() ?? 0) + 1

  /// `✗ audio-after-interrupted    ×3  12:04:13  240 ms after it`
  private func draw(
    _ finding: Finding, isChosen: Bool, on surface: inout Surface, in rect: Rect, _ context: PaneContext
  ) {
    let role = Self.role(finding.rule.severity)
    let hasTime = rect.width >= 66
    let parts = Layout.columns(
      rect,
      [.fixed(2), .fixed(min(Self.idColumns, rect.width - 8)), .fixed(6), .fixed(hasTime ? 10 : 0), .flexible()])
    surface.put(StyledText(Self.symbol(finding.rule.severity), role, .bold), in: parts[0])
    surface.put(StyledText(finding.rule.id, role), in: parts[1])
    surface.put(StyledText("×\(Figures.grouped(finding.count))", .text, .bold), in: parts[2])
    if let last = finding.occurrences.last {
      surface.put(StyledText(context.clock.seconds(last.at), .dim), in: parts[3])
      if parts[4].width >= 12 { surface.put(StyledText(last.detail, .dim), in: parts[4]) }
    }
    if isChosen { surface.select(rect) }
  }

  /// What it means, this time's figures, and what to do; what goes first is what stands in the documentation.
  private func drawDetail(
    _ chosen: (finding: Finding, occurrence: Finding.Occurrence, number: Int), on surface: inout Surface, in rect: Rect,
    _ context: PaneContext
  ) {
    guard !rect.isEmpty else { return }
    let rule = chosen.finding.rule
    let remedy = StyledText("→ ", .good, .bold) + StyledText(rule.remedy, .text)
    guard rect.height >= 4 else {
      surface.putWrapped(remedy, in: rect)
      return
    }
    var time = StyledText(context.clock.time(chosen.occurrence.at), .dim)
    time += StyledText("  \(Figures.grouped(chosen.number)) of \(Figures.grouped(chosen.finding.count))  ", .dim)
    time += StyledText(chosen.occurrence.detail, .text)
    var hint = StyledText("\(context.call(.open))", .hotkey, .bold) + StyledText(" shows it in the log", .dim)
    if chosen.finding.occurrences.count > 1 {
      hint += StyledText("  \(context.call(.searchPrevious)) ", .hotkey, .bold) + StyledText("the one before", .dim)
    }
    let texts = [StyledText(rule.title, .title, .bold), StyledText(rule.meaning, .text), remedy, time, hint]
    // From the least: the last rows are the ones that change.
    var left = rect.height - 1
    var lengths = texts.map { TextWrap.lines($0, width: rect.width).count }
    for i in [0, 3, 2, 4, 1] {
      lengths[i] = min(lengths[i], max(0, left))
      left -= lengths[i]
    }
    var y = rect.y + (left >= 0 ? 1 : 0)
    for (text, length) in zip(texts, lengths) where length > 0 {
      surface.putWrapped(text, in: Rect(x: rect.x, y: y, width: rect.width, height: length))
      y += length
    }
  }
}
