import Screen

/// The list of keys: for one place at a time, beginning with where the operator was, or for all.
struct KeyList: Sendable {
  /// The place that is shown, by its number in `places`; the last one is all places together.
  private(set) var place = 0
  private(set) var places: [KeyContext]
  private(set) var selected = 0
  /// Only rows with these words are shown.
  private(set) var find = ""

  /// - Parameter here: the place where the operator is.
  init(here: KeyContext) {
    places = [here] + Mode.allCases.map { KeyContext($0) }.filter { $0.mode != here.mode }
  }

  /// The place that is shown; nil for all together.
  var context: KeyContext? { place < places.count ? places[place] : nil }

  mutating func showNextPlace() {
    place = (place + 1) % (places.count + 1)
    selected = 0
  }
  mutating func find(_ words: String) {
    guard words != find else { return }
    (find, selected) = (words, 0)
  }
  mutating func move(by rows: Int, among count: Int) {
    let goal = rows == .max ? count - 1 : rows == .min ? 0 : selected + rows
    selected = goal.clamped(to: 0...max(0, count - 1))
  }

  /// A row: a command with its keys in the place, or a key that gives an argument.
  struct Entry: Sendable, Equatable {
    let command: Command
    var argument = ""
    let keys: String
    var line: String { argument.isEmpty ? command.rawValue : "\(command.rawValue) \(argument)" }
  }
}

extension Console {
  var isHelpOpen: Bool { if case .help = overlay { true } else { false } }

  /// Opens the list of keys over what is there, or closes it.
  mutating func toggleHelp() {
    if case .help = overlay {
      closeOverlay()
    } else {
      lay(.help(KeyList(here: mode == .panes ? KeyContext(focus) : KeyContext(mode))))
    }
  }

  mutating func showNextPlace() throws(CommandFault) {
    guard case .help(var list) = overlay else { throw CommandFault(reason: "\(call(.help)) lists the keys first") }
    list.showNextPlace()
    overlay = .help(list)
  }

  mutating func find(_ words: String) {
    guard case .help(var list) = overlay else { return }
    list.find(words)
    overlay = .help(list)
  }

  /// Enter: runs the chosen row where the list was opened.
  mutating func runChosenKey() throws(CommandFault) -> [ConsoleEffect] {
    guard case .help(let list) = overlay else { return [] }
    let entries = keyEntries(list)
    guard entries.indices.contains(list.selected) else { return [] }
    let entry = entries[list.selected]
    let spec = commands.spec(entry.command)
    guard !spec.isEditing else {
      throw CommandFault(reason: "\(entry.command.rawValue) edits a line while one is typed")
    }
    closeOverlay()
    // The list would only close and open again.
    if entry.command == .help { return [] }
    return try perform(entry.command, entry.argument)
  }

  /// What the list shows, in the table's order.
  func keyEntries(_ list: KeyList) -> [KeyList.Entry] {
    let words = list.find.lowercased().split(separator: " ")
    return commands.rows.flatMap { spec in entries(of: spec, list.context) }.filter { entry in
      let spec = commands.spec(entry.command)
      let text = "\(entry.keys) :\(entry.line) \(spec.syntax) \(spec.label) \(spec.help)".lowercased()
      return words.allSatisfy { text.contains($0) }
    }
  }

  private func entries(of spec: CommandSpec, _ context: KeyContext?) -> [KeyList.Entry] {
    guard isForPort(spec) else { return [] }
    guard let context else {
      let names = keys.keyNames(spec.command, glyphs: options.glyphs) ?? ""
      return [KeyList.Entry(command: spec.command, keys: names)] + custom(spec.command, keys.keys(of: spec.command))
    }
    let focus = context.pane
    let rows = keys.keys(of: spec.command, in: context.mode, focus: focus)
    let names = keys.keyNames(spec.command, in: context.mode, focus: focus, glyphs: options.glyphs)
    // Among the panes, what is done to a session can be called by its name where it has no key.
    let isCallable = context.mode == .panes && spec.isTypeable && !spec.needs.isEmpty
    let plain = names.map { !$0.isEmpty } == true || isCallable
    return (plain ? [KeyList.Entry(command: spec.command, keys: names ?? "")] : []) + custom(spec.command, rows)
  }

  /// What is done to recordings only is no news in a session.
  func isForPort(_ spec: CommandSpec) -> Bool { !spec.needs.contains(.seek) || port.powers.contains(.seek) }

  /// Keys that give an argument have a row each, those of the panes' numbers excepted.
  private func custom(_ command: Command, _ rows: [KeyMap.Row]) -> [KeyList.Entry] {
    rows.filter { !$0.argument.isEmpty && (command != .pane || $0.isCustom) }.map {
      KeyList.Entry(command: command, argument: $0.argument, keys: $0.key.name(options.glyphs))
    }
  }
}
