import Screen
import Session

/// What each key means where: the table's keys, changed by the configuration. A value; hints, help and dispatch all ask
/// this one.
///
///     CommandTable ──► KeyMap.standard ──► applying(settings) ──► Console: keys, hints, help
///                                             ▲
///                     config.yaml, `keys:` ───┘
public struct KeyMap: Sendable {
  /// A key in one context, and what it runs.
  struct Row: Sendable, Equatable {
    let context: KeyContext
    let key: KeyPress
    let command: Command
    let argument: String
    /// It comes from the configuration.
    var isCustom = false
  }

  /// The commands that the keys run.
  let table: CommandTable
  /// In the order of the table; the operator's own before the table's, so that hints show them.
  private(set) var rows: [Row]
  /// By place and key; a key that is one command's for a session may be another one's for a recording.
  private var meanings: [KeyContext: [Key: [Row]]] = [:]
  private var byCommand: [Command: [Row]] = [:]

  /// The standard table's own keys.
  public static let standard = KeyMap(of: .standard)

  /// The keys of a table alone.
  public init(of table: CommandTable) {
    self.init(
      table.rows.flatMap { spec in
        spec.bindings.flatMap { binding in
          Mode.allCases.filter(binding.modes.contains).map {
            Row(context: KeyContext($0), key: binding.key, command: spec.command, argument: binding.argument)
          }
        }
      }, of: table)
  }

  init(_ rows: [Row], of table: CommandTable) {
    self.table = table
    self.rows = rows
    for row in rows {
      meanings[row.context, default: [:]][row.key.key, default: []].append(row)
      byCommand[row.command, default: []].append(row)
    }
  }

  /// What a key means.
  /// - Parameters:
  ///   - focus: the pane with the focus; it counts among the panes only.
  ///   - powers: of two commands of one key, the one that they suffice for is meant.
  func lookUp(
    _ key: Key, in mode: Mode, focus: Pane?, powers: Powers = PortCard.session.powers
  ) -> (command: Command, argument: String)? {
    let own = mode == .panes ? focus.flatMap { meanings[KeyContext($0)]?[key] } : nil
    guard let rows = own ?? meanings[KeyContext(mode)]?[key] else { return nil }
    let row = rows.first { powers.isSuperset(of: table.spec($0.command).needs) } ?? rows.last
    return row.map { ($0.command, $0.argument) }
  }

  /// The keys of a command in a mode, whatever arguments they give. With a focus, those of its pane come first, and
  /// those that it hides are left out.
  func keys(of command: Command, in mode: Mode, focus: Pane? = nil) -> [Row] {
    let all = byCommand[command] ?? []
    guard mode == .panes, let focus else { return all.filter { $0.context == KeyContext(mode) } }
    let own = KeyContext(focus)
    return all.filter { $0.context == own }
      + all.filter { $0.context == KeyContext(mode) && meanings[own]?[$0.key.key] == nil }
  }

  /// All keys of a command, each once.
  func keys(of command: Command) -> [Row] {
    var seen: Set<KeyPress> = []
    return (byCommand[command] ?? []).filter { seen.insert($0.key).inserted }
  }
}

// Keys by their names on the screen.
extension KeyMap {
  /// A command's first key in a mode, as in `i`; the numbers of the panes as `1-7`; nil when it has none.
  func keyName(_ command: Command, in mode: Mode, focus: Pane? = nil, glyphs: GlyphSet) -> String? {
    let keys = keys(of: command, in: mode, focus: focus)
    if command == .pane { return Self.range(keys, glyphs) }
    return (keys.first { $0.argument.isEmpty } ?? keys.first)?.key.name(glyphs)
  }

  /// All keys of a command, as in `↑ k`; nil when it has none.
  func keyNames(_ command: Command, glyphs: GlyphSet) -> String? {
    Self.names(keys(of: command), of: command, glyphs)
  }
  /// Those of one mode.
  func keyNames(_ command: Command, in mode: Mode, focus: Pane?, glyphs: GlyphSet) -> String? {
    Self.names(keys(of: command, in: mode, focus: focus), of: command, glyphs)
  }

  /// `i interrupt`, the key in the hotkey's style; nil when the command has no key there.
  /// - Parameter label: in place of the table's, when the state calls for another word.
  func hint(
    _ command: Command, in mode: Mode, focus: Pane? = nil, label: String? = nil, glyphs: GlyphSet
  ) -> StyledText? {
    guard let key = keyName(command, in: mode, focus: focus, glyphs: glyphs) else { return nil }
    return StyledText(key, .hotkey, .bold) + StyledText(" \(label ?? table.spec(command).label)", .text)
  }

  /// How an operator calls a command, for sentences: its key among the panes, else its name, as in `r` or `:play`.
  func call(_ command: Command, glyphs: GlyphSet) -> String {
    keyName(command, in: .panes, glyphs: glyphs) ?? ":\(command.rawValue)"
  }

  private static func names(_ rows: [Row], of command: Command, _ glyphs: GlyphSet) -> String? {
    guard !rows.isEmpty else { return nil }
    if command == .pane { return range(rows, glyphs) }
    return rows.filter(\.argument.isEmpty).map { $0.key.name(glyphs) }.joined(separator: " ")
  }

  /// Keys of all panes as one name where they are a row of digits still.
  private static func range(_ rows: [Row], _ glyphs: GlyphSet) -> String? {
    let names = rows.map { $0.key.name(glyphs) }
    guard let first = names.first, let last = names.last else { return nil }
    let isRow = names.count > 2 && names.allSatisfy { Int($0) != nil } && !rows.contains(where: \.isCustom)
    return isRow ? "\(first)-\(last)" : names.joined(separator: " ")
  }
}
