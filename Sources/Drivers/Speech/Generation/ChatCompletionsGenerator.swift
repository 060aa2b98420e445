import Agent

/// A language model behind any OpenAI-compatible `/v1/chat/completions` endpoint, streamed.
public final class ChatCompletionsGenerator: ReplyGenerator {
  private struct Request: Encodable {
    var model: String
    var messages: [ChatMessage]
    var stream = true
  }

  private let endpoint: LanguageModelEndpoint
  private let generator: StreamingGenerator<ChatCompletionsStream>

  /// - Parameters:
  ///   - endpoint: by `endpoint(address:model:apiKey:)`.
  ///   - keyVariable: the environment variable's name, for the message that a key is missing.
  ///   - events: on any thread, in order for a turn. It must return soon, and must not call `stop`.
  public init(
    endpoint: LanguageModelEndpoint, keyVariable: String = "OPENAI_API_KEY",
    events: @escaping @Sendable (ReplyEvent) -> Void
  ) {
    self.endpoint = endpoint
    generator = StreamingGenerator(
      endpoint: endpoint, remedies: ErrorRemedies(keyVariable: keyVariable), events: events)
  }

  /// - Parameters:
  ///   - address: `https://HOST`, `http://HOST:PORT/v1` or the whole URL.
  ///   - apiKey: nil or empty when the server wants none.
  public static func endpoint(
    address: String, model: String, apiKey: String?
  ) throws(LanguageModelEndpoint.InvalidURL) -> LanguageModelEndpoint {
    try LanguageModelEndpoint(address: address, model: model, apiKey: apiKey, path: "/v1/chat/completions")
  }

  public func generate(_ turn: TurnID, history: [Utterance], language: String) {
    let messages = VoicePrompt.messages(prompt: endpoint.prompt, history: history, language: language)
    generator.send(Request(model: endpoint.model, messages: messages), for: turn)
  }

  public func cancel(_ turn: TurnID) { generator.cancel(turn) }
  public func stop() { generator.stop() }
}
