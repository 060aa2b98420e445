import Foundation
import Wire

/// Where a language model is, and how to talk to it.
public struct LanguageModelEndpoint: Sendable {
  /// Why an address cannot be used, in words for the operator.
  public struct InvalidURL: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// Complete, with the API's path.
  public let url: URL
  public let model: String
  /// Sent as a bearer token, and taken out of every message. Nil: none is sent.
  let apiKey: String?
  /// The system prompt.
  public var prompt: String = VoicePrompt.standard
  /// The longest wait for the first word: a local model may have to be loaded first.
  public var firstWordTimeout: Duration = .seconds(90)
  /// The longest wait between two words.
  public var stallTimeout: Duration = .seconds(20)

  /// - Parameters:
  ///   - address: `http` or `https`; a path that does not end in the API's own gets it appended.
  ///   - apiKey: read from the environment by the caller, never from a command line.
  ///   - path: the API's path.
  /// - Throws: `InvalidURL`.
  init(address: String, model: String, apiKey: String?, path: String) throws(InvalidURL) {
    guard var components = URLComponents(string: address), components.scheme == "http" || components.scheme == "https",
      let host = components.host, !host.isEmpty
    else {
      throw InvalidURL(description: "no address of a language model; write http://HOST:PORT or https://HOST")
    }
    guard components.user == nil, components.password == nil else {
      throw InvalidURL(description: "the address holds a password; give the key in an environment variable instead")
    }
    let given = components.path.split(separator: "/")
    let wanted = path.split(separator: "/")
    // "/v1" and "/v1/chat/completions" are both written for the same thing: complete what is there.
    let overlap = (0...min(given.count, wanted.count)).last { given.suffix($0) == wanted.prefix($0) } ?? 0
    components.path = "/" + (given + wanted.dropFirst(overlap)).joined(separator: "/")
    guard let url = components.url else { throw InvalidURL(description: "the address is malformed") }
    guard !model.isEmpty else { throw InvalidURL(description: "the name of the model is missing") }
    self.url = url
    self.model = model
    self.apiKey = apiKey.flatMap { $0.isEmpty ? nil : $0 }
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
