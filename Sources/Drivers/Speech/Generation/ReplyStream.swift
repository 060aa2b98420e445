/// What a language model's stream says.
enum ReplyPiece: Equatable {
  case text(String)
  case finished
  /// The server's own words.
  case failed(String)

  /// Nothing comes after it.
  var isEnd: Bool { if case .text = self { false } else { true } }
}

/// The body of a streamed answer, read as it arrives.
protocol ReplyStream: Sendable {
  /// Takes the next bytes, cut anywhere; nothing comes after `.finished` or `.failed`.
  mutating func process(_ bytes: [UInt8]) -> [ReplyPiece]
  /// The body has ended.
  mutating func finish() -> [ReplyPiece]
}
