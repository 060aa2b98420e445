import Screen
import TestKit
import Testing
import Timeline

@testable import Console

struct JSONPrettyTests {
  private func lines(_ text: String) -> [String] { JSONPretty(Array(text.utf8)).lines.map(\.plain) }

  @Test func keepsOrderAndSpelling() {
    #expect(
      lines(#"{"z":1.50,"a":[true,null,-2e3],"m":{"k":"\u00e9\n"},"e":{},"n":[]}"#) == [
        "{", #"  "z": 1.50,"#, #"  "a": ["#, "    true,", "    null,", "    -2e3", "  ],", #"  "m": {"#,
        #"    "k": "\u00e9\n""#, "  },", #"  "e": {},"#, #"  "n": []"#, "}",
      ])
    #expect(lines("[]") == ["[]"])
    #expect(lines(" 42 ") == ["42"])
  }

  @Test func foldsLongBase64AndSaysHowLong() {
    let base64 = String(repeating: "QUJD", count: 25) + "QQ=="
    #expect(lines(#"{"a":"\#(base64)"}"#)[1] == #"  "a": "QUJDQUJDQUJDQUJD…" (104 characters, 76 B if base64)"#)
    let prose = String(repeating: "some words ", count: 20)
    #expect(lines(#"{"a":"\#(prose)"}"#)[1] == #"  "a": "\#(prose)""#)
  }

  @Test func masksSecrets() {
    #expect(
      lines(#"{"resumeToken":"abc","Authorization":"x","max_tokens":5}"#)[1...3] == [
        #"  "resumeToken": "•••","#, #"  "Authorization": "•••","#, #"  "max_tokens": 5"#,
      ])
    #expect(
      JSONPretty.oneLine(Array(#"{"api_key":"k","b":[1,2]}"#.utf8), limit: 99) == #"{"api_key": "•••", "b": [1, 2]}"#)
    // Recordings of older versions have them.
    #expect(
      lines(#"{"client_secret":{"value":"ek_1","expires_at":1},"max_tokens":"5"}"#)[1...4] == [
        #"  "client_secret": {"#, #"    "value": "•••","#, #"    "expires_at": 1"#, "  },",
      ])
  }

  @Test(arguments: [
    ("", "ends early, at byte 0"), ("{", "ends early, at byte 1"), ("{\"a\"}", "expected \":\" at byte 4"),
    ("[1 2]", "expected \",\" or \"]\" at byte 3"), ("[1,]", "expected a value at byte 3"),
    ("{\"a\":\"x", "a string that begins at byte 5 does not end"), ("{} x", "expected nothing more at byte 3"),
    ("nul", "expected a value at byte 0"), ("\"\\", "a string that begins at byte 0 does not end"),
  ])
  func faultsNameThePlace(_ text: String, _ reason: String) {
    #expect(JSONPretty(Array(text.utf8)).fault == reason)
  }

  @Test func depthAndLengthAreLimited() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(JSONPretty(Array(deep.utf8)).fault == "deeper than 512 levels")
    let long = "[" + Array(repeating: "1", count: 30_000).joined(separator: ",") + "]"
    let pretty = JSONPretty(Array(long.utf8))
    #expect(pretty.lines.count <= JSONPretty.lineLimit + 2)
    #expect(pretty.lines.last?.plain == "… more than 20 000 lines")
  }

  @Test(arguments: 1...20) func randomBytesNeverTrap(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabet = Array("{}[]:,\"\\ 1e-truefalsn\u{7f}".utf8) + [0xFF, 0xC3]
    for _ in 0..<200 {
      let bytes = (0..<Int(random.next() % 40)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
      _ = JSONPretty(bytes)
      _ = JSONPretty.oneLine(bytes, limit: 20)
    }
  }
}

struct HexDumpTests {
  @Test func lines() throws {
    let dump = HexDump(bytes: Array("Hello, sidetone!\u{1B}[0m".utf8))
    #expect(dump.lineCount == 2)
    let first = try #require(dump.line(0))
    #expect(first.offset == "00000000")
    #expect(first.hex == "48 65 6c 6c 6f 2c 20 73  69 64 65 74 6f 6e 65 21")
    #expect(first.characters == "Hello, sidetone!")
    let second = try #require(dump.line(1))
    #expect(second.offset == "00000010")
    #expect(second.hex.hasPrefix("1b 5b 30 6d "))
    #expect(second.hex.count == first.hex.count)
    #expect(second.characters == "·[0m")
    #expect(dump.line(2) == nil)
    #expect(dump.line(-1) == nil)
    #expect(HexDump(bytes: []).lineCount == 0)
  }
}

