import Foundation
import Speech

/// What a service says that it has.
public struct VoiceServiceList: Sendable, Equatable {
  /// By the names that a request takes; nil where it does not say.
  public var voices: [String]?
  public var models: [String]?
  /// What it says of the voice besides, as its name for people or its version.
  public var remark: String?

  public init(voices: [String]?, models: [String]?, remark: String? = nil) {
    self.voices = voices
    self.models = models
    self.remark = remark
  }
}

/// Asks a service that speaks what it has, for `sidetone doctor`. Nothing is spoken, and nothing is paid.
public enum VoiceServiceCheck {
  /// How the service has answered.
  public enum Answer: Sendable, Equatable {
    case lists(VoiceServiceList)
    /// It does not know the voice.
    case noVoice
    /// It answered, but with nothing that can be read: with which status, and what it said of it.
    case status(Int, said: String?)
    /// It did not answer: why.
    case nothing(String)
  }

  /// Blocks until there is an answer, for `timeout` at most. Redirects are not followed: they would carry the key on.
  public static func ask(_ endpoint: VoiceServiceEndpoint, timeout: Duration = .seconds(2)) -> Answer {
    let (card, address) = (endpoint.card, endpoint.address)
    // It becomes part of the address.
    guard VoiceServiceEndpoint.isPlainName(endpoint.voice) || !card.listing.isOfOneVoice else { return .noVoice }
    let url = address.url(of: card.listing.path(endpoint.voice), besides: card.path).overHTTP
    switch ServiceProbe.get(url, headers: address.keyHeaders, timeout: timeout) {
    case .nothing(let why): return .nothing(why)
    case .broken(let error): return .nothing(endpoint.errors.text(for: error))
    case .refused(let refusal):
      let said = ServiceSaid.error(inBody: refusal.body).map(address.presentable)
      let isAboutTheVoice = card.listing.isOfOneVoice && [400, 404, 422].contains(refusal.status)
      return isAboutTheVoice ? .noVoice : .status(refusal.status, said: said)
    case .body(let bytes):
      guard var list = try? card.listing.read(bytes, endpoint.voice) else { return .status(200, said: nil) }
      list.voices = list.voices?.map(address.presentable)
      list.models = list.models?.map(address.presentable)
      list.remark = list.remark.map(address.presentable)
      return .lists(list)
    }
  }
}

extension URL {
  /// The same place, asked without a WebSocket.
  fileprivate var overHTTP: URL {
    guard var components = URLComponents(url: self, resolvingAgainstBaseURL: false) else { return self }
    if components.scheme == "ws" { components.scheme = "http" }
    if components.scheme == "wss" { components.scheme = "https" }
    return components.url ?? self
  }
}
