import DequeModule
import Filter
import Screen
import Timeline
import Wire

/// The log's rows and payloads, bounded, with the rows that pass the filter.
///
/// Messages of a stream (audio, pieces of an answer, interim transcripts) gather in one row until something else is
/// said or done. Streams run side by side: the user speaks over the agent, text comes between its own audio.
struct LogStore: Sendable {
  let limits: LogLimits
  private(set) var rows = LogRows()
  private(set) var payloads: Deque<LogPayload> = []
  private(set) var payloadBytes = 0
  /// What all payloads came to that there ever were, in the same measure.
  private(set) var payloadBytesSeen = 0
  /// Messages seen, also those inside collapsed rows.
  private(set) var messageCount = 0
  /// The types that there were, by the numbers that rows hold. At most `typeLimit`, and then `otherTypes`.
  private(set) var names: [String] = []
  /// Types that are told apart. A peer may invent them without end.
  static let typeLimit = 4_096
  /// The name of all types beyond these.
  static let otherTypes = "(other types)"
  /// Columns and bytes that are kept of a type.
  private static let typeColumns = 64
  private static let typeBytes = 256
  /// It was said that types share a name from now on.
  private var hasToldOfTypes = false

  private(set) var filter = Filter.everything
  var matcher = FilterMatcher(.everything, FilterContext(now: .zero))
  /// Ids that pass the filter, ascending; not kept while there is none.
  var matches: Deque<Int> = []
  /// Rows below this id have not been looked at yet.
  var unexamined = 0

  private(set) var nameBytes: [[UInt8]] = []
  private var nameIndex: [String: UInt16] = [:]
  private var openRuns: [Stream: Int] = [:]
  private var lastAt: Timestamp?
  private struct Stream: Hashable {
    var source: SourceID
    var link: LinkID
    var way: Way
    var run: LogRow.Run
  }
  private(set) var sources = SourceNames()

  init(limits: LogLimits = LogLimits()) { self.limits = limits }

  // MARK: - Reading

  /// The oldest row's id, rows before it were forgotten; and the id of the row to come.
  var firstID: Int { rows.firstID }
  var nextID: Int { rows.nextID }
  func row(_ id: Int) -> LogRow? { rows[id] }
  func typeName(of row: LogRow) -> String { names[Int(row.type)] }

