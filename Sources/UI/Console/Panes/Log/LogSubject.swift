import Filter
import Timeline

/// A row as a filter sees it, with one of its payloads or none. Refers to the store's bytes, and copies none of them.
struct LogSubject: FilterSubject {
  let record: LogRows.Record
  /// The type's name.
  let type: [UInt8]
  /// The texts of the row's chunk; the row's own is where its record says.
  let texts: [UInt8]
  let payload: [UInt8]?
  let sources: SourceNames

  /// Of a payload, no more is searched: one message of megabytes would hold up a frame.
  static let payloadLimit = 256 << 10

  var at: Timestamp { Timestamp(nanoseconds: record.at) }
  var lastAt: Timestamp { Timestamp(nanoseconds: record.lastAt) }
  var way: Way? {
    switch record.kind {
    case .sent: .toServer
    case .received: .toClient
    case .event: nil
    }
  }
  var kind: FilterKind { record.kind == .event ? .event : record.isBinary ? .binary : .text }
  var link: LinkID? { record.link == 0 ? nil : LinkID(Int(record.link)) }
  var source: SourceID { SourceID(record.source) }
  var sourceName: String { sources[source] }
  /// Of a row of many messages, the largest one's.
  var byteCount: Int? { record.kind == .event ? nil : Int(record.largestByteCount) }

  func withType(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool { type.withUnsafeBufferPointer(body) }

  func anyText(_ body: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    if type.withUnsafeBufferPointer(body) { return true }
    let start = Int(record.textStart)
    let isInSummary = texts.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[start..<start + Int(record.textLength)]))
    }
    if isInSummary { return true }
    guard let payload else { return false }
    return payload.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0.prefix(Self.payloadLimit))) }
  }
}
