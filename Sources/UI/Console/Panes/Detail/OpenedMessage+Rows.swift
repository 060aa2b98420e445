import Screen

// The message as rows of a width, and the cursor that walks over them.
extension OpenedMessage {
  /// A row of the screen, and the line of JSON that it belongs to.
  struct Row: Sendable {
    var text: StyledText
    var line: Int?
  }

  /// Rows that are made when they are drawn: a hex dump may be long.
  struct Rows: Sendable {
    var made: [Row]
    var dump: HexDump?
    var count: Int { made.count + (dump?.lineCount ?? 0) }

    subscript(index: Int) -> Row {
      if index < made.count { return made[index] }
      guard let line = dump?.line(index - made.count) else { return Row(text: StyledText()) }
      return Row(
        text: StyledText(line.offset + "  ", .dim) + StyledText(line.hex + "  ", .literal)
          + StyledText(line.characters, .text))
    }
  }

  func rows(width: Int) -> Rows {
    var made = head(width).map { Row(text: $0) }
    var dump: HexDump?
    switch shown {
    case .json(let outline):
      for line in outline.visible {
        made += Self.wrap(outline.text(line), width: width).map { Row(text: $0, line: line) }
      }
    case .text(let text, _): made += TextWrap.lines(StyledText(text), width: width).map { Row(text: $0) }
    case .words(let text): made += TextWrap.lines(text, width: width).map { Row(text: $0) }
    case .hex(let hex): dump = hex
    }
    return Rows(made: made, dump: dump)
  }

  private func head(_ width: Int) -> [StyledText] {
    var texts = notes.map { StyledText($0, .warning) }
    if case .text(_, let fault) = shown { texts.append(StyledText(fault, .error)) }
    guard !texts.isEmpty else { return [] }
    return texts.flatMap { TextWrap.lines($0, width: width) } + [StyledText()]
  }

  /// A long value goes on under its own beginning.
  private static func wrap(_ line: StyledText, width: Int) -> [StyledText] {
    guard line.columns > width else { return [line] }
    let indent = min(line.plain.prefix { $0 == " " }.count + 2, width / 2)
    let rows = TextWrap.lines(line, width: max(1, width - indent))
    return rows.enumerated().map { i, row in i == 0 ? row : StyledText(String(repeating: " ", count: indent)) + row }
  }

  /// Only what can be folded has a cursor; all else scrolls.
  var hasCursor: Bool { if case .json = shown { true } else { false } }

  mutating func scroll(by count: Int, in area: Size) {
    let rows = rows(width: area.width).count
    // A terminal may have no room for a single row.
    let height = max(1, textHeight(area.height))
    let reach = max(0, rows - height)
    if hasCursor {
      cursor = count == .max ? rows - 1 : count == .min ? 0 : (cursor + count).clamped(to: 0...max(0, rows - 1))
      offset = offset.clamped(to: max(0, cursor - height + 1)...max(0, cursor))
    } else {
      offset = count == .max ? reach : count == .min ? 0 : (offset + count).clamped(to: 0...reach)
    }
  }

  /// Folds or unfolds at the cursor. False where there is nothing to fold.
  mutating func toggleFold(in area: Size) -> Bool {
    let rows = rows(width: area.width)
    guard !showsHex, case .json(var outline) = content, cursor < rows.count, let line = rows[cursor].line else {
      return false
    }
    let start = outline.toggle(at: line)
    change(outline, keeping: start, in: area)
    return true
  }

  /// Folds everything but the outermost, or unfolds all.
  mutating func setFolded(_ isFolded: Bool, in area: Size) -> Bool {
    guard !showsHex, case .json(var outline) = content else { return false }
    if isFolded { outline.foldAll() } else { outline.unfoldAll() }
    change(outline, keeping: 0, in: area)
    return true
  }

  private mutating func change(_ outline: JSONOutline, keeping line: Int, in area: Size) {
    content = .json(outline)
    cursor = rows(width: area.width).made.firstIndex { $0.line == line } ?? 0
    scroll(by: 0, in: area)
  }

  // MARK: - View

