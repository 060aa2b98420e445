import Foundation
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
    switch endpoint.card.way {
    case .streamed(let way): connect(endpoint, way, timeout)
    case .pieces: list(endpoint, timeout)
    }
  }

  /// Opens a connection, and says goodbye.
  private static func connect(
    _ endpoint: RecognitionServiceEndpoint, _ way: StreamedWay, _ timeout: Duration
  ) -> Answer {
    let words = words(of: endpoint)
    let arrived = Waker()
    let known = Locked<Answer?>(nil)
    // What was known first stays.
    let take: @Sendable (Answer) -> Void = { new in
      known.withLock { $0 = $0 ?? new }
      arrived.wake()
    }
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
    return known.withLock { $0 } ?? .fails("no answer within \(timeout)")
  }

  /// Asks for the models, which also tells whether the key is accepted.
  private static func list(_ endpoint: RecognitionServiceEndpoint, _ timeout: Duration) -> Answer {
    let words = words(of: endpoint)
    switch ServiceProbe.get(listAddress(endpoint), headers: endpoint.address.keyHeaders, timeout: timeout) {
    case .body: return .here
    // Not every server lists its models: it is there, and has not refused the key.
    case .refused(let refusal) where ![401, 403].contains(refusal.status) && refusal.status < 500: return .here
    case .refused(let refusal):
      let reason = words.text(for: .refused(refusal), overload: "") ?? ""
      return answer(reason, status: refusal.status, of: endpoint)
    case .broken(let error): return answer(words.text(for: error), status: nil, of: endpoint)
    case .nothing(let why): return .fails(why)
    }
  }

  /// Without what starts a server: the report says that itself.
  private static func words(of endpoint: RecognitionServiceEndpoint) -> ServiceErrors {
    var errors = endpoint.errors
    errors.startCommand = nil
    return errors
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
