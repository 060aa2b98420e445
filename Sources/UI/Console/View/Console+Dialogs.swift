import Screen

// What lies over the panes: the input line, the ways to disconnect, the list of keys.
extension Console {
  // MARK: - Input line

  /// A frame of three rows at the lower end of the panes.
  func drawPrompt(_ prompt: Prompt, on surface: inout Surface, over body: Rect) {
    let rect = Rect(x: body.x, y: body.bottom - 3, width: body.width, height: 3)
    var box = Box(prompt.purpose.label, isFocused: true)
    box.leading[0].text = StyledText(prompt.purpose.label, .operator, .bold)
    if let fault = prompt.fault { box.leading.append(BorderLabel(StyledText(fault, .error), priority: 5)) }
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    let (text, cursor) = prompt.editor.window(width: inside.width)
    if prompt.editor.isEmpty {
      surface.put(StyledText(" \(prompt.purpose.placeholder)", .dim), in: inside)
    } else {
      surface.put(StyledText(text, .operator), in: inside)
      drawCompletions(prompt, after: CharacterWidth.columns(of: text), on: &surface, in: inside)
    }
    surface.restyle(Rect(x: inside.x + cursor, y: inside.y, width: 1, height: 1)) { $0.emphasis.insert(.reverse) }
  }

  private func drawCompletions(_ prompt: Prompt, after used: Int, on surface: inout Surface, in rect: Rect) {
    guard prompt.purpose == .command, prompt.editor.after.isEmpty else { return }
    let text = prompt.editor.text
    let candidates = completions(text).filter { $0 != text }
    let room = Rect(x: rect.x + used + 3, y: rect.y, width: rect.width - used - 3, height: 1)
    if !candidates.isEmpty {
      surface.put(StyledText(candidates.joined(separator: "  "), .dim), in: room)
    } else if let command = Command(rawValue: String(text.prefix { $0 != " " })) {
      let spec = CommandTable.spec(command)
      surface.put(StyledText("\(spec.argument)  \(spec.help)", .dim), in: room)
    }
  }

  // MARK: - Ways to disconnect

  func drawDisconnect(_ selected: Int, on surface: inout Surface, over body: Rect) {
    let ways = Self.waysToDisconnect
    let rect = body.centred(Size(width: 76, height: ways.count + 4))
    var box = Box("disconnect", isFocused: true)
    box.leading[0].text = StyledText("disconnect", .fault, .bold)
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 1)
    for (i, spec) in ways.enumerated() {
      let row = inside.row(i)
      let parts = Layout.columns(row, [.fixed(4), .fixed(9), .flexible()])
      let isActive = insight.faults[spec.command.rawValue] != nil
      let key = CommandTable.keyName(spec, in: .disconnect, glyphs: options.glyphs) ?? ""
      surface.put(StyledText("  \(key)", .hotkey, .bold), in: parts[0])
      surface.put(StyledText(spec.label, isActive ? .fault : .text, .bold), in: parts[1])
      surface.put(StyledText(isActive ? "In force. Again to lift." : spec.help, .dim), in: parts[2])
      if i == selected { surface.restyle(row) { $0 = Style(.selection, $0.emphasis) } }
    }
  }

  // MARK: - Keys

  func drawHelp(_ help: HelpState, on surface: inout Surface, in rect: Rect) {
    var box = Box("keys and commands", isFocused: true)
    if !help.find.isEmpty { box.leading.append(BorderLabel(StyledText("find: \(help.find)", .modifier), priority: 2)) }
    let inside = rect.inset(2, 1)
    let lines = helpLines(width: inside.width, find: help.find)
    let start = min(help.offset, max(0, lines.count - inside.height))
    box.trailingLegend = PageLabel.labels(start, inside.height, of: lines.count)
    surface.fill(rect)
    surface.box(rect, box, glyphs: options.glyphs)
    if lines.isEmpty {
      surface.put(StyledText("Nothing matches \(help.find). Esc shows all.", .dim), in: inside)
    }
    for (i, line) in lines[start...].prefix(inside.height).enumerated() { surface.put(line, in: inside.row(i)) }
  }

  /// The key table, chapter by chapter: keys, name with argument, what it does.
  func helpLines(width: Int, find: String) -> [StyledText] {
    var lines: [StyledText] = []
    let needle = find.lowercased()
    for section in CommandSpec.Section.allCases {
      var block: [StyledText] = []
      for spec in CommandTable.all where spec.section == section {
        let keys = CommandTable.keyNames(spec, glyphs: options.glyphs)
        let name = spec.isTypeable ? ":\(spec.command.rawValue)" : ""
        let haystack = "\(keys) \(name) \(spec.argument) \(spec.help)".lowercased()
        guard needle.isEmpty || haystack.contains(needle) else { continue }
        block += helpLine(spec, keys, name, width)
      }
      guard !block.isEmpty else { continue }
      if !lines.isEmpty { lines.append(StyledText()) }
      lines.append(StyledText(section.rawValue, .title, .bold))
      lines += block
    }
    return lines
  }

  private func helpLine(_ spec: CommandSpec, _ keys: String, _ name: String, _ width: Int) -> [StyledText] {
    let keyColumns = 12
    // The argument stands with the name where there is room for both, else it ends the sentence.
    let nameColumns = width >= 92 ? 25 : width >= 70 ? 15 : 0
    let hasArgument = width >= 92 && !name.isEmpty
    let indent = keyColumns + nameColumns
    var head = StyledText(keys, .hotkey, .bold)
    head += StyledText(String(repeating: " ", count: max(1, keyColumns - head.columns)))
    var text = StyledText(spec.help, .text)
    var call = StyledText(name, .operator)
    if hasArgument { call += StyledText(" \(spec.argument)", .dim) }
    if !hasArgument, !spec.argument.isEmpty { text += StyledText(" \(spec.argument)", .dim) }
    if nameColumns > 0 { head += call + StyledText(String(repeating: " ", count: max(0, nameColumns - call.columns))) }
    return TextWrap.lines(text, width: max(8, width - indent)).enumerated().map { i, row in
      (i == 0 ? head : StyledText(String(repeating: " ", count: indent))) + row
    }
  }
}

/// Where one is in a text that does not fit: `21–40 of 88`.
enum PageLabel {
  static func labels(_ start: Int, _ height: Int, of total: Int) -> [BorderLabel] {
    guard total > height, height > 0 else { return [] }
    let end = Figures.grouped(min(total, start + height))
    return [BorderLabel(StyledText("\(Figures.grouped(start + 1))–\(end) of \(Figures.grouped(total))", .modifier))]
  }
}
