import DequeModule
import Screen
import Timeline

/// A million rows in little memory: records of a fixed size in chunks, and the texts of each chunk one behind the other.
///
///     chunks ─► [ records 0…4095 | texts ][ records 4096…8191 | texts ] … [ records, growing | texts ]
///               oldest: forgotten first, texts cut first                   newest
///
/// No row is an object of its own: a chunk is two arrays. Texts beyond their budget are cut to a few words from the oldest
/// chunk on; rows beyond theirs are forgotten. Both are counted.
struct LogRows: Sendable {
  /// A row's fixed part, 56 bytes.
  struct Record: Sendable {
    var at: Int64
    var lastAt: Int64
    /// Nanoseconds; negative for none.
    var pause: Int64
    var byteCount: Int64
    var count: UInt32
    var largestByteCount: UInt32
    var textStart: UInt32
    var textLength: UInt16
    /// Room that the text may grow into.
    var textCapacity: UInt16
    var type: UInt16
    /// 0 for none; what does not fit is the largest number.
    var link: UInt16
    var source: UInt16
    var actor: Role
    /// The kind, the run and whether it is binary, in a byte of its bits.
    private var traits: UInt8

    var kind: LogRow.Kind { LogRow.Kind(rawValue: traits & 3) ?? .event }
    var run: LogRow.Run? { traits >> 3 == 0 ? nil : LogRow.Run(rawValue: (traits >> 3) - 1) }
    var isBinary: Bool { traits & 4 != 0 }
  }

  fileprivate struct Chunk: Sendable {
    var records: [Record] = []
    var text: [UInt8] = []
    var isShortened = false
  }

  static let chunkSize = 4_096
  /// Bytes that are left of a text that is cut.
  static let shortLength = 32

  fileprivate var chunks: Deque<Chunk> = []
  /// The id of the first record of the first chunk; a multiple of `chunkSize`.
  private var base = 0
  /// Ids of the oldest row and of the row to come.
  private(set) var firstID = 0
  private(set) var nextID = 0
  /// Bytes of texts, with the room that they may grow into.
  private(set) var textBytes = 0
  /// Rows whose texts were cut for want of room.
  private(set) var shortenedCount = 0

  var count: Int { nextID - firstID }

  /// Bytes of records and texts.
  var byteCount: Int { chunks.reduce(textBytes) { $0 + $1.records.capacity * MemoryLayout<Record>.stride } }

  // MARK: - Reading

  subscript(id: Int) -> LogRow? {
    guard let (chunk, index) = place(of: id) else { return nil }
    let record = chunks[chunk].records[index]
    let text = chunks[chunk].text[Int(record.textStart)..<Int(record.textStart) + Int(record.textLength)]
    return LogRow(
      id: id, at: Timestamp(nanoseconds: record.at), lastAt: Timestamp(nanoseconds: record.lastAt),
      pause: record.pause < 0 ? nil : .nanoseconds(record.pause), kind: record.kind, isBinary: record.isBinary,
      actor: record.actor, type: record.type, run: record.run,
      link: record.link == 0 ? nil : LinkID(Int(record.link)),
      source: SourceID(record.source), count: Int(record.count),
      byteCount: Int(record.byteCount), largestByteCount: Int(record.largestByteCount),
      summary: String(decoding: text, as: UTF8.self))
  }

  /// A row's record and the bytes of its text, without a string made of them.
  func raw(_ id: Int) -> (record: Record, text: [UInt8])? {
    place(of: id).map { chunks[$0.chunk].record(at: $0.index) }
  }

  private func place(of id: Int) -> (chunk: Int, index: Int)? {
    guard id >= firstID, id < nextID else { return nil }
    return ((id - base) / Self.chunkSize, (id - base) % Self.chunkSize)
  }

  // MARK: - Writing

  /// Adds a row behind the newest; its id becomes `nextID`.
  mutating func append(_ row: LogRow) {
    if chunks.isEmpty || chunks[chunks.count - 1].records.count == Self.chunkSize { chunks.append(Chunk()) }
    textBytes += chunks[chunks.count - 1].append(row)
    nextID += 1
  }

