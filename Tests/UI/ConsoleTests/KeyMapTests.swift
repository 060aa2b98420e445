import Screen
import Testing

@testable import Console

/// The keys of the configuration.
struct KeyMapTests {
  private func apply(_ settings: [KeySetting]) -> (map: KeyMap, faults: [KeyFault], remarks: [String]) {
    KeyMap.standard.applying(settings, themes: ["default", "nord"])
  }
  private func meaning(_ map: KeyMap, _ key: Key, _ mode: Mode = .panes, focus: Pane? = .log) -> String? {
    map.lookUp(key, in: mode, focus: focus).map { $0.argument.isEmpty ? $0.command.rawValue : "\($0.0) \($0.1)" }
  }

  @Test func aKeyRunsACommandWithItsArguments() {
    let result = apply([
      KeySetting(key: "F5", command: "say what time is it"), KeySetting(key: "Ctrl-G", command: "gate open"),
      KeySetting(context: "message", key: "n", command: "next"), KeySetting(key: "Z", command: "say"),
    ])
    #expect(result.faults == [] && result.remarks == [])
    #expect(meaning(result.map, Key(.function(5))) == "say what time is it")
    #expect(meaning(result.map, .control("g")) == "gate open")
    #expect(meaning(result.map, .char("n"), .message) == "next")
    #expect(meaning(result.map, .char("n")) != "next")
    // What was there is still there.
    #expect(meaning(result.map, .char("i")) == "interrupt")
  }

  @Test func aPanesKeyComesBeforeThatOfAllPanes() {
    let map = apply([KeySetting(context: "mic", key: "i", command: "mute")]).map
    #expect(meaning(map, .char("i"), focus: .mic) == "mute")
    #expect(meaning(map, .char("i"), focus: .log) == "interrupt")
    #expect(map.keyName(.interrupt, in: .panes, focus: .mic, glyphs: .braille) == nil)
    #expect(map.keyName(.mute, in: .panes, focus: .mic, glyphs: .braille) == "i")
    #expect(map.keyName(.interrupt, in: .panes, focus: .log, glyphs: .braille) == "i")
  }

  @Test func aRebindingTakesTheKeyAndSaysWhoLostIt() {
    let result = apply([KeySetting(key: "i", command: "say")])
    #expect(meaning(result.map, .char("i")) == "say")
    #expect(result.remarks == ["i in panes runs say in place of interrupt, which has no key left there"])
    // The operator's own key is the one that is shown.
    #expect(result.map.keyName(.say, in: .panes, glyphs: .braille) == "i")
    #expect(result.map.keyName(.interrupt, in: .panes, glyphs: .braille) == nil)
    #expect(result.map.call(.interrupt, glyphs: .braille) == ":interrupt")
  }

  @Test func unbindTakesAKeyAway() {
    let result = apply([KeySetting(key: "P", command: "unbind")])
    #expect(result.faults == [] && meaning(result.map, .char("P")) == nil)
    #expect(apply([KeySetting(key: "F9", command: "unbind")]).faults.first?.reason.contains("no meaning") == true)
  }

  @Test(arguments: [
    (KeySetting(key: "i", command: "intrupt"), "no command \"intrupt\", did you mean \"interrupt\"?"),
    (KeySetting(key: "Hyper-x", command: "quit"), "no key \"Hyper-x\""),
    (KeySetting(context: "pane", key: "x", command: "quit"), "no place \"pane\", did you mean \"panes\"?"),
    (KeySetting(key: "x", command: "gate opne"), "no word \"opne\", did you mean \"open\"?"),
    (KeySetting(key: "x", command: "mute now"), "mute takes no argument"),
    (KeySetting(key: "x", command: "refuse soon"), "\"soon\" is none of the seconds from 1 to 3600"),
    (KeySetting(key: "x", command: "theme dark"), "no theme \"dark\""),
    (KeySetting(key: "x", command: "accept"), "accept edits a line"),
    (KeySetting(key: "x", command: ""), "there is no command"),
    (KeySetting(context: "line", key: "x", command: "quit"), "x is typed as text in line"),
  ])
  func whatIsWrongIsNamed(_ setting: KeySetting, _ reason: String) {
    let result = apply([KeySetting(key: "F5", command: "mute"), setting])
    #expect(result.faults.count == 1)
    #expect(result.faults.first?.setting == 1)
    #expect(result.faults.first?.reason.hasPrefix(reason) == true, "\(result.faults)")
    #expect(result.faults.first?.allowed.isEmpty == false)
    // The others hold.
    #expect(meaning(result.map, Key(.function(5))) == "mute")
  }

  @Test func oneKeyTwiceIsAConflictHoweverItIsWritten() {
    let result = apply([
      KeySetting(key: "Ctrl-G", command: "mute"), KeySetting(context: "message", key: "Ctrl-G", command: "copy"),
      KeySetting(key: "ctrl+g", command: "quit"),
    ])
    #expect(result.faults.map(\.setting) == [2])
    #expect(result.faults.first?.reason == "Ctrl-G is bound twice in panes")
  }

  @Test func nobodyIsLockedIn() {
    let quits = apply([KeySetting(key: "q", command: "mute"), KeySetting(key: "Ctrl-C", command: "unbind")])
    #expect(quits.faults.map(\.reason) == ["the panes would have no key for quit"])
    let line = apply([KeySetting(context: "line", key: "Esc", command: "unbind")])
    #expect(line.faults.map(\.reason) == ["the input line would have no key for cancel"])
    let moved = apply([
      KeySetting(context: "line", key: "Esc", command: "unbind"),
      KeySetting(context: "line", key: "Ctrl-G", command: "cancel"),
    ])
    #expect(moved.faults == [])
  }

  /// Every key of the table can be written as it is shown, in both spellings.
  @Test(arguments: [GlyphSet.braille, .ascii]) func namesOfKeysAreRead(_ glyphs: GlyphSet) {
    for row in KeyMap.standard.rows {
      #expect(KeyPress(row.key.name(glyphs)) == row.key, "\(row.key.name(glyphs))")
    }
    #expect(KeyPress("shift-a") == KeyPress(.char("A")))
    #expect(KeyPress("Shift-Tab") == KeyPress(Key(.backTab)))
    #expect(KeyPress("Ctrl-Alt-x") == KeyPress(Key(.character("x"), [.control, .alt])))
    #expect(KeyPress("-") == KeyPress(.char("-")) && KeyPress("Ctrl--") == KeyPress(.control("-")))
    for name in ["", "Ctrl-", "F0", "F64", "abc", "Ctrl-abc", "Shift-1"] { #expect(KeyPress(name) == nil, "\(name)") }
  }

  @Test func hintsHelpAndDispatchFollow() {
    let map = apply([KeySetting(key: "i", command: "unbind"), KeySetting(key: "F5", command: "say hello")]).map
    var console = Script.live.console { $0.keys = map }
    #expect(console.press(.char("i")) == [])
    #expect(console.press(Key(.function(5))) == [.command(.say("hello"))])
    let hints = console.text().split(separator: "\n").last!
    #expect(!hints.contains("interrupt") && hints.contains("s say"))
    console.press(.char("?"))
    #expect(console.text().contains("F5        say hello"))
  }
}
