import Agent
import Foundation
import FoundationNetworking
import Threads

/// A language model that streams its answers over HTTP: one request for each turn, its body read as it arrives.
///
/// Events come on any thread. Cancelling closes the connection, which makes the servers stop generating.
final class StreamingGenerator: ReplyGenerator {
  private let endpoint: LanguageModelEndpoint
  private let emit: @Sendable (ReplyEvent) -> Void
  private let requests = StreamedRequests(name: "llm-watchdog")
  /// The requests of turns that are being answered.
  private let open = Locked<[TurnID: StreamedRequests.ID]>([:])

  init(endpoint: LanguageModelEndpoint, events: @escaping @Sendable (ReplyEvent) -> Void) {
    self.endpoint = endpoint
    emit = events
  }

  func generate(_ turn: TurnID, history: [Utterance], language: String) {
    let question = ReplyQuestion(
      model: endpoint.model, prompt: VoicePrompt.system(endpoint.prompt, language: language), history: history,
      maximumTokens: endpoint.maximumTokens, host: endpoint.address.url.host ?? "")
    var request = URLRequest(url: endpoint.address.url)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("text/event-stream, application/x-ndjson, application/json", forHTTPHeaderField: "Accept")
    for header in endpoint.headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
    do {
      request.httpBody = Data(try endpoint.card.body(question))
    } catch {
      emit(.failed(turn, "the request cannot be written as JSON"))
      return
    }
    let stream = Locked<any ReplyStream>(endpoint.card.makeStream())
    let patience = StreamedRequests.Patience(first: endpoint.firstWordTimeout, next: endpoint.stallTimeout)
    let finalRequest = request
    // Locked until it is noted, so that its end finds it.
    open.withLock { open in
      open[turn] = requests.send(finalRequest, patience: patience) { [self] event in
        let pieces = stream.withLock { stream in
          switch event {
          case .bytes(let bytes): stream.process(bytes)
          case .ended(.complete): stream.finish()
          case .ended(let ending): [ReplyPiece.failed(endpoint.text(for: ending))]
          }
        }
        let isWanted = tell(pieces, of: turn)
        if !isWanted { self.open.withLock { $0[turn] = nil } }
        return isWanted
      }
    }
  }

  /// - Returns: whether more may come.
  private func tell(_ pieces: [ReplyPiece], of turn: TurnID) -> Bool {
    for piece in pieces {
      switch piece {
      case .text(let text): emit(.text(turn, text))
      case .finished: emit(.finished(turn))
      case .failed(let why):
        emit(.failed(turn, "language model \(endpoint.address.place): \(endpoint.address.presentable(why))"))
      }
    }
    return !pieces.contains(where: \.isEnd)
  }

  func cancel(_ turn: TurnID) {
    if let id = open.withLock({ $0.removeValue(forKey: turn) }) { requests.cancel(id) }
  }

  func stop() { requests.stop() }
}
