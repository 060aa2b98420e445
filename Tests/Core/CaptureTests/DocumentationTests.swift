import Capture
import FoundationEssentials
import Testing
import Timeline

/// docs/headless.md names every kind of entry and every one of its fields, and no others.
@Suite struct DocumentationTests {
  private static let text: String = {
    // Tests/Core/CaptureTests/ThisFile.swift is four levels below the package.
    let folder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    return (try? String(decoding: Data(contentsOf: URL(filePath: folder + "/docs/headless.md")), as: UTF8.self)) ?? ""
  }()

  /// Kinds with the fields that the page names.
  static let page: [String: Set<String>] = {
    var kinds: [String: Set<String>] = [:]
    var kind: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("### `") {
        kind = String(line.dropFirst(5).dropLast())
        kinds[kind!] = []
      } else if line.hasPrefix("## ") {
        kind = nil
      } else if let kind, line.hasPrefix("| `") {
        let cell = line.dropFirst(2).prefix { $0 != "|" }
        kinds[kind]?.formUnion(
          cell.split(separator: "`").filter { $0.allSatisfy { $0.isLetter || $0.isNumber } }.map(String.init))
      }
    }
    return kinds
  }()

  /// Every kind with every field that it can have.
  static let complete: [Entry.Event] = [
    .sessionStarted(
      SessionStarted(
        version: "1", wallClockMilliseconds: 1, url: "ws://a", dialect: "voice", inputRate: 16_000, input: "silence",
        output: "null", sendsCredential: true)),
    .sourceStarted(Source(kind: .server, name: "agent", dialect: "voice", url: "ws://a", inputRate: 16_000)),
    .connection(
      ConnectionChange(LinkID(1), .closed(code: 1000, reason: "r", by: .server), attempt: 1)),
    .connection(
      ConnectionChange(LinkID(1), .open(stages: [ConnectStage(.tcp, ms: 1)], subprotocol: "voice"), attempt: 1)),
    .connection(ConnectionChange(LinkID(1), .ready(sessionID: "s", resumed: true), attempt: 1)),
    .connection(ConnectionChange(LinkID(1), .waiting(delayMs: 1), attempt: 1)),
    .message(Message(link: LinkID(1), way: .toServer, kind: .text, payload: [0x61], waitedMs: 1, replaces: 7)),
    .message(Message(link: LinkID(1), way: .toServer, kind: .binary, payload: [0x61], waitedMs: 1, replaces: 7)),
    .delivery(Delivery(of: 7, .held(ms: 12.5))),
    .delivery(Delivery(of: 7, .cut(byteCount: 12))),
    .delivery(Delivery(of: 7, .duplicated(count: 2))),
    .roundTrip(RoundTrip(link: LinkID(1), ms: 1)),
    .micFrame(
      MicFrame(
        sampleCount: 80, rate: 16_000, rmsDB: -20, peakDB: -3, peaks: [Peak(low: -1, high: 1)], fate: .sent,
        vadLevelDB: -20, vadThresholdDB: -45, vadProbability: SpeechProbability(value: 0.93, threshold: 0.5),
        isSpeech: true,
        ageMs: 12.5)),
    .voiceEdge(VoiceEdge(isStart: true, sinceMs: 30)),
    .gate(Gate(mode: .open)),
    .echo(EchoState(phase: .ready, isHolding: true, erleDB: 20, isUnsure: true)),
    .playout(
      PlayoutBlock(
        response: ResponseID(1), sampleCount: 80, rate: 16_000, peaks: [Peak(low: -1, high: 1)], rmsDB: -20,
        depthMs: 80, targetMs: 80, deviceDelayMs: 20)),
    .playoutChange(
      PlayoutChange(ResponseID(1), .flushed(playedMs: 1, discardedMs: 1, remainingMs: 1))),
    .playoutChange(PlayoutChange(ResponseID(1), .format("mp3", rate: 16_000))),
    .playoutChange(PlayoutChange(ResponseID(1), .undecodable("t", format: "aac"))),
    .playoutChange(PlayoutChange(ResponseID(1), .decoded(ms: 1))),
    .playoutChange(PlayoutChange(ResponseID(1), .held(playedMs: 1, takenBackMs: 1, remainingMs: 1))),
    .queue(QueueDepth(name: .uplink, depth: 1, capacity: 100, dropped: 0, unit: .frames)),
    .operatorAct(OperatorAct(.moment, "hello", ageMs: 2_500)),
    .injection(
      Injection(source: .play, state: .cancelled, name: "a.wav", durationMs: 900, spokenMs: 300, isMixed: true)),
    .fault(FaultChange(.refuse, active: true, durationMs: 5000)),
    .device(DeviceChange(role: .mic, state: .open, name: "n", text: "t", remedy: "r", xruns: 1, driftPPM: 1)),
    .notice(Notice(.other("test"), .info, .session, "t", remedy: "r")),
    .sessionEnded(SessionEnded(reason: "r", orderly: true)),
  ]

  @Test func everyFieldIsNamedAndNoOther() throws {
    var written: [String: Set<String>] = [:]
    for event in Self.complete {
      let line = EntryLine.encode(Entry(index: 0, at: Timestamp(milliseconds: 0), event: event))
      let object = try LineKeys.keys(of: line)
      written[object.event, default: []].formUnion(object.keys.subtracting(["i", "at", "src", "event"]))
    }
    #expect(Set(written.keys) == Set(Self.page.keys))
    for (kind, fields) in written {
      #expect(Self.page[kind] == fields, "\(kind)")
    }
  }

  /// The page tells every notice by name, and no other.
  @Test func everyNoticeIsNamedAndNoOther() throws {
    let table = try #require(Self.text.split(separator: "## Notices by name").last?.split(separator: "\n## ").first)
    let named = table.split(separator: "\n").filter { $0.hasPrefix("| `") && !$0.hasPrefix("| `id`") }
      .map { NoticeID(rawValue: String($0.dropFirst(3).prefix { $0 != "`" })) }
    #expect(named == NoticeID.known)
  }

  /// The format file for lnav names fields that there are, and shows only fields that it describes.
  @Test func theFormatFileForLnavNamesFieldsThatThereAre() throws {
    struct Format: Decodable {
      struct Value: Decodable { var kind: String }
      var timestampField: String
      var bodyField: String
      var levelField: String
      var level: [String: String]
      var value: [String: Value]
      var lineFormat: [Piece]
      enum CodingKeys: String, CodingKey {
        case timestampField = "timestamp-field"
        case bodyField = "body-field"
        case levelField = "level-field"
        case lineFormat = "line-format"
        case level, value
      }
    }
    struct Piece: Decodable {
      var field: String?
      init(from decoder: any Decoder) throws {
        struct Shown: Decodable { var field: String }
        field = try? Shown(from: decoder).field
      }
    }
    let folder = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let data = try Data(contentsOf: URL(filePath: folder + "/docs/lnav/sidetone.json"))
    let file = try JSONDecoder().decode([String: JSONObjectOr<Format>].self, from: data)
    let format = try #require(file["sidetone_log"]?.value)
    let known = Self.page.values.reduce(into: Set(["i", "at", "src", "event", "time"])) { $0.formUnion($1) }
    #expect(Set(format.value.keys).isSubset(of: known), "\(Set(format.value.keys).subtracting(known))")
    let shown = format.lineFormat.compactMap(\.field).filter { $0 != "__timestamp__" }
    #expect(!shown.isEmpty && Set(shown).isSubset(of: Set(format.value.keys)))
    #expect(format.timestampField == "time" && format.bodyField == "text" && format.levelField == "severity")
    #expect(Set(format.level.keys) == ["error", "warning", "info"])
  }

  /// `$schema` stands beside the format.
  private struct JSONObjectOr<Value: Decodable>: Decodable {
    var value: Value?
    init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
  }

  /// A field that is nil is not written, and would go unnoticed above.
  @Test(arguments: complete) func theSamplesLeaveNothingOut(_ event: Entry.Event) throws {
    let fields = try #require(Mirror(reflecting: event).children.first?.value)
    // What a message means to a reader in this process is in no capture.
    for field in Mirror(reflecting: fields).children where field.label != "reading" {
      let value = Mirror(reflecting: field.value)
      #expect(value.displayStyle != .optional || !value.children.isEmpty, "\(field.label ?? "")")
    }
  }

  /// A new kind must be added to the samples: this does not compile without it.
  @Test func everyKindIsAmongTheSamples() {
    func number(_ event: Entry.Event) -> Int {
      switch event {
      case .sessionStarted: 0
      case .connection: 1
      case .message: 2
      case .roundTrip: 3
      case .micFrame: 4
      case .voiceEdge: 5
      case .gate: 6
      case .playout: 7
      case .playoutChange: 8
      case .queue: 9
      case .operatorAct: 10
      case .fault: 11
      case .device: 12
      case .notice: 13
      case .sessionEnded: 14
      case .echo: 15
      case .injection: 16
      case .sourceStarted: 17
      case .delivery: 18
      // Has no fields of its own.
      case .unknown: 19
      }
    }
    #expect(Set(Self.complete.map(number)) == Set(0...18))
    #expect(Self.page.count == 19)
  }
}

/// The keys of an object, whatever their values are.
private enum LineKeys {
  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
  private struct Object: Decodable {
    var event: String
    var keys: Set<String>
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyKey.self)
      keys = Set(container.allKeys.map(\.stringValue))
      event = try container.decode(String.self, forKey: AnyKey(stringValue: "event")!)
    }
  }

  static func keys(of line: [UInt8]) throws -> (event: String, keys: Set<String>) {
    let object = try JSONDecoder().decode(Object.self, from: Data(line))
    return (object.event, object.keys)
  }
}
