import Screen
import Session
import Testing
import Timeline
import Wire

@testable import Console

/// Hints, palette and list of keys offer what the port behind the console can do, and nothing else.
struct PowersTests {
  private static let sizes = Size(width: 200, height: 60)

  /// A port of some powers, as a proxy would be.
  private func console(_ powers: Powers) -> Console {
    Script.live.console(200, 60) {
      $0.port = PortCard(powers: powers, noun: "a test", badge: "test", ending: "end of the test")
    }
  }

  @Test(arguments: [Powers.drive, .speak, .inject, .disturb, .hear, .seek, .record, []])
  func whatIsOfferedIsWhatCanBeDone(_ powers: Powers) throws {
    var console = console(powers)
    let rect = console.layout(Self.sizes).hints
    for spot in console.hintSpots(in: rect) {
      #expect(powers.isSuperset(of: spot.spec.needs), "\(spot.spec.command.rawValue) is hinted")
    }
    for entry in console.paletteEntries(CommandPalette()) {
      let spec = CommandTable.standard.spec(entry.command)
      #expect(entry.isPossible == powers.isSuperset(of: spec.needs), "\(entry.line) in the palette")
    }
    for spec in CommandTable.standard.rows where !powers.isSuperset(of: spec.needs) {
      #expect(console.run(spec.command, "") == [])
      let noun = spec.needs == .seek ? "a recording" : "a live session"
      #expect(console.flash?.text == "\(spec.command.rawValue) is for \(noun), and this is a test")
    }
  }

  @Test func theListOfKeysSaysWhatCannotBeDone() {
    var console = console([])
    console.press(.char("?"), .char("/"))
    console.type("interrupt")
    console.press(Key(.enter))
    #expect(console.text().contains("Not now: interrupt is for a live session"))
  }

  @Test func everyPowerIsNeededByARowOrByTheConsole() {
    let needed = CommandTable.standard.rows.reduce(into: Powers()) { $0.formUnion($1.needs) }
    #expect(needed.union(.record) == [.drive, .speak, .inject, .disturb, .hear, .seek, .record])
  }

  @Test func thePortIsNamedInTheStrip() {
    #expect(console([]).text().contains("test"))
    #expect(!Script.live.console(200, 60).text().contains("replay"))
  }

  // MARK: - The view's own acts

  @Test func aFilterAndAMarkAreActs() {
    var console = Script.live.console()
    console.press(.char("/"))
    console.type("dir:in")
    #expect(console.press(Key(.enter)).contains(.command(.filter("dir:in"))))
    let marked = console.press(.char("M"))
    #expect(marked == [.command(.countFrom(console.log.mark?.at))] && console.log.mark != nil)
    #expect(console.press(.char("M")) == [.command(.countFrom(nil))])
    // However it is lifted: Esc does so, and a jump to a row that it hides.
    #expect(console.press(Key(.escape)) == [.command(.filter(""))])
  }

  @Test func whatIsInForceIsNoRowOfTheLog() {
    var script = Script.live
    let rows = script.console().log.store.shownCount
    script.add(.operatorAct(OperatorCommand.filter("light").act))
    script.add(.operatorAct(OperatorCommand.countFrom(.zero).act))
    #expect(script.console().log.store.shownCount == rows)
    script.add(.operatorAct(OperatorCommand.interrupt.act))
    #expect(script.console().log.store.shownCount == rows + 1)
  }

  @Test func aRecordingKeepsNoActs() {
    var console = Script.live.console { $0.port = .recording }
    console.press(.char("/"))
    console.type("dir:in")
    #expect(!console.press(Key(.enter)).contains { if case .command = $0 { true } else { false } })
    #expect(console.log.store.filter.text == "dir:in")
  }
}
