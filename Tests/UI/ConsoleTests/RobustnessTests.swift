import Screen
import TestKit
import Testing
import Timeline

@testable import Console

/// Any size, any keys, any bytes.
struct RobustnessTests {
  private static let states: [(String, @Sendable (inout Console) -> Void)] = [
    ("live", { _ in }),
    ("zoomed", { $0.press(.char("z")) }),
    ("message", { $0.press(Key(.enter)) }),
    ("help", { $0.press(.char("?")) }),
    ("menu", { $0.press(.char("d")) }),
    ("line", { $0.press(.char(":")) }),
    ("choices", { $0.press(.char(":"), Key(.tab)) }),
    ("palette", { $0.press(.control("p")) }),
    ("form", { $0.press(.char("c")) }),
    ("banner", { _ = $0.update(.failed("something long " + String(repeating: "x", count: 300))) }),
    ("talk", { $0.press(.char("p")) }),
    ("wire", { $0.press(.char("p"), .char("p")) }),
  ]

  @Test(arguments: 0..<12) func everySizeCanBeDrawn(_ state: Int) {
    var console = Script.live.console(80, 24)
    Self.states[state].1(&console)
    func draw(_ width: Int, _ height: Int) {
      let size = Size(width: width, height: height)
      #expect(console.view(size).size == size)
    }
    // Where the layout changes, in each combination; each size of one side with a few of the other.
    let widths = [1, 2, 3, 20, 59, 60, 61, 79, 80, 81, 99, 100, 101, 119, 120, 130]
    let heights = [1, 2, 3, 4, 5, 8, 12, 15, 16, 17, 20, 24, 29, 30, 31, 40, 50]
    for width in widths { for height in heights { draw(width, height) } }
    for width in 1...130 { for height in [4, 16, 24] { draw(width, height) } }
    for height in 1...50 { for width in [60, 100] { draw(width, height) } }
    _ = console.view(Size(width: 0, height: 0))
  }

  @Test func tooSmallSaysHowLarge() {
    let text = Script.live.console().text(40, 10).split(separator: "\n").map(String.init).joined(separator: " ")
    #expect(text.contains("60 × 16"))
  }

  @Test func everyPaneAloneCanBeDrawn() {
    for pane in Pane.allCases {
      for size in [Size(width: 60, height: 16), Size(width: 80, height: 24), Size(width: 130, height: 50)] {
        var console = Script.live.console(size.width, size.height)
        console.openPanes = [pane]
        console.focus = pane
        let rect = console.layout(size).rect(of: pane)
        #expect(!rect.isEmpty, "\(pane) at \(size)")
        _ = console.view(size)
      }
    }
  }

