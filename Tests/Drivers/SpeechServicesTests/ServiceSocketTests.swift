import Speech
import TestKit
import Testing
import Threads
import Timeline

@testable import SpeechServices

/// WebSockets to services, in front of a server on loopback.
@Suite struct ServiceSocketTests {
  private static let key = "secret-key-1234"

  private func address(_ address: String, key: String? = Self.key) throws -> ServiceAddress {
    try ServiceAddress(
      address, of: "a service", path: "/v1/listen", apiKey: key, .authorization("Token"), over: .webSocket)
  }

  private func ending(of log: CollectedEvents<ServiceSocket.Event>) -> ServiceSocket.Ending? {
    _ = log.wait { $0.contains { if case .ended = $0 { true } else { false } } }
    let endings = log.all.compactMap { if case .ended(let ending) = $0 { ending } else { nil } }
    guard endings.count == 1, case .ended? = log.all.last else { return nil }
    return endings[0]
  }

  /// Why a socket to that address ends, in words.
  private func words(for place: ServiceAddress, limits: ServiceSocket.Limits = .init()) -> String? {
    let log = CollectedEvents<ServiceSocket.Event>()
    let socket = ServiceSocket(place, limits: limits) { log.append($0) }
    defer { socket.drop() }
    let errors = ServiceErrors(
      place, missing: "no model m", missingRemedy: "is its name right?", startCommand: "start-it")
    return ending(of: log).flatMap { errors.text(for: $0) }.map { place.presentable($0) }
  }

  @Test func whatIsSentBeforeItIsOpenArrivesInOrder() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      guard case .message(let bytes, let isText) = event else { return }
      if isText { peer.say("you said " + String(decoding: bytes, as: UTF8.self)) } else { peer.send(bytes) }
    }
    let log = CollectedEvents<ServiceSocket.Event>()
    let socket = ServiceSocket(
      try address(server.address), query: [("model", "nova 3"), ("interim_results", "true")]
    ) { log.append($0) }
    socket.send(text: "hello")
    socket.send([1, 2, 0, 255])
    #expect(log.wait { $0.count == 3 })
    socket.send(text: "again")
    #expect(log.wait { $0.count == 4 })
    socket.close(code: 1000, reason: "done")
    #expect(ending(of: log) == .closed(code: 1000, reason: "done", by: .client))
    #expect(
      log.all.dropLast() == [
        .opened, .message(Array("you said hello".utf8), isText: true), .message([1, 2, 0, 255], isText: false),
        .message(Array("you said again".utf8), isText: true),
      ])
    let request = try #require(server.requests.first)
    #expect(request.path == "/v1/listen")
    #expect(request.value(of: "model") == "nova 3" && request.value(of: "interim_results") == "true")
  }

  @Test func theServicesCloseIsTold() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      if case .opened = event { peer.close(1011, "NET-0001: no audio with \(Self.key)") }
    }
    #expect(
      words(for: try address(server.address)) == "it ended the connection (1011): NET-0001: no audio with [key]")
  }

  @Test func aCutIsTold() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in if case .opened = event { peer.abort() } }
    #expect(words(for: try address(server.address)) == "the connection broke off")
  }

  @Test(arguments: [
    ("401 Unauthorized", #"{"err_msg":"Invalid credentials secret-key-1234."}"#, "not authorized (HTTP 401)"),
    ("404 Not Found", "", "no model m, or no such API at /v1/listen (HTTP 404)"),
    ("429 Too Many Requests", #"{"err_msg":"Too many"}"#, "(HTTP 429): Too many; wait 7 s"),
    ("503 Service Unavailable", "", "the server failed (HTTP 503)"),
  ])
  func aRefusalIsTold(status: String, body: String, expected: String) throws {
    let head = Locked("")
    let server = LoopbackHTTPServer { exchange in
      let asked = exchange.head
      head.withLock { $0 = asked }
      exchange.write(
        "HTTP/1.1 \(status)\r\nRetry-After: 7\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      )
    }
    let text = try #require(words(for: try address("ws://127.0.0.1:\(server.port)")))
    #expect(text.contains(expected), "\(text)")
    #expect(!text.contains(Self.key) && !text.contains("-H"))
    #expect(head.withLock { $0 }.contains("Authorization: Token \(Self.key)"))
  }

  @Test func nobodyThereIsTold() throws {
    let port = LoopbackHTTPServer { _ in }.port
    #expect(words(for: try address("ws://127.0.0.1:\(port)")) == "nobody listens there; start it with `start-it`")
  }

  @Test func whoTakesNothingIsGivenUp() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in if case .opened = event { peer.stall() } }
    let log = CollectedEvents<ServiceSocket.Event>()
    var limits = ServiceSocket.Limits()
    limits.waitingBytes = 100_000
    let socket = ServiceSocket(try address(server.address), limits: limits) { log.append($0) }
    #expect(log.wait { $0 == [.opened] })
    // More than the operating system takes.
    for _ in 0..<128 { socket.send([UInt8](repeating: 7, count: 65_536)) }
    #expect(ending(of: log) == .overrun)
    // Nothing comes of it any more.
    socket.send(text: "more")
    socket.close()
  }

  @Test func beforeItIsOpenTooMuchIsNotKept() throws {
    let log = CollectedEvents<ServiceSocket.Event>()
    // Accepts, and never answers.
    let server = LoopbackHTTPServer { $0.waitForClientToGo() }
    let socket = ServiceSocket(try address("ws://127.0.0.1:\(server.port)")) { log.append($0) }
    socket.send([UInt8](repeating: 7, count: 1 << 20))
    #expect(log.all.isEmpty)
    socket.send([7])
    #expect(ending(of: log) == .overrun)
  }

  @Test func aMessageThatIsTooLargeEndsIt() throws {
    let server = try LoopbackSocketServer("/v1/listen") { peer, event in
      if case .opened = event { peer.send([UInt8](repeating: 0, count: 2000)) }
    }
    var limits = ServiceSocket.Limits()
    limits.messageBytes = 1000
    let text = try #require(words(for: try address(server.address), limits: limits))
    #expect(text.hasPrefix("it broke the rules of WebSocket (1009)"), "\(text)")
  }

  @Test func silenceBeforeItIsOpenIsTold() throws {
    let server = LoopbackHTTPServer { $0.waitForClientToGo() }
    var limits = ServiceSocket.Limits()
    limits.timeout = .milliseconds(100)
    #expect(words(for: try address("ws://127.0.0.1:\(server.port)"), limits: limits) == "it did not answer in time")
  }

  @Test func anotherKindOfAddressIsRefused() {
    #expect(throws: ServiceAddress.Invalid.self) { try address("http://127.0.0.1:1") }
  }
}
