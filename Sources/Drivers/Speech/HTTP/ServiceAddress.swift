import Foundation
import Wire

/// Where a service on the network is, and how it is told who asks.
public struct ServiceAddress: Sendable {
  /// Why an address cannot be used, in words for the operator.
  public struct Invalid: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  /// How a key is sent.
  package enum KeyHeader: Sendable {
    /// `Authorization: SCHEME KEY`
    case authorization(String)
    /// `NAME: KEY`
    case plain(String)

    func header(_ key: String) -> (name: String, value: String) {
      switch self {
      case .authorization(let scheme): ("Authorization", "\(scheme) \(key)")
      case .plain(let name): (name, key)
      }
    }
  }

  /// What is spoken there.
  package enum Transport: Sendable {
    case http, webSocket

    /// The scheme of a plain address, and of an encrypted one.
    var schemes: (plain: String, encrypted: String) { self == .http ? ("http", "https") : ("ws", "wss") }
  }

  /// Complete, with the API's path.
  public private(set) var url: URL
  /// Taken out of every message. Nil: none is sent.
  package let apiKey: String?
  /// The environment variable that should hold the key; nil: the service wants none.
  public var keyVariable: String?
  private let keyHeader: KeyHeader

  /// - Parameters:
  ///   - address: `http` or `https`, or for a WebSocket `ws` or `wss`; a path that does not end in the API's own gets it
  ///     appended.
  ///   - what: what is there, as in "a language model".
  ///   - path: the API's.
  ///   - apiKey: read from the environment by the caller, never from a command line. Nil or empty: none is sent.
  /// - Throws: `Invalid`.
  package init(
    _ address: String, of what: String, path: String, apiKey: String?, _ keyHeader: KeyHeader,
    over transport: Transport = .http
  ) throws(Invalid) {
    let (plain, encrypted) = transport.schemes
    guard var components = URLComponents(string: address), components.scheme == plain || components.scheme == encrypted,
      let host = components.host, !host.isEmpty
    else { throw Invalid(description: "no address of \(what); write \(plain)://HOST:PORT or \(encrypted)://HOST") }
    guard components.user == nil, components.password == nil else {
      throw Invalid(description: "the address holds a password; give the key in an environment variable instead")
    }
    let given = components.path.split(separator: "/")
    let wanted = path.split(separator: "/")
    // "/v1" and "/v1/chat/completions" are both written for the same thing: complete what is there.
    let overlap = (0...min(given.count, wanted.count)).last { given.suffix($0) == wanted.prefix($0) } ?? 0
    components.path = "/" + (given + wanted.dropFirst(overlap)).joined(separator: "/")
    guard let url = components.url else { throw Invalid(description: "the address is malformed") }
    self.url = url
    self.apiKey = apiKey.flatMap { $0.isEmpty ? nil : $0 }
    self.keyHeader = keyHeader
  }

  /// The header with the key, if there is one.
  package var keyHeaders: [(name: String, value: String)] { apiKey.map { [keyHeader.header($0)] } ?? [] }

  /// HOST:PORT, for messages.
  package var place: String { (url.host ?? "") + (url.port.map { ":\($0)" } ?? "") }

  /// The same service and key, at an address that was made of this one's.
  package func moved(to url: URL) -> ServiceAddress {
    var moved = self
    moved.url = url
    return moved
  }

  /// Another place of the same API, as in `…/api/chat` → `…/api/tags`.
  /// - Parameter path: what the address ends in, and is left out.
  package func url(of other: String, besides path: String) -> URL {
    guard var components = URLComponents(url: url, resolvingAgainstBaseURL: false), components.path.hasSuffix(path)
    else { return url }
    components.path = components.path.dropLast(path.count) + other
    return components.url ?? url
  }

  /// A peer's text fit for a message: one line, bounded, without the key.
  package func presentable(_ text: String) -> String {
    var text = text
    if let apiKey { text = text.replacingOccurrences(of: apiKey, with: "[key]") }
    text = Redaction.hideSecrets(in: text)
    let plain = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
    return String(String(plain).split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(300))
  }
}
