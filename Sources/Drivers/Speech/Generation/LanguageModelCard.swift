import Agent

/// A service of language models: what it is called, what it needs, and how it is talked to. A row of the table.
public struct LanguageModelCard: Sendable {
  /// As it is chosen, as in `ollama`.
  public let name: String
  /// For people, as in "Ollama".
  public let title: String
  /// Where it is asked when no address is given.
  public let usualAddress: String
  /// The environment variable that usually holds its key; nil: it wants none. It is read for the usual address alone, so that
  /// a key goes nowhere that it does not belong.
  public let keyVariable: String?
  /// Whether it answers nobody without a key.
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

  /// Those that there are, beside the built-in one.
  public static let all: [LanguageModelCard] = [.ollama, .openAI, .anthropic]

  /// The word for the model that is built in: it needs nothing, and knows little.
  public static let builtinName = "builtin"

  /// All words that choose one, the built-in one first.
  public static let names = [builtinName] + all.map(\.name)

  /// The row of a name; nil for the built-in one and for any other word.
  public static func named(_ name: String) -> LanguageModelCard? { all.first { $0.name == name } }

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
