import Screen
import Testing
import Timeline

@testable import Console

/// Sizes, dividers, presets and what the mouse does with panes.
struct PaneTests {
  static let sizes = [
    Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 300, height: 30),
    Size(width: 80, height: 120),
  ]

  private func console(_ size: Size, _ change: (inout ConsoleOptions) -> Void = { _ in }) -> Console {
    Script.live.console(size.width, size.height, change)
  }

  /// The panes cover the body, each cell once.
  private func expectTiling(_ console: Console, _ comment: Comment) {
    let layout = console.layout(console.size)
    var count = 0
    for pane in layout.visible {
      let rect = layout.rect(of: pane)
      count += rect.width * rect.height
      for other in layout.visible where other != pane {
        #expect(rect.intersection(layout.rect(of: other)).isEmpty, comment)
      }
    }
    #expect(count == layout.body.width * layout.body.height, comment)
  }

  private func mouse(_ console: inout Console, _ action: Mouse.Action, _ x: Int, _ y: Int) -> [ConsoleEffect] {
    console.update(.event(.mouse(Mouse(action, x: x, y: y))))
  }

  @Test(arguments: sizes) func everyDividerCanBeDraggedBothWays(_ size: Size) {
    let fresh = console(size)
    let dividers = fresh.layout(size).dividers
    #expect(dividers.count >= 4)
    for divider in dividers {
      for step in [-3, 2, -400, 400] {
        var console = fresh
        let across = divider.extent.upperBound - 2
        func point(_ along: Int) -> (Int, Int) { divider.isUpright ? (along, across) : (across, along) }
        let start = point(divider.position - 1)
        let end = point(divider.position - 1 + step)
        // Inner dividers meet outer ones at their ends; the grip decides which is meant.
        guard fresh.layout(size).divider(atX: start.0, y: start.1) == divider else { continue }
        _ = mouse(&console, .press, start.0, start.1)
        _ = mouse(&console, .drag, end.0, end.1)
        _ = mouse(&console, .release, end.0, end.1)
        let name = "\(divider.before.name)|\(divider.after.name) by \(step) at \(size)"
        expectTiling(console, "\(name)")
        let moved = console.layout(size).dividers.first {
          $0.before.name == divider.before.name && $0.after.name == divider.after.name
        }
        let low = divider.range.lowerBound + divider.before.minimum
        let high = divider.range.upperBound - divider.after.minimum
        if low <= high {
          #expect(moved?.position == (divider.position + step).clamped(to: low...high), "\(name)")
        }
        // Whoever does not touch the divider stays where it was.
        for pane in Pane.allCases where !divider.before.contains(pane) && !divider.after.contains(pane) {
          #expect(console.layout(size).rect(of: pane) == fresh.layout(size).rect(of: pane), "\(pane), \(name)")
        }
        console.press(.char("="))
        #expect(console.layout(size).dividers == dividers, "\(name)")
      }
    }
  }

  @Test(arguments: sizes) func keysResizeTheFocusedPane(_ size: Size) {
    let fresh = console(size)
    for pane in fresh.layout(size).visible {
      for (key, isUpright, isMore) in [("+", false, true), ("-", false, false), (">", true, true), ("<", true, false)] {
        var console = fresh
        console.focus = pane
        let before = console.layout(size).rect(of: pane)
        console.press(.char(Character(key)))
        let after = console.layout(size).rect(of: pane)
        expectTiling(console, "\(pane) \(key) at \(size)")
        let (old, new) = isUpright ? (before.width, after.width) : (before.height, after.height)
        #expect(isMore ? new >= old : new <= old, "\(pane) \(key) at \(size)")
        if new == old { #expect(console.flash?.isWarning == true, "\(pane) \(key) at \(size)") }
      }
    }
    var console = fresh
    console.press(.char("z"), .char("+"))
    #expect(console.flash?.text.contains("zoomed") == true)
  }

  @Test func sizesAreSharesAndSoSurviveAnotherTerminal() {
    var console = console(Size(width: 120, height: 40))
    console.focus = .transcript
    console.command("wider 20")
    let wide = console.layout(console.size).rect(of: .transcript).width
    #expect(wide == 45 + 20)
    var options = ConsoleOptions()
    options.arrangement = console.arrangement
    var next = Console(options)
    _ = next.update(.event(.resized(Size(width: 120, height: 40))))
    #expect(next.layout(next.size).rect(of: .transcript).width == wide)
    _ = next.update(.event(.resized(Size(width: 240, height: 60))))
    #expect(next.layout(next.size).rect(of: .transcript).width == 2 * wide)
    // Another shape has sizes of its own.
    _ = next.update(.event(.resized(Size(width: 80, height: 24))))
    let plain = Script().console(80, 24)
    #expect(next.layout(next.size).rect(of: .transcript) == plain.layout(plain.size).rect(of: .transcript))
  }

  @Test func aNumberInATitleClosesItsPane() {
    var console = console(Size(width: 120, height: 40))
    let rect = console.layout(console.size).rect(of: .agent)
    _ = mouse(&console, .press, rect.x + 1, rect.y)
    #expect(!console.openPanes.contains(.agent))
  }

  @Test func aDoubleClickZoomsAndASlowOneDoesNot() {
    var console = console(Size(width: 120, height: 40))
    let rect = console.layout(console.size).rect(of: .transcript)
    let (x, y) = (rect.x + 5, rect.y + 2)
    _ = mouse(&console, .press, x, y)
    _ = console.update(.tick(console.now + .milliseconds(300)))
    _ = mouse(&console, .press, x, y)
    #expect(console.isZoomed && console.focus == .transcript)
    _ = mouse(&console, .press, x, y)
    _ = console.update(.tick(console.now + .milliseconds(900)))
    _ = mouse(&console, .press, x, y)
    #expect(console.isZoomed)
    _ = mouse(&console, .press, x, y)
    #expect(!console.isZoomed)
  }

  @Test func clickedHintsRunTheirCommands() throws {
    var console = console(Size(width: 200, height: 40))
    let layout = console.layout(console.size)
    func place(_ command: Command) throws -> (Int, Int) {
      let spot = try #require(console.hintSpots(in: layout.hints).first { $0.spec.command == command })
      return (spot.rect.x + 1, spot.rect.y)
    }
    let zoom = try place(.zoom)
    let quit = try place(.quit)
    let pane = try place(.pane)
    #expect(mouse(&console, .press, quit.0, quit.1) == [.quit])
    _ = mouse(&console, .press, zoom.0, zoom.1)
    #expect(console.isZoomed)
    _ = mouse(&console, .press, pane.0, pane.1)
    #expect(console.prompt?.editor.text == "pane ")
  }

  @Test func theBannersKeysCanBeClicked() throws {
    var console = console(Size(width: 120, height: 40))
    _ = console.update(.failed("no such theme"))
    let banner = try #require(console.banner)
    let rect = try #require(console.layout(console.size).banner)
    let spot = try #require(console.bannerSpots(banner, in: rect).first)
    _ = mouse(&console, .press, spot.rect.x, spot.rect.y)
    #expect(console.banner == nil)
  }

  @Test func theWheelScrollsWhatIsUnderThePointer() {
    var script = Script.live
    for i in 0..<40 { script.turn("question number \(i)", "answer number \(i)", response: 4 + i) }
    var console = script.console()
    #expect(console.focus == .log)
    let rect = console.layout(console.size).rect(of: .transcript)
    _ = mouse(&console, .wheelUp, rect.x + 2, rect.y + 2)
    #expect(console.transcript.isHeld)
    #expect(console.focus == .log && !console.log.isFrozen)
  }

  @Test func presetsOfTheUserComeAfterOurs() {
    let mine = PanePreset(
      name: "mine", panes: [.transcript, .log], sizes: PaneSizes(["transcript": 0.25]))
    var console = console(Size(width: 120, height: 40)) { $0.presets = [mine] }
    for _ in 0..<4 { console.press(.char("p")) }
    #expect(console.preset == "mine")
    #expect(console.layout(console.size).visible == [.transcript, .log])
    #expect(console.layout(console.size).rect(of: .transcript).width == 30)
    console.press(.char("p"))
    #expect(console.preset == "all" && console.paneSizes == PaneSizes())
    console.command("preset mine")
    #expect(console.preset == "mine")
    console.press(.char(":"))
    console.type("preset wrong")
    console.press(Key(.enter))
    #expect(console.prompt?.fault?.reason.contains("all, talk, wire, check and mine") == true)
  }

  @Test func aBrokenArrangementIsMended() {
    var options = ConsoleOptions()
    options.arrangement = PaneArrangement(open: [.mic, .agent], focus: .log, isZoomed: true, preset: "gone")
    var console = Console(options)
    #expect(console.focus == .mic && !console.isZoomed)
    console.press(.char("p"))
    #expect(console.preset == "all")
    options.arrangement = PaneArrangement(open: [], sizes: PaneSizes(["mic": .nan, "meters": 40, "bands.agent": -1]))
    console = Console(options)
    #expect(console.openPanes == Set(Pane.allCases))
    _ = console.view(Size(width: 120, height: 40))
  }
}
