import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// The message editor: its text, its forms, its keys.
struct EditorTests {
  @Test func theTextIsEditedByLines() {
    var area = TextArea("ab\ncd")
    area.end()
    area.newLine()
    area.insert("x")
    #expect(area.text == "ab\nx\ncd")
    area.move(by: 1)
    area.backspace()
    #expect(area.text == "ab\nx\nd")
    area.backspace()
    #expect(area.text == "ab\nxd")
    #expect((area.row, area.column) == (1, 1))
    area.left()
    area.left()
    #expect((area.row, area.column) == (0, 2))
    area.delete()
    #expect(area.text == "abxd")
    area.deleteToEnd()
    area.deleteToStart()
    #expect(area.isEmpty)
    area.insert("one  two\tthree")
    #expect(area.text == "one  two  three")
    area.deleteWord()
    area.deleteWord()
    #expect(area.text == "one  ")
  }

  @Test func newLinesAreIndentedAsJSONIs() {
    var area = TextArea("{")
    area.end()
    area.newLine()
    area.insert(#""a": ["#)
    area.newLine()
    area.insert("1")
    #expect(area.text == "{\n  \"a\": [\n    1")
  }

  @Test func aWalkUpAndDownKeepsItsColumn() {
    var area = TextArea("a long line\nb\nanother long line")
    area.end()
    area.move(by: 1)
    #expect(area.column == 1)
    area.move(by: 1)
    #expect(area.column == 11)
    area.move(by: .min)
    #expect((area.row, area.column) == (0, 11))
  }

  @Test func formsBecomeBytes() throws {
    #expect(try MessageForm.text.outgoing("{not json") == .frame(.string("{not json")))
    #expect(try MessageForm.hex.outgoing("00 fF\n10") == .frame(.binary([0, 255, 16])))
    #expect(try MessageForm.base64.outgoing("AP8Q\n") == .frame(.binary([0, 255, 16])))
    #expect(try MessageForm.file.outgoing(" /a b.wav\n") == .file(path: "/a b.wav"))
    for (form, text) in [(MessageForm.hex, "0"), (.hex, "0g"), (.base64, "A"), (.file, " ")] {
      #expect(throws: CommandFault.self) { try form.outgoing(text) }
    }
    #expect(try MessageForm.binary("hex:00") == .frame(.binary([0])))
    #expect(try MessageForm.binary("@x") == .file(path: "x"))
    #expect(throws: CommandFault.self) { try MessageForm.binary("00") }
  }

  @Test func jsonIsLaidOutAnewAndBack() throws {
    let text = #"{"a":[1,{"b":"x, y"}],"c":{},"d":[]}"#
    let indented = try #require(JSONLayout.indented(text))
    #expect(
      indented == "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x, y\"\n    }\n  ],\n  \"c\": {},\n  \"d\": []\n}")
    #expect(JSONLayout.compact(indented) == text)
    #expect(JSONLayout.indented("{") == nil)
  }

  @Test func anythingIsSentAndRemembered() {
    var console = Script.live.console()
    console.press(.char("e"))
    #expect(console.mode == .editor)
    console.type("{q")
    #expect(console.text().contains("it is sent all the same"))
    #expect(console.press(.control("s")) == [.command(.sendRaw(.string("{q")))])
    #expect(console.mode == .panes)
    console.press(.char("e"), .control("p"))
    #expect(console.text().contains("{q"))
    console.press(Key(.enter))
    console.type("more")
    #expect(console.press(.control("s")) == [.command(.sendRaw(.string("{q\nmore")))])
    // A draft survives a look at the log.
    console.press(.char("e"))
    _ = console.update(.event(.paste("two\nlines")))
    console.press(Key(.escape))
    #expect(console.mode == .panes)
    console.press(.char("e"))
    #expect(console.press(.control("s")) == [.command(.sendRaw(.string("two\nlines")))])
  }

  @Test func bytesAndFilesAreSent() {
    var console = Script.live.console()
    console.press(.char("e"), .control("f"))
    console.type("00 f")
    #expect(console.press(.control("s")) == [])
    #expect(console.text().contains("3 hexadecimal digits"))
    console.type("f")
    #expect(console.press(.control("s")) == [.command(.sendRaw(.binary([0, 255])))])
    #expect(console.command("send-binary base64:AP8=") == [.command(.sendRaw(.binary([0, 255])))])
    #expect(console.command("send-binary @/tmp/x").last == .sendFile(path: "/tmp/x"))
    console.command("send-binary 00")
    #expect(console.prompt?.fault?.reason.contains("hex:00FF") == true)
  }

  @Test func templatesComeFromTheConfigurationAndTheDialect() {
    var console = Script.live.console {
      $0.templates = [MessageTemplate(name: "mine", message: .string(#"{"type":"mine"}"#))]
    }
    console.command("edit mine")
    #expect(console.press(.control("s")) == [.command(.sendRaw(.string("{\n  \"type\": \"mine\"\n}")))])
    console.press(.char("e"), .control("t"), .control("t"), .control("r"))
    guard case .command(.sendRaw(let frame))? = console.press(.control("s")).first else {
      Issue.record("nothing was sent")
      return
    }
    #expect(VoiceDialect().decode(frame, from: .client) == [.text("what time is it")])
    console.command("edit nonsense")
    #expect(console.prompt?.fault?.reason.contains("there are mine, text") == true)
    for template in VoiceDialect().templates + PCMDialect().templates { #expect(!template.name.isEmpty) }
  }

  @Test func aReplayHasNobodyToSendTo() {
    var console = Script.live.console { $0.port = .recording }
    #expect(console.press(.char("e")) == [])
    #expect(console.mode == .panes)
  }
}
