import Threads
import Timeline

@testable import WebSockets

// Tests of WebSockets: our two roles against each other, against Python `websockets` and node `ws`, and against raw TCP
// peers that misbehave. Every wait is for a state, with a deadline that only a failure reaches.

/// Waits until `condition` holds. False: 30 seconds have passed.
func eventually(seconds: Double = 30, _ condition: () -> Bool) async -> Bool {
  let deadline = monotonicNanoseconds() + Int64(seconds * 1e9)
  while !condition() {
    guard monotonicNanoseconds() < deadline else { return false }
    try? await Task.sleep(for: .milliseconds(2))
  }
  return true
}

/// A client with everything that happened on it.
final class ClientUnderTest: Sendable {
  let events = Locked<[(id: Int, event: WebSocketEvent)]>([])
  let client: WebSocketClient

  init() {
    let events = events
    client = WebSocketClient { id, event in events.withLock { $0.append((id.rawValue, event)) } }
  }

  func all(_ id: Int = 1) -> [WebSocketEvent] {
    events.withLock { $0.filter { $0.id == id }.map(\.event) }
  }

  func connect(
    _ url: String, id: Int = 1, headers: [(name: String, value: String)] = [], subprotocols: [String] = [],
    caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, insecure: Bool = false,
    timeout: Duration = .seconds(20), maximumMessageBytes: Int = WebSocketLimits.messageBytes
  ) throws {
    client.connect(
      LinkID(id),
      ConnectRequest(
        url: try .parse(url), headers: headers, subprotocols: subprotocols, caFile: caFile,
        certificateFile: certificateFile, keyFile: keyFile, insecure: insecure, timeout: timeout,
        maximumMessageBytes: maximumMessageBytes))
  }

  func send(_ text: String, id: Int = 1) { client.send(LinkID(id), Array(text.utf8), isText: true) }

  func isOpen(_ id: Int = 1) async -> Bool {
    _ = await eventually { all(id).contains { $0.isOpened || $0.isTerminal } }
    return all(id).contains { $0.isOpened }
  }

  func messages(_ id: Int = 1, atLeast count: Int) async -> [WebSocketEvent] {
    _ = await eventually { all(id).filter { $0.isMessage }.count >= count || all(id).contains { $0.isTerminal } }
    return all(id).filter { $0.isMessage }
  }

  /// The terminal event, which has to be the only one and the last.
  func terminal(_ id: Int = 1) async -> WebSocketEvent? {
    _ = await eventually { all(id).contains { $0.isTerminal } }
    let events = all(id)
    return events.filter { $0.isTerminal }.count == 1 && events.last?.isTerminal == true ? events.last : nil
  }

  func failure(_ id: Int = 1) async -> ConnectFailure? {
    if case .failed(let failure)? = await terminal(id) { failure } else { nil }
  }

  func closed(_ id: Int = 1) async -> Closed? {
    if case .closed(let code, let reason, let by)? = await terminal(id) {
      Closed(code: code, reason: reason, by: by)
    } else {
      nil
    }
  }

  /// Stops; every connection has to be gone afterwards.
  func stop() -> Int {
    client.stop(deadline: .seconds(5))
    return client.liveConnectionCount
  }
}

struct Closed: Equatable {
  var code: Int
  var reason: String
  var by: Closer
}

extension WebSocketEvent {
  var isOpened: Bool { if case .opened = self { true } else { false } }
  var isMessage: Bool { if case .message = self { true } else { false } }
  var isTerminal: Bool {
    switch self {
    case .closed, .failed: true
    default: false
    }
  }
  /// Short, for messages of failed expectations.
  var summary: String {
    guard case .message(let bytes, let isText) = self else { return "\(self)" }
    return "\(isText ? "text" : "binary") \(bytes.count) \(String(decoding: bytes.prefix(16), as: UTF8.self))"
  }
  static func text(_ text: String) -> WebSocketEvent { .message(Array(text.utf8), isText: true) }
}

/// A server with everything that happened on it. It echoes messages when asked to.
final class ServerUnderTest: Sendable {
  let events = Locked<[(id: Int, event: ServerEvent)]>([])
  /// Requests that got no WebSocket.
  let refused = Locked<[RefusedRequest]>([])
  private let holder = Locked<WebSocketServer?>(nil)
  let server: WebSocketServer

  /// - Parameter closesWhenTold: the text `close` is answered by a close with 4003.
  init(_ options: ServerOptions = ServerOptions(), echoes: Bool = true, closesWhenTold: Bool = false) throws {
    let (events, holder, refused) = (events, holder, refused)
    server = try WebSocketServer(options, refused: { request in refused.withLock { $0.append(request) } }) {
      id, event in
      events.withLock { $0.append((id.rawValue, event)) }
      guard echoes, case .message(let bytes, let isText) = event else { return }
      // Emptied by `stop`, which so breaks the cycle.
      let server = holder.withLock { $0 }
      if closesWhenTold, bytes == Array("close".utf8) {
        server?.close(id, code: 4003, reason: "as told")
      } else {
        server?.send(id, bytes, isText: isText)
      }
    }
    let server = server
    holder.withLock { $0 = server }
  }

  func url(_ path: String = "/voice", scheme: String = "ws") -> String {
    "\(scheme)://127.0.0.1:\(server.port)\(path)"
  }

  func all(_ id: Int? = nil) -> [ServerEvent] {
    events.withLock { $0.filter { id == nil || $0.id == id }.map(\.event) }
  }

  func request(_ id: Int = 1) async -> ServerRequest? {
    _ = await eventually { !all(id).isEmpty }
    if case .opened(let request)? = all(id).first { return request }
    return nil
  }

  func closed(_ id: Int = 1) async -> Closed? {
    _ = await eventually { all(id).contains { $0.isClosed } }
    let events = all(id)
    guard events.filter({ $0.isClosed }).count == 1, case .closed(let code, let reason, let by)? = events.last else {
      return nil
    }
    return Closed(code: code, reason: reason, by: by)
  }

  func stop() -> Int {
    server.stop(deadline: .seconds(5))
    holder.withLock { $0 = nil }
    return server.liveConnectionCount
  }
}

extension ServerEvent {
  var isClosed: Bool { if case .closed = self { true } else { false } }
}

/// Bytes that differ from each other, the same for each run.
func pattern(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}
