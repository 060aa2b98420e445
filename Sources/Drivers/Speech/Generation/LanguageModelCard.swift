import Agent

/// A service of language models: what it is called, what it needs, and how it is talked to. A row of the table.
public struct LanguageModelCard: ServiceCard {
  public let name: String
  public let title: String
  public let usualAddress: String
  public let keyVariable: String?
  public let needsKey: Bool

  /// The paths of its API: where it answers, and where it lists its models.
  let path: String
  let listPath: String
  /// How a key is sent.
  let keyHeader: ServiceAddress.KeyHeader
  /// What every request has besides.
  var headers: [(name: String, value: String)] = []
  /// What starts it, and what gets a model; nil where that is not in the operator's hands.
  public var startCommand: String?
  public var pullCommand: String?
  /// The body of a request, as JSON.
  let body: @Sendable (ReplyQuestion) throws -> [UInt8]
  let makeStream: @Sendable () -> any ReplyStream

  public static let all: [LanguageModelCard] = [.ollama, .openAI, .anthropic]

  /// The built-in model needs nothing, and knows little.
  public static let own = (name: "builtin", meaning: "a small domain")

  /// Where one of its models is asked.
  /// - Parameters:
  ///   - address: `http` or `https`; the API's path is appended where it is missing. Nil: the usual one.
  ///   - apiKey: nil or empty: none is sent.
  public func endpoint(
    address: String? = nil, model: String, apiKey: String? = nil
  ) throws(ServiceAddress.Invalid) -> LanguageModelEndpoint {
    try LanguageModelEndpoint(self, address: address ?? usualAddress, model: model, apiKey: apiKey)
  }
}

/// What a language model is asked.
struct ReplyQuestion: Sendable {
  var model: String
  /// The system prompt, with the language of the answer.
  var prompt: String
  var history: [Utterance]
  /// The longest answer, in tokens; nil: what the service takes for it.
  var maximumTokens: Int?
  /// The host that is asked.
  var host: String
}
