import Capture
import Console
import Foundation
import Screen
import Timeline
import TestKit
import Testing
import Wire

@testable import Runtime

/// Recordings of which every line may be anything: valid lines with numbers, texts and structure changed one at a time, so
/// that they get past the reader and to whoever computes with them. Nothing may trap, whatever is drawn or said of it.
///
/// `SIDETONE_FUZZ_SEEDS=1000..1999` runs others.
@Suite struct RecordingFuzzTests {
  private static let seeds: ClosedRange<UInt64> = {
    let text = ProcessInfo.processInfo.environment["SIDETONE_FUZZ_SEEDS"] ?? "1..16"
    let bounds = text.split(separator: ".").compactMap { UInt64($0) }
    return bounds.count == 2 && bounds[0] <= bounds[1] ? bounds[0]...bounds[1] : 1...16
  }()

  /// A recorded session, and the kinds that it has not.
  private static let lines: [String] = {
    // Tests/RuntimeTests/ThisFile.swift is three levels below the package.
    let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = folder + "/Tests/Fixtures/captures/v0.jsonl"
    let recorded = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    return recorded + others
  }()
  private static let others = [
    #"{"at":1,"capacity":100,"depth":3,"dropped":1,"event":"queue","i":1,"name":"uplink","unit":"frames"}"#,
    #"{"at":2,"depth":5000,"dropped":0,"event":"queue","i":2,"name":"socket","unit":"bytes"}"#,
    #"{"at":3,"event":"echo","erleDB":24.5,"i":3,"isHolding":true,"phase":"ready"}"#,
    #"{"at":4,"driftPPM":12.5,"event":"device","i":4,"name":"hw:0","remedy":"r","role":"mic","state":"open","text":"t","xruns":4}"#,
    #"{"at":5,"event":"device","i":5,"name":"hw:0","role":"speaker","driftPPM":-3,"state":"xrun","text":"t","xruns":7}"#,
    #"{"at":6,"attempt":2,"delayMs":500,"event":"connection","i":6,"id":1,"state":"waiting"}"#,
    #"{"at":7,"by":"server","code":1011,"event":"connection","i":7,"id":1,"reason":"r","state":"closed"}"#,
    #"{"at":8,"event":"connection","i":8,"id":2,"stages":[{"ms":0.2,"name":"dns"},{"ms":1,"name":"tcp"}],"state":"open"}"#,
    #"{"at":9,"event":"connection","i":9,"id":2,"resumed":true,"sessionID":"s","state":"ready"}"#,
    #"{"at":10,"event":"voiceEdge","i":10,"isStart":true,"sinceMs":30}"#,
    #"{"at":400,"event":"voiceEdge","i":11,"isStart":false,"sinceMs":20}"#,
    #"{"at":410,"connection":2,"direction":"received","event":"message","i":12,"kind":"text","text":"{\"type\":\"transcript_final\",\"text\":\"hello\"}"}"#,
    #"{"at":420,"connection":2,"direction":"received","event":"message","i":13,"kind":"text","text":"{\"type\":\"response_text\",\"text\":\"Good morning to you.\"}"}"#,
    #"{"at":430,"connection":2,"direction":"received","event":"message","i":14,"kind":"text","text":"{\"type\":\"audio\",\"data\":\"AAAAAAAA\",\"format\":\"pcm16\",\"rate\":16000,\"seq\":3,\"ts\":1200}"}"#,
    #"{"at":431,"connection":2,"direction":"received","event":"message","i":15,"kind":"text","text":"{\"type\":\"audio\",\"data\":\"AAAAAAAA\",\"rate\":8000,\"seq\":9,\"ts\":1220}"}"#,
    #"{"at":432,"connection":2,"direction":"sent","event":"message","i":16,"kind":"text","text":"{\"type\":\"audio\",\"audio\":\"AAAAAAAA\",\"seq\":3}","waitedMs":12}"#,
    #"{"at":433,"connection":2,"direction":"sent","event":"message","i":17,"kind":"text","text":"{\"type\":\"audio\",\"audio\":\"AAAAAAAA\",\"seq\":9}","waitedMs":14}"#,
    #"{"at":434,"connection":2,"direction":"received","event":"message","i":18,"kind":"text","text":"{\"type\":\"metrics\",\"turn\":1,\"stt_ms\":380,\"llm_ttft_ms\":90,\"tts_ttfb_ms\":70}"}"#,
    #"{"at":435,"base64":"UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=","connection":2,"direction":"received","event":"message","i":19,"kind":"binary"}"#,
    #"{"at":440,"depthMs":81.5,"deviceDelayMs":20,"event":"playout","i":20,"peaks":[[0,1],[-5,5]],"rate":16000,"response":1,"rmsDB":-30,"sampleCount":160,"targetMs":80}"#,
    #"{"at":450,"depthMs":81.5,"deviceDelayMs":20,"event":"playout","i":21,"peaks":[[0,1],[-5,5]],"rate":16000,"response":1,"rmsDB":-30,"sampleCount":160,"targetMs":80}"#,
    #"{"at":455,"event":"playoutChange","format":"mp3","i":22,"kind":"format","rate":44100,"response":1}"#,
    #"{"at":460,"event":"playoutChange","i":23,"kind":"underrun","response":1}"#,
    #"{"at":470,"event":"playoutChange","i":24,"kind":"recovered","response":1}"#,
    #"{"at":475,"command":"interrupt","argument":"","event":"operatorAct","i":25}"#,
    #"{"at":480,"discardedMs":20,"event":"playoutChange","i":26,"kind":"flushed","playedMs":10,"remainingMs":3,"response":1}"#,
    #"{"at":490,"event":"playoutChange","i":27,"kind":"finished","playedMs":10,"response":1}"#,
    #"{"at":495,"connection":2,"event":"roundTrip","i":28,"ms":1.5}"#,
    #"{"active":true,"at":496,"durationMs":5000,"event":"fault","i":29,"name":"refuse"}"#,
    #"{"at":497,"durationMs":900,"event":"injection","i":30,"isMixed":true,"name":"a.wav","source":"play","spokenMs":300,"state":"started"}"#,
    #"{"at":498,"event":"notice","i":31,"remedy":"r","severity":"warning","source":"protocol","text":"t"}"#,
  ]

