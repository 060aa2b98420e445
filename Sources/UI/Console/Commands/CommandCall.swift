import Spelling

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

  /// The command of this name, or the only one that begins so.
  func spec(in table: CommandTable) throws(CommandFault) -> CommandSpec {
    let place = nameStart..<nameStart + name.count
    let all = table.typeable
    if let spec = all.first(where: { $0.command.rawValue == name }) { return spec }
    let candidates = all.filter { $0.command.rawValue.hasPrefix(name) }
    if candidates.count == 1 { return candidates[0] }
    if candidates.count > 1 {
      let names = Words.list(candidates.map(\.command.rawValue), last: "or")
      throw CommandFault(reason: "\"\(name)\" may be \(names)", at: place)
    }
    let near = Spelling.question(name, among: all.map(\.command.rawValue))
    throw CommandFault(
      reason: "no command \"\(name)\"\(near.isEmpty ? "; Tab lists them, ? shows keys and names" : near)", at: place)
  }
}
