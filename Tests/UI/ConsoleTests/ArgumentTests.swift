import Screen
import Session
import Testing

@testable import Console

/// Each kind of argument: what it takes, what it refuses, and that it points at what is wrong.
struct ArgumentTests {
  private let known = KnownNames(
    themes: ["default", "nord"], presets: [.init("all"), .init("talk")], panes: ["mic", "protocol"],
    followed: ["client", "stt"])

  private func values(_ text: String, _ arguments: Argument...) throws(CommandFault) -> ArgumentValues {
    let spec = CommandSpec(.send, .session, [], "", "", hinted: [], argument: arguments, run: CommandSpec.inModesOnly)
    return try ArgumentValues(text, for: spec, known: known)
  }

  /// - Returns: the fault with `^` under the characters that are wrong.
  private func fault(_ text: String, _ arguments: Argument...) -> (reason: String, place: String)? {
    let spec = CommandSpec(.send, .session, [], "", "", hinted: [], argument: arguments, run: CommandSpec.inModesOnly)
    do throws(CommandFault) {
      _ = try ArgumentValues(text, for: spec, known: known)
      return nil
    } catch {
      let range = error.range ?? 0..<0
      let mark = range.isEmpty ? "|" : String(repeating: "^", count: range.count)
      return (error.reason, String(repeating: " ", count: range.lowerBound) + mark)
    }
  }

  @Test func numbers() throws {
    let code = Argument.number("CODE", 1000...4999, except: [1005, 1004], "codes")
    #expect(try values(" 4000 ", code).number(0) == 4000)
    let wrong = fault("  1005", code)
    #expect(wrong?.reason == "\"1005\" is none of the codes from 1000 to 4999, without 1004 and 1005")
    #expect(wrong?.place == "  ^^^^")
    #expect(fault("1e3", code)?.place == "^^^")
    #expect(fault("", code)?.reason.hasPrefix("send needs CODE, one of the codes") == true)
    #expect(fault("", code)?.place == "|")
  }

  @Test func choices() throws {
    let gate = Argument.choice(.init("gate"), .init("open"), .init("ptt"))
    #expect(try values("open", gate)[0] == "open")
    #expect(try values("", gate.optional)[0] == nil)
    #expect(fault("opne", gate)?.reason == "no word \"opne\", did you mean \"open\"?; there are gate, open and ptt")
    #expect(fault("", gate)?.reason == "send needs gate, open or ptt")
  }

  @Test func textTakesTheRestAsItStands() throws {
    let all = try values(#"4000  say "hi \ there  "#, .number("CODE", 0...9999, "codes"), .text("REASON"))
    #expect(all[1] == #"say "hi \ there"#)
    #expect(all.range(1) == 6..<21)
    #expect(fault("", .text("WORDS"))?.reason == "send needs WORDS")
  }

  @Test func files() throws {
    let file = Argument.file("wav")
    let how = Argument.choice(.init("mix")).optional
    #expect(try values(#"a\ b.wav mix"#, file, how)[0] == "a b.wav")
    #expect(try values(#""a b".wav mix"#, file, how)[1] == "mix")
    #expect(fault(#"x "a b"#, file, how)?.reason == "the quote is not closed")
    #expect(fault(#"x "a b"#, file, how)?.place == "  ^^^^")
    #expect(fault("\"\"", file)?.reason == "a file's path is missing")
    for name in ["a b", #"a"b"#, #"a\b"#, "plain"] {
      #expect(try values(ArgumentWord.quoted(name), file)[0] == name)
    }
  }

  @Test func json() throws {
    #expect(try values(#"{"a": [1, 2]}"#, .json)[0] == #"{"a": [1, 2]}"#)
    #expect(fault(#" {"ä": 1,}"#, .json)?.place == "         ^")
    #expect(fault("{", .json)?.reason.contains("ends early") == true)
    #expect(fault("[1]", .json)?.reason.contains("JSON object") == true)
    #expect(fault(#"{"a": nope}"#, .json)?.reason.contains("not valid JSON") == true)
  }

  @Test func namesOfThemesPanesAndPresets() throws {
    #expect(try values("nord", .theme)[0] == "nord")
    #expect(fault("nrod", .theme)?.reason == "no theme \"nrod\", did you mean \"nord\"?; there are default and nord")
    #expect(try values("2", .pane)[0] == "2" && values("mic", .pane)[0] == "mic")
    #expect(fault("3", .pane)?.reason.hasPrefix("no pane \"3\"") == true)
    #expect(fault("work", .preset)?.reason == "no set of panes \"work\"; there are all and talk")
  }

  @Test func tooManyArgumentsArePointedAt() {
    #expect(fault("now")?.reason == "send takes no argument")
    let gate = Argument.choice(.init("gate"))
    #expect(fault("gate open x", gate)?.place == "     ^^^^^^")
  }

  /// Each command, called as its syntax says and called wrongly.
  @Test func everyCommandTakesWhatItsSyntaxSays() throws {
    let examples: [Command: [(String, isGood: Bool)]] = [
      .say: [("hello there", true)], .play: [("a.wav", true), ("a.wav mix", true), ("a.wav loud", false)],
      .gate: [("", true), ("ptt", true), ("shut", false)], .config: [("", true), ("{}", true), ("{", false)],
      .text: [("hello", true)], .send: [("{broken", true)],
      .close: [("1000", true), ("4000 going away", true), ("1006", false), ("x", false)],
      .refuse: [("10", true), ("0", false), ("3601", false)], .pane: [("1", true), ("mic", true), ("9", false)],
      .preset: [("", true), ("talk", true), ("x", false)], .theme: [("", true), ("nord", true), ("x", false)],
      .filter: [("", true), ("audio", true)], .find: [("", true), ("x", true)],
      .search: [("", true), ("x", true)], .taller: [("", true), ("3", true), ("0", false)],
      .write: [("a file", true)], .sendBinary: [("hex:00", true)], .toolResult: [("snow", true), ("", false)],
      .edit: [("", true), ("config", true)], .mark: [("", true), ("odd pause", true)],
      .shorter: [("501", false)], .turn: [("", true), ("7", true), ("0", false), ("x", false)], .wider: [("2", true)],
      .narrower: [("x", false)], .source: [("", true), ("stt", true), ("tts", false)],
      .seek: [("1:23", true), ("next turn", true), ("turn 4", true), ("somewhere", false)],
      .sound: [("", true), ("user", true), ("left", false)],
      .lookBack: [("", true), ("-30s", true), ("turn 4", true), ("somewhere", false)],
      .speed: [("2", true), ("0.25x", true), ("17", false), ("fast", false)],
    ]
    for spec in CommandTable.standard.rows {
      if spec.arguments.isEmpty {
        #expect(throws: CommandFault.self) { try ArgumentValues("x", for: spec, known: known) }
        continue
      }
      let own = try #require(examples[spec.command], "\(spec.command.rawValue) has no example here")
      for (text, isGood) in own {
        let result = Result { () throws(CommandFault) in try ArgumentValues(text, for: spec, known: known) }
        #expect(((try? result.get()) != nil) == isGood, "\(spec.command.rawValue) \(text)")
      }
      if spec.asksForArguments {
        #expect(throws: CommandFault.self) { try ArgumentValues("", for: spec, known: known) }
      }
    }
  }
}
