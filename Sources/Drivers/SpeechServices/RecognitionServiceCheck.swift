import Foundation
import FoundationNetworking
import Speech
import Threads

/// Asks whether a service that hears is there and takes the key, for `sidetone doctor`. It is sent no audio, so that nothing
/// is to be paid.
public enum RecognitionServiceCheck {
  /// What came of it.
  public enum Answer: Sendable, Equatable {
    case here
    /// Why it cannot serve.
    case fails(String)
  }

  /// Blocks until there is an answer, for `timeout` at most.
  public static func ask(_ endpoint: RecognitionServiceEndpoint, timeout: Duration = .seconds(2)) -> Answer {
    let arrived = Waker()
    let answer = Locked<Answer?>(nil)
    // What was known first stays.
    let take: @Sendable (Answer) -> Void = { new in
      answer.withLock { $0 = $0 ?? new }
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
        case .ended(let ending): take(fails(endpoint.errors.text(for: ending) ?? "the connection has ended", endpoint))
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
        default: take(fails(endpoint.errors.text(for: ending, overload: "is it overloaded?") ?? "", endpoint))
        }
        return false
      }
      arrived.wait(timeout: timeout + .milliseconds(200))
      requests.stop()
    }
    return answer.withLock { $0 } ?? .fails("no answer within \(timeout)")
  }

  private static func fails(_ reason: String, _ endpoint: RecognitionServiceEndpoint) -> Answer {
    .fails(endpoint.address.presentable(reason))
  }

  /// As in `…/v1/audio/transcriptions` → `…/v1/models`.
  private static func listAddress(_ endpoint: RecognitionServiceEndpoint) -> URL {
    endpoint.address.url.deletingLastPathComponent().deletingLastPathComponent().appending(component: "models")
  }
}
