import FoundationEssentials
import SocketProtocol
import Speech
import Synchronization
import Threads
import Timeline
import WebSockets

/// A WebSocket to a service. Any thread.
///
/// It is opened when it is made. What is sent before that is done waits. All sockets of the process share one thread, which
/// ends with the last of them.
package final class ServiceSocket: Sendable {
  /// What happens on it.
  package enum Event: Sendable, Equatable {
    case opened
    /// A whole message. Text is not checked for UTF-8.
    case message([UInt8], isText: Bool)
    /// Nothing comes after it.
    case ended(Ending)
  }
  /// How it ended.
  package enum Ending: Sendable, Equatable {
    /// It never opened.
    case failed(ConnectFailure)
    /// It was open. `code` as in RFC 6455 section 7.4; 1006: there was no close frame.
    case closed(code: Int, reason: String, by: Closer)
    /// The service takes too slowly what is sent to it: more than the limit waits.
    case overrun
  }
  /// What a socket may take and hold.
  package struct Limits: Sendable {
    /// The longest wait until it is open.
    package var timeout: Duration = .seconds(10)
    /// The largest message of the service, in bytes. A larger one ends the connection.
    package var messageBytes = 1 << 20
    /// The most bytes that wait to be sent: 30 s of 16 kHz audio are 960 000.
    package var waitingBytes = 1 << 20
    package init() {}
  }
  package typealias Handler = @Sendable (Event) -> Void

  private struct State {
    var isOpen = false
    var hasEnded = false
    /// What waits for it to be open.
    var waiting: [(bytes: [UInt8], isText: Bool)] = []
    var waitingBytes = 0
    /// To be closed as soon as what waits was sent.
    var closing: (code: Int, reason: String)?
  }

  private let loop: ServiceSocketLoop
  private let id: LinkID
  private let limits: Limits
  private let handler: Handler
  private let state = Locked<State>(State())

  /// Begins to open it.
  /// - Parameters:
  ///   - address: its key goes into a header.
  ///   - query: items that follow the address' own.
  ///   - headers: beside the key's.
  ///   - handler: called on the sockets' thread, in order. It must return soon: hand the event on. It may order things.
  package init(
    _ address: ServiceAddress, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], limits: Limits = Limits(), handler: @escaping Handler
  ) {
    self.limits = limits
    self.handler = handler
    loop = .current()
    id = loop.newID()
    var url = address.url
    if !query.isEmpty { url.append(queryItems: query.map { URLQueryItem(name: $0.name, value: $0.value) }) }
    do {
      let request = ConnectRequest(
        url: try WebSocketURL.parse(url.absoluteString), headers: address.keyHeaders + headers, proxies: .current(),
        timeout: limits.timeout, maximumMessageBytes: limits.messageBytes)
      loop.open(id, request) { [weak self] in self?.take($0) }
    } catch {
      handler(.ended(.failed(ConnectFailure(.hostNotFound, error.description, isPermanent: true))))
      state.withLock { $0.hasEnded = true }
    }
  }

  deinit { loop.forget(id) }

  /// Sends a text message.
  package func send(text: String) { send(Array(text.utf8), isText: true) }

  /// Sends a message. Once it has ended nothing is sent.
  package func send(_ bytes: [UInt8], isText: Bool = false) {
    let isTooMuch = state.withLock { state in
      guard !state.hasEnded, state.closing == nil else { return false }
      guard !state.isOpen else {
        loop.client.send(id, bytes, isText: isText)
        return false
      }
      state.waiting.append((bytes, isText))
      state.waitingBytes += bytes.count
      return state.waitingBytes > limits.waitingBytes
    }
    if isTooMuch { end(.overrun) }
  }

  /// Sends what waits, then a close frame. What the service says until it has answered is still told, and `.ended` after it.
  package func close(code: Int = 1000, reason: String = "") {
    state.withLock { state in
      guard !state.hasEnded, state.closing == nil else { return }
      state.closing = (code, reason)
      // It lives until that is done, whoever has let go of it.
      loop.hold(id) { self.take($0) }
      if state.isOpen { loop.client.close(id, code: code, reason: reason) }
    }
  }

  /// Ends it at once, without a word. Nothing more is told, but for what is being told at this moment.
  package func drop() {
    let hasEnded = state.withLock { state in
      defer { state.hasEnded = true }
      return state.hasEnded
    }
    if !hasEnded { loop.forget(id) }
  }

  // MARK: - The sockets' thread

  private func take(_ event: WebSocketEvent) {
    switch event {
    case .opened:
      state.withLock { state in
        state.isOpen = true
        for message in state.waiting { loop.client.send(id, message.bytes, isText: message.isText) }
        (state.waiting, state.waitingBytes) = ([], 0)
        if let closing = state.closing { loop.client.close(id, code: closing.code, reason: closing.reason) }
      }
      tell(.opened)
    case .message(let bytes, let isText): tell(.message(bytes, isText: isText))
    case .backlog(let count): if count > limits.waitingBytes { end(.overrun) }
    case .refused: end(.overrun)
    case .closed(let code, let reason, let by): end(.closed(code: code, reason: reason, by: by))
    case .failed(let failure): end(.failed(failure))
    case .pong: break
    }
  }

  private func tell(_ event: Event) {
    if !state.withLock({ $0.hasEnded }) { handler(event) }
  }

  private func end(_ ending: Ending) {
    let hasEnded = state.withLock { state in
      defer { state.hasEnded = true }
      (state.waiting, state.waitingBytes) = ([], 0)
      return state.hasEnded
    }
    guard !hasEnded else { return }
    loop.forget(id)
    handler(.ended(ending))
  }
}

