import Filter
import Timeline
import Wire

/// The entries of a recording one by one, each as the log would show it in a row of its own, and those only that a filter
/// lets pass.
///
/// The log gathers messages of a stream in a row, which passes when one of its messages does. Here each message stands for
/// itself. A value: give it the entries in order, for what messages mean may follow from those before.
public struct EntryListing: Sendable {
  /// What is said of an entry.
  public struct Row: Sendable, Equatable {
    public var index: Int
    public var at: Timestamp
    /// The name of its source.
    public var source: String
    /// Of a message.
    public var way: Way?
    public var kind: FilterKind
    /// The connection that it belongs to.
    public var link: LinkID?
    public var type: String
    /// Of a message's payload.
    public var byteCount: Int?
    /// What the log says of it, without secrets. May hold characters that a terminal obeys.
    public var summary: String
  }

  /// When timestamp zero was, in milliseconds since 1970-01-01 UTC, as far as the entries have told.
  public private(set) var wallClockMs: Int64?
  private var matcher: FilterMatcher
  private let isComplete: Bool
  private var readers: SourceReaders
  private var sources = SourceNames()

  /// - Parameters:
  ///   - context: what the moments of the filter are counted from; and the time of day, where it is known beforehand.
  ///   - isComplete: also frames, blocks and depths, which are too frequent for the log, and what it does not say because
  ///     it shows it otherwise. Their type is their kind.
  ///   - dialects: the dialects that messages are read by.
  public init(
    _ filter: Filter, _ context: FilterContext, isComplete: Bool = false, dialects: DialectTable = .builtIn
  ) {
    matcher = FilterMatcher(filter, context)
    wallClockMs = context.wallClockMs
    self.isComplete = isComplete
    readers = SourceReaders(among: dialects)
  }

  /// Takes the next entry.
  /// - Parameter entry: without secrets.
  /// - Returns: what is said of it; nil when it does not pass.
  public mutating func row(_ entry: Entry) -> Row? {
    let reading = readers.observe(entry)
    sources.observe(entry)
    if case .sessionStarted(let start) = entry.event { wallClockMs = start.wallClockMilliseconds }
    guard let summary = summary(entry, reading) else { return nil }
    let subject = ListedSubject(entry, summary, sourceName: sources[entry.source])
    guard matcher.matches(subject) else { return nil }
    return Row(
      index: entry.index, at: entry.at, source: subject.sourceName, way: subject.way, kind: subject.kind,
      link: subject.link, type: LogStore.shownType(summary.type), byteCount: subject.byteCount, summary: summary.text)
  }

  private func summary(_ entry: Entry, _ reading: Reading?) -> LogSummary? {
    if case .message(let message) = entry.event { return LogSummary(message, reading ?? Reading("?", [])) }
    // The row of the session's start has told of its only source.
    let isTold = if case .sourceStarted = entry.event { entry.source == .first } else { false }
    if !isTold, let summary = LogSummary(entry.event) { return summary }
    return isComplete ? LogSummary(frequent: entry.event) : nil
  }
}

/// An entry as a filter sees it when it stands in a row of its own: see `LogSubject`.
private struct ListedSubject: FilterSubject {
  let at: Timestamp
  let way: Way?
  let kind: FilterKind
  let link: LinkID?
  let source: SourceID
  let sourceName: String
  let byteCount: Int?
  private let type: [UInt8]
  private let summary: [UInt8]
  /// Of text that is no audio: nothing else says anything in words.
  private let payload: ArraySlice<UInt8>

  init(_ entry: Entry, _ summary: LogSummary, sourceName: String) {
    at = entry.at
    source = entry.source
    self.sourceName = sourceName
    let link = entry.event.link
    self.link = link == LinkID(0) ? nil : link
    type = Array(LogStore.shownType(summary.type).utf8)
    self.summary = Array(summary.text.utf8)
    guard case .message(let message) = entry.event else {
      (way, kind, byteCount, payload) = (nil, .event, nil, [])
      return
    }
    way = message.way
    kind = message.kind == .text ? .text : .binary
    byteCount = message.payload.count
    let hasWords = message.kind == .text && summary.run != .audio
    payload = hasWords ? message.payload.prefix(LogSubject.payloadLimit) : []
  }

  var lastAt: Timestamp { at }

  func withType(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool { type.withUnsafeBufferPointer(body) }

  func anyText(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    type.withUnsafeBufferPointer(body) || summary.withUnsafeBufferPointer(body)
      || !payload.isEmpty && payload.withUnsafeBufferPointer(body)
  }
}