  /// How many rows pass the filter, and the id of the one at a position among them.
  var shownCount: Int { filter.isEmpty ? rows.count : matches.count }
  func shownID(_ position: Int) -> Int? {
    guard position >= 0, position < shownCount else { return nil }
    return filter.isEmpty ? firstID + position : matches[position]
  }
  /// The number of shown rows whose ids are below `id`: where it is, or where it would be.
  func shownPosition(of id: Int) -> Int {
    guard !filter.isEmpty else { return (id - firstID).clamped(to: 0...rows.count) }
    var (low, high) = (0, matches.count)
    while low < high {
      let middle = (low + high) / 2
      if matches[middle] < id { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The payloads of a row's messages that are still kept, oldest first.
  func payloads(of row: LogRow) -> [LogPayload] { payloads(of: row.id, from: row.at, to: row.lastAt) }

  func payloads(of id: Int, from start: Timestamp, to end: Timestamp) -> [LogPayload] {
    guard let oldest = payloads.first, oldest.at <= end else { return [] }
    // Payloads come in the order of their entries, so a row's lie at or after its first moment.
    var (low, high) = (0, payloads.count)
    while low < high {
      let middle = (low + high) / 2
      if payloads[middle].at < start { low = middle + 1 } else { high = middle }
    }
    var result: [LogPayload] = []
    while low < payloads.count, payloads[low].at <= end {
      if payloads[low].row == id { result.append(payloads[low]) }
      low += 1
    }
    return result
  }

  // MARK: - Writing

  /// Adds an entry, if it is worth a row, and says whether it only made an audio row's count go up.
  /// - Parameter reading: of a message.
  @discardableResult
  mutating func append(_ entry: Entry, _ reading: Reading?) -> Bool {
    defer { tellOfTypes(at: entry.at) }
    guard case .message(let message) = entry.event else {
      appendEvent(entry)
      return false
    }
    messageCount += 1
    let reading = reading ?? Reading("?", [])
    // A hundred times a second: the row says already what its summary would say.
    let audio = Stream(source: entry.source, link: message.link, way: message.way, run: .audio)
    if case .audio(let payload)? = reading.events.first, let id = openRuns[audio], let row = rows[id],
      !row.summary.isEmpty || payload.format == nil && payload.rate == nil
    {
      keep(message, row: id, entry)
      extend(row, with: message, row.summary, .audio, at: entry.at)
      return true
    }
    let summary = LogSummary(message, reading)
    let stream = summary.run.map { Stream(source: entry.source, link: message.link, way: message.way, run: $0) }
    if let stream, let id = openRuns[stream], let row = rows[id] {
      keep(message, row: id, entry)
      extend(row, with: message, summary.text, stream.run, at: entry.at)
      return stream.run == .audio
    }
    if stream == nil { openRuns = [:] }
    let id = nextID
    // Before the row, so that the filter sees the payload.
    keep(message, row: id, entry)
    var row = row(summary, message.way == .toServer ? .sent : .received, of: entry)
    row.isBinary = message.kind == .binary
    (row.byteCount, row.largestByteCount) = (message.payload.count, message.payload.count)
    add(row)
    if let stream { openRuns[stream] = id }
    return false
  }

  private mutating func appendEvent(_ entry: Entry) {
    if case .sourceStarted = entry.event {
      sources.observe(entry)
      // The row of the session's start has told of its only source.
      if entry.source == .first { return }
    }
    guard let summary = LogSummary(entry.event) else { return }
    if !summary.isAside { openRuns = [:] }
    add(row(summary, .event, of: entry))
  }

  /// Says that entries were lost on the way here.
  mutating func appendGap(_ count: Int, at now: Timestamp) {
    openRuns = [:]
    let text = "\(Figures.grouped(count)) \(count == 1 ? "entry" : "entries") lost on the way here"
    add(row(LogSummary(type: "console", actor: .error, text: text), .event, at: now))
  }

  /// Says, once, that further types are not told apart.
  private mutating func tellOfTypes(at now: Timestamp) {
    guard names.count > Self.typeLimit, !hasToldOfTypes else { return }
    hasToldOfTypes = true
    let text =
      "\(Figures.grouped(Self.typeLimit)) types of messages are told apart; from here on every further one is "
      + "called \(Self.otherTypes)"
    add(row(LogSummary(type: "console", actor: .warning, text: text), .event, at: now))
  }

  /// Lets the next message of every stream begin a new row.
  mutating func closeRuns() { openRuns = [:] }

  /// Begins to look at every row again. The first slice is done at once, and is all there is for a log of usual size;
  /// the rest is `examine`d bit by bit.
  mutating func setFilter(_ filter: Filter, _ context: FilterContext) {
    self.filter = filter
    matcher = FilterMatcher(filter, context)
    matches = []
    unexamined = nextID
    examine(budget: Self.slice)
  }

  private mutating func row(_ summary: LogSummary, _ kind: LogRow.Kind, of entry: Entry) -> LogRow {
    var row = row(summary, kind, at: entry.at)
    (row.link, row.source) = (entry.event.link, entry.source)
    return row
  }

  private mutating func row(_ summary: LogSummary, _ kind: LogRow.Kind, at now: Timestamp) -> LogRow {
    LogRow(
      id: nextID, at: now, lastAt: now, pause: lastAt.map { now - $0 }, kind: kind, actor: summary.actor,
      type: intern(summary.type), run: summary.run, byteCount: 0, summary: summary.text)
  }

  private mutating func add(_ row: LogRow) {
    rows.append(row)
    lastAt = max(lastAt ?? row.at, row.at)
    if !filter.isEmpty, passes(row.id) { matches.append(row.id) }
    // Cutting texts takes them a chunk at a time.
    let hasRoom = rows.textBytes <= limits.textBytes || rows.shortenTexts(toFit: limits.textBytes)
    let most = hasRoom ? max(1, limits.rows) : max(1, min(limits.rows, rows.count - LogRows.chunkSize))
    while rows.count > most {
      if matches.first == rows.firstID { matches.removeFirst() }
      rows.removeFirst()
    }
    unexamined = max(unexamined, firstID)
  }

  private mutating func extend(
    _ row: LogRow, with message: Message, _ summary: String, _ run: LogRow.Run, at now: Timestamp
  ) {
    var row = row
    row.count += 1
    row.byteCount += message.payload.count
    row.largestByteCount = max(row.largestByteCount, message.payload.count)
    row.lastAt = max(row.lastAt, now)
    lastAt = max(lastAt ?? now, now)
    row.summary = LogSummary.joined(row.summary, summary, run)
    rows.replace(row)
    // A row that has grown may have got, or lost, what the filter asks for.
    if !filter.isEmpty { examineAgain(row) }
  }

  private mutating func keep(_ message: Message, row: Int, _ entry: Entry) {
    let count = message.payload.count
    let bytes =
      count <= limits.onePayloadBytes ? message.payload : Array(message.payload.prefix(limits.onePayloadBytes))
    payloads.append(
      LogPayload(
        entry: entry.index, row: row, at: entry.at, way: message.way, isText: message.kind == .text,
        bytes: bytes, byteCount: count))
    payloadBytes += bytes.count + Self.overhead
    payloadBytesSeen = payloadBytesSeen.adding(bytes.count + Self.overhead)
    while payloadBytes > limits.payloadBytes, payloads.count > 1 {
      payloadBytes -= payloads.removeFirst().bytes.count + Self.overhead
    }
  }
  /// What a kept payload costs beyond its bytes: the record and the array's header.
  private static let overhead = MemoryLayout<LogPayload>.stride + 32

  /// Forgets the payloads; their rows stay.
  mutating func forgetPayloads() { (payloads, payloadBytes) = ([], 0) }

  /// Shows of its rows what passes another store's filter.
  mutating func takeFilter(of other: LogStore) {
    (filter, matcher, matches, unexamined) = (other.filter, other.matcher, [], nextID)
    examine(budget: Self.slice)
  }

  /// A type's name, cut where it is too long.
  static func shownType(_ type: String) -> String {
    let name = Truncation.tail(type.cut(toBytes: typeBytes), to: typeColumns)
    return name.utf8.count > typeBytes ? String(name.prefix(bytes: typeBytes)) : name
  }

  private mutating func intern(_ type: String) -> UInt16 {
    var name = Self.shownType(type)
    if nameIndex[name] == nil, names.count >= Self.typeLimit { name = Self.otherTypes }
    if let index = nameIndex[name] { return index }
    let index = UInt16(names.count)
    names.append(name)
    nameBytes.append(Array(name.utf8))
    nameIndex[name] = index
    return index
  }
}
