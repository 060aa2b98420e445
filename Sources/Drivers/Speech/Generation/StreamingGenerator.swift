import Agent
import Foundation
import FoundationNetworking
import Threads

/// A language model that streams its answers over HTTP: one request for each turn, its body read as it arrives.
///
/// Events come on URLSession's queue, or on the timer's thread when a server falls silent. Cancelling closes the
/// connection, which makes the servers stop generating.
final class StreamingGenerator: NSObject, ReplyGenerator, URLSessionDataDelegate, @unchecked Sendable {
  // Sendable: `session` is set in the initialiser and never again; everything else that changes is behind the lock.
  private struct Exchange {
    var turn: TurnID
    var task: URLSessionDataTask
    var stream: any ReplyStream
    var status = 0
    var retryAfter: String?
    var errorBody: [UInt8] = []
    var deadline: Int64
  }
  private struct Exchanges {
    var open: [Int: Exchange] = [:]
    var isStopped = false
  }

  private let endpoint: LanguageModelEndpoint
  private let emit: @Sendable (ReplyEvent) -> Void
  private let exchanges = Locked<Exchanges>(Exchanges())
  private let waker = Waker()
  private let watchdog = Locked<NamedThread?>(nil)
  nonisolated(unsafe) private var session: URLSession!
  /// The most of an error's body that is read.
  private static let errorBodyLimit = 16_384

  init(
    endpoint: LanguageModelEndpoint, events: @escaping @Sendable (ReplyEvent) -> Void
  ) {
    self.endpoint = endpoint
    emit = events
    super.init()
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
    let started = NamedThread("llm-watchdog") { [self] in watch() }
    watchdog.withLock { $0 = started }
  }

  // MARK: - Any thread

  func generate(_ turn: TurnID, history: [Utterance], language: String) {
    let question = ReplyQuestion(
      model: endpoint.model, prompt: VoicePrompt.system(endpoint.prompt, language: language), history: history,
      maximumTokens: endpoint.maximumTokens, host: endpoint.url.host ?? "")
    var request = URLRequest(url: endpoint.url)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("text/event-stream, application/x-ndjson, application/json", forHTTPHeaderField: "Accept")
    for header in endpoint.headers { request.setValue(header.value, forHTTPHeaderField: header.name) }
    // Our own watchdog is finer; this one only has to be later.
    request.timeoutInterval = (endpoint.firstWordTimeout + endpoint.stallTimeout) / .seconds(1) + 60
    do {
      request.httpBody = Data(try endpoint.card.body(question))
    } catch {
      emit(.failed(turn, "the request cannot be written as JSON"))
      return
    }
    let deadline = monotonicNanoseconds() + Int64(endpoint.firstWordTimeout / .nanoseconds(1))
    let finalRequest = request
    let isTaken = exchanges.withLock { exchanges -> Bool in
      guard !exchanges.isStopped else { return false }
      let task = session.dataTask(with: finalRequest)
      exchanges.open[task.taskIdentifier] = Exchange(
        turn: turn, task: task, stream: endpoint.card.makeStream(), deadline: deadline)
      task.resume()
      return true
    }
    if isTaken { waker.wake() }
  }

  func cancel(_ turn: TurnID) {
    let tasks = exchanges.withLock { exchanges in
      let cancelled = exchanges.open.filter { $0.value.turn == turn }
      for identifier in cancelled.keys { exchanges.open[identifier] = nil }
      return cancelled.values.map(\.task)
    }
    for task in tasks { task.cancel() }
  }

  func stop() {
    exchanges.withLock { exchanges in
      exchanges.isStopped = true
      exchanges.open = [:]
    }
    waker.wake()
    session.invalidateAndCancel()
    let running = watchdog.withLock { thread in
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  // MARK: - URLSession's queue

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let response = response as? HTTPURLResponse
    let retryAfter = response?.value(forHTTPHeaderField: "retry-after")
    exchanges.withLock {
      $0.open[dataTask.taskIdentifier]?.status = response?.statusCode ?? 0
      $0.open[dataTask.taskIdentifier]?.retryAfter = retryAfter
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let bytes = [UInt8](data)
    update(dataTask.taskIdentifier) { exchange in
      exchange.deadline = monotonicNanoseconds() + Int64(endpoint.stallTimeout / .nanoseconds(1))
      guard exchange.status == 200 else {
        exchange.errorBody += bytes.prefix(max(0, Self.errorBodyLimit - exchange.errorBody.count))
        return []
      }
      return exchange.stream.process(bytes)
    }
    waker.wake()
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let failure = (error as? URLError).map { ErrorRemedies.text(for: $0, at: endpoint) }
    update(task.taskIdentifier) { exchange in
      if let failure { return [.failed(failure)] }
      if exchange.status == 200 { return exchange.stream.finish() }
      return [
        .failed(
          ErrorRemedies.text(
            forStatus: exchange.status, body: exchange.errorBody, retryAfter: exchange.retryAfter, at: endpoint))
      ]
    }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    // Not followed: it would carry the key and the conversation to a place that nobody named.
    completionHandler(nil)
  }

  /// Changes an exchange and tells what came of it; forgets it when that was the end.
  private func update(_ identifier: Int, _ change: (inout Exchange) -> [ReplyPiece]) {
    let (turn, pieces, task) = exchanges.withLock { exchanges -> (TurnID, [ReplyPiece], URLSessionDataTask?) in
      guard var exchange = exchanges.open[identifier] else { return (TurnID(rawValue: 0), [], nil) }
      let pieces = change(&exchange)
      let isOver = pieces.contains(where: \.isEnd)
      exchanges.open[identifier] = isOver ? nil : exchange
      return (exchange.turn, pieces, isOver ? exchange.task : nil)
    }
    for piece in pieces {
      switch piece {
      case .text(let text): emit(.text(turn, text))
      case .finished: emit(.finished(turn))
      case .failed(let why): emit(.failed(turn, "language model \(endpoint.place): \(endpoint.presentable(why))"))
      }
    }
    task?.cancel()
  }

  // MARK: - The watchdog's thread

  /// Ends exchanges whose server has fallen silent. URLSession's own timeout counts from the request on.
  private func watch() {
    while true {
      let now = monotonicNanoseconds()
      let (isStopped, overdue, next) = exchanges.withLock { exchanges in
        let late = exchanges.open.filter { $0.value.deadline <= now }.map(\.key)
        return (exchanges.isStopped, late, exchanges.open.values.map(\.deadline).filter { $0 > now }.min())
      }
      if isStopped { return }
      for identifier in overdue {
        update(identifier) { _ in [.failed("it has been silent for too long; is it overloaded, or the model too big?")]
        }
      }
      waker.wait(timeout: next.map { .nanoseconds($0 - now) })
    }
  }
}
