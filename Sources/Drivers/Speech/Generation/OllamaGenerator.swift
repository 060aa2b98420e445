import Agent

/// A language model of a local Ollama, by its own API, streamed.
public final class OllamaGenerator: ReplyGenerator {
  private struct Request: Encodable {
    var model: String
    var messages: [ChatMessage]
    var stream = true
    /// The model stays loaded between two turns of a conversation.
    var keep_alive = "10m"
  }

  /// Where Ollama listens by default.
  public static let defaultAddress = "http://127.0.0.1:11434"

  private let endpoint: LanguageModelEndpoint
  private let generator: StreamingGenerator<OllamaStream>

  /// - Parameters:
  ///   - endpoint: by `endpoint(address:model:)`.
  ///   - events: on any thread, in order for a turn. It must return soon, and must not call `stop`.
  public init(endpoint: LanguageModelEndpoint, events: @escaping @Sendable (ReplyEvent) -> Void) {
    self.endpoint = endpoint
    let remedies = ErrorRemedies(startCommand: "ollama serve", pullCommand: "ollama pull")
    generator = StreamingGenerator(endpoint: endpoint, remedies: remedies, events: events)
  }

  public static func endpoint(
    address: String = defaultAddress, model: String
  ) throws(LanguageModelEndpoint.InvalidURL) -> LanguageModelEndpoint {
    try LanguageModelEndpoint(address: address, model: model, apiKey: nil, path: "/api/chat")
  }

  public func generate(_ turn: TurnID, history: [Utterance], language: String) {
    let messages = VoicePrompt.messages(prompt: endpoint.prompt, history: history, language: language)
    generator.send(Request(model: endpoint.model, messages: messages), for: turn)
  }

  public func cancel(_ turn: TurnID) { generator.cancel(turn) }
  public func stop() { generator.stop() }
}
