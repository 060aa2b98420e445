import Insight
import TestKit
import Testing
import Timeline
import Wire

@testable import Runtime

/// What `--summary` and `--summary=json` say of timelines that are written by hand.
@Suite struct SummaryTests {
  /// Entries of a client and of a proxy on one timeline; each is answered once, the client 600 ms and the proxy's peer 300 ms
  /// after the speech.
  private func entries(sources: [UInt16]) -> [Entry] {
    var entries: [Entry] = []
    func add(_ ms: Double, of source: UInt16?, _ event: Entry.Event) {
      entries.append(
        Entry(
          index: entries.count, at: Timestamp(milliseconds: ms), source: source.map { SourceID($0) } ?? .program,
          event: event))
    }
    add(
      0, of: nil,
      .sessionStarted(
        SessionStarted(
          version: "0.1.0", wallClockMilliseconds: 0, url: "ws://127.0.0.1:1/voice", dialect: "voice",
          inputRate: 16_000, input: "silence", output: "null")))
    for source in sources {
      let isClient = source == 1
      add(
        1, of: source,
        .sourceStarted(
          Source(
            kind: isClient ? .client : .proxy, name: isClient ? "client" : "stt\(source)", dialect: "voice",
            url: "ws://127.0.0.1:1/voice")))
      add(2, of: source, .connection(ConnectionChange(LinkID(Int(source)), .ready())))
      add(1_040, of: source, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
      add(2_300, of: source, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
      let audio = AudioPayload(bytes: [UInt8](repeating: 1, count: 640))
      for (ms, event) in [(2_250.0, VoiceEvent.transcriptFinal("hello")), (2_300, .audio(audio))] {
        let frame = VoiceDialect().encode(event, from: .server)!
        add(
          ms, of: source,
          .message(
            Message(
              link: LinkID(Int(source)), way: .toClient, kind: frame.isText ? .text : .binary, payload: frame.payload)))
      }
      if isClient {
        add(
          2_600, of: source,
          .playout(
            PlayoutBlock(
              response: ResponseID(1), sampleCount: 320, rate: 16_000, peaks: [], rmsDB: -20, depthMs: 0, targetMs: 80,
              deviceDelayMs: 0)))
      }
    }
    return entries
  }

  private func lines(_ entries: [Entry], _ form: SummaryReader.Form, _ figures: FigureTable = .standard) -> [String] {
    var reader = SummaryReader(form, figures: figures)
    for entry in entries { reader.observe(entry) }
    return reader.lines
  }

  private func sources(_ lines: [String]) throws -> [JSONValue] {
    try #require(lines.count == 1)
    let json = try JSONValue(parsing: lines[0].utf8)
    #expect(lines[0].hasPrefix(#"{"schema":1,"#) && !lines[0].contains("\n"))
    guard case .array(let sources) = json["sources"] else { return [] }
    return sources
  }

  private func value(_ id: String, _ source: JSONValue) -> JSONValue? { source["figures"]?[id]?["value"] }

  @Test func oneSourceIsOneObject() throws {
    let source = try #require(try sources(lines(entries(sources: [1]), .json)).first)
    #expect(source["source"] == .number(1) && source["name"] == .string("client"))
    #expect(source["kind"] == .string("client") && source["vantage"] == .string("ear"))
    #expect(value("response-time-p95", source) == .number(600))
    #expect(source["figures"]?["response-time-p95"]?["unit"] == .string("ms"))
    #expect(value("stop-time-p95", source) == .null)
    // No queue has said anything: nothing was dropped.
    #expect(value("uplink-dropped", source) == .number(0))
    guard case .object(let figures) = source["figures"], case .array(let findings) = source["findings"] else {
      Issue.record("\(source.jsonText)")
      return
    }
    #expect(Set(figures.keys) == Set(FigureTable.standard.rows.map(\.id)))
    #expect(findings.contains { $0["rule"] == .string("final-without-interim") && $0["count"] == .number(1) })
  }

  @Test func nothingAtAllHasEveryFigureToo() throws {
    let source = try #require(try sources(lines([], .json)).first)
    #expect(value("turns", source) == .number(0) && value("response-time-p50", source) == .null)
    #expect(source["findings"] == .array([]))
    #expect(lines([], .words) == [])
  }

  @Test func eachSourceHasItsOwn() throws {
    let entries = entries(sources: [1, 2])
    let both = try sources(lines(entries, .json))
    #expect(both.map { $0["name"] } == [.string("client"), .string("stt2")])
    #expect(both.map { $0["vantage"] } == [.string("ear"), .string("wire")])
    #expect(both.map { value("response-time-p50", $0) } == [.number(600), .number(300)])
    let words = lines(entries, .words)
    #expect(words.contains { $0.hasPrefix("client: responses: 1 turn, heard after p50 600, ") }, "\(words)")
    #expect(words.contains { $0.hasPrefix("stt2: responses: 1 turn, at the wire after p50 300, ") }, "\(words)")
    #expect(words.allSatisfy { $0.hasPrefix("client: ") || $0.hasPrefix("stt2: ") }, "\(words)")
  }

  @Test func sourcesBeyondTheLimitAreCounted() throws {
    let entries = entries(sources: Array(1...12))
    let json = try JSONValue(parsing: lines(entries, .json)[0].utf8)
    guard case .array(let sources) = json["sources"] else { return }
    #expect(sources.count == SummaryReader.sourceLimit)
    #expect(json["sourcesLeftOut"] == .number(Double(12 - SummaryReader.sourceLimit)))
    #expect(lines(entries, .words).last == "4 more sources are not told of")
  }

  /// The line passes through what makes words on stderr safe, and is JSON all the same.
  @Test func theLineIsJSONWhateverAServerSays() throws {
    var all = entries(sources: [1])
    for text in [
      #"{"type":"audio","data":"AAAA","format":"\u0007 \u202e \"password\":\"hunter2hunter2\" sk-abcdefghijklmnopqrstuvwx"}"#,
      #"{"type":"audio","data":"AAAA","format":"日本 \\ \u007f"}"#,
    ] {
      let message = Message(link: LinkID(1), way: .toClient, kind: .text, payload: Array(text.utf8))
      let moment = Timestamp(milliseconds: 3_000)
      all.append(Entry(index: all.count, at: moment, source: SourceID(1), event: .message(message)))
    }
    let line = lines(all, .json)[0]
    #expect(line.contains("unknown-format"), "\(line)")
    #expect(!line.contains("hunter2hunter2") && !line.contains("sk-abcdefghijklmnopqrstuvwx"), "\(line)")
    #expect(throws: Never.self) { try JSONValue(parsing: Redaction.hideSecrets(in: line).utf8) }
  }

  @Test func aToyFigureIsInTheJSON() throws {
    let source = try #require(try sources(lines(entries(sources: [1]), .json, .withToy)).first)
    #expect(source["figures"]?["toys"] == .object(["unit": .string("count"), "value": .number(0)]))
  }

  @Test func everyWordOfASession() {
    var all = entries(sources: [1])
    func add(_ ms: Double, _ event: Entry.Event) {
      all.append(Entry(index: all.count, at: Timestamp(milliseconds: ms), source: SourceID(1), event: event))
    }
    add(2_700, .roundTrip(RoundTrip(link: LinkID(1), ms: 1.5)))
    add(2_701, .roundTrip(RoundTrip(link: LinkID(1), ms: nil)))
    add(2_800, .connection(ConnectionChange(LinkID(1), .closed(code: 1006, by: .network))))
    add(4_100, .connection(ConnectionChange(LinkID(2), .ready())))
    let words = lines(all, .words)
    let connection = "connection: round trip p50 1.5, p95 1.5 ms; 1 pong missed; lost 1×, back after 1 300 ms"
    #expect(words.contains(connection), "\(words)")
    #expect(words.contains { $0.hasPrefix("responses: ") && $0.contains("not counted: 1 lost") }, "\(words)")
    let playout =
      "playout: 0.0 s played, 0.0 s discarded; 0 underruns, 0 ms of silence in answers; jitter 0 ms, 0 of 1 late"
    #expect(words.contains(playout), "\(words)")
  }
}
