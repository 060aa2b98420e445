import Screen
import TestKit
import Testing
import Timeline

@testable import Console

/// Screens that a person has looked at. To record them anew: `SIDETONE_RECORD_GOLDEN=1 swift test --filter Golden`.
struct GoldenTests {
  static let sizes = [Size(width: 80, height: 24), Size(width: 120, height: 40), Size(width: 200, height: 60)]
  /// And those where the panes stand to each other in another way, or are at their smallest.
  static let shapes = [
    Size(width: 60, height: 16), Size(width: 100, height: 30), Size(width: 300, height: 30),
    Size(width: 80, height: 120),
  ]

  /// The whole screen, with strip and hints.
  private func checkAll(_ console: Console, _ name: String, _ size: Size) throws {
    try GoldenScreen.check(console.view(size), "\(name)-\(size.width)x\(size.height)")
  }

  /// What lies between the strip and the hints.
  private func check(_ console: Console, _ name: String, _ size: Size) throws {
    try GoldenScreen.check(
      console.view(size).part(console.layout(size).body), "\(name)-\(size.width)x\(size.height)")
  }

  @Test(arguments: sizes + shapes) func empty(_ size: Size) throws {
    try checkAll(Script().console(size.width, size.height), "empty", size)
  }

  @Test(arguments: sizes + shapes) func live(_ size: Size) throws {
    try checkAll(Script.live.console(size.width, size.height), "live", size)
  }

  @Test(arguments: sizes) func withoutMicrophone(_ size: Size) throws {
    var script = Script()
    script.connect()
    script.add(
      .device(
        DeviceChange(
          role: .mic, state: .failed, name: "default", text: "no sound card was found",
          remedy: "plug one in, or start with --input file:PATH")))
    try checkAll(script.console(size.width, size.height), "no-microphone", size)
  }

  @Test(arguments: sizes, [false, true]) func engines(_ size: Size, isMissing: Bool) throws {
    let console = Script.engines(missing: isMissing).console(size.width, size.height)
    try checkAll(console, isMissing ? "engines-missing" : "engines", size)
  }

  @Test(arguments: sizes) func lostConnection(_ size: Size) throws {
    var script = Script.live
    script.add(
      .connection(
        ConnectionChange(LinkID(1), .closed(code: 1006, reason: "connection reset by peer", by: .network))))
    script.add(
      .connection(ConnectionChange(LinkID(2), .waiting(delayMs: 2_000), attempt: 2)))
    script.add(.fault(FaultChange(.refuse, active: true, durationMs: 10_000)))
    try checkAll(script.console(size.width, size.height), "lost", size)
  }

  @Test(arguments: sizes) func serverError(_ size: Size) throws {
    var script = Script.live
    script.message(.toClient, #"{"type":"error","code":"tts_failed","message":"the synthesiser is out of memory"}"#)
    try checkAll(script.console(size.width, size.height), "error", size)
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
    try checkAll(console, "frozen", size)
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
    try checkAll(console, "live-\(glyphs.rawValue)", size)
  }

  @Test func zoomedLatency() throws {
    var console = Script.live.console(120, 40)
    console.press(.char("3"), .char("3"), .char("z"))
    try check(console, "latency-zoomed", Size(width: 120, height: 40))
  }

  // MARK: - Strip and hints

  /// How each is reached, by keys and by lines typed after `:`.
  private static let places: [(name: String, lines: [String], keys: [Key])] = [
    ("panes", [], []), ("before it", [], [Key(.backTab)]), ("two before", [], [Key(.backTab), Key(.backTab)]),
    ("zoomed", [], [.char("z")]),
    ("filtered", ["filter dir:in"], []), ("frozen", [], [.char("f")]), ("marked", [], [.char("M")]),
    ("message", [], [Key(.enter)]), ("hex", [], [Key(.enter), .char("h")]), ("disconnect", [], [.char("d")]),
    ("themes", [], [.char("t")]), ("help", [], [.char("?")]), ("line", [], [.char(":")]),
    ("filter line", [], [.char("/")]), ("palette", [], [.control("p")]), ("form", [], [.char("c")]),
    ("editor", [], [.char("e")]), ("fault", ["gate opne"], []), ("refused", [], [.char(" ")]),
  ]

  /// The strip above the hints in each of them, two rows a place.
  @Test(arguments: sizes) func bars(_ size: Size) throws {
    var surface = Surface(Size(width: size.width, height: Self.places.count * 3))
    for (i, place) in Self.places.enumerated() {
      var console = Script.live.console(size.width, size.height)
      for line in place.lines { console.command(line) }
      for key in place.keys { console.press(key) }
      let view = console.view(size)
      surface.put(StyledText(place.name, .dim), in: Rect(x: 0, y: i * 3, width: size.width, height: 1))
      surface.copy(view, row: console.layout(size).strip.y, to: i * 3 + 1)
      surface.copy(view, row: console.layout(size).hints.y, to: i * 3 + 2)
    }
    try GoldenScreen.check(surface, "bars-\(size.width)x\(size.height)")
  }
}
