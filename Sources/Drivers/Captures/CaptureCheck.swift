import Capture
import GRDB
import Glibc

/// Whether a file is a capture that can be read here, and if not, why.
enum CaptureCheck {
  /// What can be told without opening it.
  static func beforeOpening(_ path: String) throws(CaptureReadError) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .forbidden(String(cString: strerror(errno)))
    }
    if status.st_mode & S_IFMT == S_IFDIR { throw .folder }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .foreign }
    guard access(path, R_OK) == 0 else { throw .forbidden(String(cString: strerror(errno))) }
    if status.st_size == 0 { throw .empty }
  }

  /// - Throws: `CaptureReadError` when it is none, or one of a later version.
  static func isCapture(_ database: Database, _ path: String) throws {
    let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
    let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    guard id == CaptureSchema.applicationID else {
      let count = try Int.fetchOne(
        database, sql: "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'grdb_%' AND name NOT LIKE 'sqlite_%'")
      // The first step is done whole or not at all.
      throw id == 0 && count == 0 ? CaptureReadError.empty : .foreign
    }
    guard version <= CaptureSchema.version else {
      throw CaptureReadError.newer(version: version, known: CaptureSchema.version)
    }
    guard version > 0 else { throw CaptureReadError.empty }
    // SQLite itself misses whole pages only. With a log, the file need not be long enough yet.
    let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
    let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
    var status = stat()
    guard hasLog(path) || stat(path, &status) != 0 || pages * pageSize <= Int(status.st_size) else {
      throw CaptureReadError.truncated
    }
  }

  /// SQLite's log lies beside it: it is being written, or its program was killed.
  static func hasLog(_ path: String) -> Bool { access(path + "-wal", F_OK) == 0 }

  /// A path as SQLite's address of a file that nobody changes.
  static func immutableAddress(_ path: String) -> String {
    let spelled = path.utf8.map { byte -> String in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        String(UnicodeScalar(byte))
      default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return "file:\(spelled.joined())?immutable=1"
  }

  static func readError(_ error: any Error, _ path: String) -> CaptureReadError {
    if let error = error as? CaptureReadError { return error }
    guard let error = error as? DatabaseError else { return .other("\(error)") }
    let text = error.message ?? "\(error.resultCode)"
    switch error.resultCode {
    case .SQLITE_NOTADB, .SQLITE_CORRUPT:
      // No connection has it open now, or it is not written by this program: see `FileHead`.
      guard let head = FileHead(path) else { return .damaged(text) }
      if !head.isSQLite { return head.isJSON ? .jsonLines : .foreign }
      return head.isTruncated ? .truncated : .damaged(text)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .locked
    // Its program was killed while it made the tables.
    case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_ROLLBACK: return .empty
    case .SQLITE_READONLY: return .unfinished
    case .SQLITE_CANTOPEN where hasLog(path): return .unfinished
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: return .forbidden(text)
    // A table is missing, or a column.
    case .SQLITE_ERROR: return .damaged(text)
    default: return .other(text)
    }
  }
}

extension Row {
  /// A value of a row, or nil for one of another type: a file may hold anything, and GRDB's own subscript ends the program.
  func value<Value: DatabaseValueConvertible>(_ column: Int) -> Value? {
    Value.fromDatabaseValue(self[column] as DatabaseValue)
  }
}

/// What a capture says about itself, by its keys.
struct CaptureMeta {
  private var values: [String: String] = [:]
  /// In characters.
  private static let longestValue = 1 << 20

  init(_ database: Database) throws {
    for row in try Row.fetchAll(database, sql: "SELECT key, substr(value, 1, \(Self.longestValue)) FROM meta LIMIT 100")
    {
      if let key: String = row.value(0), let value: String = row.value(1) { values[key] = value }
    }
  }

  subscript(key: CaptureSchema.Key) -> String? { values[key.rawValue] }
}
