import Screen

/// The palette: a query, and the row that Enter takes.
struct CommandPalette: Sendable {
  private(set) var query = LineEditor()
  private(set) var selected = 0

  mutating func edit(_ change: (inout LineEditor) -> Void) {
    let before = query.text
    change(&query)
    if query.text != before { selected = 0 }
  }

  mutating func move(by rows: Int, among count: Int) {
    let goal = rows == .max ? count - 1 : rows == .min ? 0 : selected + rows
    selected = goal.clamped(to: 0...max(0, count - 1))
  }

  /// A command that can be run from it, with the argument it gives.
  struct Entry: Sendable, Equatable {
    let command: Command
    let argument: String
    /// Which characters of `line` the query has found.
    var found: [Int] = []
    /// Whether there is something to do for it now.
    var isPossible = true

    /// As it would be typed.
    var line: String { argument.isEmpty ? command.rawValue : "\(command.rawValue) \(argument)" }
  }
}

extension Console {
  /// The commands that the query finds, the best first; the impossible ones last.
  func paletteEntries(_ palette: CommandPalette) -> [CommandPalette.Entry] {
    let query = palette.query.text
    let scored = paletteCommands.compactMap { entry -> (entry: CommandPalette.Entry, score: Int)? in
      var entry = entry
      let spec = commands.spec(entry.command)
      entry.isPossible = lack(for: spec) == nil
      let handicap = entry.isPossible ? 0 : -10_000
      if let match = FuzzyMatch(query, in: entry.line) {
        entry.found = match.positions
        return (entry, match.score + 1_000 + handicap)
      }
      // By what it is called in the hints, and by the words of what it does.
      if let match = FuzzyMatch(query, in: spec.label) { return (entry, match.score + 500 + handicap) }
      let words = query.lowercased().split(separator: " ")
      let isMeant = words.allSatisfy { spec.help.lowercased().contains($0) }
      return isMeant && entry.argument.isEmpty ? (entry, handicap) : nil
    }
    guard !query.isEmpty else {
      return scored.map(\.entry).filter(\.isPossible) + scored.map(\.entry).filter { !$0.isPossible }
    }
    // Equals keep the table's order.
    return scored.enumerated().sorted { ($0.element.score, -$0.offset) > ($1.element.score, -$1.offset) }
      .map(\.element.entry)
  }

  /// Every command that can be typed, and with each of its choices.
  private var paletteCommands: [CommandPalette.Entry] {
    let known = known
    return commands.typeable.filter(isForPort).flatMap { spec in
      [CommandPalette.Entry(command: spec.command, argument: "")]
        + (spec.arguments.first?.kind.paletteWords(known) ?? []).map {
          CommandPalette.Entry(command: spec.command, argument: $0)
        }
    }
  }

  private func chosen(of palette: CommandPalette) -> CommandPalette.Entry? {
    let entries = paletteEntries(palette)
    return entries.indices.contains(palette.selected) ? entries[palette.selected] : nil
  }

  /// Enter: runs the row; a command that needs arguments asks for them in the input line.
  mutating func acceptPalette() throws(CommandFault) -> [ConsoleEffect] {
    guard case .palette(let palette) = overlay else { return [] }
    guard let entry = chosen(of: palette) else {
      throw CommandFault(reason: "no command has these letters")
    }
    closeOverlay()
    return try perform(entry.command, entry.argument)
  }

  /// Tab: puts the row into the input line.
  mutating func editChosen() -> [ConsoleEffect] {
    guard case .palette(let palette) = overlay, let entry = chosen(of: palette) else { return [] }
    closeOverlay()
    let takesMore = !commands.spec(entry.command).arguments.isEmpty && entry.argument.isEmpty
    prompt = Prompt(.command, text: entry.line + (takesMore ? " " : ""))
    return requestListing()
  }

  // MARK: - View

  private static let paletteSize = Size(width: 96, height: 22)

  func drawPalette(_ palette: CommandPalette, on surface: inout Surface, over body: Rect) {
    let rect = body.centred(Self.paletteSize)
    let entries = paletteEntries(palette)
    var box = Box("palette", isFocused: true)
    box.leading[0].text = StyledText("palette", .operator, .bold)
    box.trailing.append(BorderLabel(StyledText(Figures.count(entries.count, "command"), .dim)))
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: options.glyphs).inset(1, 0)
    guard inside.height >= 2 else { return }
    let parts = Layout.rows(inside, [.fixed(1), .flexible()])
    drawQuery(palette.query, on: &surface, in: parts[0])
    guard !entries.isEmpty else {
      let text = "No command has these letters in this order. Esc closes, Ctrl-U begins anew."
      surface.put(StyledText(text, .dim), in: parts[1])
      return
    }
    let list = parts[1]
    let start = max(0, min(palette.selected - list.height / 2, entries.count - list.height))
    for (line, i) in (start..<min(entries.count, start + list.height)).enumerated() {
      draw(entries[i], on: &surface, in: list.row(line))
      if i == palette.selected {
        surface.restyle(list.row(line)) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) }
      }
    }
  }

  private func drawQuery(_ query: LineEditor, on surface: inout Surface, in line: Rect) {
    surface.put(StyledText("> ", .operator, .bold), in: line)
    let field = Rect(x: line.x + 2, y: line.y, width: line.width - 2, height: 1)
    let (text, _, cursor) = query.window(width: field.width)
    let placeholder = StyledText(" some letters of a command, or of what it does", .dim)
    surface.put(query.isEmpty ? placeholder : StyledText(text, .operator), in: field)
    surface.restyle(Rect(x: field.x + cursor, y: field.y, width: 1, height: 1)) { $0.emphasis.insert(.reverse) }
  }

  private func draw(_ entry: CommandPalette.Entry, on surface: inout Surface, in row: Rect) {
    let spec = commands.spec(entry.command)
    let columns = Layout.columns(row, [.fixed(11), .fixed(28), .flexible()])
    if entry.argument.isEmpty, let keys = keys.keyNames(entry.command, in: .panes, focus: focus, glyphs: options.glyphs)
    {
      surface.put(StyledText(keys, .hotkey, .bold), in: columns[0])
    }
    var name = StyledText()
    for (i, character) in entry.line.enumerated() {
      let isFound = entry.found.contains(i)
      let style = Style(entry.isPossible ? .operator : .dim, isFound ? [.bold, .underline] : [])
      name.append(String(character), style)
    }
    if entry.argument.isEmpty, !spec.syntax.isEmpty { name += StyledText(" \(spec.syntax)", .dim) }
    surface.put(name.truncated(to: columns[1].width - 2), in: columns[1])
    let help = entry.isPossible ? spec.help : "Not now: \(lack(for: spec) ?? "")."
    surface.put(StyledText(help, entry.isPossible ? .text : .dim), in: columns[2])
  }
}
