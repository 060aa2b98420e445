import Agent
import Foundation
import Wire

/// Where a language model is, and how to talk to it.
public struct LanguageModelEndpoint: Sendable {
  /// Why an address cannot be used, in words for the operator.
  public struct InvalidURL: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// The service's row.
  public let card: LanguageModelCard
  /// Complete, with the API's path.
  public let url: URL
  public let model: String
  /// Taken out of every message. Nil: none is sent.
  let apiKey: String?
  /// The environment variable that should hold the key; nil: the service wants none.
  public var keyVariable: String?
  /// The system prompt.
  public var prompt: String = VoicePrompt.standard
  /// The longest answer, in tokens; nil: what the service takes for it.
  public var maximumTokens: Int?
  /// The longest wait for the first word: a local model may have to be loaded first.
  public var firstWordTimeout: Duration = .seconds(90)
  /// The longest wait between two words.
  public var stallTimeout: Duration = .seconds(20)

  /// - Parameters:
  ///   - address: `http` or `https`; a path that does not end in the API's own gets it appended.
  ///   - apiKey: read from the environment by the caller, never from a command line.
  /// - Throws: `InvalidURL`.
  init(
    _ card: LanguageModelCard, address: String, model: String, apiKey: String?
  ) throws(InvalidURL) {
    self.card = card
    keyVariable = card.keyVariable
    guard var components = URLComponents(string: address), components.scheme == "http" || components.scheme == "https",
      let host = components.host, !host.isEmpty
    else {
      throw InvalidURL(description: "no address of a language model; write http://HOST:PORT or https://HOST")
    }
    guard components.user == nil, components.password == nil else {
      throw InvalidURL(description: "the address holds a password; give the key in an environment variable instead")
    }
    let given = components.path.split(separator: "/")
    let wanted = card.path.split(separator: "/")
    // "/v1" and "/v1/chat/completions" are both written for the same thing: complete what is there.
    let overlap = (0...min(given.count, wanted.count)).last { given.suffix($0) == wanted.prefix($0) } ?? 0
    components.path = "/" + (given + wanted.dropFirst(overlap)).joined(separator: "/")
    guard let url = components.url else { throw InvalidURL(description: "the address is malformed") }
    guard !model.isEmpty else { throw InvalidURL(description: "the name of the model is missing") }
    self.url = url
    self.model = model
    self.apiKey = apiKey.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A generator of answers by this model. Its events come on any thread, in order for a turn; they must be taken at once.
  public func makeGenerator(_ events: @escaping @Sendable (ReplyEvent) -> Void) -> any ReplyGenerator {
    StreamingGenerator(endpoint: self, events: events)
  }

  /// The headers that every request has, the key among them.
  var headers: [(name: String, value: String)] {
    card.headers + (apiKey.map { [card.keyHeader.header($0)] } ?? [])
  }

  /// HOST:PORT, for messages.
  var place: String { (url.host ?? "") + (url.port.map { ":\($0)" } ?? "") }

  /// A peer's text fit for a message: one line, bounded, without the key.
  func presentable(_ text: String) -> String {
    var text = text
    if let apiKey { text = text.replacingOccurrences(of: apiKey, with: "[key]") }
    text = Redaction.hideSecrets(in: text)
    let plain = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    return String(String(plain).split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
  }
}