/// The thread of all sockets to services, and whom it tells what.
private final class ServiceSocketLoop: Sendable {
  private typealias Table = Locked<[LinkID: @Sendable (WebSocketEvent) -> Void]>
  private struct Weak: Sendable {
    weak var loop: ServiceSocketLoop?
  }

  private static let newest = Locked<Weak>(Weak())
  private let table: Table
  private let last = Atomic<Int>(0)
  let client: WebSocketClient

  /// The one that there is, or a new one.
  static func current() -> ServiceSocketLoop {
    newest.withLock { newest in
      if let loop = newest.loop { return loop }
      let made = ServiceSocketLoop()
      newest.loop = made
      return made
    }
  }

  private init() {
    let table = Table([:])
    self.table = table
    client = WebSocketClient { id, event in table.withLock { $0[id] }?(event) }
  }

  func newID() -> LinkID { LinkID(last.add(1, ordering: .relaxed).newValue) }

  func open(_ id: LinkID, _ request: ConnectRequest, then handler: @escaping @Sendable (WebSocketEvent) -> Void) {
    table.withLock { $0[id] = handler }
    client.connect(id, request)
  }

  /// Has another one told of what happens.
  func hold(_ id: LinkID, _ handler: @escaping @Sendable (WebSocketEvent) -> Void) {
    table.withLock { table in if table[id] != nil { table[id] = handler } }
  }

  /// Ends the connection, if there still is one, and tells nothing of it.
  func forget(_ id: LinkID) {
    guard table.withLock({ $0.removeValue(forKey: id) }) != nil else { return }
    client.abort(id)
  }
}

extension ServiceErrors {
  /// Why a socket has ended, in words for the operator; nil where this side has closed it.
  package func text(for ending: ServiceSocket.Ending) -> String? {
    switch ending {
    case .failed(let failure): return text(for: failure)
    case .closed(1000, _, by: .client): return nil
    case .closed(let code, let reason, by: .client): return "it broke the rules of WebSocket (\(code)): \(reason)"
    case .closed(let code, let reason, by: .server):
      return "it ended the connection (\(code))" + (reason.isEmpty ? "" : ": \(reason)")
    case .closed: return Self.brokenOff
    case .overrun: return "it takes too slowly what is sent to it"
    }
  }

  private func text(for failure: ConnectFailure) -> String {
    switch failure.kind {
    case .httpStatus:
      return text(
        forStatus: failure.httpStatus ?? 0, said: failure.peerWords, retryAfterSeconds: failure.retryAfterSeconds)
    case .hostNotFound, .lookupFailed: return Self.noSuchHost
    case .refused: return nobodyListens
    case .connectTimeout, .silent: return Self.noAnswer
    case .hungUp: return Self.brokenOff
    default: return failure.reason
    }
  }
}
