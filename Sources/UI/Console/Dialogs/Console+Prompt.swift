import Screen

// The input line on the screen: a frame at the lower end of the panes, with the choices above the text.
//
//   ╭ : ────────────────────────────╮
//   │ gate [gate|open|ptt]  What …  │   what is called, or what the word could become, or what is wrong
//   │ gate open                     │   the rest of the likeliest line is dim
//   ╰───────────────────────────────╯
extension Console {
  private static let mostChoices = 8

  func drawPrompt(_ prompt: Prompt, on surface: inout Surface, over body: Rect) {
    let rows = promptRows(prompt, room: min(Self.mostChoices, body.height - 4), width: body.width - 4)
    let height = 3 + rows.count
    let rect = Rect(x: body.x, y: body.bottom - height, width: body.width, height: height)
    var box = Box(prompt.purpose.label, isFocused: true)
    box.leading[0].text = StyledText(prompt.purpose.label, .operator, .bold)
    if let menu = prompt.menu {
      let text = "\(menu.selected + 1) of \(menu.completion.candidates.count)"
      box.trailing.append(BorderLabel(StyledText(text, .dim)))
    } else if prompt.fault == nil, let count = completion?.candidates.count, count > rows.count, rows.count > 1 {
      box.trailing.append(BorderLabel(StyledText("\(count) choices", .dim)))
    }
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    for (i, row) in rows.enumerated() {
      surface.put(row.text, in: inside.row(i))
      if row.isSelected { surface.restyle(inside.row(i)) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) } }
    }
    drawTyped(prompt, on: &surface, in: inside.row(inside.height - 1))
  }

  private func drawTyped(_ prompt: Prompt, on surface: inout Surface, in line: Rect) {
    let (text, first, cursor) = prompt.editor.window(width: line.width)
    if prompt.editor.isEmpty {
      surface.put(StyledText(" \(prompt.purpose.placeholder)", .dim), in: line)
    } else {
      surface.put(StyledText(text, .operator) + StyledText(ghost ?? "", .dim), in: line)
    }
    if let range = prompt.fault?.range { underline(range, of: text, from: first, on: &surface, in: line) }
    surface.restyle(Rect(x: line.x + cursor, y: line.y, width: 1, height: 1)) { $0.emphasis.insert(.reverse) }
  }

  /// Points at the characters that are wrong; at the place behind the text when something is missing there.
  private func underline(
    _ range: Range<Int>, of text: String, from first: Int, on surface: inout Surface, in line: Rect
  ) {
    let shown = Array(text)
    let start = (range.lowerBound - first).clamped(to: 0...shown.count)
    let end = (range.upperBound - first).clamped(to: start...shown.count)
    let before = CharacterWidth.columns(of: String(shown[..<start]))
    let width = max(1, CharacterWidth.columns(of: String(shown[start..<end])))
    surface.restyle(Rect(x: line.x + before, y: line.y, width: min(width, line.width - before), height: 1)) {
      $0 = Style(.error, [.underline])
    }
  }

  // MARK: - Choices

  private struct PromptRow {
    var text: StyledText
    var isSelected = false
  }

  private func promptRows(_ prompt: Prompt, room: Int, width available: Int) -> [PromptRow] {
    guard room > 0 else { return [] }
    if let fault = prompt.fault {
      // All of it: what is allowed stands at the end.
      return TextWrap.lines(StyledText(fault.reason, .error), width: max(1, available - 2)).prefix(room).enumerated()
        .map { i, line in PromptRow(text: StyledText(i == 0 ? "✗ " : "  ", .error, .bold) + line) }
    }
    guard let completion, !prompt.editor.isEmpty else { return [] }
    let typed = prompt.text.dropFirst(completion.range.lowerBound)
    let isWhole = completion.candidates.count == 1 && completion.candidates[0].text == typed && prompt.menu == nil
    guard !completion.candidates.isEmpty, !isWhole else {
      return signature(prompt).map { [PromptRow(text: $0)] } ?? []
    }
    let names = completion.candidates.map { $0.syntax.isEmpty ? $0.text : "\($0.text) \($0.syntax)" }
    let width = min(34, names.map { CharacterWidth.columns(of: $0) }.max() ?? 0)
    let selected = prompt.menu?.selected
    let start = max(0, min((selected ?? 0) - room / 2, completion.candidates.count - room))
    return completion.candidates.enumerated().dropFirst(start).prefix(room).map { i, candidate in
      var name = StyledText(candidate.text, .operator, .bold)
      if !candidate.syntax.isEmpty { name += StyledText(" \(candidate.syntax)", .dim) }
      name = name.truncated(to: width)
      let gap = String(repeating: " ", count: max(0, width - name.columns) + 2)
      return PromptRow(text: name + StyledText(gap) + StyledText(candidate.detail, .text), isSelected: i == selected)
    }
  }

  /// The command that is being typed, the argument under the cursor bold.
  private func signature(_ prompt: Prompt) -> StyledText? {
    let line = String(prompt.editor.before)
    let call = CommandCall(line)
    guard prompt.purpose == .command, let spec = try? call.spec(in: commands) else { return nil }
    let typed = call.argument.isEmpty ? 0 : call.argument.split(separator: " ").count - (line.hasSuffix(" ") ? 0 : 1)
    var text = StyledText(spec.command.rawValue, .operator)
    for (i, argument) in spec.arguments.enumerated() {
      let isOpen = i == typed || (i == spec.arguments.count - 1 && typed > i)
      text += StyledText(" ") + StyledText(argument.syntax, isOpen ? .text : .dim, isOpen ? .bold : [])
    }
    return text + StyledText("  \(spec.help)", .dim)
  }
}
