import FoundationEssentials
import Insight
import TestKit
import Testing
import Timeline
import Wire

/// The table of figures: its rows, what they say of a timeline, and the page that is made of it.
@Suite struct FigureTableTests {
  private let table = FigureTable.standard

  @Test func everyRowHasItsOwnIDAndItsWords() {
    #expect(table.rows.count > 20 && Set(table.rows.map(\.id)).count == table.rows.count)
    for row in table.rows {
      #expect(row.id.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber }, "\(row.id)")
      #expect(!row.title.isEmpty && row.title.count <= 40 && !row.title.hasSuffix("."), "\(row.id)")
      #expect(row.meaning.hasSuffix(".") && !row.measured.isEmpty && !row.measured.hasSuffix("."), "\(row.id)")
      #expect(table[row.id]?.title == row.title)
      // A time is from one edge to another.
      if row.unit == .ms { #expect(row.measured.contains("from ") && row.measured.contains(" to "), "\(row.id)") }
    }
    #expect(table["no-such-figure"] == nil)
    #expect(table.groups.map(\.group) == Figure.Group.allCases)
    #expect(table.groups.flatMap(\.rows).count == table.rows.count)
  }

  /// Record with `SIDETONE_RECORD_GOLDEN=1`.
  @Test func docsAreMadeFromTheTable() throws {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
    let path = here + "/docs/figures.md"
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      try Data(FiguresDocument.markdown().utf8).write(to: URL(filePath: path))
    }
    let file = try #require(FileManager.default.contents(atPath: path), "docs/figures.md is missing")
    #expect(String(decoding: file, as: UTF8.self) == FiguresDocument.markdown(), "docs/figures.md is out of date")
  }

  /// Nothing has happened: what is counted is 0, and what is measured is missing.
  @Test func countsAreNeverMissing() {
    let empty = Insight()
    let sums: Set<String> = [
      "dry", "concealed", "played", "discarded", "uplink-sent", "uplink-silence", "speech-lost", "spoken-without-text",
    ]
    for row in table.rows {
      let isThere = row.unit == .count || row.unit == .bytes || sums.contains(row.id)
      #expect(row.value(in: empty) == (isThere ? 0 : nil), "\(row.id)")
    }
    #expect(table.json(of: empty)["uplink-dropped"] == .object(["unit": .string("count"), "value": .number(0)]))
    #expect(table.json(of: empty)["stop-time-p50"] == .object(["unit": .string("ms"), "value": .null]))
  }

