import Screen
import Session
import Testing

@testable import Console

/// The input line: history, completion, ghost, faults.
struct LineTests {
  private func live(_ history: [String] = []) -> Console { Script.live.console { $0.history = history } }

  @Test func theHistoryIsWalkedByItsBeginning() {
    var console = live(["say one", "mute", "say two", "gate ptt"])
    console.press(.char("s"), Key(.up))
    #expect(console.prompt?.text == "say two")
    console.press(Key(.up), Key(.up))
    #expect(console.prompt?.text == "say one")
    console.press(Key(.down))
    #expect(console.prompt?.text == "say two")
    console.press(Key(.down))
    #expect(console.prompt?.text == "say ")
    console.press(Key(.escape), .char(":"), Key(.up))
    #expect(console.prompt?.text == "gate ptt")
    // What was typed is the beginning, and comes back.
    console.press(.control("u"))
    console.type("m")
    console.press(Key(.up))
    #expect(console.prompt?.text == "mute")
    console.press(Key(.down))
    #expect(console.prompt?.text == "m")
  }

  @Test func aFilterIsInTheHistoryAsItsCommand() {
    var console = live()
    console.press(.char("/"))
    console.type("!audio")
    let effects = console.update(.event(.key(Key(.enter))))
    #expect(effects == [.remember("filter !audio"), .command(.filter("!audio"))])
    console.press(.char("/"), .control("u"), Key(.up))
    #expect(console.prompt?.text == "!audio")
  }

  @Test func linesAreKeptButNoSecrets() {
    var console = live()
    func enter(_ line: String) -> [ConsoleEffect] {
      console.press(.char(":"))
      console.type(line)
      return console.update(.event(.key(Key(.enter))))
    }
    #expect(enter("say hello").contains(.remember("say hello")))
    for secret in [
      #"config {"api_key": "abc"}"#, #"send {"type":"auth","token":"x"}"#, "send Authorization: Bearer abc",
      "say the password is swordfish", "send " + String(repeating: "x", count: 5_000),
      #"config {"client_secret":{"value":"x"}}"#, "text it is sk-proj-a1B2c3D4e5F6g7H8i9J0",
      #"send {"headers":[{"name":"Cookie","value":"a=b"}]}"#, "text https://h/?sig=abc",
    ] {
      let effects = enter(secret)
      #expect(effects.count == 1 && !effects.contains(.remember(secret)), "\(secret.prefix(40))")
    }
    // As in shells.
    #expect(!enter(" say quietly").contains(.remember("say quietly")))
    // In this run, all but the quiet one can be brought back.
    #expect(console.history.lines.count == 10 && !console.history.lines.contains("say quietly"))
    // What was wrong is remembered, to be mended.
    #expect(enter("gate shut").isEmpty)
    #expect(console.history.lines.last == "gate shut")
  }

  @Test func theHistoryIsBoundedAndHasEachLineOnce() {
    var history = PromptHistory((0..<900).map { "say \($0)" })
    #expect(history.lines.count == PromptHistory.limit)
    #expect(history.add("say 899", to: .command) == "say 899")
    #expect(history.add("say 500", to: .command) == "say 500")
    #expect(history.lines.count == PromptHistory.limit && history.lines.suffix(2) == ["say 899", "say 500"])
    #expect(history.add("x", to: .find) == nil)
  }

  @Test func whatIsWrongIsSaidToItsEnd() {
    var console = Script.live.console(60, 16) { $0.themes = (1...12).map { "theme-\($0)" } }
    console.command("theme x")
    let text = console.text(60, 16)
    #expect(text.contains("✗ no theme \"x\"; there are") && text.contains("theme-11 and theme-12"), "\(text)")
  }

  @Test func pathsOfAnyKindAreCompleted() {
    var console = live()
    let items = [
      FolderListing.Item(name: "a b.json", isFolder: false, byteCount: 9), .init(name: "sub", isFolder: true),
    ]
    for (line, whole) in [("write out/a", "write out/a b.json"), ("send-binary @out/s", "send-binary @out/sub/")] {
      console.press(.char(":"))
      #expect(console.type(line).contains(.list(folder: "out/")), "\(line)")
      _ = console.update(.listed(FolderListing(folder: "out/", items: items)))
      console.press(Key(.tab))
      #expect(console.prompt?.text == whole)
      console.press(Key(.escape))
      _ = console.update(.listed(FolderListing(folder: "", items: [])))
    }
  }

