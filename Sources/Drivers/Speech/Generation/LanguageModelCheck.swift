import Foundation

/// Asks a language model's server which models it has, for `sidetone doctor`.
public enum LanguageModelCheck {
  /// How the service has answered.
  public enum Answer: Sendable, Equatable {
    /// It listed its models.
    case models([String])
    /// It answered, but with no list of models.
    case status(Int)
    /// It did not answer: why.
    case nothing(String)
  }

  /// Blocks until there is an answer, for `timeout` at most. Redirects are not followed: they would carry the key on.
  public static func ask(_ endpoint: LanguageModelEndpoint, timeout: Duration = .seconds(2)) -> Answer {
    switch ServiceProbe.get(listAddress(endpoint), headers: endpoint.headers, timeout: timeout) {
    case .nothing(let why): return .nothing(why)
    case .broken(let error): return .nothing(endpoint.errors.text(for: error))
    case .refused(let refusal): return .status(refusal.status)
    case .body(let bytes):
      guard let list = try? JSONDecoder().decode(List.self, from: Data(bytes)) else { return .status(200) }
      let names = (list.models?.map(\.name) ?? []) + (list.data?.map(\.id) ?? [])
      return .models(names.map(endpoint.address.presentable))
    }
  }

  /// As in `…/api/chat` → `…/api/tags`, `…/v1/chat/completions` → `…/v1/models`.
  static func listAddress(_ endpoint: LanguageModelEndpoint) -> URL {
    endpoint.address.url(of: endpoint.card.listPath, besides: endpoint.card.path)
  }

  /// Ollama's list, or the OpenAI-compatible one.
  private struct List: Decodable {
    struct Tag: Decodable { var name: String }
    struct Model: Decodable { var id: String }
    var models: [Tag]?
    var data: [Model]?
  }
}
