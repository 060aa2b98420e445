import Foundation
import FoundationNetworking

/// Turns failures of a service into what is wrong and what to do.
package struct ServiceErrors: Sendable {
  package var address: ServiceAddress
  /// What an answer of 404 may mean, as in "no model NAME"; and what to do then.
  package var missing: String
  package var missingRemedy: String
  /// What starts the server; nil when that is not in the operator's hands.
  package var startCommand: String?

  package init(_ address: ServiceAddress, missing: String, missingRemedy: String, startCommand: String? = nil) {
    self.address = address
    self.missing = missing
    self.missingRemedy = missingRemedy
    self.startCommand = startCommand
  }

  /// Why there is no answer, or not all of it, with the service's place. Nil for one that is complete.
  /// - Parameter overload: what silence may mean, as a question.
  package func text(for ending: StreamedRequests.Ending, overload: String) -> String? {
    switch ending {
    case .complete: nil
    case .refused(let refusal): text(for: refusal)
    case .broken(let error): text(for: error)
    case .silent: "it has been silent for too long; \(overload)"
    }
  }

  package var nobodyListens: String {
    "nobody listens there" + (startCommand.map { "; start it with `\($0)`" } ?? "; is the address right?")
  }
  package static let noSuchHost = "no such host; is the address right?"
  package static let noAnswer = "it did not answer in time"
  package static let brokenOff = "the connection broke off"

  /// For a failure below HTTP.
  package func text(for error: URLError) -> String {
    switch error.code {
    case .cannotConnectToHost: return nobodyListens
    case .cannotFindHost: return Self.noSuchHost
    case .timedOut: return Self.noAnswer
    case .networkConnectionLost: return Self.brokenOff
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot:
      return "TLS failed: \(error.localizedDescription)"
    // libcurl's words for a body that ends too early.
    case _ where error.localizedDescription.hasPrefix("transfer closed"): return Self.brokenOff
    default: return error.localizedDescription
    }
  }

  private func text(for refusal: StreamedRequests.Refusal) -> String {
    // Seconds; a date is no use to who listens.
    text(
      forStatus: refusal.status, said: ServiceSaid.error(inBody: refusal.body),
      retryAfterSeconds: refusal.retryAfter.flatMap { Int($0) })
  }

  /// For a request that was answered with another status than it should be.
  /// - Parameter words: what the service says of it.
  package func text(forStatus status: Int, said words: String?, retryAfterSeconds: Int?) -> String {
    let said = words.map { ": \($0)" } ?? ""
    let time = retryAfterSeconds.map { " \($0) s" } ?? ""
    switch status {
    case 300..<400: return "it redirects elsewhere (HTTP \(status)); give the final address"
    case 401, 403:
      let hint =
        address.apiKey == nil
        ? address.keyVariable.map { "; put the key into \($0)" } ?? "" : "; the key was refused, check it"
      return "not authorized (HTTP \(status))\(said)\(hint)"
    case 402: return "it wants to be paid first (HTTP 402)\(said)"
    case 404:
      return "\(missing), or no such API at \(address.url.path) (HTTP 404)\(said); \(missingRemedy)"
    case 429:
      return "too many requests, or the quota is used up (HTTP 429)\(said); wait\(time), or use another one"
    // Anthropic's, which is no failure of the request.
    case 529: return "it has too much to do (HTTP 529)\(said); try again"
    case 500...:
      return "the server failed (HTTP \(status))\(said); try again\(time.isEmpty ? "" : " after\(time)")"
    default: return "HTTP \(status)\(said)"
    }
  }
}

/// An error as services write it: a text, or an object with a message.
package struct ServiceSaid: Decodable {
  private struct Object: Decodable {
    var message: String?
    var error: String?
  }
  package let text: String

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self.text = text
    } else {
      let object = try container.decode(Object.self)
      text = object.message ?? object.error ?? "an error without a message"
    }
  }

  /// The error in the body of an HTTP response, under `error` or, as ElevenLabs has it, under `detail`; nil when there is
  /// none that can be read.
  package static func error(inBody body: [UInt8]) -> String? {
    struct Body: Decodable {
      var error: ServiceSaid?
      var detail: ServiceSaid?
    }
    let read = try? JSONDecoder().decode(Body.self, from: Data(body))
    return (read?.error ?? read?.detail)?.text
  }
}
