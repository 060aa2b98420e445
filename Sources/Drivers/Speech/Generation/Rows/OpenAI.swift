import Agent
import FoundationEssentials

extension LanguageModelCard {
  /// OpenAI, and every server that has its `/v1/chat/completions`.
  public static let openAI = LanguageModelCard(
    name: "openai", title: "OpenAI-compatible", usualAddress: "https://api.openai.com", keyVariable: "OPENAI_API_KEY",
    needsKey: false, path: "/v1/chat/completions", listPath: "/v1/models", keyHeader: .authorization("Bearer"),
    body: { question in
      var body = ChatCompletionsRequest(model: question.model, messages: VoicePrompt.messages(question))
      // OpenAI's newer models refuse the old name, and most other servers know no other.
      if question.host == "api.openai.com" {
        body.max_completion_tokens = question.maximumTokens
      } else {
        body.max_tokens = question.maximumTokens
      }
      return Array(try JSONEncoder().encode(body))
    },
    makeStream: { EventStream<ChatCompletionsEvents>() })
}

private struct ChatCompletionsRequest: Encodable {
  var model: String
  var messages: [ChatMessage]
  var stream = true
  var max_tokens: Int?
  var max_completion_tokens: Int?
}

/// Server-sent events of `/v1/chat/completions`: `data: {chunk}` … `data: [DONE]`.
///
/// A body that ends without `[DONE]` is whole only if a finish reason was seen: some servers leave the mark out.
struct ChatCompletionsEvents: EventReading {
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
    var error: ServiceSaid?
  }

  private var hasFinishReason = false

  mutating func read(_ data: String) -> [ReplyPiece] {
    if data == "[DONE]" { return [.finished] }
    guard let chunk = try? JSONDecoder().decode(Chunk.self, from: Data(data.utf8)) else {
      return [.failed("an event of its answer is no JSON of this API")]
    }
    if let error = chunk.error { return [.failed(error.text)] }
    guard let choice = chunk.choices?.first else { return [] }
    if choice.finish_reason != nil { hasFinishReason = true }
    let text = choice.delta?.content ?? choice.delta?.refusal ?? ""
    return text.isEmpty ? [] : [.text(text)]
  }

  var atTheEnd: ReplyPiece { hasFinishReason ? .finished : .failed("its answer broke off") }
}
