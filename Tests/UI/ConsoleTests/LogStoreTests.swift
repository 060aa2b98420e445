import Filter
import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

struct LogStoreTests {
  private struct Feed {
    var store: LogStore
    var index = 0
    private var reader = DialectReader()
    init(_ limits: LogLimits = LogLimits()) { store = LogStore(limits: limits) }
    mutating func add(_ way: Way, _ text: String, at ms: Double = 0) {
      event(
        .message(
          Message(link: LinkID(1), way: way, kind: .text, payload: Array(text.utf8))), at: ms)
    }
    mutating func event(_ event: Entry.Event, at ms: Double = 0) {
      let reading: Reading? = if case .message(let message) = event { reader.read(message) } else { nil }
      store.append(Entry(index: index, at: Timestamp(milliseconds: ms), event: event), reading)
      index += 1
    }
    mutating func audio(_ way: Way, at ms: Double = 0) {
      add(
        way, way == .toServer ? #"{"type":"audio","audio":"AAAA"}"# : #"{"type":"audio","data":"AAAA"}"#, at: ms
      )
    }
    mutating func filter(_ text: String) throws {
      store.setFilter(try Filter(parsing: text), FilterContext(now: Timestamp(milliseconds: 1e6)))
    }
    var shown: [String] {
      (0..<store.shownCount).map { position in
        let row = store.row(store.shownID(position)!)!
        return store.typeName(of: row) + (row.count > 1 ? " ×\(row.count)" : "")
      }
    }
  }

