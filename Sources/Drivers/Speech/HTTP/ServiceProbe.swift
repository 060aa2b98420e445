import Foundation
import FoundationNetworking
import Threads

/// Asks a service for something that costs nothing, for `sidetone doctor`.
package enum ServiceProbe {
  /// How the service has answered.
  package enum Answer: Sendable {
    /// The body of an answer with the status 200.
    case body([UInt8])
    case refused(StreamedRequests.Refusal)
    /// A failure below HTTP.
    case broken(URLError)
    /// None came: why.
    case nothing(String)
  }

  /// The largest answer that is read, in bytes: lists of voices and models have some hundred kilobytes.
  private static let longestBody = 4 << 20

  /// Sends a `GET` and blocks until its answer is there, for `timeout` at most. Redirects are not followed.
  package static func get(
    _ url: URL, headers: [(name: String, value: String)], timeout: Duration
  ) -> Answer {
    var request = URLRequest(url: url)
    for header in headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
    let requests = StreamedRequests(name: "service-probe")
    defer { requests.stop() }
    let late = Answer.nothing("no answer within \(timeout)")
    let answer = Locked<Answer?>(nil)
    let body = Locked<[UInt8]>([])
    let arrived = Waker()
    let patience = StreamedRequests.Patience(first: timeout, next: timeout)
    requests.send(request, patience: patience) { event in
      let found: Answer?
      switch event {
      case .bytes(let bytes):
        let count = body.withLock { body in
          body += bytes
          return body.count
        }
        found = count > Self.longestBody ? .nothing("its answer has no end") : nil
      case .ended(.complete): found = .body(body.withLock { $0 })
      case .ended(.refused(let refusal)): found = .refused(refusal)
      case .ended(.broken(let error)): found = .broken(error)
      case .ended(.silent): found = late
      }
      guard let found else { return true }
      answer.withLock { $0 = found }
      arrived.wake()
      return false
    }
    arrived.wait(timeout: timeout + .milliseconds(200))
    return answer.withLock { $0 } ?? late
  }
}
