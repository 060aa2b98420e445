import Foundation
import FoundationNetworking
import Threads

/// Sends requests over HTTP and tells of their answers as they arrive. Any thread.
///
/// What is told comes on URLSession's queue, or on the watchdog's thread when a server falls silent. To cancel a request
/// closes its connection, which makes the servers stop.
package final class StreamedRequests: NSObject, URLSessionDataDelegate, @unchecked Sendable {
  // Sendable: `session` is set in the initialiser and never again; everything else that changes is behind the lock.

  /// A request that was sent.
  package struct ID: Hashable, Sendable {
    package let number: Int
    package init(number: Int) { self.number = number }
  }
  /// What comes of one.
  package enum Event: Sendable {
    /// More of the body of an answer with the status 200.
    case bytes([UInt8])
    /// Nothing comes after it.
    case ended(Ending)
  }
  package enum Ending: Sendable {
    case complete
    /// Another status than 200.
    case refused(Refusal)
    /// A failure below HTTP.
    case broken(URLError)
    /// Nothing has come for too long.
    case silent

    /// The request did not reach the service, or was turned away by it.
    package var isRefusal: Bool {
      switch self {
      case .refused: true
      case .broken(let error):
        [
          .cannotConnectToHost, .cannotFindHost, .secureConnectionFailed, .serverCertificateUntrusted,
          .serverCertificateHasBadDate, .serverCertificateHasUnknownRoot,
        ].contains(error.code)
      case .complete, .silent: false
      }
    }
  }
  package struct Refusal: Sendable {
    package var status: Int
    /// Its first bytes.
    package var body: [UInt8] = []
    /// What the server said under that name.
    package var retryAfter: String?
  }
  /// How long a server may be silent.
  package struct Patience: Sendable {
    /// Until the first bytes of the body.
    package var first: Duration
    /// Between two pieces of it.
    package var next: Duration
    package init(first: Duration, next: Duration) { (self.first, self.next) = (first, next) }
  }
  /// - Returns: whether more is wanted. Otherwise the connection is closed, and nothing more is told.
  package typealias Handler = @Sendable (Event) -> Bool

  private struct Exchange {
    var task: URLSessionDataTask
    var refusal = Refusal(status: 0)
    var patience: Patience
    var deadline: Int64
    var handler: Handler
  }
  private struct Exchanges {
    var open: [Int: Exchange] = [:]
    var isStopped = false
  }

  private let exchanges = Locked<Exchanges>(Exchanges())
  private let waker = Waker()
  private let watchdog = Locked<NamedThread?>(nil)
  nonisolated(unsafe) private var session: URLSession!
  /// The most of an error's body that is read.
  private static let errorBodyLimit = 16_384

  /// - Parameter name: of the watchdog's thread.
  package init(name: String) {
    super.init()
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpCookieStorage = nil
    configuration.urlCache = nil
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
    let started = NamedThread(name) { [self] in watch() }
    watchdog.withLock { $0 = started }
  }

  // MARK: - Any thread

  /// Sends a request.
  /// - Parameter handler: is told what comes of it. It must return soon, and must not call `stop`.
  /// - Returns: nil when it was stopped; nothing is told then.
  @discardableResult
  package func send(_ request: URLRequest, patience: Patience, handler: @escaping Handler) -> ID? {
    var request = request
    // Our own watchdog is finer; this one only has to be later.
    request.timeoutInterval = (patience.first + patience.next) / .seconds(1) + 60
    let deadline = monotonicNanoseconds() + Int64(patience.first / .nanoseconds(1))
    let finalRequest = request
    let id = exchanges.withLock { exchanges -> ID? in
      guard !exchanges.isStopped else { return nil }
      let task = session.dataTask(with: finalRequest)
      exchanges.open[task.taskIdentifier] = Exchange(
        task: task, patience: patience, deadline: deadline, handler: handler)
      task.resume()
      return ID(number: task.taskIdentifier)
    }
    if id != nil { waker.wake() }
    return id
  }

  /// Closes the connection; nothing more is told, but for what is being told at this moment.
  package func cancel(_ id: ID) {
    let task = exchanges.withLock { $0.open.removeValue(forKey: id.number)?.task }
    task?.cancel()
  }

  /// Cancels all, and ends the thread. Nothing can be sent any more.
  package func stop() {
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

  package func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let response = response as? HTTPURLResponse
    let retryAfter = response?.value(forHTTPHeaderField: "retry-after")
    exchanges.withLock {
      $0.open[dataTask.taskIdentifier]?.refusal.status = response?.statusCode ?? 0
      $0.open[dataTask.taskIdentifier]?.refusal.retryAfter = retryAfter
    }
    completionHandler(.allow)
  }

  package func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let bytes = [UInt8](data)
    let handler = exchanges.withLock { exchanges -> Handler? in
      guard var exchange = exchanges.open[dataTask.taskIdentifier] else { return nil }
      exchange.deadline = monotonicNanoseconds() + Int64(exchange.patience.next / .nanoseconds(1))
      let isWanted = exchange.refusal.status == 200
      if !isWanted {
        exchange.refusal.body += bytes.prefix(max(0, Self.errorBodyLimit - exchange.refusal.body.count))
      }
      exchanges.open[dataTask.taskIdentifier] = exchange
      return isWanted ? exchange.handler : nil
    }
    if let handler, !handler(.bytes(bytes)) { cancel(ID(number: dataTask.taskIdentifier)) }
    waker.wake()
  }

  package func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    guard let exchange = exchanges.withLock({ $0.open.removeValue(forKey: task.taskIdentifier) }) else { return }
    let ending: Ending
    if let error {
      ending = .broken(error as? URLError ?? URLError(.unknown))
    } else {
      ending = exchange.refusal.status == 200 ? .complete : .refused(exchange.refusal)
    }
    _ = exchange.handler(.ended(ending))
  }

  package func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    // Not followed: it would carry the key and the conversation to a place that nobody named.
    completionHandler(nil)
  }

  // MARK: - The watchdog's thread

  /// Ends exchanges whose server has fallen silent. URLSession's own timeout counts from the request on.
  private func watch() {
    while true {
      let now = monotonicNanoseconds()
      let (isStopped, overdue, next) = exchanges.withLock { exchanges in
        let late = exchanges.open.filter { $0.value.deadline <= now }
        for identifier in late.keys { exchanges.open[identifier] = nil }
        return (exchanges.isStopped, Array(late.values), exchanges.open.values.map(\.deadline).min())
      }
      if isStopped { return }
      for exchange in overdue {
        _ = exchange.handler(.ended(.silent))
        exchange.task.cancel()
      }
      waker.wait(timeout: next.map { .nanoseconds($0 - now) })
    }
  }
}
