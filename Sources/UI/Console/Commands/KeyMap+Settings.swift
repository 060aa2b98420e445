import Screen
import Spelling

// The keys of the configuration.
extension KeyMap {
  /// The word that takes a key away.
  public static let unbind = "unbind"

  /// This map with the configuration's keys.
  /// - Returns: the map without the settings that are wrong; all that is wrong; and what the operator should know, a
  ///   sentence each.
  public func applying(
    _ settings: [KeySetting], themes: [String], presets: [String] = []
  ) -> (map: KeyMap, faults: [KeyFault], remarks: [String]) {
    var change = KeyMapChange(
      rows: rows, table: table,
      known: KnownNames(
        themes: themes, presets: (PanePreset.builtin(table.panes).map(\.name) + presets).map { Argument.Choice($0) },
        panes: table.panes.panes.map(\.title)))
    var faults: [KeyFault] = []
    for (number, setting) in settings.enumerated() {
      do throws(KeyMapChange.Refusal) {
        try change.apply(setting, number)
      } catch {
        faults.append(KeyFault(setting: number, reason: error.reason, allowed: error.allowed))
      }
    }
    faults += change.lockedOut(settings)
    return (KeyMap(change.result, of: table), faults, change.remarks)
  }
}

/// The work of applying settings one after the other.
private struct KeyMapChange {
  struct Refusal: Error {
    var reason: String
    var allowed: String
  }
  private struct Place: Hashable {
    let context: KeyContext
    let key: KeyPress
  }

  private var standard: [KeyMap.Row]
  private var custom: [KeyMap.Row] = []
  private let table: CommandTable
  private let known: KnownNames
  /// Which setting spoke of a key first.
  private var taken: [Place: Int] = [:]
  private(set) var remarks: [String] = []

  init(rows: [KeyMap.Row], table: CommandTable, known: KnownNames) {
    standard = rows
    self.table = table
    self.known = known
  }

  var result: [KeyMap.Row] { custom + standard }

  mutating func apply(_ setting: KeySetting, _ number: Int) throws(Refusal) {
    guard let context = KeyContext.named(setting.context, table.panes) else {
      let names = KeyContext.all(table.panes).map(\.name)
      throw Refusal(
        reason: "no place \"\(setting.context)\"\(Spelling.question(setting.context, among: names))",
        allowed: Words.list(names))
    }
    guard let key = KeyPress(setting.key) else {
      throw Refusal(
        reason: "no key \"\(setting.key)\"",
        allowed: "a character, F1…F63, Enter, Tab, Esc, Space, arrows as Up, "
          + "PgUp, Home, Del, …, with Ctrl-, Alt- or Shift- before it")
    }
    let place = Place(context: context, key: key)
    if let before = taken[place] {
      throw Refusal(
        reason: "\(key.name(.braille)) is bound twice in \(context.name)",
        allowed: "each key once in a place; the other one is number \(before + 1) of the keys")
    }
    let line = setting.command.trimmed
    if line == KeyMap.unbind {
      guard standard.contains(where: { $0.context == context && $0.key == key }) else {
        throw Refusal(
          reason: "\(key.name(.braille)) has no meaning in \(context.name) that could be taken away",
          allowed: "a key of sidetone's own; docs/keys.md lists them")
      }
      remove(place)
    } else {
      let (command, argument) = try parse(line)
      try check(command, fits: place)
      let former = remove(place)
      custom.append(
        KeyMap.Row(context: context, key: key, command: command, argument: argument, isCustom: true))
      if let former, former.command != command { remark(on: former, replacedBy: line) }
    }
    taken[place] = number
  }

  @discardableResult
  private mutating func remove(_ place: Place) -> KeyMap.Row? {
    let former = standard.first { $0.context == place.context && $0.key == place.key }
    standard.removeAll { $0.context == place.context && $0.key == place.key }
    return former
  }

  private mutating func remark(on former: KeyMap.Row, replacedBy line: String) {
    let left = result.contains { $0.command == former.command && $0.context == former.context }
    let name = former.command.rawValue
    remarks.append(
      "\(former.key.name(.braille)) in \(former.context.name) runs \(line) in place of \(name)"
        + (left ? "" : ", which has no key left there"))
  }

  private func parse(_ line: String) throws(Refusal) -> (Command, String) {
    let name = String(line.prefix { $0 != " " })
    let argument = String(line.dropFirst(name.count)).trimmed
    let command = Command(name)
    guard let spec = table[command] else {
      let names = table.rows.map(\.command.rawValue) + [KeyMap.unbind]
      throw Refusal(
        reason: name.isEmpty ? "there is no command" : "no command \"\(name)\"\(Spelling.question(name, among: names))",
        allowed: "a command of docs/keys.md with its arguments, or \(KeyMap.unbind)")
    }
    // Without arguments a command may still ask for them when its key is pressed.
    guard !argument.isEmpty else { return (command, "") }
    do throws(CommandFault) {
      _ = try ArgumentValues(argument, for: spec, known: known)
    } catch {
      throw Refusal(
        reason: error.reason, allowed: "\(name) \(spec.syntax)".trimmed)
    }
    return (command, argument)
  }

  private func check(_ command: Command, fits place: Place) throws(Refusal) {
    let mode = place.context.mode
    if table.spec(command).isEditing, !mode.isTyping {
      throw Refusal(
        reason: "\(command.rawValue) edits a line, and there is none in \(place.context.name)",
        allowed: Words.list(Mode.allCases.filter(\.isTyping).map(\.rawValue)))
    }
    if mode.isTyping, case .character = place.key.key.code, place.key.key.modifiers.isDisjoint(with: [.control, .alt]) {
      throw Refusal(
        reason: "\(place.key.name(.braille)) is typed as text in \(place.context.name)",
        allowed: "a key with Ctrl- or Alt-, or one that is no character")
    }
  }

  /// Places that could not be left any more.
  func lockedOut(_ settings: [KeySetting]) -> [KeyFault] {
    let needs: [(Mode, Command)] =
      [(.panes, .quit), (.panes, .command)]
      + Mode.allCases.filter { $0 != .panes }.map {
        ($0, $0.isTyping && $0 != .editor ? .cancel : .back)
      }
    return needs.compactMap { mode, command in
      let context = KeyContext(mode)
      guard !result.contains(where: { $0.context == context && $0.command == command }) else { return nil }
      let culprit = settings.lastIndex { $0.context == context.name } ?? 0
      return KeyFault(
        setting: culprit, reason: "\(context.title) would have no key for \(command.rawValue)",
        allowed: "another key for \(command.rawValue), or leave its own")
    }
  }
}

extension String {
  /// Without spaces at both ends.
  var trimmed: String {
    let start = drop { $0 == " " }
    return String(start.dropLast(start.reversed().prefix { $0 == " " }.count))
  }
}
