import Capture
import GRDB

/// The derived columns of a capture, made again from its entries: nothing is lost with them.
public enum CaptureColumns {
  /// Entries that are looked at with one question.
  private static let slice = 1000

  /// Makes them again, whole or not at all. No other program may be writing the file.
  /// - Throws: `CaptureReadError`.
  public static func rebuild(_ path: String) throws(CaptureReadError) {
    do {
      try CaptureCheck.beforeOpening(path)
      let queue = try DatabaseQueue(path: path)
      defer { try? queue.close() }
      try queue.inDatabase { database in
        try CaptureCheck.isCapture(database, path)
        try database.inTransaction(.immediate) {
          try rebuild(database)
          return .commit
        }
      }
    } catch {
      throw CaptureCheck.readError(error, path)
    }
  }

  private static func rebuild(_ database: Database) throws {
    let version = try CaptureMeta(database)[.lineVersion].flatMap { Int($0) }
    try database.execute(sql: "INSERT INTO words (words) VALUES ('delete-all')")
    try database.execute(sql: "DELETE FROM derived")
    var columns = ColumnReader()
    var next = Int.min
    while true {
      let rows = try Row.fetchAll(
        database, sql: "SELECT idx, line FROM entries WHERE idx >= ? ORDER BY idx LIMIT ?", arguments: [next, slice])
      guard let last: Int = rows.last?.value(0) else { return }
      for row in rows {
        var reader = CaptureReader(version: version)
        guard let index: Int = row.value(0), let line: String = row.value(1), let entry = try? reader.read(line.utf8)
        else { continue }
        try CaptureDatabase.insert(columns.read(entry), of: index, into: database)
      }
      let (following, isOver) = last.addingReportingOverflow(1)
      if isOver { return }
      next = following
    }
  }
}
