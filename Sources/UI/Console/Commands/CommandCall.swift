/// A command line as it was typed: a name and what follows it.
struct CommandCall: Equatable {
  let name: String
  /// A `!` follows the name, as in `write! FILE`.
  let insists: Bool
  /// The name's first character in the line.
  let nameStart: Int
  /// Without the spaces at its end.
  let argument: String
  /// The argument's first character in the line.
  let argumentStart: Int

  init(_ line: String) {
    let characters = Array(line)
    nameStart = characters.firstIndex { $0 != " " } ?? characters.count
    let nameEnd = characters[nameStart...].firstIndex(of: " ") ?? characters.count
    insists = nameEnd > nameStart + 1 && characters[nameEnd - 1] == "!"
    name = String(characters[nameStart..<nameEnd - (insists ? 1 : 0)])
    argumentStart = characters[nameEnd...].firstIndex { $0 != " " } ?? characters.count
    argument = String(characters[argumentStart...]).trimmed
  }

  /// The commands that can be typed.
  static let commands = CommandTable.all.filter(\.isTypeable).map(\.command)

  /// The command of this name, or the only one that begins so.
  func command() throws(CommandFault) -> Command {
    let place = nameStart..<nameStart + name.count
    if let command = Self.commands.first(where: { $0.rawValue == name }) { return command }
    let candidates = Self.commands.filter { $0.rawValue.hasPrefix(name) }.map(\.rawValue)
    if candidates.count == 1 { return Command(rawValue: candidates[0])! }
    if candidates.count > 1 {
      throw CommandFault(reason: "\"\(name)\" may be \(Words.list(candidates, last: "or"))", at: place)
    }
    let near = Suggestion.nearest(name, Self.commands.map(\.rawValue))
    throw CommandFault(
      reason: "no command \"\(name)\"\(near.isEmpty ? "; Tab lists them, ? shows keys and names" : near)", at: place)
  }
}
