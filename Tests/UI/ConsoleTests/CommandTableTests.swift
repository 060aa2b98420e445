import FoundationEssentials
import Screen
import Session
import Testing
import Timeline

@testable import Console

struct CommandTableTests {
  @Test func everyCommandHasOneRowWithWords() {
    let table = CommandTable.standard
    #expect(Set(table.rows.map(\.command)).count == table.rows.count, "two rows of one command")
    for row in table.rows {
      #expect(row.help.hasSuffix("."), "\(row.command.rawValue)")
      #expect(!row.label.isEmpty, "\(row.command.rawValue)")
    }
    // What gives a command another meaning in some place names one that there is.
    let elsewhere = Array(Console.modeDeeds.values) + table.panes.rows.map(\.deeds)
    for command in elsewhere.flatMap(\.keys) { #expect(table[command] != nil, "\(command.rawValue)") }
  }

  @Test func noKeyMeansTwoThingsInOneMode() {
    var seen: [Mode: [Key: Command]] = [:]
    // A key may mean one thing in a session and another in a recording: `KeyMap.lookUp` goes by the powers.
    let shared: Set<Command> = [.pause, .sound]
    for spec in CommandTable.standard.rows where !shared.contains(spec.command) {
      for binding in spec.bindings {
        for mode in binding.modes {
          let before = seen[mode, default: [:]].updateValue(spec.command, forKey: binding.key.key)
          #expect(before == nil, "\(binding.key.name(.braille)) in \(mode.rawValue): \(spec.command.rawValue)")
        }
      }
    }
  }

  @Test func everyHintHasAKeyThatDoesIt() {
    for spec in CommandTable.standard.rows {
      for mode in spec.hintedIn {
        let binding = spec.bindings.first { $0.modes.contains(mode) }
        #expect(binding != nil, "\(spec.command.rawValue) is hinted in \(mode.rawValue) without a key")
        if let binding {
          let powers = spec.needs.isEmpty ? PortCard.session.powers : spec.needs
          let meant = KeyMap.standard.lookUp(binding.key.key, in: mode, focus: nil, powers: powers)
          #expect(meant?.command == spec.command)
        }
      }
    }
  }

  @Test func everyCommandCanBeReachedByKeyOrName() {
    for spec in CommandTable.standard.rows {
      #expect(!spec.bindings.isEmpty || spec.isTypeable, "\(spec.command.rawValue)")
    }
  }

  @Test func everyModeHasHelpAndQuitExceptTyping() {
    for mode in Mode.allCases where !mode.isTyping {
      #expect(KeyMap.standard.lookUp(.char("?"), in: mode, focus: nil)?.command == .help)
      #expect(KeyMap.standard.lookUp(.char("q"), in: mode, focus: nil)?.command == .quit)
    }
    #expect(KeyMap.standard.lookUp(.char("q"), in: .line, focus: nil)?.command == nil)
    #expect(KeyMap.standard.lookUp(.control("c"), in: .line, focus: nil)?.command == .quit)
  }

  @Test func keysAreNamedInAscii() {
    for spec in CommandTable.standard.rows {
      for binding in spec.bindings { #expect(binding.key.name(.ascii).utf8.allSatisfy { $0 < 0x80 }) }
    }
    #expect(KeyPress(.control("l")).name(.braille) == "Ctrl-L")
    #expect(KeyPress(.char(" ")).name(.braille) == "Space")
  }

  /// Record with `SIDETONE_RECORD_GOLDEN=1`.
  @Test func docsAreMadeFromTheTable() throws {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let path = here + "/docs/keys.md"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      try Data(KeysDocument.markdown.utf8).write(to: URL(filePath: path))
    }
    let file = try #require(FileManager.default.contents(atPath: path), "docs/keys.md is missing")
    #expect(String(decoding: file, as: UTF8.self) == KeysDocument.markdown, "docs/keys.md is out of date")
  }

  /// The short table in README.md: each key does something, and what is said of it is not about another key.
  @Test func theReadmesKeysExist() throws {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let file = try #require(FileManager.default.contents(atPath: here + "/README.md"))
    let section = try #require(String(decoding: file, as: UTF8.self).split(separator: "\n## Keys\n").last)
    let rows = section.split(separator: "\n").prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("| `") }
    #expect(rows.count > 12)
    for row in rows {
      let key = row.dropFirst(3).prefix { $0 != "`" }
      let said = row.split(separator: "|").last?.lowercased() ?? ""
      let spec = CommandTable.standard.rows.first { spec in
        let keys = spec.bindings.filter { $0.modes.contains(.panes) }.map { $0.key.name(.braille) }
        return keys.contains { $0 == key } || (keys.first == "1" && key == "1-7")
      }
      let words = try #require(spec, "README.md names the key \(key)").help.lowercased().split { !$0.isLetter }
      #expect(words.contains { $0.count > 3 && said.contains($0) } || said.contains(spec!.label), "\(key): \(said)")
    }
  }
}
