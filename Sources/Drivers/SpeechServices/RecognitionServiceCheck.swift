import Foundation
import FoundationNetworking
import Speech
import Threads

/// Asks whether a service that hears is there and takes the key, for `sidetone doctor`. It is sent no audio, so that nothing
/// is to be paid.
public enum RecognitionServiceCheck {
  /// How the service has answered.
  public enum Answer: Sendable, Equatable {
    case here
    /// It wants another key, or one at all: in its words.
    case refusesKey(String)
    /// Why it cannot serve.
    case fails(String)
  }

  /// Blocks until there is an answer, for `timeout` at most.
  public static func ask(_ endpoint: RecognitionServiceEndpoint, timeout: Duration = .seconds(2)) -> Answer {
    var errors = endpoint.errors
    // That is for the report's remedy.
    errors.startCommand = nil
    let words = errors
    let arrived = Waker()
    let known = Locked<Answer?>(nil)
    // What was known first stays.
    let take: @Sendable (Answer) -> Void = { new in
      known.withLock { $0 = $0 ?? new }
      arrived.wake()
    }
    switch endpoint.card.way {
    case .streamed(let way):
      var limits = ServiceSocket.Limits()
      limits.timeout = timeout
      let socket = ServiceSocket(endpoint.address, query: way.query(endpoint.question), limits: limits) { event in
        switch event {
        case .opened: take(.here)
        case .message: break
        case .ended(let ending):
          let status: Int? = if case .failed(let failure) = ending { failure.httpStatus } else { nil }
          take(answer(words.text(for: ending) ?? "the connection has ended", status: status, of: endpoint))
        }
      }
      arrived.wait(timeout: timeout + .milliseconds(200))
      for case .text(let text) in way.makeTalk(endpoint.question).goodbye { socket.send(text: text) }
      socket.close()
    case .pieces:
      var request = URLRequest(url: listAddress(endpoint))
      for header in endpoint.address.keyHeaders { request.setValue(header.value, forHTTPHeaderField: header.name) }
      let requests = StreamedRequests(name: "stt-check")
      requests.send(request, patience: .init(first: timeout, next: timeout)) { event in
        guard case .ended(let ending) = event else { return true }
        switch ending {
        case .complete: take(.here)
        // Not every server lists its models: it is there, and has not refused the key.
        case .refused(let refusal) where ![401, 403].contains(refusal.status) && refusal.status < 500: take(.here)
        default:
          let status: Int? = if case .refused(let refusal) = ending { refusal.status } else { nil }
          take(answer(words.text(for: ending, overload: "is it overloaded?") ?? "", status: status, of: endpoint))
        }
        return false
      }
      arrived.wait(timeout: timeout + .milliseconds(200))
      requests.stop()
    }
    return known.withLock { $0 } ?? .fails("no answer within \(timeout)")
  }

  private static func answer(
    _ reason: String, status: Int?, of endpoint: RecognitionServiceEndpoint
  ) -> Answer {
    let reason = endpoint.address.presentable(reason)
    return status == 401 || status == 403 ? .refusesKey(reason) : .fails(reason)
  }

  /// As in `…/v1/audio/transcriptions` → `…/v1/models`.
  private static func listAddress(_ endpoint: RecognitionServiceEndpoint) -> URL {
    endpoint.address.url.deletingLastPathComponent().deletingLastPathComponent().appending(component: "models")
  }
}
