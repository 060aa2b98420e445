import Screen
import Wire

/// The form of the server's settings: a row for each field, with what is typed as its new value.
struct SettingsForm: Sendable, Equatable {
  /// One field.
  struct Row: Sendable, Equatable {
    /// Nil in the last row, where a new field is typed as `name=value`.
    let field: String?
    /// What stood there when the form was opened, or when it was last sent.
    var before: String
    var editor: LineEditor
    /// What could be typed there, shown dim while nothing is.
    var example = ""
    /// What is wrong with it.
    var fault: String?
    var isChanged: Bool { editor.text != before }

    init(field: String?, value: String) {
      self.field = field
      before = value
      editor = LineEditor(value)
    }
  }

  private(set) var rows: [Row]
  private(set) var selected = 0

  /// - Parameters:
  ///   - settings: whose fields are shown, with the values in force, else with those that were sent.
  ///   - suggested: fields that are offered though nothing was heard of them yet, as JSON text.
  init(_ settings: ServerSettings, suggested: String) {
    var offered: [String: JSONValue] = [:]
    if case .object(let members)? = try? JSONValue(parsing: suggested.utf8) { offered = members }
    let fields = Set(settings.fields).union(offered.keys).sorted()
    rows = fields.map { field in
      var row = Row(field: field, value: (settings.applied[field] ?? settings.sent[field]).map(Self.text) ?? "")
      row.example = offered[field].map(Self.text) ?? ""
      return row
    }
    rows.append(Self.newField)
  }

  mutating func edit(_ change: (inout LineEditor) -> Void) {
    change(&rows[selected].editor)
    rows[selected].fault = nil
  }

  mutating func move(by step: Int) {
    let goal = step == .max ? rows.count - 1 : step == .min ? 0 : selected + step
    selected = goal.clamped(to: 0...rows.count - 1)
  }

  /// Shows what the server has told: rows that nobody has changed get the values in force, new fields get rows.
  mutating func follow(_ settings: ServerSettings) {
    for (field, value) in settings.applied.sorted(by: { $0.key < $1.key }) {
      guard let i = rows.firstIndex(where: { $0.field == field }) else {
        let place = rows.firstIndex { $0.field.map { $0 > field } ?? true } ?? rows.count
        rows.insert(Row(field: field, value: Self.text(value)), at: place)
        if place <= selected { selected += 1 }
        continue
      }
      guard !rows[i].isChanged, rows[i].before != Self.text(value) else { continue }
      let example = rows[i].example
      rows[i] = Row(field: field, value: Self.text(value))
      rows[i].example = example
    }
  }

  /// How many rows would be sent.
  var changedCount: Int { rows.count(where: \.isChanged) }

  /// The changed fields as one object. Rows that are wrong get their fault, the first of them the cursor.
  /// - Returns: nil when something is wrong or nothing is changed.
  mutating func take() -> JSONValue? {
    var members: [String: JSONValue] = [:]
    var wrong: Int?
    for i in rows.indices where rows[i].isChanged {
      do throws(CommandFault) {
        let (field, value) = try Self.read(rows[i])
        members[field] = value
      } catch {
        rows[i].fault = error.reason
        wrong = wrong ?? i
      }
    }
    if let wrong {
      selected = wrong
      return nil
    }
    guard !members.isEmpty else { return nil }
    for i in rows.indices where rows[i].isChanged {
      if let field = rows[i].field {
        rows[i] = Row(field: field, value: rows[i].editor.text)
      } else if let field = members.keys.first(where: { name in !rows.contains { $0.field == name } }) {
        rows.insert(Row(field: field, value: members[field].map(Self.text) ?? ""), at: i)
        rows[i + 1] = Self.newField
        selected = i
      } else {
        rows[i] = Self.newField
      }
    }
    return .object(members)
  }

  private static var newField: Row {
    var row = Row(field: nil, value: "")
    row.example = "name=value"
    return row
  }

  private static func read(_ row: Row) throws(CommandFault) -> (String, JSONValue) {
    let text = row.editor.text
    if let field = row.field { return (field, try value(text)) }
    guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }) else {
      throw CommandFault(reason: "a new field is typed as name=value")
    }
    let name = String(text[..<sign]).trimmed
    guard !name.isEmpty else { throw CommandFault(reason: "the field has no name") }
    return (name, try value(String(text[text.index(after: sign)...])))
  }

  /// JSON as it stands; anything that does not look like JSON is a string. Empty is null: back to the default.
  private static func value(_ text: String) throws(CommandFault) -> JSONValue {
    let text = text.trimmed
    guard let first = text.first else { return .null }
    do {
      return try JSONValue(parsing: text.utf8)
    } catch {
      guard !"{[\"".contains(first) else { throw CommandFault(reason: "\(error)") }
      return .string(text)
    }
  }

  /// A value as it is typed: a string without its quotes where it is one without them, too.
  static func text(_ value: JSONValue) -> String {
    guard case .string(let text) = value, !text.isEmpty, text == text.trimmed else { return value.jsonText }
    return (try? self.value(text)) == value ? text : value.jsonText
  }
}

extension Console {
  mutating func openForm() { lay(.form(SettingsForm(settings, suggested: options.configText))) }

  /// Enter: sends the changed fields. The form stays, so that the answer can be seen beside them.
  mutating func acceptForm() throws(CommandFault) -> [ConsoleEffect] {
    guard case .form(var form) = overlay else { return [] }
    let count = form.changedCount
    if count > 0, !isUsable { throw CommandFault(reason: "not connected: nothing was sent, the form keeps it") }
    let changes = form.take()
    overlay = .form(form)
    if count == 0 { throw CommandFault(reason: "nothing is changed; Esc closes the form") }
    return changes.map { [.command(.sendConfig($0.jsonText))] } ?? []
  }
}
