import FoundationEssentials

/// What a language model's stream says.
enum ReplyPiece: Equatable {
  case text(String)
  case finished
  /// The server's own words.
  case failed(String)
}

/// The body of a streamed answer, read as it arrives.
protocol ReplyStream: Sendable {
  init()
  /// Takes the next bytes, cut anywhere; nothing comes after `.finished` or `.failed`.
  mutating func process(_ bytes: [UInt8]) -> [ReplyPiece]
  /// The body has ended.
  mutating func finish() -> [ReplyPiece]
}

/// Server-sent events of `/v1/chat/completions`: `data: {chunk}` … `data: [DONE]`.
///
/// Only `data` fields count; comments, event names and retry times are passed over. A body that ends without
/// `[DONE]` is whole only if a finish reason was seen: some servers leave the mark out.
struct ChatCompletionsStream: ReplyStream {
  private struct Chunk: Decodable {
    struct Choice: Decodable {
      struct Delta: Decodable {
        var content: String?
        var refusal: String?
      }
      var delta: Delta?
      var finish_reason: String?
    }
    var choices: [Choice]?
    var error: ModelServerError?
  }

  private var lines = LineSplitter()
  private var data: [String] = []
  private var hasFinishReason = false
  private var isOver = false

  mutating func process(_ bytes: [UInt8]) -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    for line in lines.process(bytes) where !isOver { pieces += read(line) }
    if lines.isOverlong, !isOver { pieces += over(.failed("a line of its answer has no end")) }
    return pieces
  }

  mutating func finish() -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    if let line = lines.finish() { pieces += read(line) }
    if !isOver { pieces += read("") }
    if !isOver { pieces += over(hasFinishReason ? .finished : .failed("its answer broke off")) }
    return pieces
  }

  private mutating func read(_ line: String) -> [ReplyPiece] {
    if line.isEmpty {
      guard !data.isEmpty else { return [] }
      defer { data = [] }
      return event(data.joined(separator: "\n"))
    }
    guard line.hasPrefix("data:") else { return [] }
    let value = line.dropFirst(5)
    data.append(String(value.first == " " ? value.dropFirst() : value))
    return []
  }

  private mutating func event(_ text: String) -> [ReplyPiece] {
    if text == "[DONE]" { return over(.finished) }
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(text.utf8)) else {
      return over(.failed("an event of its answer is no JSON of this API"))
    }
    if let error = chunk.error { return over(.failed(error.text)) }
    guard let choice = chunk.choices?.first else { return [] }
    if choice.finish_reason != nil { hasFinishReason = true }
    let text = choice.delta?.content ?? choice.delta?.refusal ?? ""
    return text.isEmpty ? [] : [.text(text)]
  }

  private mutating func over(_ piece: ReplyPiece) -> [ReplyPiece] {
    isOver = true
    return [piece]
  }
}

/// Ollama's `/api/chat`: one JSON object on each line, the last one with `done`.
struct OllamaStream: ReplyStream {
  private struct Line: Decodable {
    struct Message: Decodable { var content: String? }
    var message: Message?
    var done: Bool?
    var error: ModelServerError?
  }

  private var lines = LineSplitter()
  private var isOver = false

  mutating func process(_ bytes: [UInt8]) -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    for line in lines.process(bytes) where !isOver { pieces += read(line) }
    if lines.isOverlong, !isOver { pieces += over(.failed("a line of its answer has no end")) }
    return pieces
  }

  mutating func finish() -> [ReplyPiece] {
    guard !isOver else { return [] }
    var pieces: [ReplyPiece] = []
    if let line = lines.finish() { pieces += read(line) }
    if !isOver { pieces += over(.failed("its answer broke off")) }
    return pieces
  }

  private mutating func read(_ text: String) -> [ReplyPiece] {
    guard !text.allSatisfy(\.isWhitespace) else { return [] }
    guard let line = try? JSONDecoder().decode(Line.self, from: Data(text.utf8)) else {
      return over(.failed("a line of its answer is no JSON of this API"))
    }
    if let error = line.error { return over(.failed(error.text)) }
    var pieces: [ReplyPiece] = []
    if let content = line.message?.content, !content.isEmpty { pieces.append(.text(content)) }
    if line.done == true { pieces += over(.finished) }
    return pieces
  }

  private mutating func over(_ piece: ReplyPiece) -> [ReplyPiece] {
    isOver = true
    return [piece]
  }
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
