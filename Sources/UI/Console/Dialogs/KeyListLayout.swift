import Screen

/// Where the rows of the key list stand: in columns, chapter by chapter, as many pages as it takes.
struct KeyListLayout: Equatable {
  /// What stands in one line of a column.
  enum Item: Equatable {
    case title(String)
    case entry(Int)
    case space
  }
  /// Pages of columns of lines.
  private(set) var pages: [[[Item]]] = []

  /// - Parameters:
  ///   - sections: each entry's chapter, in order.
  ///   - height: lines of a column.
  ///   - columns: of a page.
  init(sections: [CommandSpec.Section], height: Int, columns: Int) {
    guard height >= 2, columns >= 1 else { return }
    var lines: [[Item]] = [[]]
    var section: CommandSpec.Section?
    for (i, next) in sections.enumerated() {
      if next != section {
        // A title at the end of a column would tell nothing, nor would a gap at its beginning.
        if lines[lines.count - 1].count + 3 > height { lines.append([]) }
        if !lines[lines.count - 1].isEmpty { lines[lines.count - 1].append(.space) }
        lines[lines.count - 1].append(.title(next.rawValue))
        section = next
      }
      if lines[lines.count - 1].count >= height { lines.append([]) }
      lines[lines.count - 1].append(.entry(i))
    }
    pages = stride(from: 0, to: lines.count, by: columns).map { Array(lines[$0..<min(lines.count, $0 + columns)]) }
  }

  /// The page with an entry; 0 when there is none.
  func page(of entry: Int) -> Int {
    pages.firstIndex { $0.contains { $0.contains(.entry(entry)) } } ?? 0
  }
}

extension Console {
  /// One column with what each command does, where there is room for that; else two of names alone.
  private static let wideList = 96
  private static let narrowColumn = 36

  func keyListRect(_ size: Size) -> Rect { layout(size).body.centred(Size(width: 128, height: 46)) }

  private func columnsAndHeight(_ size: Size) -> (columns: Int, height: Int) {
    let rect = keyListRect(size)
    let width = rect.width - 4
    return (width >= Self.wideList || width < 2 * Self.narrowColumn ? 1 : 2, rect.height - 2 - 3)
  }

  /// How far a page key moves.
  func keyListPage(_ size: Size) -> Int {
    let (columns, height) = columnsAndHeight(size)
    return max(2, columns * height)
  }

  func drawKeyList(_ list: KeyList, on surface: inout Surface, in rect: Rect) {
    let entries = keyEntries(list)
    let (columns, height) = columnsAndHeight(surface.size)
    let layout = KeyListLayout(
      sections: entries.map { commands.spec($0.command).section }, height: height, columns: columns)
    let page = layout.page(of: list.selected)
    surface.fill(rect)
    let inside = surface.box(rect, frame(list, page: page, of: layout.pages.count), glyphs: options.glyphs).inset(1, 0)
    guard inside.height >= 4, !entries.isEmpty, layout.pages.indices.contains(page) else {
      let text = "Nothing here has the words \"\(list.find)\". Tab looks in the next place, Esc shows all."
      surface.put(StyledText(text, .dim), in: inside)
      return
    }
    let parts = Layout.rows(inside, [.flexible(), .fixed(1), .fixed(2)])
    let areas = Layout.columns(parts[0], Array(repeating: .flexible(), count: columns))
    for (area, lines) in zip(areas, layout.pages[page]) {
      for (line, item) in lines.enumerated() {
        let row = Rect(x: area.x, y: area.y + line, width: area.width - 2, height: 1)
        switch item {
        case .space: break
        case .title(let text): surface.put(StyledText(text, .title, .bold), in: row)
        case .entry(let i):
          draw(entries[i], on: &surface, in: row)
          if i == list.selected {
            surface.restyle(row) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) }
          }
        }
      }
    }
    surface.fill(parts[1], options.glyphs.frame.horizontal, Style(.border))
    drawDetail(entries[min(list.selected, entries.count - 1)], on: &surface, in: parts[2])
  }

  private func frame(_ list: KeyList, page: Int, of pages: Int) -> Box {
    var box = Box("keys of \(list.context?.title ?? "all places")", isFocused: true)
    if !list.find.isEmpty { box.leading.append(BorderLabel(StyledText("find: \(list.find)", .modifier), priority: 2)) }
    let next = list.place + 1 < list.places.count ? list.places[list.place + 1].title : "all places"
    let turn = list.place == list.places.count ? list.places[0].title : next
    box.trailing.append(BorderLabel(StyledText("Tab", .hotkey) + StyledText(" \(turn)", .dim), priority: 1))
    if pages > 1 {
      box.trailingLegend.append(BorderLabel(StyledText("page \(page + 1) of \(pages)", .modifier), priority: 2))
    }
    box.legend.append(BorderLabel(StyledText("Enter", .hotkey) + StyledText(" runs it", .dim)))
    return box
  }

  private func draw(_ entry: KeyList.Entry, on surface: inout Surface, in row: Rect) {
    let spec = commands.spec(entry.command)
    let isPossible = lack(for: spec) == nil
    let isWide = row.width >= Self.wideList - 2
    let parts = Layout.columns(row, [.fixed(10), isWide ? .fixed(28) : .flexible(), isWide ? .flexible() : .fixed(0)])
    surface.put(StyledText(entry.keys, .hotkey, .bold), in: parts[0].narrowed(by: 1))
    var name = StyledText(entry.line, isPossible ? .operator : .dim)
    if entry.argument.isEmpty, !spec.syntax.isEmpty { name += StyledText(" \(spec.syntax)", .dim) }
    surface.put(name, in: isWide ? parts[1].narrowed(by: 1) : parts[1])
    surface.put(StyledText(spec.help, isPossible ? .text : .dim), in: parts[2])
  }

  private func drawDetail(_ entry: KeyList.Entry, on surface: inout Surface, in rect: Rect) {
    let spec = commands.spec(entry.command)
    var text =
      spec.isTypeable ? StyledText(":\(entry.line)", .operator, .bold) : StyledText(entry.line, .operator, .bold)
    if entry.argument.isEmpty, !spec.syntax.isEmpty { text += StyledText(" \(spec.syntax)", .operator) }
    text += StyledText("  \(spec.help)", .text)
    if let lack = lack(for: spec) { text += StyledText("  Not now: \(lack).", .warning) }
    surface.putWrapped(text, in: rect)
  }
}

extension Rect {
  /// Without some columns at its right end.
  fileprivate func narrowed(by columns: Int) -> Rect { Rect(x: x, y: y, width: width - columns, height: height) }
}