  /// Puts a row in the place of the one with its id.
  mutating func replace(_ row: LogRow) {
    guard let (chunk, index) = place(of: row.id) else { return }
    textBytes += chunks[chunk].replace(row, at: index)
  }

  /// Forgets the oldest row.
  mutating func removeFirst() {
    guard count > 0 else { return }
    firstID += 1
    guard firstID - base == Self.chunkSize else { return }
    textBytes -= chunks.removeFirst().text.count
    base = firstID
  }

  /// Cuts texts, the oldest first, until what is left fits; the newest chunk stays. False when that was not enough.
  mutating func shortenTexts(toFit limit: Int) -> Bool {
    for i in chunks.indices.dropLast() where textBytes > limit && !chunks[i].isShortened {
      let before = chunks[i].text.count
      shortenedCount += chunks[i].shorten(to: Self.shortLength)
      textBytes -= before - chunks[i].text.count
    }
    return textBytes <= limit
  }
}

extension LogRows.Chunk {
  fileprivate func record(at index: Int) -> (record: LogRows.Record, text: [UInt8]) { (records[index], text) }

  /// Returns by how many bytes the texts grew.
  fileprivate mutating func append(_ row: LogRow) -> Int {
    let before = text.count
    var record = LogRows.Record(row)
    let bytes = row.summary.utf8.prefix(Int(UInt16.max))
    record.place(text.count, bytes.count, capacity: bytes.count)
    text.append(contentsOf: bytes)
    if records.isEmpty { records.reserveCapacity(LogRows.chunkSize) }
    records.append(record)
    return text.count - before
  }

  fileprivate mutating func replace(_ row: LogRow, at index: Int) -> Int {
    let before = text.count
    let old = records[index]
    var record = LogRows.Record(row)
    let bytes = Array(row.summary.utf8.prefix(Int(UInt16.max)))
    if bytes.count <= Int(old.textCapacity) {
      record.place(Int(old.textStart), bytes.count, capacity: Int(old.textCapacity))
      text.replaceSubrange(Int(old.textStart)..<Int(old.textStart) + bytes.count, with: bytes)
    } else {
      // Twice the room each time: a text that grows word by word leaves no more behind than it is long in the end.
      let capacity = min(Int(UInt16.max), max(64, bytes.count * 2))
      record.place(text.count, bytes.count, capacity: capacity)
      text.append(contentsOf: bytes)
      text.append(contentsOf: repeatElement(0x20, count: capacity - bytes.count))
    }
    records[index] = record
    return text.count - before
  }

  /// Returns how many texts were cut.
  fileprivate mutating func shorten(to limit: Int) -> Int {
    var kept: [UInt8] = []
    var cut = 0
    for i in records.indices {
      let range = Int(records[i].textStart)..<Int(records[i].textStart) + Int(records[i].textLength)
      let start = kept.count
      if range.count <= limit {
        kept += text[range]
      } else {
        var end = range.lowerBound + limit - 3
        while end > range.lowerBound, text[end] & 0xC0 == 0x80 { end -= 1 }
        kept += text[range.lowerBound..<end]
        kept += "…".utf8
        cut += 1
      }
      records[i].place(start, kept.count - start, capacity: kept.count - start)
    }
    kept.reserveCapacity(0)
    (text, isShortened) = (kept, true)
    return cut
  }
}

extension LogRows.Record {
  fileprivate init(_ row: LogRow) {
    at = row.at.nanoseconds
    lastAt = row.lastAt.nanoseconds
    pause = row.pause?.nanoseconds ?? -1
    byteCount = Int64(row.byteCount)
    count = UInt32(clamping: row.count)
    largestByteCount = UInt32(clamping: row.largestByteCount)
    (textStart, textLength, textCapacity) = (0, 0, 0)
    type = row.type
    link = UInt16(clamping: row.link?.rawValue ?? 0)
    source = row.source.rawValue
    actor = row.actor
    traits = row.kind.rawValue | (row.isBinary ? 4 : 0) | (row.run.map { $0.rawValue + 1 } ?? 0) << 3
  }

  fileprivate mutating func place(_ start: Int, _ length: Int, capacity: Int) {
    (textStart, textLength, textCapacity) = (UInt32(start), UInt16(length), UInt16(capacity))
  }
}
