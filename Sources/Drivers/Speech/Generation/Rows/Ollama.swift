import Agent
import FoundationEssentials

extension LanguageModelCard {
  /// Models on this machine, by Ollama's own API (`/api/chat`).
  public static let ollama = LanguageModelCard(
    name: "ollama", title: "Ollama", usualAddress: "http://127.0.0.1:11434", keyVariable: nil, needsKey: false,
    path: "/api/chat", listPath: "/api/tags", keyHeader: .authorization("Bearer"), startCommand: "ollama serve",
    pullCommand: "ollama pull",
    body: { question in
      var body = OllamaRequest(model: question.model, messages: VoicePrompt.messages(question))
      body.options = question.maximumTokens.map { .init(num_predict: $0) }
      return Array(try JSONEncoder().encode(body))
    },
    makeStream: { OllamaStream() })
}

private struct OllamaRequest: Encodable {
  struct Options: Encodable { var num_predict: Int }
  var model: String
  var messages: [ChatMessage]
  var stream = true
  /// The model stays loaded between two turns of a conversation.
  var keep_alive = "10m"
  var options: Options?
}

/// Ollama's `/api/chat`: one JSON object on each line, the last one with `done`.
struct OllamaStream: ReplyStream {
  private struct Line: Decodable {
    struct Message: Decodable { var content: String? }
    var message: Message?
    var done: Bool?
    var error: ServiceSaid?
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
