import Foundation
import FoundationNetworking
import Glibc
import Threads

/// Asks a language model's server which models it has, for `sidetone doctor`.
public enum LanguageModelCheck {
  /// What came of it.
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
    var request = URLRequest(url: listAddress(endpoint))
    request.timeoutInterval = timeout / .seconds(1)
    for header in endpoint.headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
    let settings = URLSessionConfiguration.ephemeral
    settings.timeoutIntervalForResource = timeout / .seconds(1)
    let session = URLSession(configuration: settings, delegate: NoRedirects(), delegateQueue: nil)
    defer { session.invalidateAndCancel() }
    let arrived = Waker()
    let answer = Locked<Answer>(.nothing("no answer within \(timeout)"))
    let task = session.dataTask(with: request) { data, response, error in
      let found = read(data, response as? HTTPURLResponse, error, endpoint)
      answer.withLock { $0 = found }
      arrived.wake()
    }
    task.resume()
    arrived.wait(timeout: timeout + .milliseconds(200))
    return answer.withLock { $0 }
  }

  /// As in `…/api/chat` → `…/api/tags`, `…/v1/chat/completions` → `…/v1/models`.
  static func listAddress(_ endpoint: LanguageModelEndpoint) -> URL {
    guard var components = URLComponents(url: endpoint.address.url, resolvingAgainstBaseURL: false) else {
      return endpoint.address.url
    }
    if components.path.hasSuffix(endpoint.card.path) {
      components.path = components.path.dropLast(endpoint.card.path.count) + endpoint.card.listPath
    }
    return components.url ?? endpoint.address.url
  }

  private static func read(
    _ data: Data?, _ response: HTTPURLResponse?, _ error: (any Error)?, _ endpoint: LanguageModelEndpoint
  ) -> Answer {
    if let error = error as? URLError { return .nothing(endpoint.errors.text(for: error)) }
    guard let response else { return .nothing("no answer") }
    guard response.statusCode == 200 else { return .status(response.statusCode) }
    guard let data, let list = try? JSONDecoder().decode(List.self, from: data) else { return .status(200) }
    let names = (list.models?.map(\.name) ?? []) + (list.data?.map(\.id) ?? [])
    return .models(names.map(endpoint.address.presentable))
  }

  /// Ollama's list, or the OpenAI-compatible one.
  private struct List: Decodable {
    struct Tag: Decodable { var name: String }
    struct Model: Decodable { var id: String }
    var models: [Tag]?
    var data: [Model]?
  }

  private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }
  }
}
