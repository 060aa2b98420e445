import Audio
import AudioCodecs
import Capture
import FoundationEssentials
import GRDB
import Timeline

/// Reads a capture: a finished one, one whose program was killed, one that another program or this one is writing.
///
/// Any thread; one question at a time. It never writes to the file.
public final class CaptureFileReader: RecordedLines {
  /// Where the file is.
  public let path: String
  public let header: CaptureHeader
  private let queue: DatabaseQueue
  /// The version of the lines in the file.
  private let lineVersion: Int

  /// A page holds no more bytes of lines than this, unless its first entry does.
  private static let pageByteLimit = 8 << 20
  /// In characters. Longer lines are not read.
  private static let longestLine = LineWalk.longestLine
  /// Samples that one question for sound gives at most.
  private static let audioLimit = 1 << 24

  /// Opens a capture.
  /// - Parameter patience: how long it waits for another program that has the file locked.
  /// - Throws: `CaptureReadError`.
  public init(path: String, patience: Duration = .milliseconds(500)) throws(CaptureReadError) {
    self.path = path
    do {
      (queue, header, lineVersion) = try Self.open(path, patience)
    } catch {
      throw CaptureCheck.readError(error, path)
    }
  }

  deinit { try? queue.close() }

  private static func open(_ path: String, _ patience: Duration) throws -> (DatabaseQueue, CaptureHeader, Int) {
    try CaptureCheck.beforeOpening(path)
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(patience.milliseconds / 1000)
    configuration.label = "capture"
    // Of a stranger's file, nothing is called that it brings.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA trusted_schema = OFF") }
    let queue: DatabaseQueue
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.inDatabase { try CaptureCheck.isCapture($0, path) }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN && !CaptureCheck.hasLog(path) {
      // A copy of a file that was being written, where nothing may be written beside it: nobody changes it.
      return try immutable(path, configuration)
    }
    return try described(queue)
  }

  private static func immutable(
    _ path: String, _ configuration: Configuration
  ) throws -> (DatabaseQueue, CaptureHeader, Int) {
    let queue = try DatabaseQueue(path: CaptureCheck.immutableAddress(path), configuration: configuration)
    try queue.inDatabase { try CaptureCheck.isCapture($0, path) }
    return try described(queue)
  }

  private static func described(_ queue: DatabaseQueue) throws -> (DatabaseQueue, CaptureHeader, Int) {
    let meta = try queue.inDatabase { try CaptureMeta($0) }
    let header = CaptureHeader(
      programVersion: meta[.programVersion] ?? "", settings: meta[.settings] ?? "{}",
      wallClockMilliseconds: meta[.wallClock].flatMap { Int64($0) } ?? 0)
    return (queue, header, meta[.lineVersion].flatMap { Int($0) } ?? CaptureFormat.version)
  }

  private func ask<Value>(_ question: (Database) throws -> Value) throws(CaptureReadError) -> Value {
    do {
      return try queue.inDatabase(question)
    } catch {
      throw CaptureCheck.readError(error, path)
    }
  }

  // MARK: Entries

  public func firstIndex(at time: Timestamp) throws(CaptureReadError) -> Int? {
    let wanted = time.nanoseconds.dividedDown(by: 1000)
    return try ask { database in
      guard let bounds = try Row.fetchOne(database, sql: "SELECT min(idx), max(idx) FROM entries"),
        var low: Int = bounds.value(0), var high: Int = bounds.value(1)
      else { return nil }
      // Times never run backwards: no index of their own is needed.
      let statement = try database.cachedStatement(
        sql: "SELECT idx, at_us FROM entries WHERE idx >= ? ORDER BY idx LIMIT 1")
      func isLater(_ row: Row) -> Bool { (row.value(1) ?? Int64.min) >= wanted }
      guard let last = try Row.fetchOne(statement, arguments: [high]), isLater(last) else { return nil }
      while low < high {
        // The mean, which the sum of two numbers of a file might not have.
        let middle = (low & high) + ((low ^ high) >> 1)
        guard let row = try Row.fetchOne(statement, arguments: [middle]), let index: Int = row.value(0) else { break }
        // The first entry from the middle on, which may be behind it.
        if isLater(row) { high = middle } else { low = index.adding(1) }
      }
      return try Row.fetchOne(statement, arguments: [low])?.value(0)
    }
  }

  public func entries(from index: Int, limit: Int) throws(CaptureReadError) -> CapturePage {
    let page = try lines(from: index, limit: limit)
    return CapturePage(entries: page.lines.map(\.entry), unreadable: page.unreadable, next: page.next)
  }

