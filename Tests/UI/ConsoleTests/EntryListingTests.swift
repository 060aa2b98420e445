import Filter
import Screen
import TestKit
import Testing
import Timeline
import Wire

@testable import Console

/// What `sidetone show` prints is what the log shows.
struct EntryListingTests {
  /// Messages of streams and others, both ways, binary ones, events of many kinds.
  private static let entries: [Entry] = {
    var random = SeededGenerator(seed: 7)
    var entries: [Entry] = []
    func add(_ event: Entry.Event, source: SourceID? = nil) {
      entries.append(
        Entry(
          index: entries.count, at: Timestamp(milliseconds: Double(entries.count) * 250), source: source, event: event))
    }
    func message(_ way: Way, _ text: String, _ link: Int = 1, source: SourceID? = nil) {
      add(.message(Message(link: LinkID(link), way: way, kind: .text, payload: Array(text.utf8))), source: source)
    }
    add(
      .sessionStarted(
        SessionStarted(
          version: "1", wallClockMilliseconds: 1_790_000_000_123, url: "ws://a", dialect: "voice", inputRate: 16_000,
          input: "silence", output: "null")))
    add(.sourceStarted(Source(kind: .client, name: "client", dialect: "voice", url: "ws://a")))
    add(.sourceStarted(Source(kind: .proxy, name: "stt", dialect: "voice", url: "ws://b")), source: SourceID(2))
    for i in 0..<150 {
      switch random.below(16) {
      case 0: message(.toClient, #"{"type":"transcript_interim","text":"hello \#(i)"}"#)
      case 1: message(.toClient, #"{"type":"transcript_final","text":"hello, \"world\" \#(i)"}"#, 2)
      case 2: message(.toClient, #"{"type":"response_text","text":"piece \#(i) "}"#)
      case 3:
        message(.toServer, #"{"type":"audio","audio":"\#(String(repeating: "hellAAAA", count: random.below(900)))"}"#)
      case 4: message(.toClient, #"{"type":"error","message":"timeout\n\#(i)","code":"late"}"#)
      case 5: message(.toClient, #"{"type":"caption","hello":[\#(i),"é"]}"#, source: SourceID(2))
      case 6: message(.toServer, "no JSON\u{1B}[31m, hello \(i)")
      case 7:
        add(
          .message(
            Message(
              link: LinkID(1), way: .toClient, kind: .binary,
              payload: Array(#"{"type":"hello"}"#.utf8) + [UInt8(i & 0xFF), 0xFF])))
      case 8: add(.roundTrip(RoundTrip(link: LinkID(2), ms: Double(i))))
      case 9: add(.notice(Notice(.other("test"), .warning, .session, "hello \(i)", remedy: "wait")))
      case 10: add(.queue(QueueDepth(name: .uplink, depth: i, capacity: 100, dropped: 0, unit: .frames)))
      case 11: add(.voiceEdge(VoiceEdge(isStart: i % 2 == 0, sinceMs: 30)))
      case 12: add(.operatorAct(OperatorAct(.filter, "hello")))
      case 14: add(.delivery(Delivery(of: i, .held(ms: 20))))
      default: message(.toServer, #"{"type":"text_input","text":"hello \#(i)"}"#)
      }
    }
    add(.sessionEnded(SessionEnded(reason: "quit, \"said\"", orderly: true)))
    return entries
  }()

  private static let context = FilterContext(
    now: Timestamp(milliseconds: 38_000), wallClockMs: 1_790_000_000_123, utcOffsetSeconds: 3600)

  private static let filters = [
    "", "hello", "dir:in", "dir:out size>1k", "type:audio", "type:transcript_*,error", "kind:event", "kind:binary",
    "conn:2", "source:stt", "source:program", "not (kind:event or type:audio)", "/hello \\d+/",
    "/TIMEOUT/i or type:vad",
    "since:10s until:20s", "since:-10s", "\"no JSON\"", "size:0..40", "not hello", "piece dir:in",
  ]

  private func rows(_ text: String, isComplete: Bool = false) throws -> [EntryListing.Row] {
    var listing = EntryListing(try Filter(parsing: text), Self.context, isComplete: isComplete)
    return Self.entries.compactMap { listing.row($0) }
  }

  /// The log with a row for each message: it is told to begin a new row after each.
  @Test(arguments: filters) func showsWhatTheLogShows(_ text: String) throws {
    var limits = LogLimits()
    limits.payloadBytes = 1 << 30
    var store = LogStore(limits: limits)
    var readers = SourceReaders()
    var indexes: [Int] = []
    for entry in Self.entries {
      let before = store.nextID
      store.append(entry, readers.observe(entry))
      store.closeRuns()
      if store.nextID > before { indexes.append(entry.index) }
    }
    store.setFilter(try Filter(parsing: text), Self.context)
    while store.progress != nil { store.examine(budget: 1 << 20) }
    let shown = (0..<store.shownCount).compactMap { store.shownID($0) }
    let rows = try rows(text)
    #expect(rows.map(\.index) == shown.map { indexes[$0] })
    for (row, id) in zip(rows, shown) {
      let logged = try #require(store.row(id))
      #expect(row.summary == logged.summary && row.type == store.typeName(of: logged) && row.at == logged.at)
      #expect(row.byteCount ?? 0 == logged.byteCount && row.link == logged.link)
    }
    if text != "size:0..40" { #expect(!rows.isEmpty) }
  }

  /// Of a payload no more is searched than in the log.
  @Test func theEndOfALongMessageIsNotSearched() throws {
    let text = String(repeating: "x", count: LogSubject.payloadLimit - 5)
    for (end, passes) in [("hello", true), ("-hello", false)] {
      let message = Message(link: LinkID(1), way: .toServer, kind: .text, payload: Array((text + end).utf8))
      var listing = EntryListing(try Filter(parsing: "hello"), Self.context)
      let row = listing.row(Entry(index: 0, at: .zero, event: .message(message)))
      #expect((row != nil) == passes)
    }
  }

  /// And with streams in rows, as on the screen: a row is there when one of its messages is.
  @Test(arguments: filters.filter { !$0.contains("size") && !$0.contains("not hello") && !$0.contains("since") })
  func everyRowOnTheScreenHasItsMessages(_ text: String) throws {
    var limits = LogLimits()
    limits.payloadBytes = 1 << 30
    var store = LogStore(limits: limits)
    var readers = SourceReaders()
    var rowOfEntry: [Int: Int] = [:]
    for entry in Self.entries {
      let before = store.nextID
      store.append(entry, readers.observe(entry))
      if case .message = entry.event {
        rowOfEntry[entry.index] = store.rowID(ofEntry: entry.index)
      } else if store.nextID > before {
        rowOfEntry[entry.index] = before
      }
    }
    store.setFilter(try Filter(parsing: text), Self.context)
    while store.progress != nil { store.examine(budget: 1 << 20) }
    let shown = Set((0..<store.shownCount).compactMap { store.shownID($0) })
    let listed = Set(try rows(text).compactMap { rowOfEntry[$0.index] })
    // What a row says in all, of its joined words, may have more than each of its messages.
    #expect(listed.isSubset(of: shown))
    if text.isEmpty || text.contains(":") { #expect(listed == shown) }
  }

  @Test func whatIsTooFrequentIsThereWhenItIsAskedFor() throws {
    let all = try rows("", isComplete: true)
    #expect(all.map(\.index) == Array(Self.entries.indices))
    #expect(try rows("").allSatisfy { $0.type != "queue" })
    #expect(try !rows("type:queue", isComplete: true).isEmpty)
  }

  @Test func linesAreOfOneKind() throws {
    let text = ListingText(utcOffsetSeconds: 3600, usesUnicode: true)
    let plain = ListingText(utcOffsetSeconds: 3600, usesUnicode: false)
    let row = EntryListing.Row(
      index: 3, at: Timestamp(milliseconds: 1500.25), source: "client", way: .toClient, kind: .text, link: LinkID(2),
      type: "error", byteCount: 340, summary: "late: \"a\",\nb\u{1B}[31m é")
    let event = EntryListing.Row(
      index: 4, at: Timestamp(milliseconds: 2000), source: "program", way: nil, kind: .event, link: nil,
      type: "session",
      byteCount: nil, summary: "")
    #expect(
      text.line(row, wallClockMs: 1_790_000_000_123)
        == "15:13:21.623 client  ← error                   340 B  late: \"a\",␊b␛[31m é")
    #expect(
      plain.line(row, wallClockMs: nil) == "00:00:01.500 client  < error                   340 B  late: \"a\",␊b␛[31m é"
    )
    #expect(text.line(event, wallClockMs: nil) == "00:00:02.000 program · session")
    #expect(
      text.values(row, wallClockMs: 1_790_000_000_123)
        == "3,1500.25,2026-09-21T14:13:21.623Z,client,in,text,error,2,340,\"late: \"\"a\"\",␊b␛[31m é\"")
    #expect(text.values(event, wallClockMs: nil) == "4,2000.0,,program,,event,session,,,")
    #expect(ListingText.header.split(separator: ",").count == 10)
  }

  /// What a reader of such values makes of each row is the row.
  @Test func valuesReadBack() throws {
    let text = ListingText(utcOffsetSeconds: 0, usesUnicode: true)
    for row in try rows("", isComplete: true) {
      let line = text.values(row, wallClockMs: nil)
      var (fields, field, isQuoted) = ([String](), "", false)
      var rest = line[...]
      while let character = rest.popFirst() {
        switch (character, isQuoted) {
        case ("\"", true):
          if rest.first == "\"" { field.append(rest.removeFirst()) } else { isQuoted = false }
        case ("\"", false): isQuoted = true
        case (",", false):
          fields.append(field)
          field = ""
        default: field.append(character)
        }
      }
      fields.append(field)
      #expect(fields.count == 10 && fields[0] == "\(row.index)" && fields[6] == CharacterWidth.printable(row.type))
      #expect(fields[9] == CharacterWidth.printable(row.summary))
      #expect(!line.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
    }
  }
}
