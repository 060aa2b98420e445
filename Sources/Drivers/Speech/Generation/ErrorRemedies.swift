import Foundation
import FoundationNetworking

/// Turns failures of a language model's server into what is wrong and what to do.
enum ErrorRemedies {
  /// For a failure below HTTP.
  static func text(for error: URLError, at endpoint: LanguageModelEndpoint) -> String {
    switch error.code {
    case .cannotConnectToHost:
      return "nobody listens there"
        + (endpoint.card.startCommand.map { "; start it with `\($0)`" } ?? "; is the address right?")
    case .cannotFindHost: return "no such host; is the address right?"
    case .timedOut: return "it did not answer in time"
    case .networkConnectionLost: return "the connection broke off"
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot:
      return "TLS failed: \(error.localizedDescription)"
    default: return error.localizedDescription
    }
  }

  /// For an HTTP status other than 200.
  /// - Parameters:
  ///   - body: its first bytes.
  ///   - retryAfter: what the server said under that name.
  static func text(
    forStatus status: Int, body: [UInt8], retryAfter: String? = nil, at endpoint: LanguageModelEndpoint
  ) -> String {
    let said = ModelServerError.inBody(body).map { ": \($0)" } ?? ""
    // Seconds; a date is no use to who listens.
    let time = retryAfter.flatMap { Int($0) }.map { " \($0) s" } ?? ""
    switch status {
    case 300..<400: return "it redirects elsewhere (HTTP \(status)); give the final address"
    case 401, 403:
      let hint =
        endpoint.apiKey == nil
        ? endpoint.keyVariable.map { "; put the key into \($0)" } ?? "" : "; the key was refused, check it"
      return "not authorized (HTTP \(status))\(said)\(hint)"
    case 404:
      let hint =
        endpoint.card.pullCommand.map { "; `\($0) \(endpoint.model)` gets it" } ?? "; is the model's name right?"
      return "no model \(endpoint.model), or no such API at \(endpoint.url.path) (HTTP 404)\(said)\(hint)"
    case 429:
      return "too many requests, or the quota is used up (HTTP 429)\(said); wait\(time), or use another model"
    // Anthropic's, which is no failure of the request.
    case 529: return "it has too much to do (HTTP 529)\(said); try again"
    case 500...: return "the server failed (HTTP \(status))\(said); try again\(time.isEmpty ? "" : " after\(time)")"
    default: return "HTTP \(status)\(said)"
    }
  }
}