  @Test func filtersAreCompletedWordByWord() {
    var console = live()
    console.press(.char("/"))
    console.type("dir:in (ty")
    #expect(console.completion?.candidates.map(\.text) == ["type:"])
    console.press(Key(.tab))
    console.type("trans")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "dir:in (type:transcript_")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "dir:in (type:transcript_final")
    #expect(console.text().contains("│ type:transcript_interim "))
    console.press(Key(.escape))
    console.press(.char(":"))
    console.type("filter not ki")
    #expect(console.ghost == "nd:")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "filter not kind:")
    console.type(" ")
    #expect(console.text().contains("must not hold"))
  }

  @Test(arguments: [
    ("close 10", "1008", "policy violation"), ("close 4", "4000", "one's own"),
    ("send {", #"{"type":"interrupt"}"#, "interrupt"),
    ("config ", #"{"language": "en", "voice": "slt"}"#, "an example"),
  ])
  func whatOthersTypeIsOffered(_ line: String, _ offered: String, _ meaning: String) {
    var console = live()
    console.press(.char(":"))
    console.type(line)
    let candidate = console.completion?.candidates.first { $0.text == offered }
    #expect(candidate?.detail.contains(meaning) == true, "\(console.completion?.candidates ?? [])")
  }

  @Test func theRestOfTheLikeliestLineIsShownDim() {
    var console = live(["say what time is it"])
    console.press(.char(":"))
    console.type("inte")
    #expect(console.ghost == "rrupt")
    console.press(Key(.right))
    #expect(console.prompt?.text == "interrupt")
    console.press(.control("u"))
    console.type("say wh")
    #expect(console.ghost == "at time is it")
    console.press(Key(.left))
    #expect(console.ghost == nil)
    console.press(Key(.right), Key(.right))
    #expect(console.prompt?.text == "say what time is it")
  }

  @Test func choicesAreOfferedWithTheirMeaning() {
    var console = live()
    console.press(.char(":"))
    console.type("gate ")
    let text = console.text()
    for word in ["gate  only speech", "open  everything", "ptt   push to talk"] { #expect(text.contains(word)) }
    console.press(Key(.tab), Key(.tab))
    #expect(console.prompt?.text == "gate open")
    console.press(Key(.enter))
    #expect(console.mode == .panes)
    console.press(.char(":"))
    console.type("theme n")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "theme nord")
    console.press(.control("u"))
    console.type("zzz")
    console.press(Key(.tab))
    #expect(console.prompt?.fault?.reason == "nothing to complete")
    // Where no name begins so, those with these letters.
    console.press(.control("u"))
    console.type("dscn")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "disconnect")
  }

  @Test func filesAreAskedForAndOffered() {
    var console = live()
    #expect(console.press(.char("P")) == [.list(folder: "")])
    _ = console.update(
      .listed(
        FolderListing(
          folder: "",
          items: [
            .init(name: ".hidden.wav", isFolder: false), .init(name: "a song.wav", isFolder: false, byteCount: 32_044),
            .init(name: "notes.txt", isFolder: false), .init(name: "sounds", isFolder: true),
          ])))
    let text = console.text()
    #expect(text.contains(#"a\ song.wav"#) && text.contains("32 044 B") && text.contains("sounds/"))
    #expect(!text.contains("notes.txt") && !text.contains("hidden"))
    console.type("so")
    console.press(Key(.tab))
    #expect(console.prompt?.text == "play sounds/")
    // The names of the next folder are asked for once.
    #expect(console.askedFolder == "sounds/")
    #expect(console.type("a") == [])
    _ = console.update(.listed(FolderListing(folder: "sounds/", items: [.init(name: "a.wav", isFolder: false)])))
    console.press(Key(.tab))
    #expect(console.prompt?.text == "play sounds/a.wav ")
    console.type("mix")
    #expect(console.press(Key(.enter)) == [.command(.play(path: "sounds/a.wav", isMixed: true))])
  }

  @Test func keysThatNeedArgumentsPrefillTheLine() {
    for (key, text) in [("s", "say "), ("w", "text "), ("P", "play ")] {
      var console = live()
      console.press(.char(Character(key)))
      #expect(console.prompt?.text == text)
      // Erasing leaves the name; erasing once more by Backspace does not.
      console.type("xyz")
      console.press(.control("u"))
      #expect(console.prompt?.text == text)
    }
    var console = live()
    console.press(.char("d"), .char("r"))
    #expect(console.prompt?.text == "refuse 10")
    #expect(console.press(Key(.enter)) == [.command(.disconnect(.refuse(.seconds(10))))])
    // By name, too.
    #expect(console.command("say") == [])
    #expect(console.prompt?.text == "say ")
  }

  @Test func aFaultPointsAtItsPlace() throws {
    var console = live()
    console.command("gate opne")
    let fault = try #require(console.prompt?.fault)
    #expect(fault.range == 5..<9)
    let surface = console.view(console.size)
    let y = try #require((0..<40).first { surface.line($0).contains("gate opne") })
    let x = 7
    #expect((x..<x + 4).allSatisfy { surface[$0, y].style.role == .error })
    #expect(surface[x - 1, y].style.role != .error)
    #expect(surface.line(y - 1).contains("✗ no word \"opne\", did you mean \"open\"?"))
    // Typing takes it away.
    console.press(Key(.backspace))
    #expect(console.prompt?.fault == nil)
  }

  @Test func aPasteOfSeveralLinesIsOneLine() {
    var console = live()
    console.press(.char(":"))
    _ = console.update(.event(.paste("say a\nb\tc")))
    #expect(console.prompt?.text == "say a b c")
  }
}