struct FiguresTests {
  @Test func numbers() {
    #expect(Figures.grouped(9_811) == "9 811")
    #expect(Figures.grouped(-1_234_567) == "-1 234 567")
    #expect(Figures.grouped(.min) == "-9 223 372 036 854 775 808")
    #expect(Figures.fixed(2.345, 1) == "2.3")
    #expect(Figures.fixed(-0.04, 1) == "0.0")
    #expect(Figures.fixed(.nan, 1) == "–")
    #expect(Figures.milliseconds(0) == "0")
    #expect(Figures.milliseconds(1.24) == "1.2")
    #expect(Figures.milliseconds(9.96) == "10")
    #expect(Figures.milliseconds(1_240) == "1 240")
    #expect(Figures.bytes(52_480) == "52 480 B")
    #expect(Figures.bytes(104_857_600) == "104.9 MB")
  }

  @Test func times() {
    #expect(Figures.elapsed(.seconds(3_792)) == "01:03:12")
    let moment = Timestamp(milliseconds: 61_001)
    #expect(Figures.clock(moment, wallClockMs: 0, utcOffsetSeconds: 3_600) == "01:01:01.001")
    #expect(Figures.clock(.zero, wallClockMs: 0, utcOffsetSeconds: -3_600) == "23:00:00.000")
    #expect(Figures.delta(.milliseconds(361)) == "+361")
    #expect(Figures.delta(.milliseconds(1_240)) == "+1.24s")
    #expect(Figures.delta(.milliseconds(18_710)) == "+18.7s")
    #expect(Figures.delta(.milliseconds(99_949)) == "+99.9s")
    #expect(Figures.delta(.seconds(125)) == "+2m05")
    #expect(Figures.delta(.seconds(12_000)) == "+3h20")
    #expect(Figures.delta(.milliseconds(-5)) == "+0")
  }
}

struct LineEditorTests {
  @Test func editing() {
    var line = LineEditor("turn on the light")
    line.deleteWord()
    #expect(line.text == "turn on the ")
    line.home()
    line.insert("please ")
    #expect(line.text == "please turn on the ")
    line.wordRight()
    line.delete()
    line.backspace()
    #expect(line.text == "please turon the ")
    line.wordLeft()
    #expect(line.cursor == 7)
    line.deleteToStart()
    #expect(line.text == "turon the ")
    line.end()
    line.left()
    line.deleteToEnd()
    #expect(line.text == "turon the")
    line.insert("\nnew\tline")
    #expect(line.text == "turon the new line")
  }

  @Test func theWindowFollowsTheCursor() {
    var line = LineEditor("0123456789")
    #expect(line.window(width: 5) == ("6789", 6, 4))
    line.home()
    #expect(line.window(width: 5) == ("01234", 0, 0))
    line = LineEditor("日本語")
    #expect(line.window(width: 5) == ("本語", 1, 4))
    #expect(line.window(width: 0) == ("", 0, 0))
  }
}

struct TraceTests {
  @Test func columnsKeepTheirExtremesWhileTheyTravel() {
    var trace = AudioTrace()
    // 100 ms of quiet with one loud stretch of 5 ms at 50 ms.
    var peaks = [Peak](repeating: Peak(low: -10, high: 10), count: 20)
    peaks[10] = Peak(low: -20_000, high: 16_384)
    trace.add(peaks, from: .zero, tag: 1)
    let columns = trace.columns(4, cells: 5, before: Timestamp(milliseconds: 101))
    #expect(columns[0] == nil)
    #expect(columns[2]?.peak.high == Float(10) / 32_768)
    #expect(columns[3]?.peak.high == 0.5)
    #expect(columns[3]?.tag == 1)
    // Later within the same 50 ms nothing moves; 50 ms later everything moves by one.
    #expect(trace.columns(4, cells: 5, before: Timestamp(milliseconds: 149)) == columns)
    #expect(trace.columns(4, cells: 5, before: Timestamp(milliseconds: 150))[2] == columns[3])
    // 40.96 seconds later it is forgotten.
    trace.add(peaks, from: Timestamp(milliseconds: 40_960), tag: 1)
    #expect(trace.columns(4, cells: 5, before: Timestamp(milliseconds: 101)).allSatisfy { $0 == nil })
  }

  @Test func depthsLastUntilTheyChange() {
    var history = DepthHistory()
    history.add(4, at: .zero)
    history.add(9, at: Timestamp(milliseconds: 100))
    history.add(2, at: Timestamp(milliseconds: 1_000))
    let now = Timestamp(milliseconds: 1_000)
    #expect(history.values(9, until: now) == [9, 9, 9, 9, 2])
    #expect(history.shares(2, full: 18, until: now) == [0.5, 2.0 / 18])
    #expect(history.values(4, until: Timestamp(milliseconds: 1_600)) == [9, 2, 2, 2])
    history.add(7, at: .zero)
    #expect(history.values(2, until: now) == [9, 7])
    history.add(1, at: Timestamp(milliseconds: 10_000_000))
    #expect(history.values(500, until: .zero).count == 120)
    #expect(DepthHistory().values(3, until: now).isEmpty)
  }
}
