import Screen
import Timeline

/// One row of the protocol log: a message, a run of audio messages, or another event worth a row.
struct LogRow: Sendable, Equatable {
  enum Kind: UInt8, Sendable {
    case sent, received, event
  }
  /// Counts up from 0 and never changes; rows that are forgotten leave no gap for others to fill.
  var id: Int
  /// When its first message happened, and its last.
  var at: Timestamp
  var lastAt: Timestamp
  var kind: Kind
  /// Whose doing it is: the style of the row.
  var actor: Role
  /// Index into the store's names.
  var type: UInt16
  /// Audio, which is collapsed.
  var isMedia: Bool
  /// Messages in it.
  var count = 1
  /// Payload bytes of all of them.
  var byteCount: Int
  /// Cut to about `LogRow.summaryLimit` bytes.
  var summary: String

  static let summaryLimit = 120
}

/// A message's payload, kept while the budget allows.
struct LogPayload: Sendable, Equatable {
  var entry: Int
  var row: Int
  var at: Timestamp
  var direction: Direction
  var isText: Bool
  /// The first bytes of it, all of them when `byteCount` equals their number.
  var bytes: [UInt8]
  var byteCount: Int
}
