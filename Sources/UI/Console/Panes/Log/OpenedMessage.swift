import Screen
import Timeline

/// A row of the log, opened: its message as pretty JSON, as text, or as a hex dump.
struct OpenedMessage: Sendable {
  enum Content: Sendable, Equatable {
    case json([StyledText])
    /// A text message that is no JSON, with the reason.
    case text(String, fault: String)
    case hex(HexDump)
    /// Not a message; or one whose payload is no longer kept.
    case words(StyledText)
  }

  let row: LogRow
  let type: String
  let content: Content
  /// Which of the row's kept payloads this is, how many are kept, and the payload itself.
  let member: Int
  let memberCount: Int
  let payload: LogPayload?
  /// What is not as it was sent, in words.
  private(set) var notes: [String] = []
  private(set) var offset = 0

  /// - Parameter atEnd: opens the last message of an audio row instead of the first.
  init(_ row: LogRow, in store: LogStore, atEnd: Bool = false) {
    let count = store.payloads(of: row).count
    self.init(row, member: atEnd ? max(0, count - 1) : 0, in: store)
  }

  private init(_ row: LogRow, member: Int, in store: LogStore) {
    let payloads = store.payloads(of: row)
    self.row = row
    self.member = member
    type = store.typeName(of: row)
    memberCount = payloads.count
    payload = member < payloads.count ? payloads[member] : nil
    if row.kind != .event, payloads.count < row.count {
      let limit = Figures.bytes(store.limits.payloadBytes)
      notes.append("\(Figures.count(row.count - payloads.count, "payload")) of this row forgotten (\(limit) are kept)")
    }
    guard let payload else {
      let gone = "The payload is no longer kept; this is the row's summary:\n\n"
      content = .words(StyledText(row.kind == .event ? "" : gone, .warning) + StyledText(row.summary, .text))
      return
    }
    if payload.bytes.count < payload.byteCount {
      notes.append(
        "only the first \(Figures.bytes(payload.bytes.count)) of \(Figures.bytes(payload.byteCount)) are kept")
    }
    guard payload.isText else {
      content = .hex(HexDump(bytes: payload.bytes))
      return
    }
    guard String(validating: payload.bytes, as: UTF8.self) != nil else {
      notes.append("a text message that is no valid UTF-8")
      content = .hex(HexDump(bytes: payload.bytes))
      return
    }
    let pretty = JSONPretty(payload.bytes)
    if let fault = pretty.fault {
      content = .text(String(decoding: payload.bytes, as: UTF8.self), fault: "not valid JSON: \(fault)")
    } else {
      content = .json(pretty.lines)
    }
  }

  /// The next or previous message of the same row.
  func sibling(_ step: Int, in store: LogStore) -> OpenedMessage? {
    let next = member + step
    return next >= 0 && next < memberCount ? OpenedMessage(row, member: next, in: store) : nil
  }

  /// What copying gives.
  var plainText: String {
    switch content {
    case .json(let lines): lines.map(\.plain).joined(separator: "\n")
    case .text(let text, _): text
    case .hex(let dump):
      (0..<dump.lineCount).compactMap { dump.line($0) }.map { "\($0.offset)  \($0.hex)  \($0.characters)" }
        .joined(separator: "\n")
    case .words(let text): row.kind == .event ? "\(type) \(row.summary)" : text.plain
    }
  }

  mutating func scroll(by rows: Int, in area: Size) {
    let reach = max(0, lineCount(area) - area.height)
    offset = rows == .max ? reach : rows == .min ? 0 : (offset + rows).clamped(to: 0...reach)
  }

  // MARK: - View

  func draw(on surface: inout Surface, in rect: Rect, clock: Clock, glyphs: GlyphSet) {
    var box = Box(border: Style(.focus))
    let arrow = row.kind == .sent ? "→ " : row.kind == .received ? "← " : "· "
    box.leading = [BorderLabel(StyledText(arrow + type, row.actor, .bold), priority: .max)]
    if let payload, row.count > 1 {
      box.leading.append(BorderLabel(StyledText("\(member + 1) of \(memberCount)", .text), priority: 3))
      box.trailing = [BorderLabel(StyledText(clock.time(payload.at), .dim), priority: 2)]
    } else {
      box.trailing = [BorderLabel(StyledText(clock.time(row.at), .dim), priority: 2)]
    }
    if let payload {
      let kind = payload.isText ? "text" : "binary"
      box.trailing.append(BorderLabel(StyledText("\(kind) \(Figures.bytes(payload.byteCount))", .dim), priority: 1))
    }
    let legend = CommandTable.legend(for: .message, glyphs: glyphs)
    box.legend = legend.map { BorderLabel($0) }
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    let area = Size(width: inside.width, height: inside.height)
    let total = lineCount(area)
    let start = min(offset, max(0, total - inside.height))
    for (i, line) in lines(start..<min(total, start + inside.height), width: inside.width).enumerated() {
      surface.put(line, in: inside.row(i))
    }
    guard total > inside.height else { return }
    let place =
      " \(Figures.grouped(start + 1))–\(Figures.grouped(min(total, start + inside.height))) of \(Figures.grouped(total)) "
    let label = Rect(x: rect.x + 1, y: rect.bottom - 1, width: rect.width - 2, height: 1)
    surface.put(StyledText(place, .modifier), in: label, .right)
  }

  private func head(_ width: Int) -> [StyledText] {
    var texts = notes.map { StyledText($0, .warning) }
    if case .text(_, let fault) = content { texts.append(StyledText(fault, .error)) }
    guard !texts.isEmpty else { return [] }
    return texts.flatMap { TextWrap.lines($0, width: width) } + [StyledText()]
  }

  private func lineCount(_ area: Size) -> Int {
    if case .hex(let dump) = content { return head(area.width).count + dump.lineCount }
    return head(area.width).count + wrapped(area.width).count
  }

  private func lines(_ range: Range<Int>, width: Int) -> [StyledText] {
    let head = head(width)
    guard case .hex(let dump) = content else { return Array((head + wrapped(width))[range]) }
    return range.map { i in
      if i < head.count { return head[i] }
      guard let line = dump.line(i - head.count) else { return StyledText() }
      return StyledText(line.offset + "  ", .dim) + StyledText(line.hex + "  ", .literal)
        + StyledText(line.characters, .text)
    }
  }

  private func wrapped(_ width: Int) -> [StyledText] {
    switch content {
    case .json(let lines): lines.flatMap { Self.wrap($0, width: width) }
    case .text(let text, _): TextWrap.lines(StyledText(text), width: width)
    case .words(let text): TextWrap.lines(text, width: width)
    case .hex: []
    }
  }

  /// A long value goes on under its own beginning.
  private static func wrap(_ line: StyledText, width: Int) -> [StyledText] {
    guard line.columns > width else { return [line] }
    let indent = min(line.plain.prefix { $0 == " " }.count + 2, width / 2)
    let rows = TextWrap.lines(line, width: max(1, width - indent))
    return rows.enumerated().map { i, row in i == 0 ? row : StyledText(String(repeating: " ", count: indent)) + row }
  }
}
