import Console
import Screen
import TestKit
import Testing
import Timeline

/// Screens that a person has looked at. To record them anew: `SIDETONE_RECORD_GOLDEN=1 swift test --filter Golden`.
struct GoldenTests {
  static let sizes = [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60)]
  /// And those where the panes stand to each other in another way, or are at their smallest.
  static let shapes = [
    Size(width: 60, height: 16), Size(width: 100, height: 30), Size(width: 300, height: 30),
    Size(width: 80, height: 120),
  ]

  private func check(_ console: Console, _ name: String, _ size: Size, file: String = #filePath) throws {
    try GoldenScreen.check(console.view(size), "\(name)-\(size.width)x\(size.height)", file: file)
  }

  @Test(arguments: sizes + shapes) func empty(_ size: Size) throws {
    try check(Script().console(size.width, size.height), "empty", size)
  }

  @Test(arguments: sizes + shapes) func live(_ size: Size) throws {
    try check(Script.live.console(size.width, size.height), "live", size)
  }

  @Test(arguments: sizes) func withoutMicrophone(_ size: Size) throws {
    var script = Script()
    script.connect()
    script.add(
      .device(
        DeviceChange(
          role: .mic, state: .failed, name: "default", text: "no sound card was found",
          remedy: "plug one in, or start with --input file:PATH")))
    try check(script.console(size.width, size.height), "no-microphone", size)
  }

  @Test(arguments: sizes) func lostConnection(_ size: Size) throws {
    var script = Script.live
    script.add(
      .connection(
        ConnectionChange(LinkID(1), .closed(code: 1006, reason: "connection reset by peer", by: .network))))
    script.add(
      .connection(ConnectionChange(LinkID(2), .waiting(delayMs: 2_000), attempt: 2)))
    script.add(.fault(FaultChange(.refuse, active: true, durationMs: 10_000)))
    try check(script.console(size.width, size.height), "lost", size)
  }

  @Test(arguments: sizes) func serverError(_ size: Size) throws {
    var script = Script.live
    script.message(.toClient, #"{"type":"error","code":"tts_failed","message":"the synthesiser is out of memory"}"#)
    try check(script.console(size.width, size.height), "error", size)
  }

  @Test(arguments: sizes) func frozenAndFiltered(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("/"))
    console.type("!audio")
    console.press(Key(.enter), .char("f"), Key(.up), Key(.up))
    var more = Script()
    more.entries = []
    more.now = Timestamp(milliseconds: 20_000)
    for i in 0..<7 { more.message(.toClient, #"{"type":"transcript_interim","text":"word \#(i)"}"#) }
    let first = Script.live.entries.count
    _ = console.update(.entries(more.entries.map { Entry(index: first + $0.index, at: $0.at, event: $0.event) }))
    try check(console, "frozen", size)
  }

  @Test(arguments: sizes) func help(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("?"))
    try check(console, "help", size)
  }

  @Test(arguments: sizes) func openedMessage(_ size: Size) throws {
    var script = Script.live
    script.message(
      .toClient,
      #"{"type":"tool_call","name":"set_light","arguments":{"room":"kitchen","on":true,"levels":[1,2.50,3e2]},"#
        + #""auth_token":"never shown","blob":"\#(String(repeating: "Zm9v", count: 200))","empty":{},"none":[]}"#)
    var console = script.console(size.width, size.height)
    console.press(Key(.enter))
    try check(console, "message", size)
  }

  @Test(arguments: sizes) func openedBinary(_ size: Size) throws {
    var script = Script.live
    script.binary(.toClient, (0..<600).map { UInt8($0 % 256) })
    var console = script.console(size.width, size.height)
    console.press(Key(.enter))
    try check(console, "binary", size)
  }

  @Test(arguments: sizes) func disconnectMenu(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char("d"), Key(.down))
    try check(console, "disconnect", size)
  }

  @Test(arguments: sizes) func inputLine(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.char(":"))
    console.type("re")
    try check(console, "completion", size)
  }

  @Test(arguments: sizes) func inputLineWithAFault(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.command("gate opne")
    try check(console, "fault", size)
  }

  @Test(arguments: sizes) func palette(_ size: Size) throws {
    var console = Script.live.console(size.width, size.height)
    console.press(.control("p"))
    console.type("con")
    try check(console, "palette", size)
  }

  @Test(arguments: sizes) func configForm(_ size: Size) throws {
    var script = Script.live
    script.message(.toServer, #"{"type":"config","voice":"rms","speed":2}"#)
    script.message(.toClient, #"{"type":"error","code":"bad_config","message":"voice: unknown \"rms\"; known: slt"}"#)
    script.message(.toClient, #"{"type":"config_applied","voice":"slt","language":"en","speed":1}"#)
    var console = script.console(size.width, size.height)
    console.press(.char("c"), .control("u"))
    console.type("de")
    console.press(Key(.down), Key(.down))
    try check(console, "form", size)
  }

  @Test(arguments: sizes) func playedFile(_ size: Size) throws {
    var script = Script.live
    script.add(.operatorAct(OperatorAct(.play, "sounds/hello world.wav")))
    script.add(.injection(Injection(source: .play, state: .started, name: "hello world.wav", durationMs: 3_400)))
    let start = script.now.milliseconds
    for i in 0..<60 {
      script.at(start + Double(i) * 20)
      script.mic(4_000, fate: .sent, isSpeech: true)
    }
    try check(script.console(size.width, size.height), "play", size)
  }

  @Test(arguments: sizes, [GlyphSet.blocks, .ascii]) func otherGlyphs(_ size: Size, _ glyphs: GlyphSet) throws {
    let console = Script.live.console(size.width, size.height) { $0.glyphs = glyphs }
    let surface = console.view(size)
    if glyphs == .ascii { #expect(surface.cells.allSatisfy { $0.scalar < 0x80 }) }
    try check(console, "live-\(glyphs.rawValue)", size)
  }

  @Test func zoomedLatency() throws {
    var console = Script.live.console(120, 40)
    console.press(.char("3"), .char("3"), .char("z"))
    try check(console, "latency-zoomed", Size(width: 120, height: 40))
  }
}
