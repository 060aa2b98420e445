import Timeline

/// An entry as a filter sees it.
public struct EntrySubject: FilterSubject {
  public let at: Timestamp
  public let way: Way?
  public let kind: FilterKind
  public let link: LinkID?
  public let source: SourceID
  public let sourceName: String
  public let byteCount: Int?
  private let type: [UInt8]
  private let words: [UInt8]
  private let payload: [UInt8]

  /// - Parameters:
  ///   - type: the entry's type by name: a message's own in its dialect, else what the log calls it.
  ///   - words: what a reader is told of it.
  ///   - sources: the names of the timeline's sources.
  public init(_ entry: Entry, type: String, words: String, sources: SourceNames = SourceNames()) {
    at = entry.at
    source = entry.source
    sourceName = sources[entry.source]
    self.type = Array(type.utf8)
    self.words = Array(words.utf8)
    if case .message(let message) = entry.event {
      way = message.way
      kind = message.kind == .text ? .text : .binary
      link = message.link
      byteCount = message.payload.count
      payload = message.kind == .text ? message.payload : []
    } else {
      (way, kind, byteCount, payload) = (nil, .event, nil, [])
      link = entry.event.link
    }
  }

  public var lastAt: Timestamp { at }

  public func withType(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool { type.withUnsafeBufferPointer(body) }

  public func anyText(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    type.withUnsafeBufferPointer(body) || words.withUnsafeBufferPointer(body) || payload.withUnsafeBufferPointer(body)
  }
}

extension Entry.Event {
  /// The connection that it tells of, if it tells of one.
  public var link: LinkID? {
    switch self {
    case .message(let message): message.link
    case .connection(let change): change.link
    case .roundTrip(let trip): trip.link
    default: nil
    }
  }
}
