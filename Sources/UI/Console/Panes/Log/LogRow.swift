import Screen
import Timeline

/// One row of the protocol log: a message, a run of messages of a stream, or another event worth a row.
struct LogRow: Sendable, Equatable {
  enum Kind: UInt8, Sendable {
    case sent, received, event
  }
  /// Messages that come many to one thought and share a row while nothing else is said.
  enum Run: UInt8, Sendable {
    case audio
    /// Pieces of a text: the row shows them joined.
    case deltas
    /// Each replaces the one before: the row shows the latest.
    case interims
  }
  /// Counts up from 0 and never changes; rows that are forgotten leave no gap for others to fill.
  var id: Int
  /// When its first message happened, and its last.
  var at: Timestamp
  var lastAt: Timestamp
  /// How long nothing had happened before it, in any row; nil for the first.
  var pause: Duration?
  var kind: Kind
  /// A binary message, or a run of them.
  var isBinary = false
  /// Whose doing it is: the style of the row.
  var actor: Role
  /// Index into the store's names.
  var type: UInt16
  /// What its messages are a stream of; nil for a message that stands for itself.
  var run: Run?
  /// Of its first message; nil for what belongs to none.
  var link: LinkID?
  var source = SourceID.program
  /// Messages in it.
  var count = 1
  /// Payload bytes of all of them, and of the largest.
  var byteCount: Int
  var largestByteCount = 0
  /// Cut to `LogRow.summaryLimit` columns.
  var summary: String

  var isMedia: Bool { run == .audio }

  static let summaryLimit = 160
}

/// A message's payload, kept while the budget allows.
struct LogPayload: Sendable, Equatable {
  var entry: Int
  var row: Int
  var at: Timestamp
  var way: Way
  var isText: Bool
  /// The first bytes of it, all of them when `byteCount` equals their number.
  var bytes: [UInt8]
  var byteCount: Int
}
