import FoundationEssentials

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

/// An error as these servers write it: a text, or an object with a message.
struct ModelServerError: Decodable {
  private struct Object: Decodable { var message: String? }
  let text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.text = text
    } else {
      text = try container.decode(Object.self).message ?? "an error without a message"
    }
  }

  /// The error in the body of an HTTP response; nil when there is none that can be read.
  static func inBody(_ body: [UInt8]) -> String? {
    struct Body: Decodable { var error: ModelServerError }
    return try? JSONDecoder().decode(Body.self, from: Data(body)).error.text
  }
}
