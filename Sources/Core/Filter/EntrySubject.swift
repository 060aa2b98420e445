import Timeline

/// An entry as a filter sees it.
public struct EntrySubject: FilterSubject {
  public let at: Timestamp
  public let direction: Direction?
  public let kind: FilterKind
  public let connection: ConnectionID?
  public let byteCount: Int?
  private let type: [UInt8]
  private let words: [UInt8]
  private let payload: [UInt8]

  /// - Parameters:
  ///   - type: the entry's type by name: a message's own in its dialect, else what the log calls it.
  ///   - words: what a reader is told of it.
  public init(_ entry: Entry, type: String, words: String) {
    at = entry.at
    self.type = Array(type.utf8)
    self.words = Array(words.utf8)
    if case .message(let message) = entry.event {
      direction = message.direction
      kind = message.kind == .text ? .text : .binary
      connection = message.connection
      byteCount = message.payload.count
      payload = message.kind == .text ? message.payload : []
    } else {
      (direction, kind, byteCount, payload) = (nil, .event, nil, [])
      connection = entry.event.connection
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
  public var connection: ConnectionID? {
    switch self {
    case .message(let message): message.connection
    case .connection(let change): change.id
    case .roundTrip(let trip): trip.connection
    default: nil
    }
  }
}
