import Glibc
import Speech
import Testing
import Threads
import WebSockets

@testable import SpeechServices

/// A WebSocket server on loopback that answers as a test says.
final class LoopbackSocketServer: Sendable {
  /// What happened, on all connections in order.
  let events = Locked<[ServerEvent]>([])
  private let holder = Locked<WebSocketServer?>(nil)
  let port: Int

  /// - Parameter answer: what is done about an event.
  init(
    _ path: String,
    answer: @escaping @Sendable (Peer, ServerEvent) -> Void = { _, _ in }
  ) throws {
    var options = ServerOptions()
    options.path = path
    let (events, holder) = (events, holder)
    let server = try WebSocketServer(options) { id, event in
      events.withLock { $0.append(event) }
      // Emptied when it is dropped, which so breaks the cycle.
      if let server = holder.withLock({ $0 }) { answer(Peer(server: server, id: id), event) }
    }
    port = server.port
    holder.withLock { $0 = server }
  }

  deinit {
    let server = holder.withLock { holder in
      defer { holder = nil }
      return holder
    }
    server?.stop(deadline: .seconds(5))
  }

  /// One client of it.
  struct Peer: Sendable {
    let server: WebSocketServer
    let id: ServerConnectionID
    func say(_ text: String) { server.send(id, Array(text.utf8), isText: true) }
    func send(_ bytes: [UInt8]) { server.send(id, bytes, isText: false) }
    func close(_ code: Int, _ reason: String) { server.close(id, code: code, reason: reason) }
    func abort() { server.abort(id) }
    func stall() { server.setStalled(id, true) }
  }

  /// Waits until what has happened satisfies the condition; false after a deadline that only a hang can reach.
  func wait(for condition: (LoopbackSocketServer) -> Bool) -> Bool {
    let deadline = monotonicNanoseconds() + 60_000_000_000
    while monotonicNanoseconds() < deadline {
      if condition(self) { return true }
      usleep(500)
    }
    return false
  }

  var address: String { "ws://127.0.0.1:\(port)" }
  var all: [ServerEvent] { events.withLock { $0 } }
  var requests: [ServerRequest] { all.compactMap { if case .opened(let request) = $0 { request } else { nil } } }
  var texts: [String] {
    all.compactMap { if case .message(let bytes, true) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
  }
  /// All binary messages, joined.
  var bytes: [UInt8] {
    all.reduce(into: []) { joined, event in if case .message(let bytes, false) = event { joined += bytes } }
  }
}
