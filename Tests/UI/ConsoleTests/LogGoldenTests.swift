import Audio
import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// The protocol log, the opened message and the message editor in every state, looked at by a person.
struct LogGoldenTests {
  private func check(_ console: Console, _ name: String, _ size: Size, file: String = #filePath) throws {
    try GoldenScreen.check(
      console.view(size).part(console.layout(size).body), "\(name)-\(size.width)x\(size.height)", file: file)
  }

  /// The log alone on the screen, after `lines` and `keys`.
  private func log(
    _ script: Script = .live, _ size: Size, _ lines: [String] = [], _ keys: [Key] = [], rows: Int? = nil
  ) -> Console {
    var console = script.console(size.width, size.height) { if let rows { $0.limits.rows = rows } }
    console.press(.char("z"))
    for line in lines { console.command(line) }
    for key in keys { console.press(key) }
    return console
  }

  @Test(arguments: GoldenTests.sizes) func empty(_ size: Size) throws {
    try check(log(Script(), size), "log-empty", size)
  }

  @Test(arguments: GoldenTests.sizes) func normal(_ size: Size) throws {
    try check(log(.live, size), "log-normal", size)
  }

  @Test(arguments: GoldenTests.sizes) func full(_ size: Size) throws {
    var script = Script.live
    for i in 0..<300 {
      script.at(script.now.milliseconds + 7)
      script.message(.toClient, #"{"type":"tool_call","name":"set_light","room":"room \#(i)"}"#)
    }
    try check(log(script, size, rows: 200), "log-full", size)
  }

  @Test(arguments: GoldenTests.sizes) func errors(_ size: Size) throws {
    var script = Script.live
    script.message(.toClient, #"{"type":"error","code":"tts_failed","message":"the synthesiser is out of memory"}"#)
    script.message(.toClient, #"{"type":"audio","data":"not base64!"}"#)
    script.message(.toClient, "{half a message")
    script.add(
      .connection(
        ConnectionChange(LinkID(1), .closed(code: 1006, reason: "connection reset by peer", by: .network))))
    try check(log(script, size), "log-error", size)
  }

  @Test(arguments: GoldenTests.sizes) func frozen(_ size: Size) throws {
    try check(log(.live, size, [], [Key(.up), Key(.up), Key(.up)]), "log-frozen", size)
  }

  @Test(arguments: GoldenTests.sizes) func filtered(_ size: Size) throws {
    let filter = "filter dir:in not (type:audio or type:response_text) since:-8s"
    try check(log(.live, size, [filter]), "log-filtered", size)
  }

  @Test(arguments: GoldenTests.sizes) func filteredToNothing(_ size: Size) throws {
    try check(log(.live, size, ["filter size>1M /no.*thing/"]), "log-nothing", size)
  }

  @Test(arguments: GoldenTests.sizes) func badFilter(_ size: Size) throws {
    try check(log(.live, size, ["filter dir:in (type:audio"]), "log-bad-filter", size)
  }

  @Test(arguments: GoldenTests.sizes) func searching(_ size: Size) throws {
    try check(log(.live, size, ["search \"the light\" or /letter|sea/"], [.char("N")]), "log-searching", size)
  }

  @Test(arguments: GoldenTests.sizes) func marked(_ size: Size) throws {
    let keys = [Key(.up), Key(.up), .char("M"), Key(.up), Key(.up)]
    try check(log(.live, size, ["filter not kind:event"], keys), "log-marked", size)
  }

  /// What is found is to be seen without colours, too: the screen as the theme `mono` has it, in plain text with marks.
  @Test(arguments: GoldenTests.sizes) func searchingWithoutColours(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height) { $0.hasColor = false }
    console.command("search light")
    // Closed and opened again it has the focus.
    console.press(.char("4"), .char("4"))
    console.command("search light")
    var surface = console.view(size)
    var marked = 0
    for y in 0..<size.height {
      let line = surface.line(y)
      for x in 0..<size.width {
        let style = Theme.mono.resolve(surface[x, y].style, depth: .mono)
        #expect(style.foreground == -1 && style.background == -1)
        surface[x, y].style = Style(.text, style.emphasis)
      }
      // Every hit in a row of the log or of the transcript differs from the character before it.
      guard line.contains("light"), !line.contains("search") else { continue }
      for x in 1..<size.width - 5
      where (0..<5).map({ surface[x + $0, y].scalar }) == "light".unicodeScalars.map(\.value) {
        marked += 1
        #expect(surface[x, y].style.emphasis != surface[x - 1, y].style.emphasis, "column \(x) of \(line)")
      }
    }
    #expect(marked >= (size.height < 30 ? 1 : 3))
    try GoldenScreen.check(surface, "mono-search-\(size.width)x\(size.height)")
  }

  // MARK: - Detail

  private static var tool: Script {
    var script = Script.live
    script.message(
      .toClient,
      #"{"type":"tool_call","name":"set_light","arguments":{"room":"kitchen","on":true,"levels":[1,2.50,3e2]},"#
        + #""empty":{},"none":[],"text":"\#(String(repeating: "a long text that goes on and on ", count: 12))"}"#)
    return script
  }

  private func detail(_ script: Script, _ size: Size, _ keys: Key...) -> Console {
    var console = script.console(size.width, size.height)
    console.press(Key(.enter))
    for key in keys { console.press(key) }
    return console
  }

  @Test(arguments: GoldenTests.sizes) func folded(_ size: Size) throws {
    try check(detail(Self.tool, size, Key(.down), Key(.down), Key(.down), Key(.enter)), "detail-folded", size)
  }

  @Test(arguments: GoldenTests.sizes) func hex(_ size: Size) throws {
    try check(detail(Self.tool, size, .char("h")), "detail-hex", size)
  }

  @Test(arguments: GoldenTests.sizes) func notJSON(_ size: Size) throws {
    var script = Script.live
    script.message(.toClient, #"{"type":"text","text":"a half of a message", "more":"#)
    try check(detail(script, size), "detail-not-json", size)
  }

  @Test(arguments: GoldenTests.sizes) func audio(_ size: Size) throws {
    var script = Script.live
    // A tone that swells, in pieces of 20 ms, the fifth of them opened.
    for i in 0..<40 {
      script.at(script.now.milliseconds + 20)
      let height = Int16((i < 20 ? i : 40 - i) * 1500)
      let samples: [Int16] = (0..<320).map { k in k / 20 % 2 == 0 ? height : -height }
      guard
        let frame = VoiceDialect().encode(
          .audio(AudioPayload(bytes: PCM16.bytes(of: samples), format: "pcm16", rate: 16_000)), from: .server)
      else { continue }
      script.message(.toClient, String(decoding: frame.payload, as: UTF8.self))
    }
    let right = Key(.right)
    try check(detail(script, size, right, right, right, right), "detail-audio", size)
  }

  // MARK: - Editor

  @Test(arguments: GoldenTests.sizes) func editorEmpty(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("e"))
    try check(console, "editor-empty", size)
  }

  @Test(arguments: GoldenTests.sizes) func editorWithTemplate(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("e"), .control("t"), .control("t"), Key(.down), Key(.end))
    try check(console, "editor-template", size)
  }

  @Test(arguments: GoldenTests.sizes) func editorFault(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("e"), .control("f"))
    console.type("00 ff 1")
    console.press(.control("s"))
    try check(console, "editor-fault", size)
  }
}
