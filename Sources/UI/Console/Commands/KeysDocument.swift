import Screen

/// docs/keys.md, made from the key table.
public enum KeysDocument {
  /// The whole file. Checked in, and compared by a test, so that it is never out of date.
  public static var markdown: String { markdown(of: .standard) }

  static func markdown(of table: CommandTable) -> String {
    let map = KeyMap(of: table)
    var text = """
      # Keys and commands

      Made from the rows in `Sources/UI/Console/Commands/Rows`; `?` shows the same on the screen.
      Every command can also be run by its name: press `:`, type the name and its arguments, Tab completes both. Ctrl-P
      finds a command by some letters of its name or of what it does.

      Keys can be changed in the configuration; hints and help follow. `sidetone doctor` says what is wrong with them.

      ```yaml
      keys:
        F5: say what time is it       # a command line; without its arguments, the key asks for them
        x: unbind                     # takes a key away
        message:                      # a place: \(Words.list(KeyContext.all(table.panes).map(\.name)))
          n: next
      ```


      """
    for section in CommandSpec.Section.allCases {
      text += "## \(section.rawValue)\n\n| key | command | |\n|---|---|---|\n"
      for spec in table.rows where spec.section == section {
        let keys = map.keyNames(spec.command, glyphs: .braille) ?? ""
        let name =
          spec.isTypeable ? "`:\(spec.command.rawValue)\(spec.syntax.isEmpty ? "" : " " + spec.syntax)`" : ""
        // A bar inside a cell would end it.
        let cells = [keys.isEmpty ? "" : "`\(keys)`", name, spec.help].map {
          $0.split(separator: "|").joined(separator: "\\|")
        }
        text += "| \(cells.joined(separator: " | ")) |\n"
        for row in map.keys(of: spec.command) where !row.argument.isEmpty && spec.command != .pane {
          text += "| `\(row.key.name(.braille))` | `:\(spec.command.rawValue) \(row.argument)` | |\n"
        }
      }
      text += "\n"
    }
    return text
  }
}
