import Screen
import Wire

// The form on the screen.
//
//   field       last sent   applied     new value
//   voice       rms         slt         rms▌        ● changed / … asked / ✗ refused: why
extension Console {
  func drawForm(_ form: SettingsForm, on surface: inout Surface, over body: Rect) {
    let rect = body.centred(Size(width: 100, height: form.rows.count + 6))
    var box = Box("config", isFocused: true)
    box.leading[0].text = StyledText("config", .operator, .bold)
    let count = form.changedCount
    box.trailing.append(
      BorderLabel(StyledText(count > 0 ? "\(count) changed" : "nothing changed", count > 0 ? .modifier : .dim)))
    let unkept = settings.unkeptSent + settings.unkeptApplied
    if unkept > 0 {
      let text = "\(Figures.count(unkept, "field")) too large to be kept"
      box.trailing.append(BorderLabel(StyledText(text, .warning), priority: 3))
    }
    box.legend.append(
      BorderLabel(StyledText("Enter", .hotkey) + StyledText(" sends what is changed", .dim), priority: 2))
    box.legend.append(
      BorderLabel(StyledText("an empty value is null; text, numbers and JSON as they stand", .dim), priority: 1))
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    guard inside.height >= 3 else { return }
    let parts = Layout.rows(inside, [.fixed(1), .flexible(), .fixed(1), .fixed(1)])
    let columns = formColumns(inside)
    for (column, title) in zip(columns, ["field", "last sent", "applied", "new value"]) {
      surface.put(StyledText(title, .title), in: column.on(parts[0].y))
    }
    let start = max(0, min(form.selected - parts[1].height / 2, form.rows.count - parts[1].height))
    for (line, i) in (start..<min(form.rows.count, start + parts[1].height)).enumerated() {
      draw(form.rows[i], isSelected: i == form.selected, on: &surface, in: columns.map { $0.on(parts[1].y + line) })
    }
    surface.put(remark(form), in: parts[3])
  }

  private func formColumns(_ rect: Rect) -> [Rect] {
    Layout.columns(
      rect, [.flexible(weight: 3), .flexible(weight: 3), .flexible(weight: 3), .flexible(weight: 4), .fixed(10)])
  }

  private func draw(_ row: SettingsForm.Row, isSelected: Bool, on surface: inout Surface, in cells: [Rect]) {
    func put(_ text: StyledText, _ cell: Rect) {
      surface.put(text, in: Rect(x: cell.x, y: cell.y, width: cell.width - 1, height: cell.height))
    }
    func value(_ value: JSONValue?, _ role: Role) -> StyledText {
      value.map { StyledText(SettingsForm.text($0), role) } ?? StyledText("–", .dim)
    }
    put(row.field.map { StyledText($0, .key, isSelected ? .bold : []) } ?? StyledText("+ new", .dim), cells[0])
    if let field = row.field {
      put(value(settings.sent[field], .operator), cells[1])
      let standing = settings.standing(of: field)
      put(value(settings.applied[field], standing == .settled ? .good : .warning), cells[2])
      put(sign(of: standing, isChanged: row.isChanged), cells[4])
    }
    let field = Rect(x: cells[3].x, y: cells[3].y, width: cells[3].width - 1, height: 1)
    if isSelected {
      let (text, _, cursor) = row.editor.window(width: field.width)
      surface.fill(field, " ", Style(.selection))
      let shown = row.editor.isEmpty ? " \(row.example)" : text
      surface.put(StyledText(shown, Style(.selection, row.editor.isEmpty ? .dim : [])), in: field)
      surface.restyle(Rect(x: field.x + cursor, y: field.y, width: 1, height: 1)) { $0.emphasis.insert(.reverse) }
    } else if row.editor.isEmpty {
      put(StyledText(row.example, .dim), cells[3])
    } else {
      put(StyledText(row.editor.text, row.fault == nil ? .text : .error), cells[3])
    }
  }

  private func sign(of standing: ServerSettings.Standing, isChanged: Bool) -> StyledText {
    if isChanged { return StyledText("● changed", .modifier) }
    switch standing {
    case .settled: return StyledText()
    case .asked: return StyledText("… asked", .dim)
    case .otherwise: return StyledText("✗ ignored", .warning)
    case .refused: return StyledText("✗ refused", .error, .bold)
    }
  }

  /// What is to be said about the row under the cursor.
  private func remark(_ form: SettingsForm) -> StyledText {
    let row = form.rows[form.selected]
    if let fault = row.fault { return StyledText("✗ \(fault)", .error) }
    guard let field = row.field else {
      return settings.complaint.map { StyledText("✗ the server: \($0)", .error) }
        ?? StyledText("A field that the server knows, as in endpointing=snappy.", .dim)
    }
    switch settings.standing(of: field) {
    case .refused(let why): return StyledText("✗ the server: \(why)", .error)
    case .otherwise: return StyledText("The server's answer does not have this value: it ignored it.", .warning)
    case .asked: return StyledText("Sent. The server has not answered yet.", .dim)
    case .settled: return settings.complaint.map { StyledText("✗ the server: \($0)", .error) } ?? StyledText()
    }
  }
}

extension Rect {
  /// The same columns in another row.
  fileprivate func on(_ row: Int) -> Rect { Rect(x: x, y: row, width: width, height: height > 0 ? 1 : 0) }
}
