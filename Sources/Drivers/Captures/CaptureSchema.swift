import GRDB

// Captures: a session in a file of SQLite, written while it happens and read at any time.
//
//   CaptureSink ─► CaptureFileWriter ─queue─► its thread ─► CaptureDatabase ─► NAME.sidetone (+ -wal, -shm)
//                                                                                   │
//   CaptureSource ◄── CaptureFileReader ◄──────────────────────────────────────────┘
//
// The tables are in docs/capture-format.md, which a test compares with what stands here.

/// The tables of a capture, and how older files get those of newer versions: one step for each version of the format.
public enum CaptureSchema {
  /// What `PRAGMA application_id` says of a capture: `SdTn`.
  public static let applicationID: Int32 = 0x5364_546E

  /// The version of the format that is written; what `PRAGMA user_version` says.
  public static var version: Int { steps.count }

  /// The step at index n makes version n + 1 of version n.
  public static let steps: [String] = [
    """
    CREATE TABLE meta (
      key TEXT NOT NULL PRIMARY KEY,
      value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE entries (
      idx INTEGER PRIMARY KEY,
      at_us INTEGER NOT NULL,
      source INTEGER NOT NULL,
      line TEXT NOT NULL
    );

    CREATE TABLE derived (
      idx INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      type TEXT,
      link INTEGER,
      response INTEGER,
      response_name TEXT,
      is_audio INTEGER NOT NULL,
      text TEXT
    );

    CREATE VIRTUAL TABLE words USING fts5(
      text, content='derived', content_rowid='idx',
      tokenize="unicode61 remove_diacritics 2 tokenchars '_'"
    );

    CREATE TABLE tracks (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      rate INTEGER NOT NULL,
      channels INTEGER NOT NULL,
      start_ns INTEGER NOT NULL
    );

    CREATE TABLE audio (
      id INTEGER PRIMARY KEY,
      track INTEGER NOT NULL REFERENCES tracks (id),
      position INTEGER NOT NULL,
      samples INTEGER NOT NULL,
      codec TEXT NOT NULL,
      bytes BLOB NOT NULL,
      UNIQUE (track, position)
    );
    """
  ]

  /// The index of words without the tables that it is made from.
  static let memoryWords =
    "CREATE VIRTUAL TABLE words USING fts5(text, tokenize=\"unicode61 remove_diacritics 2 tokenchars '_'\")"

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (i, step) in steps.enumerated() {
      migrator.registerMigration("\(i + 1)") { database in
        try database.execute(sql: step)
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(i + 1)")
      }
    }
    return migrator
  }

  /// What `meta` says, by its keys.
  enum Key: String {
    case programVersion = "program_version"
    case settings
    case wallClock = "wall_clock_ms"
    case lineVersion = "line_version"
    case lostEntries = "lost_entries"
    case lostSamples = "lost_samples"
    case finished
  }

  /// How the samples of a block are kept.
  enum Codec: String {
    /// 16 bits, little-endian, channels alternating.
    case pcm16
    /// The same as a FLAC stream.
    case flac
  }

  /// Samples of all channels that a block may have: what is longer in a file is damage.
  static let longestBlock = 1 << 22
}
