import Screen
import Session
import Testing
import Timeline

@testable import Console

/// The palette, the list of keys, the form of settings.
struct DialogTests {
  private func live(_ width: Int = 120, _ height: Int = 40) -> Console { Script.live.console(width, height) }

  // MARK: - Palette

  @Test func thePaletteFindsByLettersAndByMeaning() {
    var console = live()
    console.press(.control("p"))
    #expect(console.mode == .palette)
    func best() -> [String] {
      guard case .palette(let palette) = console.overlay else { return [] }
      return console.paletteEntries(palette).prefix(3).map(\.line)
    }
    console.type("int")
    #expect(best().first == "interrupt")
    console.press(.control("u"))
    console.type("gopen")
    #expect(best().first == "gate open")
    console.press(.control("u"))
    console.type("tcp")
    #expect(best().contains("abort"))
    console.press(.control("u"))
    console.type("speak typed")
    #expect(best().first == "say")
    console.type("qqq")
    #expect(best() == [] && console.text().contains("No command has these letters"))
    #expect(console.press(Key(.enter)) == [] && console.mode == .palette)
  }

  @Test func enterRunsTabEdits() {
    var console = live()
    console.press(.control("p"))
    console.type("mute")
    #expect(console.press(Key(.enter)) == [.command(.setMuted(true))])
    #expect(console.mode == .panes)
    // What needs arguments asks for them.
    console.press(.control("p"))
    console.type("say")
    #expect(console.press(Key(.enter)) == [])
    #expect(console.prompt?.text == "say ")
    console.press(Key(.escape), .control("p"))
    console.type("gate")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "gate " && console.mode == .line)
    console.press(Key(.escape), .control("p"), Key(.down), Key(.escape))
    #expect(console.mode == .panes)
  }

  @Test func aPaletteOverAMessageIsAboutThatMessage() {
    var console = live()
    console.press(Key(.enter))
    #expect(console.mode == .message && console.log.isFrozen)
    console.press(.control("p"), Key(.escape))
    #expect(console.mode == .message)
    console.press(.control("p"))
    console.type("hex")
    console.press(Key(.enter))
    #expect(console.mode == .message && console.text().contains("7b 22"))
    // The log goes on however the message is left.
    console.press(.char("?"), .control("p"), Key(.escape))
    #expect(console.mode == .message && console.log.isFrozen)
    console.command("disconnect")
    #expect(console.mode == .disconnect && console.log.isFrozen, "the message lies under the menu")
    console.press(Key(.escape))
    #expect(console.mode == .message && console.log.isFrozen)
    console.press(Key(.escape))
    #expect(console.mode == .panes && !console.log.isFrozen)
    console.press(Key(.enter))
    console.command("turn 1")
    #expect(console.mode == .panes && !console.log.isFrozen)
  }

  @Test(arguments: ["next", "hex", "fold", "listen", "dismiss", "next-context", "search-next"])
  func whatHasNothingToDoSaysSo(_ line: String) {
    var console = live()
    #expect(console.command(line) == [])
    #expect(console.prompt?.fault != nil, "\(console.text())")
  }

  @Test func withoutAConnectionNothingIsLostAndNothingHappensInSilence() {
    var script = Script.live
    script.add(.connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    var console = script.console()
    console.press(.char("c"))
    console.type("de")
    #expect(console.press(Key(.enter)) == [])
    #expect(console.text().contains("not connected: nothing was sent") && console.text().contains("1 changed"))
    console.press(Key(.escape), .char("e"))
    console.type("hello")
    #expect(console.press(.control("s")) == [] && console.mode == .editor)
    #expect(console.text().contains("not connected: nothing was sent"))
    console.press(Key(.escape), .char("e"))
    #expect(console.text().contains("hello"))
    console.press(Key(.escape))
    // The session says what became of the rest.
    var next = Script()
    next.at(script.now.milliseconds + 5_000)
    next.add(.operatorAct(OperatorAct(.text, "x")))
    next.add(.notice(Notice(.other("test"), .warning, .session, "text was not sent: there is no connection")))
    let entries = next.entries.map { Entry(index: $0.index + script.entries.count, at: $0.at, event: $0.event) }
    _ = console.update(.entries(entries))
    #expect(console.flash?.text == "text was not sent: there is no connection" && console.flash?.isWarning == true)
  }

  @Test func whatIsImpossibleComesLast() {
    var console = Script.live.console { $0.port = .recording }
    console.press(.control("p"))
    guard case .palette(let palette) = console.overlay else { return }
    let entries = console.paletteEntries(palette)
    #expect(!entries.last!.isPossible && entries.first!.isPossible)
    #expect(entries.drop { $0.isPossible }.allSatisfy { !$0.isPossible })
  }

  @Test func fuzzyMatchesAreRanked() throws {
    #expect(FuzzyMatch("xyz", in: "disconnect") == nil)
    #expect(FuzzyMatch("dcn", in: "disconnect")?.positions == [0, 3, 5])
    #expect(FuzzyMatch("", in: "a")?.score == 0)
    let start = try #require(FuzzyMatch("re", in: "reconnect"))
    let middle = try #require(FuzzyMatch("re", in: "previous"))
    #expect(start.score > middle.score)
    let words = try #require(FuzzyMatch("np", in: "next-pane"))
    #expect(words.positions == [0, 5])
    #expect(FuzzyMatch("PANE", in: "next-pane")?.positions == [5, 6, 7, 8])
    #expect(FuzzyMatch("aaaa", in: "aaa") == nil)
  }

  // MARK: - Keys

  @Test func theListBeginsWhereTheOperatorIs() {
    var console = live()
    console.press(.char("?"))
    #expect(console.text().contains("keys of the protocol pane"))
    console.press(Key(.escape), Key(.enter), .char("?"))
    #expect(console.text().contains("keys of an opened message"))
    console.press(Key(.escape))
    #expect(console.mode == .message)
    console.press(Key(.escape), .char("d"), .char("?"), .char("?"))
    #expect(console.mode == .disconnect)
  }

  @Test func everyPlaceAndEveryCommandIsListed() {
    var console = live()
    console.press(.char("?"))
    var seen: Set<Command> = []
    for _ in Mode.allCases {
      guard case .help(let list) = console.overlay, let context = list.context else { break }
      for entry in console.keyEntries(list) {
        seen.insert(entry.command)
        let keys = console.keys.keys(of: entry.command, in: context.mode, focus: context.pane)
        #expect(entry.keys.isEmpty == keys.isEmpty, "\(entry.command) in \(context.name)")
      }
      console.press(Key(.tab))
    }
    #expect(console.text().contains("keys of all places"))
    guard case .help(let list) = console.overlay else { return }
    // What is done to recordings is listed in those.
    let rows = CommandTable.standard.rows.filter { $0.needs != .seek }
    #expect(Set(console.keyEntries(list).map(\.command)) == Set(rows.map(\.command)))
    #expect(seen.isSuperset(of: rows.filter { !$0.bindings.isEmpty }.map(\.command)))
    console.press(Key(.tab))
    #expect(console.text().contains("keys of the protocol pane"))
  }

  @Test func entriesAreFoundAndRun() {
    var console = live()
    console.press(.char("?"), .char("/"))
    console.type("mute")
    // While it is typed.
    #expect(console.text().contains("find: mute") && !console.text().contains("interrupt  "))
    console.press(Key(.enter))
    #expect(console.mode == .help)
    #expect(console.press(Key(.enter)) == [.command(.setMuted(true))])
    #expect(console.mode == .panes)
    console.press(.char("?"))
    console.press(.char("/"))
    console.type("qqqq")
    console.press(Key(.enter))
    #expect(console.text().contains("Nothing here has the words"))
    console.press(Key(.escape), Key(.escape))
    #expect(console.mode == .panes)
    // An entry that needs arguments asks for them.
    console.press(.char("?"), Key(.down), Key(.enter))
    #expect(console.prompt?.text == "say ")
  }

  @Test(arguments: [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 60, height: 16)])
  func everyRowIsOnSomePage(_ size: Size) {
    var console = live(size.width, size.height)
    console.press(.char("?"))
    guard case .help(let list) = console.overlay else { return }
    let entries = console.keyEntries(list)
    for entry in entries {
      let text = console.text(size.width, size.height)
      #expect(text.contains(entry.line), "\(entry.line)")
      console.press(Key(.down))
    }
    console.press(.char("g"))
    guard case .help(let first) = console.overlay else { return }
    #expect(first.selected == 0)
    console.press(.char("G"))
    guard case .help(let last) = console.overlay else { return }
    #expect(last.selected == entries.count - 1)
  }

  @Test func columnsBeginWithNoGapAndEndWithNoTitle() {
    let sections = [CommandSpec.Section.session, .panes, .reading].flatMap {
      [CommandSpec.Section](repeating: $0, count: 7)
    }
    for height in 2...30 {
      for columns in 1...3 {
        let layout = KeyListLayout(sections: sections, height: height, columns: columns)
        var seen: [Int] = []
        for page in layout.pages {
          #expect(page.count <= columns)
          for column in page {
            #expect(column.count <= height && column.first != .space, "\(height)×\(columns)")
            if case .title? = column.last { Issue.record("a title at the end at \(height)×\(columns)") }
            for case .entry(let i) in column { seen.append(i) }
          }
        }
        #expect(seen == Array(sections.indices))
      }
    }
  }

  // MARK: - Form

  private func configured() -> Script {
    var script = Script.live
    script.message(.toServer, #"{"type":"config","voice":"rms","speed":2}"#)
    script.message(.toClient, #"{"type":"error","code":"bad_config","message":"voice: unknown \"rms\"; known: slt"}"#)
    script.message(.toClient, #"{"type":"config_applied","voice":"slt","language":"en","speed":1}"#)
    return script
  }

  @Test func whatWasSentAndWhatIsAppliedStandSideBySide() throws {
    var console = configured().console()
    console.press(.char("c"))
    #expect(console.mode == .form)
    let lines = console.text().split(separator: "\n")
    let voice = try #require(lines.first { $0.contains("voice  ") && $0.contains("rms") })
    #expect(voice.contains("slt") && voice.contains("✗ refused"))
    let speed = try #require(lines.first { $0.contains("speed  ") })
    #expect(speed.contains("2") && speed.contains("1") && speed.contains("✗ ignored"))
    console.press(Key(.down), Key(.down))
    #expect(console.text().contains(#"✗ the server: voice: unknown "rms"; known: slt"#))
  }

  @Test func onlyChangedFieldsAreSent() {
    var console = configured().console()
    console.press(.char("c"), .control("u"))
    console.type("de")
    console.press(Key(.down), .control("u"))
    console.type("1.5")
    // A new field, and one that is text though it looks like a number.
    console.press(Key(.end))
    for _ in 0..<5 { console.press(Key(.down)) }
    console.type(#"nick = "7""#)
    #expect(console.text().contains("3 changed"))
    let effects = console.press(Key(.enter))
    #expect(effects == [.command(.sendConfig(#"{"language":"de","nick":"7","speed":1.5}"#))])
    // It stays open for the answer, and does not send twice.
    #expect(console.mode == .form && console.text().contains("nothing changed"))
    #expect(console.press(Key(.enter)) == [])
    console.press(Key(.escape))
    #expect(console.mode == .panes)
  }

  @Test func theFormFollowsTheServersAnswer() {
    var script = configured()
    var console = script.console()
    console.press(.char("c"), .control("u"))
    console.type("de")
    let before = script.entries.count
    script.message(.toClient, #"{"type":"config_applied","voice":"awb","language":"fr","endpointing":"snappy"}"#)
    _ = console.update(.entries(Array(script.entries[before...])))
    guard case .form(let form) = console.overlay else { return }
    // The new field has a row, the cursor stays on its own, and what was typed stays.
    #expect(form.rows.map(\.field) == ["endpointing", "language", "speed", "voice", nil])
    #expect(form.selected == 1 && form.rows.map(\.editor.text) == ["snappy", "de", "1", "awb", ""])
    #expect(form.changedCount == 1)
  }

  @Test func aRowThatCannotBeReadIsNotSent() {
    var console = configured().console()
    console.press(.char("c"), .control("u"))
    console.type(#"{"a": "#)
    #expect(console.press(Key(.enter)) == [])
    #expect(console.text().contains("✗ not valid JSON"))
    console.press(.control("u"))
    console.type("en")
    for _ in 0..<5 { console.press(Key(.down)) }
    console.type("novalue")
    #expect(console.press(Key(.enter)) == [])
    #expect(console.text().contains("a new field is typed as name=value"))
  }

  @Test func valuesAreReadAsTheyAreShown() throws {
    var settings = ServerSettings()
    settings.observe([
      .configApplied(
        .object([
          "a": .string("slt"), "b": .string("7"), "c": .number(7), "d": .bool(true), "e": .string(" x"), "f": .null,
          "g": .array([.string("x")]), "h": .string(""),
        ]))
    ])
    let form = SettingsForm(settings, suggested: "{}")
    #expect(form.rows.map(\.editor.text) == ["slt", "\"7\"", "7", "true", "\" x\"", "null", "[\"x\"]", "\"\"", ""])
  }
}