  /// Rows of the waveform with its rule, where there is one and room for it.
  private func waveHeight(_ height: Int) -> Int { clip == nil ? 0 : height >= 24 ? 7 : height >= 12 ? 5 : 0 }
  func textHeight(_ height: Int) -> Int { height - waveHeight(height) }

  func draw(on surface: inout Surface, in rect: Rect, clock: WallTime, glyphs: GlyphSet) {
    let inside = rect.inset(2, 1)
    let rows = rows(width: inside.width)
    let height = textHeight(inside.height)
    let start = min(offset, max(0, rows.count - height))
    var box = frame(clock)
    box.trailingLegend = PageLabel.labels(start, height, of: rows.count)
    surface.fill(rect)
    surface.box(rect, box, glyphs: glyphs)
    guard !inside.isEmpty else { return }
    for i in start..<max(start, min(rows.count, start + height)) {
      surface.put(rows[i].text, in: inside.row(i - start))
      if hasCursor, i == cursor, rows.count > 1 {
        surface.restyle(inside.row(i - start)) { $0 = Style(.selection, $0.emphasis.subtracting(.dim)) }
      }
    }
    if height < inside.height, let clip {
      let area = Rect(x: inside.x, y: inside.y + height, width: inside.width, height: inside.height - height)
      clip.draw(on: &surface, in: area, row.kind == .sent ? .user : .agent, glyphs: glyphs)
    }
  }

  private func frame(_ clock: WallTime) -> Box {
    var box = Box(border: Style(.focus))
    let arrow = row.kind == .sent ? "→ " : row.kind == .received ? "← " : "· "
    box.leading = [BorderLabel(StyledText(arrow + type, row.actor, .bold), priority: .max)]
    if let payload, row.count > 1 {
      box.leading.append(BorderLabel(StyledText("\(member + 1) of \(memberCount)", .text), priority: 3))
      box.trailing = [BorderLabel(StyledText(clock.time(payload.at), .dim), priority: 2)]
    } else {
      box.trailing = [BorderLabel(StyledText(clock.time(row.at), .dim), priority: 2)]
    }
    if showsHex { box.leading.append(BorderLabel(StyledText("hex", .modifier), priority: 2)) }
    if let payload {
      let kind = payload.isText ? "text" : "binary"
      box.trailing.append(BorderLabel(StyledText("\(kind) \(Figures.bytes(payload.byteCount))", .dim), priority: 1))
    }
    return box
  }
}

extension AudioClip {
  /// A rule that says what it is, and the waveform: the opened message bright among the row's others.
  func draw(on surface: inout Surface, in rect: Rect, _ role: Role, glyphs: GlyphSet) {
    let rule = rect.row(0)
    for x in rule.x..<rule.right { surface.put(glyphs == .ascii ? "-" : "─", x: x, y: rule.y, Style(.border)) }
    surface.put(StyledText(" \(label) ", .text), x: rule.x + 2, y: rule.y, width: rule.width - 4)
    let area = Rect(x: rect.x, y: rect.y + 1, width: rect.width, height: rect.height - 1)
    guard !area.isEmpty else { return }
    if let problem {
      surface.putWrapped(StyledText("No picture: \(problem).", .dim), in: area)
      return
    }
    let peaks = peaks(Waveform.capacity(columns: area.width))
    Waveform.draw(
      peaks.map { WaveformPeak(low: Float($0.low) / 32_768, high: Float($0.high) / 32_768) }, on: &surface, in: area,
      glyphs: glyphs, style: Style(opened.count == samples.count ? role : .dim))
    guard !samples.isEmpty, opened.count < samples.count else { return }
    let from = area.x + opened.lowerBound * area.width / samples.count
    let to = max(from + 1, area.x + opened.upperBound * area.width / samples.count)
    surface.restyle(Rect(x: from, y: area.y, width: min(to, area.right) - from, height: area.height)) {
      $0 = Style(role, .bold)
    }
  }

  private var label: String {
    let length = "\(Figures.milliseconds(openedDuration.milliseconds)) ms"
    let whole =
      opened.count < samples.count ? " of \(Figures.milliseconds(duration.milliseconds)) ms" : ""
    return problem == nil ? "\(format)  \(Figures.grouped(rate)) Hz  \(length)\(whole)" : format
  }
}
