import DequeModule
import Screen
import Timeline
import Wire

/// The log's rows and payloads, bounded, with the rows that pass the filter.
///
/// Messages of a stream (audio, pieces of an answer, interim transcripts) gather in one row until something else is
/// said or done. Streams run side by side: the user speaks over the agent, text comes between its own audio.
struct LogStore: Sendable {
  let limits: LogLimits
  private(set) var rows: Deque<LogRow> = []
  private(set) var payloads: Deque<LogPayload> = []
  private(set) var payloadBytes = 0
  private(set) var filter = LogFilter()
  /// Rows made since the start.
  private(set) var nextID = 0
  /// Messages seen, also those inside collapsed rows.
  private(set) var messageCount = 0

  private var names: [String] = []
  private var nameIndex: [String: UInt16] = [:]
  /// Ids that pass the filter, ascending; not kept while there is none.
  private var matches: Deque<Int> = []
  private var openRuns: [Stream: Int] = [:]
  private var lastAt: Timestamp?
  private struct Stream: Hashable {
    var direction: Direction
    var run: LogRow.Run
  }

  init(limits: LogLimits = LogLimits()) { self.limits = limits }

  // MARK: - Reading

  /// The oldest row's id; rows before it were forgotten.
  var firstID: Int { rows.first?.id ?? nextID }
  func row(_ id: Int) -> LogRow? {
    let i = id - firstID
    return i >= 0 && i < rows.count ? rows[i] : nil
  }
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
  func payloads(of row: LogRow) -> [LogPayload] {
    // Payloads come in the order of their entries, so a row's lie at or after its first moment.
    var (low, high) = (0, payloads.count)
    while low < high {
      let middle = (low + high) / 2
      if payloads[middle].at < row.at { low = middle + 1 } else { high = middle }
    }
    var result: [LogPayload] = []
    while low < payloads.count, payloads[low].at <= row.lastAt {
      if payloads[low].row == row.id { result.append(payloads[low]) }
      low += 1
    }
    return result
  }

  // MARK: - Writing

  /// Adds an entry, if it is worth a row, and says whether it only made an audio row's count go up.
  /// - Parameter meaning: of a message, if it is known already.
  @discardableResult
  mutating func append(_ entry: Entry, meaning: [VoiceEvent]? = nil, dialect: any Dialect) -> Bool {
    guard case .message(let message) = entry.event else {
      guard let summary = LogSummary(entry.event) else { return false }
      if !summary.isAside { openRuns = [:] }
      add(summary, .event, at: entry.at, byteCount: 0)
      return false
    }
    messageCount += 1
    let summary = LogSummary(message, meaning: meaning ?? message.meaning(in: dialect), dialect: dialect)
    let stream = summary.run.map { Stream(direction: message.direction, run: $0) }
    if let stream, let id = openRuns[stream], let i = index(of: id) {
      keep(message, row: id, entry)
      extend(i, with: message, summary.text, stream.run, at: entry.at)
      return stream.run == .audio
    }
    if stream == nil { openRuns = [:] }
    let id = nextID
    // Before the row, so that the filter sees the payload.
    keep(message, row: id, entry)
    add(summary, message.direction == .sent ? .sent : .received, at: entry.at, byteCount: message.payload.count)
    if let stream { openRuns[stream] = id }
    return false
  }

  /// Says that entries were lost on the way here.
  mutating func appendGap(_ count: Int, at now: Timestamp) {
    openRuns = [:]
    let text = "\(Figures.grouped(count)) \(count == 1 ? "entry" : "entries") lost on the way here"
    add(LogSummary(type: "console", actor: .error, text: text), .event, at: now, byteCount: 0)
  }

  /// Lets the next message of every stream begin a new row.
  mutating func closeRuns() { openRuns = [:] }

  /// Looks at every row again.
  mutating func setFilter(_ filter: LogFilter) {
    self.filter = filter
    matches = []
    guard !filter.isEmpty else { return }
    for row in rows where passes(row, payloads(of: row)) { matches.append(row.id) }
  }

  private mutating func add(_ summary: LogSummary, _ kind: LogRow.Kind, at now: Timestamp, byteCount: Int) {
    let row = LogRow(
      id: nextID, at: now, lastAt: now, pause: lastAt.map { now - $0 }, kind: kind, actor: summary.actor,
      type: intern(summary.type), run: summary.run, byteCount: byteCount, summary: summary.text)
    rows.append(row)
    nextID += 1
    lastAt = max(lastAt ?? now, now)
    if !filter.isEmpty, passes(row, payloads(of: row)) { matches.append(row.id) }
    while rows.count > max(1, limits.rows) {
      let gone = rows.removeFirst().id
      if matches.first == gone { matches.removeFirst() }
    }
  }

  private func index(of id: Int) -> Int? {
    let i = id - firstID
    return i >= 0 && i < rows.count ? i : nil
  }

  private mutating func extend(
    _ i: Int, with message: Message, _ summary: String, _ run: LogRow.Run, at now: Timestamp
  ) {
    rows[i].count += 1
    rows[i].byteCount += message.payload.count
    rows[i].lastAt = max(rows[i].lastAt, now)
    lastAt = max(lastAt ?? now, now)
    rows[i].summary = LogSummary.joined(rows[i].summary, summary, run)
    // A text that has grown may have got, or lost, what the filter asks for.
    if !filter.isEmpty, run != .audio { match(rows[i]) }
  }

  private mutating func match(_ row: LogRow) {
    let position = shownPosition(of: row.id)
    let isShown = position < matches.count && matches[position] == row.id
    if isShown {
      if filter.excludes(words(of: row)) { matches.remove(at: position) }
    } else if passes(row, payloads.last.map { [$0] } ?? []) {
      matches.insert(row.id, at: position)
    }
  }

  private mutating func keep(_ message: Message, row: Int, _ entry: Entry) {
    let count = message.payload.count
    let bytes =
      count <= limits.onePayloadBytes ? message.payload : Array(message.payload.prefix(limits.onePayloadBytes))
    payloads.append(
      LogPayload(
        entry: entry.index, row: row, at: entry.at, direction: message.direction, isText: message.kind == .text,
        bytes: bytes, byteCount: count))
    payloadBytes += bytes.count + Self.overhead
    while payloadBytes > limits.payloadBytes, payloads.count > 1 {
      payloadBytes -= payloads.removeFirst().bytes.count + Self.overhead
    }
  }
  /// What a kept payload costs beyond its bytes: the record and the array's header.
  private static let overhead = MemoryLayout<LogPayload>.stride + 32

  /// Whether a row passes for one of these messages of it. Payloads of audio say nothing in words, and there are many.
  private func passes(_ row: LogRow, _ payloads: [LogPayload]) -> Bool {
    let words = words(of: row)
    let texts = row.kind == .event || row.isMedia ? [] : payloads.filter(\.isText)
    guard !texts.isEmpty else { return filter.accepts(words, payload: nil) }
    return texts.contains { filter.accepts(words, payload: $0.bytes) }
  }

  private func words(of row: LogRow) -> [String] {
    let direction =
      switch row.kind {
      case .sent: "→ sent"
      case .received: "← received"
      case .event: ""
      }
    return [typeName(of: row), row.summary, direction]
  }

  private mutating func intern(_ type: String) -> UInt16 {
    var name = Truncation.tail(type, to: 64)
    // A peer that invents types without end shares one name for the rest rather than filling memory.
    if nameIndex[name] == nil, names.count >= 4_096 { name = "…" }
    if let index = nameIndex[name] { return index }
    let index = UInt16(names.count)
    names.append(name)
    nameIndex[name] = index
    return index
  }
}