  /// Streams of several sources, and of several links of one, are rows of their own; each is found by its source.
  @Test func sourcesAndLinksHaveRowsOfTheirOwn() throws {
    var store = LogStore()
    var reader = DialectReader()
    var index = 0
    func add(_ event: Entry.Event, of source: UInt16) {
      let reading: Reading? = if case .message(let message) = event { reader.read(message) } else { nil }
      store.append(
        Entry(index: index, at: Timestamp(milliseconds: Double(index)), source: SourceID(source), event: event), reading
      )
      index += 1
    }
    add(.sourceStarted(Source(kind: .client, name: "client", dialect: "voice", url: "ws://a")), of: 1)
    add(.sourceStarted(Source(kind: .client, name: "stt", dialect: "voice", url: "ws://b")), of: 2)
    let audio = Array(#"{"type":"audio","audio":"AAAA"}"#.utf8)
    for _ in 0..<3 {
      for (source, link) in [(1, 1), (2, 2), (2, 3)] {
        add(
          .message(Message(link: LinkID(link), way: .toServer, kind: .text, payload: audio)), of: UInt16(source))
      }
    }
    let unknown = Array(#"{"at":1,"event":"caption","i":1,"src":2,"words":{"de":"Tag"}}"#.utf8)
    add(.unknown(UnknownEvent(kind: "caption", reason: "unknown event", line: unknown)), of: 2)
    add(.delivery(Delivery(of: 3, .held(ms: 250))), of: 2)
    let rows = (store.firstID..<store.nextID).compactMap { store.row($0) }
    #expect(rows.map { store.typeName(of: $0) } == ["source", "audio", "audio", "audio", "caption", "delivery"])
    #expect(rows.map(\.count) == [1, 3, 3, 3, 1, 1])
    #expect(rows.map(\.source.rawValue) == [2, 1, 2, 2, 2, 2])
    #expect(rows[4].summary.contains("Tag") && rows[5].summary == "entry 3 held 250 ms")
    for (filter, count) in [("source:stt", 5), ("source:client", 1), ("source:2 type:audio", 2), ("source:program", 0)]
    {
      store.setFilter(try Filter(parsing: filter), FilterContext(now: .zero))
      #expect(store.shownCount == count, "\(filter)")
    }
  }

  @Test func audioCollapsesPerDirectionUntilTheNextOtherRow() {
    var feed = Feed()
    for i in 0..<41 { feed.audio(.toServer, at: Double(i)) }
    for _ in 0..<3 {
      feed.audio(.toClient, at: 50)
      feed.audio(.toServer, at: 50)
    }
    feed.add(.toClient, #"{"type":"transcript_final","text":"hi"}"#, at: 60)
    feed.audio(.toServer, at: 70)
    #expect(feed.shown == ["audio ×44", "audio ×3", "transcript_final", "audio"])
    let row = feed.store.row(0)!
    #expect(row.at == Timestamp(milliseconds: 0))
    #expect(row.lastAt == Timestamp(milliseconds: 50))
    #expect(row.byteCount == 44 * 31)
    #expect(feed.store.payloads(of: row).count == 44)
    #expect(feed.store.payloads(of: row).allSatisfy { $0.way == .toServer })
    #expect(feed.store.messageCount == 49)
  }

  @Test func aTextAndItsAudioAreOneRowEach() {
    var feed = Feed()
    for (i, word) in ["It ", "is ", "half ", "past."].enumerated() {
      feed.add(.toClient, #"{"type":"response_text","text":"\#(word)"}"#, at: Double(10 * i))
      feed.audio(.toClient, at: Double(10 * i + 2))
      feed.audio(.toServer, at: Double(10 * i + 4))
      // Neither a pong nor the speaker says anything that parts a text.
      feed.event(.roundTrip(RoundTrip(link: LinkID(1), ms: 1)), at: Double(10 * i + 5))
    }
    #expect(feed.shown.filter { $0 != "pong" } == ["response_text ×4", "audio ×4", "audio ×4"])
    let row = feed.store.row(0)!
    #expect(row.summary == #""It is half past.""#)
    #expect(feed.store.payloads(of: row).count == 4)
    #expect(feed.store.row(1)?.pause == .milliseconds(2))
    // The operator's doing begins everything anew.
    feed.event(.operatorAct(OperatorAct(.interrupt)), at: 60)
    feed.audio(.toClient, at: 70)
    #expect(feed.shown.suffix(2) == ["operator", "audio"])
    #expect(feed.store.row(feed.store.nextID - 1)?.pause == .milliseconds(10))
  }

  @Test func interimsShowTheLatest() {
    var feed = Feed()
    for text in ["what", "what time", "what time is it"] {
      feed.add(.toClient, #"{"type":"transcript_interim","text":"\#(text)"}"#)
      feed.audio(.toServer)
    }
    feed.add(.toClient, #"{"type":"transcript_final","text":"what time is it"}"#)
    #expect(feed.shown == ["transcript_interim ×3", "audio ×3", "transcript_final"])
    #expect(feed.store.row(0)?.summary == #""what time is it""#)
  }

  @Test func aTextThatGrowsComesUnderTheFilterAndLeavesIt() throws {
    var feed = Feed()
    try feed.filter("needle !thread")
    feed.add(.toClient, #"{"type":"tool","text":"a needle"}"#)
    feed.add(.toClient, #"{"type":"response_text","text":"a "}"#)
    #expect(feed.shown == ["tool"])
    feed.add(.toClient, #"{"type":"response_text","text":"needle "}"#)
    #expect(feed.shown == ["tool", "response_text ×2"])
    feed.add(.toClient, #"{"type":"response_text","text":"and more "}"#)
    #expect(feed.shown == ["tool", "response_text ×3"])
    feed.add(.toClient, #"{"type":"response_text","text":"thread"}"#)
    #expect(feed.shown == ["tool"])
    try feed.filter("needle !thread")
    #expect(feed.shown == ["tool"])
  }

  @Test func badAudioIsNeverHidden() {
    var feed = Feed()
    feed.audio(.toClient)
    feed.add(.toClient, #"{"type":"audio","data":"not base64!"}"#)
    feed.audio(.toClient)
    #expect(feed.shown == ["audio", "audio", "audio"])
    #expect(feed.store.row(1)?.actor == .error)
    #expect(feed.store.row(1)?.summary.contains("wrong base64") == true)
  }

  @Test func framesAndDepthsMakeNoRows() {
    var feed = Feed()
    feed.event(.queue(QueueDepth(name: .uplink, depth: 1, capacity: 2, dropped: 0, unit: .frames)))
    #expect(feed.shown.isEmpty)
    feed.event(.fault(FaultChange(.stall, active: true)))
    #expect(feed.shown == ["fault"])
  }

  @Test func filterIsIncrementalAndAgreesWithAFreshOne() throws {
    var feed = Feed()
    try feed.filter("TRANSCRIPT !interim")
    for i in 0..<50 {
      feed.audio(.toServer)
      feed.add(.toClient, #"{"type":"transcript_interim","text":"a \#(i)"}"#)
      feed.add(.toClient, #"{"type":"transcript_final","text":"b \#(i)"}"#)
    }
    let incremental = feed.shown
    #expect(incremental.count == 50)
    #expect(Set(incremental) == ["transcript_final"])
    try feed.filter("TRANSCRIPT !interim")
    #expect(feed.shown == incremental)
    try feed.filter("b 49")
    #expect(feed.shown.count == 1)
    try feed.filter("dir:out")
    #expect(feed.shown.allSatisfy { $0.hasPrefix("audio") })
  }

  @Test func filterLooksIntoPayloads() throws {
    var feed = Feed()
    let long = String(repeating: "word ", count: 100)
    feed.add(.toClient, #"{"type":"tool","text":"\#(long) needle"}"#)
    feed.add(.toClient, #"{"type":"tool","text":"\#(long)"}"#)
    try feed.filter("NEEDLE")
    #expect(feed.shown.count == 1)
  }

  @Test func oldRowsAreForgottenAlsoUnderAFilter() throws {
    var limits = LogLimits()
    limits.rows = 100
    var feed = Feed(limits)
    try feed.filter("even")
    for i in 0..<1_000 { feed.add(.toClient, #"{"type":"\#(i % 2 == 0 ? "even" : "odd")"}"#) }
    #expect(feed.store.rows.count == 100)
    #expect(feed.store.firstID == 900)
    #expect(feed.store.shownCount == 50)
    #expect(feed.store.shownID(0) == 900)
    #expect(feed.store.row(899) == nil)
    #expect(feed.store.shownPosition(of: 0) == 0)
  }

  @Test func payloadsAreForgottenWithinTheBudgetWhileRowsStay() {
    var limits = LogLimits()
    limits.payloadBytes = 10_000
    limits.onePayloadBytes = 500
    var feed = Feed(limits)
    for i in 0..<100 { feed.add(.toClient, #"{"type":"t\#(i % 3)","text":"\#(String(repeating: "x ", count: 200))"}"#) }
    #expect(feed.store.payloadBytes <= 10_000)
    #expect(feed.store.rows.count == 100)
    let gone = OpenedMessage(
      feed.store.row(0)!, in: feed.store,
      OpenedMessage.Context(reader: DialectReader(), uplinkRate: 16_000, downlinkRate: 16_000))
    #expect(gone.payload == nil)
    #expect(gone.notes.contains { $0.contains("forgotten") })
    feed.add(.toClient, #"{"type":"long","text":"\#(String(repeating: "x ", count: 2_000))"}"#)
    let cut = OpenedMessage(
      feed.store.row(100)!, in: feed.store,
      OpenedMessage.Context(reader: DialectReader(), uplinkRate: 16_000, downlinkRate: 16_000))
    #expect(cut.payload?.bytes.count == 500)
    #expect(cut.notes.contains { $0.contains("only the first 500 B of 4 ") })
  }

  @Test func inventedTypesDoNotFillMemory() {
    var feed = Feed()
    for i in 0..<10_000 { feed.add(.toClient, #"{"type":"type\#(i)"}"#) }
    #expect(feed.store.typeName(of: feed.store.row(9_999)!) == LogStore.otherTypes)
    #expect(feed.store.typeName(of: feed.store.row(10)!) == "type10")
    #expect(feed.store.typeName(of: feed.store.row(4_095)!) == "type4095")
    // The first that shares the name is followed by the row that says so, once.
    #expect(feed.store.typeName(of: feed.store.row(4_096)!) == LogStore.otherTypes)
    let remark = feed.store.row(4_097)!
    #expect(remark.summary.contains("\(Figures.grouped(4_096)) types of messages are told apart"))
    #expect(remark.kind == .event && feed.store.nextID == 10_001)
    #expect(feed.store.names.count == LogStore.typeLimit + 1)
  }

  @Test func aLongTypeIsKeptInFewBytes() {
    var feed = Feed()
    feed.add(.toClient, #"{"type":"\#(String(repeating: "y", count: 10_000))"}"#)
    // Marks take no column, and so no column ends them.
    feed.add(.toClient, #"{"type":"a\#(String(repeating: "\u{301}", count: 10_000))"}"#)
    #expect(feed.store.names.map(\.utf8.count) == [63 + 3, 255])
  }

  /// An hour of talk at 20 ms, each message 1 kB: what is kept stays far under 60 MB.
  @Test func anHourFitsTheBudget() {
    var feed = Feed()
    let audio = #"{"type":"audio","audio":"\#(String(repeating: "A", count: 852))"}"#
    let payload = Array(audio.utf8)
    // Far more than the budget holds; an hour has seven times as many, to no further effect.
    for i in 0..<30_000 {
      feed.event(
        .message(Message(link: LinkID(1), way: .toServer, kind: .text, payload: payload)),
        at: Double(i) * 20)
      if i % 50 == 0 { feed.add(.toClient, #"{"type":"transcript_interim","text":"some words"}"#, at: Double(i) * 20) }
    }
    #expect(feed.store.payloadBytes <= LogLimits().payloadBytes)
    #expect(feed.store.rows.byteCount + feed.store.payloadBytes < 20 << 20)
    // The worst case: as many rows as there may be, all of them shown under a filter.
    let limits = LogLimits()
    #expect(MemoryLayout<LogRows.Record>.stride <= 56)
    #expect(limits.rows * (56 + MemoryLayout<Int>.stride) + limits.textBytes + limits.payloadBytes < 130 << 20)
  }
}
