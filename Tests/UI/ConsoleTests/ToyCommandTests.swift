import Screen
import Testing

@testable import Console

/// A command is one row: with it alone it has a key, a hint, its place in the lists and in docs/keys.md, its argument is
/// checked and completed, and it does something.
struct ToyCommandTests {
  private static let toy = Command("wave")
  private static let row = CommandSpec(
    toy, .session, [.on("W")], "wave", "Wave at the agent, some times.", .speak,
    argument: [.number("TIMES", 1...9, "times", known: [.init("3", "a friendly wave")]).optional],
    labelled: { $0.isZoomed ? "wave wide" : nil }
  ) { console, input in
    console.tell("waves")
    return [.command(.say(String(repeating: "wave ", count: input.number(0) ?? 1)))]
  }

  private func console() -> Console {
    var options = ConsoleOptions()
    options.keys = KeyMap(of: CommandTable([Self.row] + CommandTable.standard.rows))
    return Script.live.console(200, 60) { $0.keys = options.keys }
  }

  @Test func itsKeyDoesItAndIsHinted() {
    var console = console()
    #expect(console.text().contains("W wave"))
    #expect(console.press(.char("W")) == [.command(.say("wave "))])
    #expect(console.text().contains("waves"))
    var wide = self.console()
    wide.press(.char("z"))
    #expect(wide.text().contains("W wave wide"))
  }

  @Test func itIsTypedCheckedAndCompleted() {
    var console = console()
    #expect(console.command("wave 2").first == .command(.say("wave wave ")))
    #expect(!console.command("wave 10").contains { if case .command = $0 { true } else { false } })
    #expect(console.text().contains("\"10\" is none of the times from 1 to 9"))
    console.press(Key(.escape), .char(":"))
    console.type("wa")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "wave ")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "wave 3")
  }

  @Test func itStandsInTheListsAndInTheDocument() {
    var console = console()
    console.press(.control("p"))
    console.type("wave")
    #expect(console.text().contains("Wave at the agent, some times."))
    console.press(Key(.escape), .char("?"))
    #expect(console.text().contains("wave [TIMES]"))
    #expect(KeysDocument.markdown(of: console.commands).contains("| `W` | `:wave [TIMES]` |"))
    #expect(!KeysDocument.markdown.contains("wave"))
  }

  @Test func itFollowsThePort() {
    var console = Script.live.console(200, 60) {
      $0.keys = KeyMap(of: CommandTable([Self.row] + CommandTable.standard.rows))
      $0.port = .recording
    }
    #expect(!console.text().contains("W wave"))
    #expect(console.press(.char("W")) == [])
    #expect(console.text().contains("wave is for a live session, and this is a recording"))
  }

  @Test func itsKeyCanBeChanged() {
    let map = KeyMap(of: CommandTable([Self.row] + CommandTable.standard.rows))
    let changed = map.applying([KeySetting(key: "F9", command: "wave 3")], themes: [])
    #expect(changed.faults.isEmpty)
    #expect(changed.map.lookUp(Key(.function(9)), in: .panes, focus: nil)?.command == Self.toy)
  }
}
