import Foundation
import FoundationNetworking

/// Turns failures of a language model's server into what is wrong and what to do.
struct ErrorRemedies: Sendable {
  /// The environment variable that should hold the key; nil when the API has none.
  var keyVariable: String?
  /// What starts the server, and what gets a model; nil when that is not in the operator's hands.
  var startCommand: String?
  var pullCommand: String?

  /// For a failure below HTTP.
  func text(for error: URLError, at endpoint: LanguageModelEndpoint) -> String {
    switch error.code {
    case .cannotConnectToHost:
      return "nobody listens there" + (startCommand.map { "; start it with `\($0)`" } ?? "; is the address right?")
    case .cannotFindHost: return "no such host; is the address right?"
    case .timedOut: return "it did not answer in time"
    case .networkConnectionLost: return "the connection broke off"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot:
      return "TLS failed: \(error.localizedDescription)"
    default: return error.localizedDescription
    }
  }

  /// For an HTTP status other than 200. `body`: its first bytes.
  func text(forStatus status: Int, body: [UInt8], at endpoint: LanguageModelEndpoint) -> String {
    let said = ModelServerError.inBody(body).map { ": \($0)" } ?? ""
    switch status {
    case 300..<400: return "it redirects elsewhere (HTTP \(status)); give the final address"
    case 401, 403:
      let hint =
        endpoint.apiKey == nil
        ? keyVariable.map { "; put the key into \($0)" } ?? "" : "; the key was refused, check it"
      return "not authorized (HTTP \(status))\(said)\(hint)"
    case 404:
      let hint = pullCommand.map { "; `\($0) \(endpoint.model)` gets it" } ?? "; is the model's name right?"
      return "no model \(endpoint.model), or no such API at \(endpoint.url.path) (HTTP 404)\(said)\(hint)"
    case 429: return "too many requests, or the quota is used up (HTTP 429)\(said); wait, or use another model"
    case 500...: return "the server failed (HTTP \(status))\(said); try again"
    default: return "HTTP \(status)\(said)"
    }
  }
}
