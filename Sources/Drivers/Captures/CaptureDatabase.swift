import Audio
import AudioCodecs
import Capture
import FoundationEssentials
import GRDB
import Timeline

/// What is committed at once, ready to be written.
struct CaptureBatch {
  struct Row {
    var index: Int
    var microseconds: Int64
    var source: Int
    var line: String
    var columns: DerivedColumns
  }
  struct Block {
    var track: TrackID
    var position: Int64
    /// Of one channel.
    var sampleCount: Int
    var codec: CaptureSchema.Codec
    var bytes: [UInt8]
  }
  var tracks: [(id: TrackID, track: AudioTrack)] = []
  var rows: [Row] = []
  var blocks: [Block] = []
  var counts = CaptureCounts()
}

extension CaptureBatch.Row {
  /// - Parameters:
  ///   - entry: without secrets.
  ///   - isFirst: of the capture.
  init(_ entry: Entry, isFirst: Bool, columns reader: inout ColumnReader) {
    index = entry.index
    microseconds = entry.at.nanoseconds.dividedDown(by: 1000)
    source = Int(entry.source.rawValue)
    line = String(decoding: EntryLine.encode(entry, isFirst: isFirst), as: UTF8.self)
    columns = reader.read(entry)
  }
}

extension CaptureBatch.Block {
  /// As FLAC where that is shorter.
  init(_ block: AudioBlock, of track: AudioTrack) {
    self.track = block.track
    position = block.position
    sampleCount = block.samples.count / track.channels
    let flac = try? FLACBlock.encode(block.samples, rate: track.rate, channels: track.channels)
    if let flac, flac.count < 2 * block.samples.count {
      (codec, bytes) = (.flac, flac)
    } else {
      codec = .pcm16
      bytes = PCM16.bytes(of: block.samples)
    }
  }
}

/// The file while it is written. One thread at a time.
final class CaptureDatabase {
  private let queue: DatabaseQueue
  private let path: String
  private let identity: [UInt64]?
  private var writtenLost = CaptureCounts()

  /// How long it waits for another program that has the file locked.
  private static let patience = 1.0

  /// Makes the file with its tables.
  init(creating path: String, _ header: CaptureHeader) throws(CaptureFault) {
    self.path = path
    try CapturePlace.make(path)
    identity = CapturePlace.identity(path)
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(Self.patience)
      configuration.label = "capture"
      queue = try DatabaseQueue(path: path, configuration: configuration)
      // It lasts as long as the connection.
      try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
      try CaptureSchema.migrator.migrate(queue)
      try queue.inDatabase { database in
        try database.inTransaction(.immediate) {
          try Self.set(.programVersion, header.programVersion, in: database)
          try Self.set(.settings, header.settings, in: database)
          try Self.set(.wallClock, "\(header.wallClockMilliseconds)", in: database)
          try Self.set(.lineVersion, "\(CaptureFormat.version)", in: database)
          return .commit
        }
        // Where there is no shared memory it stays as it was, which is slower and as safe.
        _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
      }
    } catch {
      throw Self.fault(error, path)
    }
  }

  private static func set(_ key: CaptureSchema.Key, _ value: String, in database: Database) throws {
    try database.cachedStatement(sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)")
      .execute(arguments: [key.rawValue, value])
  }

  /// Writes a batch, whole or not at all.
  /// - Parameter lost: what was not kept so far.
  /// - Returns: how many of its entries were left out, because the file has entries of their indexes.
  func write(_ batch: CaptureBatch, lost: CaptureCounts) throws(CaptureFault) -> Int {
    guard identity == CapturePlace.identity(path) else { throw .gone }
    do {
      var leftOut = 0
      try queue.inDatabase { database in
        try database.inTransaction(.immediate) {
          for (id, track) in batch.tracks {
            try database.cachedStatement(
              sql: "INSERT INTO tracks (id, name, rate, channels, start_ns) VALUES (?, ?, ?, ?, ?)"
            ).execute(arguments: [
              id.rawValue, track.name.rawValue, track.rate, track.channels, track.start.nanoseconds,
            ])
          }
          leftOut = try Self.insert(batch.rows, into: database)
          try Self.insert(batch.blocks, into: database)
          if lost != writtenLost { try Self.set(lost, in: database) }
          return .commit
        }
      }
      writtenLost = lost
      return leftOut
    } catch {
      throw Self.fault(error, path)
    }
  }

  private static func set(_ lost: CaptureCounts, in database: Database) throws {
    try set(.lostEntries, "\(lost.entries)", in: database)
    try set(.lostSamples, "\(lost.samples)", in: database)
  }

  private static func insert(_ rows: [CaptureBatch.Row], into database: Database) throws -> Int {
    let entries = try database.cachedStatement(
      sql: "INSERT OR IGNORE INTO entries (idx, at_us, source, line) VALUES (?, ?, ?, ?)")
    var leftOut = 0
    for row in rows {
      try entries.execute(arguments: [row.index, row.microseconds, row.source, row.line])
      guard database.changesCount == 1 else {
        leftOut += 1
        continue
      }
      try insert(row.columns, of: row.index, into: database)
    }
    return leftOut
  }

  static func insert(_ columns: DerivedColumns, of index: Int, into database: Database) throws {
    try database.cachedStatement(
      sql: """
        INSERT INTO derived (idx, kind, type, link, response, response_name, is_audio, text)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      index, columns.kind, columns.type, columns.link, columns.response, columns.responseName, columns.isAudio,
      columns.text,
    ])
    guard let text = columns.text else { return }
    try database.cachedStatement(sql: "INSERT INTO words (rowid, text) VALUES (?, ?)").execute(arguments: [index, text])
  }

  private static func insert(_ blocks: [CaptureBatch.Block], into database: Database) throws {
    for block in blocks {
      try database.cachedStatement(
        sql: "INSERT INTO audio (track, position, samples, codec, bytes) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [
        block.track.rawValue, block.position, block.sampleCount, block.codec.rawValue, Data(block.bytes),
      ])
    }
  }

  /// Says that it is whole, and makes one file of it that needs no other beside it.
  func finish(lost: CaptureCounts) throws(CaptureFault) {
    do {
      try queue.inDatabase { database in
        try database.inTransaction(.immediate) {
          if lost != writtenLost { try Self.set(lost, in: database) }
          try Self.set(.finished, "yes", in: database)
          return .commit
        }
        // Readers that have it open are in the way of this; then it stays as it is, and is as good.
        _ = try? String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
      }
      try queue.close()
    } catch {
      throw Self.fault(error, path)
    }
  }

  private static func fault(_ error: any Error, _ path: String) -> CaptureFault {
    guard let error = error as? DatabaseError else { return error as? CaptureFault ?? .other("\(error)") }
    let text = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_FULL: return .full
    case .SQLITE_READONLY: return error.extendedResultCode == .SQLITE_READONLY_DBMOVED ? .gone : .readOnly
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged
    case .SQLITE_PERM, .SQLITE_AUTH: return .forbidden
    // Some systems say of a full disk no more than that it failed.
    default: return CapturePlace.isFull(path) ? .full : .other(text)
    }
  }
}
