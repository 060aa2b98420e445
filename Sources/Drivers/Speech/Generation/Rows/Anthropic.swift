import Agent
import FoundationEssentials

extension LanguageModelCard {
  /// Anthropic's Messages API, streamed.
  ///
  /// Its version is the first, which every model answers; the later one (2026-10-21) refuses fields that are not sent here.
  public static let anthropic = LanguageModelCard(
    name: "anthropic", title: "Anthropic", usualAddress: "https://api.anthropic.com",
    keyVariable: "ANTHROPIC_API_KEY", needsKey: true, path: "/v1/messages", listPath: "/v1/models",
    keyHeader: .plain("x-api-key"), headers: [("anthropic-version", "2023-06-01")],
    body: { Array(try JSONEncoder().encode(MessagesRequest($0))) }, makeStream: { EventStream<MessagesEvents>() })
}

private struct MessagesRequest: Encodable {
  /// The API wants a limit: ten times what is spoken in a minute.
  static let usualLimit = 2048

  var model: String
  var max_tokens: Int
  var system: String
  var messages: [ChatMessage]
  var stream = true

  /// The API refuses messages without words, and a conversation that the assistant begins: what it said first is told in the
  /// system prompt.
  init(_ question: ReplyQuestion) {
    model = question.model
    max_tokens = question.maximumTokens ?? Self.usualLimit
    var messages: [ChatMessage] = []
    for message in VoicePrompt.spoken(question.history) where message.content.contains(where: { !$0.isWhitespace }) {
      if messages.last?.role == message.role {
        messages[messages.count - 1].content += "\n" + message.content
      } else {
        messages.append(message)
      }
    }
    system = question.prompt
    if let first = messages.first, first.role == ChatMessage.assistant {
      system += " You have begun the conversation with these words: \(first.content)"
      messages.removeFirst()
    }
    self.messages = messages
  }
}

/// Server-sent events of `/v1/messages`: `message_start`, deltas of content blocks, `message_delta` with why it ends,
/// `message_stop`. Events of other types are passed over, as the API asks for.
struct MessagesEvents: EventReading {
  private struct Event: Decodable {
    struct Delta: Decodable {
      var type: String?
      var text: String?
      var stop_reason: String?
    }
    var type: String
    var delta: Delta?
    var error: ServiceSaid?
  }

  private var hasText = false
  private var isRefusal = false

  mutating func read(_ data: String) -> [ReplyPiece] {
    guard let event = try? JSONDecoder().decode(Event.self, from: Data(data.utf8)) else {
      return [.failed("an event of its answer is no JSON of this API")]
    }
    switch event.type {
    case "content_block_delta":
      guard event.delta?.type == "text_delta", let text = event.delta?.text, !text.isEmpty else { return [] }
      hasText = true
      return [.text(text)]
    case "message_delta":
      if event.delta?.stop_reason == "refusal" { isRefusal = true }
      return []
    case "message_stop": return [isRefusal && !hasText ? .failed("the model refuses to answer that") : .finished]
    case "error": return [.failed(event.error?.text ?? "an error without a message")]
    default: return []
    }
  }

  var atTheEnd: ReplyPiece { .failed("its answer broke off") }
}