  /// Two turns that are heard after 600 ms, an answer that is cut, a dropped message, a ping, an outage.
  private var session: Insight {
    var script = Script()
    script.at(0, .connection(ConnectionChange(LinkID(1), .connecting, attempt: 1)))
    script.at(3, .connection(ConnectionChange(LinkID(1), .open())))
    script.at(5, .connection(ConnectionChange(LinkID(1), .ready())))
    script.at(6, .roundTrip(RoundTrip(link: LinkID(1), ms: 1.25)))
    script.turn(endingAt: 2_000, response: 1)
    script.turn(endingAt: 6_000, response: 2)
    script.sent(
      9_000, .audio(AudioPayload(bytes: [UInt8](repeating: 7, count: 640), sequence: 1)), waitedMs: 12.34)
    script.sent(9_020, .audio(AudioPayload(bytes: [UInt8](repeating: 7, count: 640), sequence: 4)), waitedMs: 2)
    script.at(9_030, .queue(QueueDepth(name: .uplink, depth: 9, capacity: 100, dropped: 2, unit: .frames)))
    script.at(9_040, .queue(QueueDepth(name: .socket, depth: 52_480, capacity: nil, dropped: 0, unit: .bytes)))
    script.speech(from: 10_000, to: 11_000)
    script.received(11_500, .transcriptFinal("tell me a story"))
    script.received(11_510, .responseText("Once upon a time there was a very long story without an end."))
    script.audio(from: 11_550, through: 11_900, every: 10)
    script.played(from: 11_600, through: 12_000, response: 3)
    script.at(12_010, .operatorAct(OperatorAct(.interrupt)))
    script.changed(12_050, .flushed, response: 3, played: 420, discarded: 300, remaining: 20)
    script.received(12_060, .interrupted)
    script.at(13_000, .connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    script.at(13_500, .connection(ConnectionChange(LinkID(2), .connecting, attempt: 1)))
    script.at(13_700, .connection(ConnectionChange(LinkID(2), .ready())))
    return script.insight
  }

  @Test func rowsSayWhatTheTimelineSays() {
    let insight = session
    let said: [(String, Double?)] = [
      ("turns", 3), ("response-count", 2), ("response-time-p50", 600), ("response-time-p99", 600),
      ("response-time-max", 600), ("turns-interrupted", 1), ("turns-lost", 0), ("answers-without-text", 0),
      ("barge-ins", 1), ("barge-ins-echo", 0), ("stop-time-p50", 40), ("stop-time-p95", 40),
      ("played", 0.46), ("discarded", 0.3), ("underruns", 0), ("chunks", 38), ("uplink-sent", 0.04),
      ("uplink-chunks", 2), ("uplink-dropped", 2), ("uplink-waiting-max", 9), ("backlog-max", 52_480),
      ("uplink-wait-p50", 2), ("uplink-wait-p95", 12.3), ("sequence-gaps", 1), ("sequence-missing", 2),
      ("connect-time-p50", 5), ("connect-time-max", 200), ("round-trip-p50", 1.25), ("pongs", 1), ("pongs-missed", 0),
      ("outages", 1), ("recovery-time-p95", 700), ("server-clock", nil),
    ]
    let json = FigureTable.standard.json(of: insight)
    for (id, value) in said {
      #expect(json[id]?["value"] == value.map { .number($0) } ?? .null, "\(id): \(json[id]?.jsonText ?? "is missing")")
    }
    #expect(json["messages-received"]?["value"]?.intValue == insight.received.messages)
    #expect(json["bytes-sent"]?["value"]?.intValue == insight.sent.bytes && insight.sent.bytes > 1280)
    guard case .object(let members) = json else { return }
    #expect(Set(members.keys) == Set(table.rows.map(\.id)))
  }

  /// Outages are kept in detail up to a limit, and counted all.
  @Test func outagesAreCountedBeyondThoseThatAreKept() {
    var script = Script()
    for i in 0..<150 {
      script.at(Double(i) * 10, .connection(ConnectionChange(LinkID(i + 1), .ready())))
      script.at(Double(i) * 10 + 5, .connection(ConnectionChange(LinkID(i + 1), .closed(code: 1006, by: .network))))
    }
    #expect(script.insight.connection.outages.count < 150)
    #expect(Figure.outages.value(in: script.insight) == 150)
  }

  /// A recording may hold any number.
  @Test func whatIsNoNumberIsMissing() {
    var script = Script()
    script.at(0, .device(DeviceChange(role: .speaker, state: .open, name: "s", text: "", driftPPM: .nan)))
    script.at(1, .queue(QueueDepth(name: .uplink, depth: .max, capacity: nil, dropped: .max, unit: .frames)))
    #expect(Figure.speakerClock.value(in: script.insight) == nil)
    #expect(Figure.speakerClock.text(in: script.insight).description == "–")
    #expect(Figure.uplinkDropped.text(in: script.insight).number == "9 223 372 036 854 775 807")
    let json = FigureTable.standard.json(of: script.insight)
    #expect(json["speaker-clock"]?["value"] == .null)
    #expect(throws: Never.self) { try JSONValue(parsing: json.jsonText.utf8) }
  }

  /// One row, and the page and JSON have it.
  @Test func aToyIsARow() {
    var script = Script()
    script.at(0, .queue(QueueDepth(name: .uplink, depth: 0, capacity: nil, dropped: 0, unit: .frames)))
    let table = FigureTable.withToy
    #expect(table.json(of: script.insight)["toys"] == .object(["unit": .string("count"), "value": .number(1)]))
    let page = FiguresDocument.markdown(table)
    let row = "| `toys` | count | **toys**. Names of queues that the timeline tells of. | names that were seen |\n"
    #expect(page.contains(row) && !FiguresDocument.markdown().contains("toys"))
  }
}

@Suite struct FigureTextTests {
  @Test(
    arguments: [
      (640.4, .ms, "640 ms"), (1.24, .ms, "1.2 ms"), (0, .ms, "0 ms"), (1_240, .ms, "1 240 ms"), (12.34, .s, "12.3 s"),
      (3, .count, "3"), (9_811, .count, "9 811"), (840, .bytes, "840 B"), (12_400_000, .bytes, "12.4 MB"),
      (-12.4, .ppm, "-12 ppm"), (1.44, .ratio, "1.4×"), (nil, .ms, "–"), (nil, .count, "–"),
    ] as [(Double?, Figure.Unit, String)])
  func aNumberAndItsUnit(_ value: Double?, _ unit: Figure.Unit, _ text: String) {
    #expect(FigureText(value, unit).description == text)
  }

  @Test func numbers() {
    #expect(NumberText.fixed(2.05, 2) == "2.05" && NumberText.fixed(-0.04, 1) == "0.0")
    #expect(NumberText.fixed(.infinity, 1) == "–" && NumberText.milliseconds(1e13) == "–")
    #expect(NumberText.count(1, "word") == "1 word" && NumberText.count(1_000, "word") == "1 000 words")
  }
}
