import Insight
import Screen

/// Figures one behind the other in as many rows as there are, each with its name; what finds no room is left out whole.
///
///     stop p50 212  p95 380 ms  stale 120 ms came, 60 ms heard
struct FigureFlow: Sendable {
  private(set) var items: [StyledText] = []

  /// - Parameters:
  ///   - name: what stands before the figure, dim; empty for none.
  ///   - unit: what stands behind it.
  mutating func add(_ name: String, _ figure: String, _ unit: String = "", _ role: Role = .text) {
    var text = name.isEmpty ? StyledText() : StyledText("\(name) ", .dim)
    text += StyledText(figure, role, role == .text ? [] : .bold)
    if !unit.isEmpty { text += StyledText(" \(unit)", .dim) }
    items.append(text)
  }
  mutating func add(_ text: StyledText) { items.append(text) }

  /// A figure of the table, as it is now.
  /// - Parameters:
  ///   - unit: where it is not the figure's own: empty where the next figure has it, or with words behind it.
  ///   - isBad: more than nothing of it is worth a warning.
  mutating func add(_ name: String, _ figure: Figure, of insight: Insight, unit: String? = nil, isBad: Bool = false) {
    let text = figure.text(in: insight)
    add(name, text.number, unit ?? text.unit, isBad && (figure.value(in: insight) ?? 0) > 0 ? .warning : .text)
  }

  var isEmpty: Bool { items.isEmpty }

  /// The rows for a width; the first row's lead stands before it, the others are indented as far.
  func rows(width: Int, lead: StyledText = StyledText()) -> [StyledText] {
    let indent = lead.columns
    var rows = [lead]
    var isFirst = true
    for item in items {
      let gap = isFirst ? 0 : 2
      if !isFirst, rows[rows.count - 1].columns + gap + item.columns > width {
        rows.append(StyledText(String(repeating: " ", count: indent)))
        isFirst = true
      }
      rows[rows.count - 1] += (isFirst ? StyledText() : StyledText("  ")) + item
      isFirst = false
    }
    return rows
  }

  /// Draws as many rows as fit and returns how many that were.
  @discardableResult
  func draw(on surface: inout Surface, in rect: Rect, lead: StyledText = StyledText()) -> Int {
    guard !isEmpty || !lead.isEmpty, !rect.isEmpty else { return 0 }
    let rows = rows(width: rect.width, lead: lead).prefix(rect.height)
    for (i, row) in rows.enumerated() { surface.put(row, in: rect.row(i)) }
    return rows.count
  }

  /// Those of one row that fit into it, the first first.
  func line(width: Int, lead: StyledText = StyledText()) -> StyledText {
    var line = lead
    for (i, item) in items.enumerated() {
      let gap = i > 0 ? StyledText("  ") : StyledText()
      if line.columns + gap.columns + item.columns > width { break }
      line += gap + item
    }
    return line
  }
}
