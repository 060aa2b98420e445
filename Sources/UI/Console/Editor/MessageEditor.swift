import Screen
import Wire

/// A message in the making: text of several lines, or bytes, sent as it is.
struct MessageEditor: Sendable {
  var area: TextArea
  var form: MessageForm
  /// Why it could not be sent.
  var fault: String?
  /// As it was when the editor was opened, or when a template was put there.
  private var start: Sent
  private(set) var templates: [MessageTemplate]
  private var templateIndex: Int?
  /// Where in what was sent before this comes from, counted back from the newest; nil for the operator's own.
  private var historyPosition: Int?

  /// What was sent, and how it was written.
  struct Sent: Sendable, Equatable {
    var text: String
    var form: MessageForm
  }

  init(_ draft: Sent, templates: [MessageTemplate]) {
    area = TextArea(draft.text)
    form = draft.form
    start = draft
    self.templates = templates
  }

  /// A message as it is edited: JSON indented, bytes as hexadecimal digits.
  static func draft(_ frame: WireMessage) -> Sent {
    switch frame {
    case .text(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      return Sent(text: JSONLayout.indented(text) ?? text, form: .text)
    case .binary(let bytes):
      let dump = HexDump(bytes: bytes)
      let lines = (0..<dump.lineCount).compactMap { dump.line($0)?.hex }
      return Sent(
        text: lines.map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: "\n"), form: .hex)
    }
  }

  var draft: Sent { Sent(text: area.text, form: form) }
  /// There is something in it that would be lost.
  var isChanged: Bool { draft != start && !area.isEmpty }

  mutating func take(_ draft: Sent) {
    area = TextArea(draft.text)
    (form, fault) = (draft.form, nil)
  }

  /// The template of that name, or the next one; false when there is none.
  mutating func takeTemplate(_ name: String? = nil) -> Bool {
    let index = name.map { name in templates.firstIndex { $0.name == name } } ?? ((templateIndex ?? -1) + 1)
    guard let index, !templates.isEmpty else { return false }
    let chosen = index % templates.count
    templateIndex = chosen
    take(Self.draft(templates[chosen].message))
    start = draft
    return true
  }

  /// Walks to older (+1) or newer (-1) messages that were sent.
  mutating func walk(_ step: Int, through sent: [Sent]) {
    let next = (historyPosition ?? -1) + step
    guard next >= 0, next < sent.count else { return }
    historyPosition = next
    take(sent[sent.count - 1 - next])
    area.move(by: .max)
    area.end()
  }

  /// JSON on one line, or indented when it is on one line already. False for what is no JSON.
  mutating func reformat() -> Bool {
    let text = area.text
    guard form == .text, let indented = JSONLayout.indented(text) else { return false }
    area = TextArea(text.contains("\n") ? JSONLayout.compact(text) ?? indented : indented)
    return true
  }

  // MARK: - View

  /// What would be sent, in words; and whether it is as one would expect.
  var verdict: (text: String, role: Role) {
    let outgoing: MessageForm.Outgoing
    do {
      outgoing = try form.outgoing(area.text)
    } catch {
      return (error.reason, .error)
    }
    switch outgoing {
    case .file: return ("binary, the bytes of a file", .dim)
    case .frame(.binary(let bytes)): return ("binary, \(Figures.bytes(bytes.count))", .good)
    case .frame(.text(let bytes)):
      let size = "text, \(Figures.bytes(bytes.count))"
      guard !bytes.isEmpty else { return ("\(size): an empty message", .warning) }
      var scanner = JSONScanner(bytes)
      do {
        while try scanner.next() != nil {}
        return ("\(size), valid JSON", .good)
      } catch {
        return ("\(size), not JSON: \(error.reason); it is sent all the same", .warning)
      }
    }
  }

  func draw(on surface: inout Surface, in rect: Rect, glyphs: GlyphSet) {
    var box = Box(border: Style(.focus))
    box.leading = [BorderLabel(StyledText("→ message", .operator, .bold), priority: .max)]
    box.leading.append(BorderLabel(StyledText(form.rawValue, .text), priority: 3))
    if let fault { box.leading.append(BorderLabel(StyledText(fault, .error), priority: 5)) }
    box.trailing = [BorderLabel(StyledText("line \(area.row + 1), column \(area.column + 1)", .dim))]
    let (text, role) = verdict
    box.legend = [BorderLabel(StyledText(text, role), priority: 2)]
    surface.fill(rect)
    let inside = surface.box(rect, box, glyphs: glyphs).inset(1, 0)
    guard !inside.isEmpty else { return }
    let parts = Layout.columns(inside, [.flexible(), .fixed(inside.width >= 70 && !templates.isEmpty ? 26 : 0)])
    drawText(on: &surface, in: parts[0])
    drawTemplates(on: &surface, in: parts[1])
  }

  private func drawText(on surface: inout Surface, in rect: Rect) {
    // The cursor is kept in sight by what is before it, so that nothing needs to be remembered.
    let top = max(0, area.row - rect.height + 1)
    let before = CharacterWidth.columns(of: String(area.lines[area.row][..<area.column]))
    let left = max(0, before - rect.width + 2)
    if area.isEmpty {
      surface.putWrapped(StyledText(" \(hint)", .dim), in: rect)
    }
    for (i, line) in area.lines[top...].prefix(rect.height).enumerated() {
      var column = 0
      var shown = line[...]
      while column < left, let first = shown.popFirst() { column += CharacterWidth.columns(of: String(first)) }
      surface.put(
        String(shown), x: rect.x + column - left, y: rect.y + i, width: rect.width - column + left, Style(.text))
    }
    surface.restyle(Rect(x: rect.x + before - left, y: rect.y + area.row - top, width: 1, height: 1)) {
      $0.emphasis.insert(.reverse)
    }
  }

  private var hint: String {
    switch form {
    case .text: "a message of any text, valid or not"
    case .hex: "bytes in hexadecimal: 00 ff 10"
    case .base64: "bytes in base64"
    case .file: "the path of a file whose bytes are sent"
    }
  }

  private func drawTemplates(on surface: inout Surface, in rect: Rect) {
    guard rect.width > 4 else { return }
    let list = Rect(x: rect.x + 2, y: rect.y, width: rect.width - 2, height: rect.height)
    surface.put(StyledText("templates", .title, .bold), in: list.row(0))
    // The one in use stays in sight.
    let room = max(1, list.height - 1)
    let first = max(0, (templateIndex ?? 0) - room + 1)
    for (i, template) in templates[first...].prefix(room).enumerated() {
      let isUsed = first + i == templateIndex
      surface.put(StyledText((isUsed ? "▸ " : "  ") + template.name, isUsed ? .operator : .dim), in: list.row(i + 1))
    }
  }
}