  private static let numbers = [
    "9223372036854775807", "-9223372036854775808", "9223372036854775806", "18446744073709551615", "4611686018427387904",
    "9007199254740992", "4294967296", "4294967295", "2147483648", "2147483647", "-2147483649", "65536", "65535",
    "32768",
    "-1", "0", "1", "1e308", "-1e308", "1e-308", "1e19", "-1e19", "9.3e12", "1e12", "-1e12", "999999999999", "1e9",
    "-1e9", "0.5", "-0.0", "1e400", "\"nan\"", "\"inf\"", "\"-inf\"",
  ]
  private static let texts = [
    "", " ", "\\u0000", "\\u001b[2J\\u001b]0;x\\u0007", "\\u202e\\u2066\\u200b", "\\ud800", "\\udfff\\ud800",
    "\\u2028\\u2029\\u0085", String(repeating: "x", count: 70_000), String(repeating: "漢", count: 3_000),
    String(repeating: "[", count: 5_000), String(repeating: "{\\\"a\\\":", count: 2_000), "e\\u0301\\u0301\\u0301",
    "🇩🇪👩‍👩‍👧‍👦", "voice", "pcm", "nan", "-1", "uplink", "null", "ogg-opus", "pcm16",
  ]

  private static let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)

  @Test(arguments: seeds) func nothingTraps(_ seed: UInt64) throws {
    var walk = SeededGenerator(seed: seed)
    try #require(Self.lines.count > 1000)
    let start = walk.below(Self.lines.count - 200)
    // What the session was, a stretch of it, and every other kind.
    let chosen = Array(Self.lines[..<6] + Self.lines[start..<start + 150] + Self.others.shuffled(using: &walk))
    var entries: [Entry] = []
    var mutated = 0
    for line in chosen {
      let times = walk.below(12) == 0 ? 0 : walk.below(8) == 0 ? 2 : 1
      for _ in 0..<times {
        let isMutated = walk.below(3) == 0
        let text = isMutated ? Self.mutated(line, &walk) : line
        guard let entry = try? EntryLine.decode(text.utf8) else { continue }
        if isMutated { mutated += 1 }
        // Damaged lines come out of order, too.
        entries.insert(entry, at: walk.below(10) == 0 ? walk.below(entries.count + 1) : entries.count)
      }
    }
    // It gets past the reader, or nothing is tried.
    #expect(mutated > 10, "seed \(seed)")
    Self.read(entries, &walk)
  }

  /// Everything that reads recordings, and draws or says what it has read.
  private static func read(_ entries: [Entry], _ walk: inout SeededGenerator) {
    var options = ConsoleOptions()
    options.port = .recording
    var console = Console(options)
    var plain = PlainConsole(options, isPaced: false)
    var paced = PlainConsole(options)
    var (figures, figuresInJSON) = (SummaryReader(), SummaryReader(.json))
    _ = plain.run("messages on")
    let sizes = [(80, 24), (120, 40), (200, 60), (60, 16), (61, 17), (300, 100)]
    let keys: [Key] =
      "123456789zfgGjknNdsDt?+-<>[]lh".map { .char($0) } + [
        Key(.enter), Key(.enter), Key(.tab), Key(.escape), Key(.escape), Key(.up), Key(.down), Key(.home), Key(.end),
        Key(.pageUp), Key(.left), Key(.right),
      ]
    var index = 0
    while index < entries.count {
      let portion = Array(entries[index..<min(entries.count, index + 20)])
      index += 20
      _ = console.update(.entries(portion))
      _ = plain.read(portion)
      _ = paced.read(portion)
      for entry in portion {
        figures.observe(entry)
        figuresInJSON.observe(entry)
        figuresInJSON.observe(entry)
        // Whatever was read can be written again.
        #expect(!EntryLine.encode(entry, wallClockMilliseconds: .max).isEmpty)
      }
      _ = paced.advance(to: portion.last?.at ?? .zero)
      let (width, height) = walk.one(of: sizes)
      _ = console.update(.event(.resized(Size(width: width, height: height))))
      _ = console.update(.event(.key(walk.one(of: keys))))
      _ = console.update(.tick(walk.one(of: portion).at))
      let surface = console.frame(Size(width: width, height: height))
      #expect(
        surface.cells.allSatisfy { $0.scalar == 0 || $0.scalar >= 0x20 && !(0x7F..<0xA0).contains($0.scalar) })
    }
    for line in plain.read([]) + plain.run("status").lines + plain.finish() + paced.finish() {
      #expect(line.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
    }
    #expect(figures.lines.count < 200)
    #expect(throws: Never.self) { try JSONValue(parsing: figuresInJSON.lines[0].utf8) }
    _ = "\(SessionSummary(console.insight, duration: .seconds(Int64.max), logPath: nil))"
    for pane in "123456789" {
      _ = console.update(.event(.key(.char(pane))))
      _ = console.frame(Size(width: 120, height: 40))
    }
  }

  /// One value of a line changed, or of the message in it.
  private static func mutated(_ line: String, _ walk: inout SeededGenerator) -> String {
    let isMessage = line.contains("\"event\":\"message\"")
    // The JSON within the JSON.
    if isMessage, walk.below(2) == 0, let open = line.range(of: "\"text\":\""),
      let close = line[open.upperBound...].range(of: "}\"")
    {
      let inner = String(line[open.upperBound..<close.lowerBound].replacing("\\\"", with: "\"")) + "}"
      let text = changed(inner, &walk).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return line.replacingCharacters(in: open.upperBound..<line.index(after: close.lowerBound), with: text)
    }
    return changed(line, &walk)
  }

  private static func changed(_ json: String, _ walk: inout SeededGenerator) -> String {
    let places = json.matches(of: /[:\[,](-?[0-9][0-9.eE+\-]*|true|false|null|"(?:[^"\\]|\\.)*")(?=[,\]}])/).map {
      $0.output.1.startIndex..<$0.output.1.endIndex
    }
    guard !places.isEmpty else { return json }
    // The kind of entry stays, or the line is refused at once.
    let range = walk.one(of: places)
    let value = json[range]
    var new: String
    switch value.first {
    case "\"": new = walk.below(6) == 0 ? walk.one(of: numbers) : "\"\(walk.one(of: texts))\""
    case "t", "f": new = walk.below(4) == 0 ? walk.one(of: numbers) : value == "true" ? "false" : "true"
    default: new = walk.one(of: numbers)
    }
    if walk.below(40) == 0 { new = walk.one(of: ["null", "[]", "{}", "[[[[]]]]", "true", deep]) }
    return json.replacingCharacters(in: range, with: new)
  }
}
