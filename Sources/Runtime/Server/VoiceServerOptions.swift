import Agent
import Speech

/// What a voice server is run with, after flags and configuration were merged and checked.
public struct VoiceServerOptions: Sendable {
  /// Which language model answers.
  public enum LanguageModel: Sendable {
    /// The built-in one: a small domain, honest and deterministic.
    case builtin
    case ollama(LanguageModelEndpoint)
    /// Any OpenAI-compatible `/v1/chat/completions`. `keyVariable` names where its key came from, for error texts.
    case openAI(LanguageModelEndpoint, keyVariable: String)
  }

  public var host = "127.0.0.1"
  /// 0 takes a free port.
  public var port = 8765
  /// What clients must show, as `Authorization: Bearer …` or `?token=…`. A secret.
  public var token: String?
  public var certificateFile: String?
  public var keyFile: String?
  public var dialect = "voice"
  public var agent = AgentConfiguration()
  public var languageModel: LanguageModel = .builtin
  /// The built-in model's pace.
  public var pace = BuiltinReplyGenerator.Pace()
  /// Clients at a time. Each has a speech recognizer of about 70 MB.
  public var maximumClients = 4
  /// How long a conversation is kept for a client that was lost.
  public var conversationLifetime: Duration = .seconds(300)

  public init() {}
}