  public func lines(from index: Int, limit: Int) throws(CaptureReadError) -> LinesPage {
    try ask { database in
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT idx, iif(length(line) <= \(Self.longestLine), line, NULL) FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?
          """,
        arguments: [index, max(1, limit)])
      var page = LinesPage()
      var count = 0
      var byteCount = 0
      var last = index
      while let row = try rows.next() {
        let line = Array((row.value(1) ?? "").utf8)
        count += 1
        byteCount += line.count
        last = row.value(0) ?? last
        if let entry = read(line) {
          page.lines.append(RecordedLine(entry: entry, bytes: line))
        } else {
          page.unreadable += 1
        }
        if byteCount > Self.pageByteLimit { break }
      }
      if count == max(1, limit) || byteCount > Self.pageByteLimit { page.next = last.adding(1) }
      return page
    }
  }

  private func read(_ line: [UInt8]) -> Entry? {
    var reader = CaptureReader(version: lineVersion)
    return try? reader.read(line)
  }

  public func extent() throws(CaptureReadError) -> CaptureExtent {
    try ask { database in
      func moment(_ order: String) throws -> CaptureExtent.Moment? {
        let row = try Row.fetchOne(database, sql: "SELECT idx, at_us FROM entries ORDER BY idx \(order) LIMIT 1")
        guard let row, let index: Int = row.value(0) else { return nil }
        return CaptureExtent.Moment(index: index, at: Timestamp(microseconds: row.value(1) ?? 0))
      }
      let meta = try CaptureMeta(database)
      func number(_ key: CaptureSchema.Key) -> Int { meta[key].flatMap { Int($0) } ?? 0 }
      return CaptureExtent(
        first: try moment("ASC"), last: try moment("DESC"), isFinished: meta[.finished] != nil,
        lost: CaptureCounts(entries: number(.lostEntries), samples: number(.lostSamples)))
    }
  }

  public func search(_ text: String, from index: Int, limit: Int) throws(CaptureReadError) -> [Int] {
    guard let query = WordSearch.query(text) else { return [] }
    return try ask { database in
      try Int.fetchAll(
        database, sql: "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ? ORDER BY rowid LIMIT ?",
        arguments: [query, index, max(0, limit)])
    }
  }

  // MARK: Sound

  public func tracks() throws(CaptureReadError) -> [CapturedTrack] {
    try ask { database in
      try Row.fetchAll(database, sql: "SELECT id, name, rate, channels, start_ns FROM tracks ORDER BY id").map { row in
        let track = try AudioTrack(row)
        let id: Int = row.value(0) ?? 0
        let extent = try Row.fetchOne(
          database,
          sql: """
            SELECT (SELECT min(position) FROM audio WHERE track = ?1),
              (SELECT position + samples FROM audio WHERE track = ?1 ORDER BY position DESC LIMIT 1)
            """, arguments: [id])
        var range: Range<Int64>?
        if let low: Int64 = extent?.value(0), let high: Int64 = extent?.value(1), low < high { range = low..<high }
        return CapturedTrack(id: TrackID(id), track: track, extent: range)
      }
    }
  }

  /// - Returns: no more than 16 777 216 samples; who wants more asks again from their end.
  public func audio(of id: TrackID, in range: Range<Int64>) throws(CaptureReadError) -> [AudioBlock] {
    try ask { database in
      guard
        let track = try Row.fetchOne(
          database, sql: "SELECT id, name, rate, channels, start_ns FROM tracks WHERE id = ?", arguments: [id.rawValue]
        ).map({ try AudioTrack($0) })
      else { return [] }
      // From the block that the range begins in.
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT position, samples, codec, iif(length(bytes) <= \(3 * CaptureSchema.longestBlock), bytes, NULL) FROM audio
          WHERE track = ?1 AND position < ?3 AND position >= coalesce(
            (SELECT max(position) FROM audio WHERE track = ?1 AND position <= ?2), ?2)
          ORDER BY position
          """, arguments: [id.rawValue, range.lowerBound, range.upperBound])
      var blocks: [AudioBlock] = []
      var count = 0
      while let row = try rows.next(), count < Self.audioLimit {
        guard let block = try AudioBlock(row, id, track).part(in: range, channels: track.channels) else { continue }
        count += block.samples.count
        blocks.append(block)
      }
      return blocks
    }
  }
}

extension AudioTrack {
  /// Columns: id, name, rate, channels, start_ns.
  fileprivate init(_ row: Row) throws {
    guard let name: String = row.value(1), let rate: Int = row.value(2), let channels: Int = row.value(3),
      let start: Int64 = row.value(4), Self.rates.contains(rate), (1...Self.mostChannels).contains(channels)
    else { throw CaptureReadError.damaged("a track that cannot be") }
    self.init(TrackName(rawValue: name), rate: rate, channels: channels, start: Timestamp(nanoseconds: start))
  }
}

extension AudioBlock {
  /// Columns: position, samples, codec, bytes.
  fileprivate init(_ row: Row, _ id: TrackID, _ track: AudioTrack) throws {
    guard let position: Int64 = row.value(0), let count: Int = row.value(1), position >= 0,
      !position.addingReportingOverflow(Int64(count)).overflow,
      (0...CaptureSchema.longestBlock / track.channels).contains(count)
    else { throw CaptureReadError.damaged("a block of sound that cannot be") }
    let data: Data? = row.value(3)
    let bytes = data.map { Array($0) } ?? []
    let whole = count * track.channels
    var samples: [Int16]
    switch CaptureSchema.Codec(rawValue: row.value(2) ?? "") {
    case .flac:
      do {
        samples = try FLACBlock.decode(bytes, sampleCount: whole, channels: track.channels)
      } catch {
        throw CaptureReadError.damaged("a block of sound: \(error)")
      }
    case .pcm16:
      guard bytes.count == 2 * whole else { throw CaptureReadError.damaged("a block of sound that is too short") }
      samples = PCM16.samples(of: bytes)
    case nil: throw CaptureReadError.damaged("a block of sound of a kind that is not known")
    }
    self.init(track: id, position: position, samples: samples)
  }

  /// What of it lies in a stretch; nil when nothing does.
  fileprivate func part(in range: Range<Int64>, channels: Int) -> AudioBlock? {
    let whole = position..<position + Int64(samples.count / channels)
    let wanted = whole.clamped(to: range)
    guard !wanted.isEmpty else { return nil }
    let from = Int(wanted.lowerBound - position) * channels
    let to = Int(wanted.upperBound - position) * channels
    return AudioBlock(track: track, position: wanted.lowerBound, samples: Array(samples[from..<to]))
  }
}

extension Timestamp {
  fileprivate init(microseconds: Int64) {
    let (product, overflows) = microseconds.multipliedReportingOverflow(by: 1000)
    self.init(nanoseconds: overflows ? (microseconds < 0 ? .min : .max) : product)
  }
}
