import Filter
import Screen
import Timeline

extension LogPane {
  func draw(on surface: inout Surface, in rect: Rect, _ context: PaneContext) {
    let inside = surface.box(rect, frame(context), glyphs: context.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    guard shownEnd > 0 else {
      surface.putWrapped(emptyText(context), in: inside)
      return
    }
    let columns = LogColumns(width: inside.width)
    let window = window(inside.height)
    var highlights = search?.highlights
    for (line, position) in window.enumerated() {
      guard let row = store.shownID(position).flatMap({ store.row($0) }) else { continue }
      let area = inside.row(line)
      columns.draw(
        row, type: store.typeName(of: row), delta: delta(of: row, at: position), on: &surface, in: area, context)
      highlight(with: &highlights, on: &surface, in: area)
      if context.isFocused, position == cursor {
        surface.restyle(area) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) }
      }
    }
  }

  /// What the delta column says of a row.
  private func delta(of row: LogRow, at position: Int) -> StyledText {
    if let mark {
      if mark.id == row.id { return StyledText("mark", .modifier, .bold) }
      return StyledText(Figures.signedDelta(row.at - mark.at), .modifier)
    }
    return StyledText(pause(before: row, at: position).map(Figures.delta) ?? "", .text)
  }

  /// Since the last thing that happened; under a filter, since the last thing that is shown.
  private func pause(before row: LogRow, at position: Int) -> Duration? {
    guard !store.filter.isEmpty else { return row.pause }
    guard let before = store.shownID(position - 1).flatMap({ store.row($0) }) else { return nil }
    // A run that goes on beyond this row says nothing about when it paused.
    return row.at - (before.lastAt <= row.at ? before.lastAt : before.at)
  }

  /// Shows where the search's texts stand, in the line as it was drawn.
  private func highlight(with highlights: inout FilterHighlights?, on surface: inout Surface, in area: Rect) {
    guard highlights != nil else { return }
    // The columns of each byte of the line's text.
    var text = ""
    var columns: [Int] = []
    for x in area.x..<area.right {
      guard let scalar = Unicode.Scalar(surface[x, area.y].scalar), scalar.value != 0 else { continue }
      let before = text.utf8.count
      text.unicodeScalars.append(scalar)
      columns += Array(repeating: x, count: text.utf8.count - before)
    }
    for range in highlights?.ranges(in: text) ?? [] {
      for x in Set(columns[range]) {
        surface.restyle(Rect(x: x, y: area.y, width: 1, height: 1)) { $0 = Style(.modifier, [.bold, .underline]) }
      }
    }
  }

  private func frame(_ context: PaneContext) -> Box {
    var box = context.frame(.log)
    if !store.filter.isEmpty {
      box.leading.append(BorderLabel(StyledText("filter: \(store.filter.text)", .modifier), priority: 3))
      let percent = store.progress.map { "  \(Int($0 * 100)) %" } ?? ""
      let text = "\(Figures.grouped(store.shownCount)) of \(Figures.grouped(store.rows.count))\(percent)"
      box.trailing.append(BorderLabel(StyledText(text, .modifier), priority: 2))
    } else if store.nextID > 0 {
      box.trailing.append(BorderLabel(StyledText(Figures.count(store.rows.count, "row"), .dim), priority: 1))
    }
    if isFrozen {
      let news = newCount > 0 ? "  +\(Figures.grouped(newCount)) new" : ""
      box.leading.append(BorderLabel(StyledText("frozen\(news)", .modifier, .bold), priority: 4))
    }
    if let search {
      let label = search.walk == nil ? "search: " : "searching: "
      box.legend.append(BorderLabel(StyledText(label + search.filter.text, .modifier), priority: 3))
    }
    if let mark {
      let text = "Δ from \(context.clock.time(mark.at))"
      box.legend.append(BorderLabel(StyledText(text, .modifier), priority: 2))
    }
    box.trailingLegend = losses
    return box
  }

  /// What memory had no room for.
  private var losses: [BorderLabel] {
    var labels: [BorderLabel] = []
    if store.rows.shortenedCount > 0 {
      let text = "\(Figures.grouped(store.rows.shortenedCount)) older texts cut"
      labels.append(BorderLabel(StyledText(text, .dim)))
    }
    if store.firstID > 0 {
      labels.append(
        BorderLabel(StyledText("\(Figures.grouped(store.firstID)) older rows forgotten", .dim), priority: 1))
    }
    return labels
  }

  private func emptyText(_ context: PaneContext) -> StyledText {
    guard !store.filter.isEmpty else {
      return StyledText("No message yet. Everything that goes over the wire is listed here.", .dim)
    }
    if store.progress != nil { return StyledText("Looking through the log …", .dim) }
    var text = StyledText("No row matches ", .dim)
    text += StyledText(store.filter.text, .modifier)
    text += StyledText(". Press ", .dim) + StyledText(context.call(.filter), .hotkey)
    text += StyledText(" to change the filter, ", .dim) + StyledText(context.call(.back), .hotkey)
    return text + StyledText(" to lift it.", .dim)
  }
}
