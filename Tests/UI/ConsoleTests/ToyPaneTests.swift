import Screen
import Testing
import Timeline
import Wire

@testable import Console

/// A pane is one row and one folder: with the row alone it has a key, a place in every layout, its state of each source, a
/// focus, commands of its own, and its name in settings, lists and docs/keys.md.
struct ToyPaneTests {
  private static let counter = Pane("counter", digit: 8)

  /// Counts messages.
  private struct CounterPane: PaneState {
    var count = 0
    var isReset = false
    init(_ setup: PaneSetup) {}
    mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
      guard case .message = entry.event else { return false }
      count += 1
      return true
    }
  }

  private static let row = PaneSpec(
    counter, in: .foot, place: PanePlace.list, state: PaneBox.of(CounterPane.self),
    draw: { console, surface, rect, context in
      let inside = surface.box(rect, context.frame(counter), glyphs: context.glyphs)
      let toy = console.shown.states[CounterPane.self]
      surface.put(StyledText(toy.isReset ? "begun anew" : "\(toy.count) messages", .text), in: inside)
    },
    scroll: { console, rows in console.shown.states[CounterPane.self].count += rows },
    click: { console, _, _ in
      console.tell("clicked")
      return []
    },
    deeds: [
      .copy: { console, _ in
        console.shown.states[CounterPane.self].isReset = true
        return []
      }
    ],
    offers: [.open: { _ in true }], labels: [.open: "count"])

  private static let table = PaneTable(PaneTable.standard.rows + [row])

  private func console(_ script: Script = .live, _ size: Size = Size(width: 200, height: 60)) -> Console {
    script.console(size.width, size.height) { $0.keys = KeyMap(of: CommandTable(of: Self.table)) }
  }
  private static var messageCount: Int {
    Script.live.entries.count { if case .message = $0.event { true } else { false } }
  }

  @Test(arguments: [(80, 24), (120, 40), (200, 60), (300, 30)]) func itStandsInEveryLayout(_ width: Int, _ height: Int)
  {
    var console = console(.live, Size(width: width, height: height))
    console.openPanes = [.transcript, .log, Self.counter]
    #expect(console.text().contains("\(Self.messageCount) messages"), "\(width)x\(height)")
  }

  @Test func itsKeyOpensAndClosesIt() {
    var console = console()
    #expect(console.text().contains("⁸ counter"))
    console.press(.char("8"))
    #expect(!console.text().contains("⁸ counter"))
    console.command("pane counter")
    #expect(console.text().contains("⁸ counter") && console.focus == Self.counter)
    console.command("preset all")
    #expect(console.openPanes == Set(Self.table.panes))
  }

  @Test func whatKeysDoInItIsItsOwn() {
    var console = console()
    console.focus = Self.counter
    #expect(console.text().contains("Enter count"))
    console.press(Key(.down))
    #expect(console.text().contains("\(Self.messageCount + 1) messages"))
    console.press(.char("y"))
    #expect(console.text().contains("begun anew"))
    // In other panes the same key does what it always does.
    console.focus = .log
    #expect(console.press(.char("y")).contains { if case .copy = $0 { true } else { false } })
  }

  @Test func itIsClicked() {
    var console = console()
    let rect = console.layout(console.size).rect(of: Self.counter)
    _ = console.update(.event(.mouse(Mouse(.press, x: rect.x + 3, y: rect.y + 1))))
    #expect(console.focus == Self.counter && console.text().contains("clicked"))
  }

  @Test func itKeepsAStateOfEachConsole() {
    let console = console()
    var copy = console
    copy.shown.states[CounterPane.self].count = 7
    #expect(copy.shown.states[CounterPane.self].count == 7)
    #expect(console.shown.states[CounterPane.self].count == Self.messageCount)
  }

  @Test func itsNameIsInTheListsAndInSettings() {
    var console = console()
    console.press(.char(":"))
    console.type("pane co")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "pane counter")
    console.press(Key(.escape), .char("?"))
    #expect(console.text().contains("1-8"))
    #expect(KeysDocument.markdown(of: console.commands).contains("| `1-8` | `:pane NUMBER` |"))
    let changed = console.keys.applying([KeySetting(context: "counter", key: "n", command: "pane counter")], themes: [])
    #expect(changed.faults.isEmpty)
  }
}
