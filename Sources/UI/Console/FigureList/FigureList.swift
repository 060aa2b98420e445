import Insight
import Screen

/// Every figure of the shown source as it is now, group by group, a row each; for `:status`.
struct FigureList: Sendable, Equatable {
  /// What stands in one row.
  enum Line {
    case title(Figure.Group)
    case figure(Figure)
    /// Something of the server in words: its name, and what it says.
    case fact(String, StyledText)
    case heading(String)
    case space
  }
  /// The first line that is shown.
  private(set) var offset = 0

  /// - Parameters:
  ///   - server: what is known of the server; it stands first.
  ///   - capture: of the session, if there is one; it comes next.
  static func lines(_ table: FigureTable, _ server: ServerFacts, _ capture: CaptureReport? = nil) -> [Line] {
    var groups = table.groups.map { group, rows in [.title(group)] + rows.map { Line.figure($0) } }
    if let capture { groups.insert([.heading("capture")] + capture.facts.map { .fact($0.name, $0.text) }, at: 0) }
    if !server.isEmpty {
      var lines = [Line.heading("server")] + server.inUse.map { .fact($0.what, StyledText($0.name, .server)) }
      if let missing = server.missing {
        lines.append(.fact("missing", StyledText(missing.what, .warning, .bold)))
        if let remedy = missing.remedy { lines.append(.fact("to have it", StyledText(remedy, .text))) }
      }
      groups.insert(lines, at: 0)
    }
    return Array(groups.joined(separator: [.space]))
  }

  /// Down when positive; the ends for `.min` and `.max`.
  mutating func scroll(by rows: Int, among count: Int, height: Int) {
    let last = max(0, count - height)
    offset = rows == .max ? last : rows == .min ? 0 : (offset + rows).clamped(to: 0...last)
  }
}

extension Console {
  /// Wide enough for the longest id, title and number.
  private static let figureListWidth = 84
  /// Below this the ids are left out.
  private static let figureListWithIDs = 74

  private var figureListLines: [FigureList.Line] {
    FigureList.lines(options.figures, ServerFacts(insight), captureReport)
  }

  private func figureListRect(_ size: Size) -> Rect {
    let count = figureListLines.count
    return layout(size).body.centred(Size(width: Self.figureListWidth, height: count + 2))
  }

  /// Rows of the list that are on the screen.
  func figureListHeight(_ size: Size) -> Int { max(1, figureListRect(size).height - 2) }

  mutating func scroll(_ list: FigureList, by rows: Int) {
    var list = list
    let count = figureListLines.count
    list.scroll(by: rows, among: count, height: figureListHeight(size))
    overlay = .figures(list)
  }

  func drawFigureList(_ list: FigureList, on surface: inout Surface, over layout: ConsoleLayout) {
    let rect = figureListRect(layout.size)
    let lines = figureListLines
    var box = Box("figures", isFocused: true)
    if let source = shownSourceText { box.leading.append(BorderLabel(StyledText(source, .modifier), priority: 2)) }
    if insight.vantage == .wire { box.trailing.append(BorderLabel(StyledText("at the wire", .modifier))) }
    let height = figureListHeight(layout.size)
    // The screen may have grown since the list was scrolled.
    let start = list.offset.clamped(to: 0...max(0, lines.count - height))
    box.trailingLegend = PageLabel.labels(start, height, of: lines.count)
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    for (y, line) in lines[start...].prefix(inside.height).enumerated() {
      switch line {
      case .space: break
      case .title(let group): surface.put(StyledText(group.rawValue, .title, .bold), in: inside.row(y))
      case .heading(let name): surface.put(StyledText(name, .title, .bold), in: inside.row(y))
      case .fact(let name, let text):
        let parts = Layout.columns(inside.row(y), [.fixed(25), .flexible()])
        surface.put(StyledText(name, .dim), in: parts[0])
        surface.put(text, in: parts[1])
      case .figure(let figure): draw(figure, on: &surface, in: inside.row(y))
      }
    }
  }

  private func draw(_ figure: Figure, on surface: inout Surface, in row: Rect) {
    let hasID = row.width >= Self.figureListWithIDs
    let parts = Layout.columns(row, [.fixed(hasID ? 25 : 0), .flexible(), .fixed(10), .fixed(4)])
    surface.put(StyledText(figure.id, .dim), in: parts[0])
    surface.put(StyledText(figure.title, .text), in: parts[1])
    let text = figure.text(in: insight)
    let isThere = figure.value(in: insight) != nil
    surface.put(StyledText(text.number, isThere ? .text : .dim, isThere ? .bold : []), in: parts[2], .right)
    surface.put(StyledText(" \(text.unit)", .dim), in: parts[3])
  }
}
