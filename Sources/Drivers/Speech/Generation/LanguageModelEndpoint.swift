import Agent

/// A language model of a service, and how it is asked.
public struct LanguageModelEndpoint: Sendable {
  /// The service's row.
  public let card: LanguageModelCard
  public var address: ServiceAddress
  public let model: String
  /// The system prompt.
  public var prompt: String = VoicePrompt.standard
  /// The longest answer, in tokens; nil: what the service takes for it.
  public var maximumTokens: Int?
  /// The longest wait for the first word: a local model may have to be loaded first.
  public var firstWordTimeout: Duration = .seconds(90)
  /// The longest wait between two words.
  public var stallTimeout: Duration = .seconds(20)

  /// - Throws: `ServiceAddress.Invalid`.
  init(_ card: LanguageModelCard, address: String, model: String, apiKey: String?) throws(ServiceAddress.Invalid) {
    guard !model.isEmpty else { throw ServiceAddress.Invalid(description: "the name of the model is missing") }
    self.card = card
    self.model = model
    self.address = try ServiceAddress(
      address, of: "a language model", path: card.path, apiKey: apiKey, card.keyHeader)
    self.address.keyVariable = card.keyVariable
  }

  /// A generator of answers by this model. Its events come on any thread, in order for a turn; they must be taken at once.
  public func makeGenerator(_ events: @escaping @Sendable (ReplyEvent) -> Void) -> any ReplyGenerator {
    StreamingGenerator(endpoint: self, events: events)
  }

  /// The headers that every request has, the key among them.
  var headers: [(name: String, value: String)] { card.headers + address.keyHeaders }

  /// What fails here means so.
  var errors: ServiceErrors {
    let remedy = card.pullCommand.map { "`\($0) \(model)` gets it" } ?? "is the model's name right?"
    return ServiceErrors(
      address, missing: "no model \(model)", missingRemedy: remedy, startCommand: card.startCommand)
  }

  func text(for ending: StreamedRequests.Ending) -> String {
    errors.text(for: ending, overload: "is it overloaded, or the model too big?") ?? ""
  }
}