  /// A seeded walk over keys, sizes and entries: nothing traps, and the screen never holds a control character.
  @Test(arguments: 1...6) func randomInputs(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var script = Script.live
    var console = script.console()
    let keys =
      CommandTable.standard.rows.flatMap(\.bindings).map(\.key.key) + "abc{}\"1 !".map { Key.char($0) } + [
        .init(.function(3))
      ]
    for step in 0..<400 {
      switch random.next() % 10 {
      case 0..<6:
        let key = keys[Int(random.next() % UInt64(keys.count))]
        _ = console.update(.event(.key(key)))
      case 6:
        let size = Size(width: Int(random.next() % 150), height: Int(random.next() % 60))
        _ = console.update(.event(.resized(size)))
      case 7:
        let x = Int(random.next() % 150)
        let action: Mouse.Action = random.next() % 2 == 0 ? .press : .wheelUp
        _ = console.update(.event(.mouse(Mouse(action, x: x, y: Int(random.next() % 60)))))
      default:
        let bytes = (0..<Int(random.next() % 80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let before = script.entries.count
        script.at(11_000 + Double(step) * 30)
        script.add(
          .message(
            Message(
              link: LinkID(1), way: random.next() % 2 == 0 ? .toServer : .toClient,
              kind: random.next() % 2 == 0 ? .text : .binary, payload: bytes)))
        _ = console.update(.entries(Array(script.entries[before...])))
      }
      if step % 20 == 0 {
        let surface = console.view(console.size)
        #expect(surface.cells.allSatisfy { $0.scalar == 0 || $0.scalar >= 0x20 && !(0x7F..<0xA0).contains($0.scalar) })
      }
    }
  }

  @Test func escapeSequencesFromAPeerAreText() {
    let evil = "\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}31m\u{202E}x"
    var script = Script()
    script.add(
      .sessionStarted(
        SessionStarted(
          version: evil, wallClockMilliseconds: .max, url: evil, dialect: evil, inputRate: 1, input: evil, output: evil)
      ))
    script.add(.connection(ConnectionChange(LinkID(1), .ready(sessionID: evil))))
    script.add(.connection(ConnectionChange(LinkID(1), .failed(reason: evil))))
    script.add(
      .connection(ConnectionChange(LinkID(1), .open(stages: [ConnectStage(.other(evil), ms: 1)], subprotocol: evil))))
    script.add(.connection(ConnectionChange(LinkID(1), .ready(sessionID: evil))))
    script.add(.playoutChange(PlayoutChange(nil, .undecodable(evil, format: AudioFormatName(evil)))))
    script.add(.playoutChange(PlayoutChange(nil, .format(AudioFormatName(evil)))))
    script.add(.operatorAct(OperatorAct(.other(evil), evil)))
    script.add(.sourceStarted(Source(kind: .other(evil), name: evil, dialect: evil, url: evil)))
    script.add(.delivery(Delivery(of: .max, .other(evil))))
    script.add(.unknown(UnknownEvent(kind: evil, reason: evil, line: Array(#"{"a":"\#(evil)"}"#.utf8))))
    let json = evil.unicodeScalars.map {
      $0.value < 0x20 ? "\\u00" + String($0.value + 256, radix: 16).suffix(2) : String($0)
    }
    .joined()
    for type in ["transcript_final", "response_text", "error", "\(json)"] {
      script.message(.toClient, #"{"type":"\#(type)","text":"\#(json)","message":"\#(json)","code":"\#(json)"}"#)
    }
    script.message(.toClient, evil)
    script.add(.notice(Notice(.other("test"), .error, .other(evil), evil, remedy: evil)))
    script.add(.fault(FaultChange(.other(evil), active: true)))
    script.add(.queue(QueueDepth(name: .other(evil), depth: 1, capacity: 2, dropped: 3, unit: .other(evil))))
    script.add(.device(DeviceChange(role: .mic, state: .failed, name: evil, text: evil, remedy: evil)))
    var console = script.console(200, 60)
    for _ in 0..<4 {
      let forbidden = console.view(Size(width: 200, height: 60)).cells.filter {
        ($0.scalar > 0 && $0.scalar < 0x20) || (0x7F..<0xA0).contains($0.scalar) || $0.scalar == 0x202E
      }
      #expect(forbidden.isEmpty)
      console.press(Key(.enter))
      console.press(Key(.left))
    }
  }

  @Test func numbersFromARecordingMayBeAnything() {
    var script = Script()
    script.connect()
    for value in [Double.nan, .infinity, -.infinity, 1e300, -1e300] {
      script.add(
        .micFrame(
          MicFrame(
            sampleCount: 0, rate: 0, rmsDB: value, peakDB: value, peaks: [Peak(low: .min, high: .max)], fate: .sent,
            vadLevelDB: value, vadThresholdDB: value, isSpeech: true)))
      script.add(.roundTrip(RoundTrip(link: LinkID(1), ms: value)))
      script.add(.fault(FaultChange(.other("x"), active: true, durationMs: value)))
      script.add(.voiceEdge(VoiceEdge(isStart: true, sinceMs: value)))
      script.add(.voiceEdge(VoiceEdge(isStart: false, sinceMs: value)))
      script.message(.toClient, #"{"type":"transcript_final","text":"a"}"#)
      script.binary(.toClient, [1, 2, 3, 4])
      script.add(
        .playout(
          PlayoutBlock(
            response: ResponseID(1), sampleCount: 320, rate: 0, peaks: [], rmsDB: value, depthMs: value,
            targetMs: value,
            deviceDelayMs: value)))
      script.add(
        .playoutChange(
          PlayoutChange(ResponseID(1), .flushed(playedMs: value, discardedMs: value, remainingMs: value))))
    }
    for size in [Size(width: 80, height: 24), Size(width: 200, height: 60)] {
      var console = script.console(size.width, size.height)
      for pane in Pane.allCases {
        (console.focus, console.isZoomed) = (pane, true)
        _ = console.view(size)
      }
    }
  }
}
