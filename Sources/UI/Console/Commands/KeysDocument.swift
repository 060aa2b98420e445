import Screen

/// docs/keys.md, made from the key table.
public enum KeysDocument {
  /// The whole file. Checked in, and compared by a test, so that it is never out of date.
  public static var markdown: String {
    var text = """
      # Keys and commands

      Made from the table in `Sources/UI/Console/Commands/CommandTable.swift`; `?` shows the same on the screen.
      Every command can also be run by its name: press `:`, type the name and its argument, Tab completes.


      """
    for section in CommandSpec.Section.allCases {
      text += "## \(section.rawValue)\n\n| key | command | |\n|---|---|---|\n"
      for spec in CommandTable.all where spec.section == section {
        let keys = CommandTable.keyNames(spec, glyphs: .braille)
        let name =
          spec.isTypeable ? "`:\(spec.command.rawValue)\(spec.argument.isEmpty ? "" : " " + spec.argument)`" : ""
        // A bar inside a cell would end it.
        let cells = [keys.isEmpty ? "" : "`\(keys)`", name, spec.help].map {
          $0.split(separator: "|").joined(separator: "\\|")
        }
        text += "| \(cells.joined(separator: " | ")) |\n"
      }
      text += "\n"
    }
    return text
  }
}

extension CommandTable {
  /// All keys of a command, as in `↑ k`; the numbers of the panes as `1-6`.
  static func keyNames(_ spec: CommandSpec, glyphs: GlyphSet) -> String {
    if spec.command == .pane { return keyName(spec, in: .panes, glyphs: glyphs) ?? "" }
    return spec.bindings.map { $0.key.name(glyphs) }.joined(separator: " ")
  }
}
