import Glibc
import Testing
import Threads
import Timeline

@testable import WebSockets

@Suite struct LoopbackTests {
  @Test func echoesEverySizeAndKind() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    let messages: [WebSocketEvent] = [
      .text("hello"), .message([], isText: true), .message([], isText: false), .message([0, 255, 10], isText: false),
      .message(pattern(125), isText: false), .message(pattern(126), isText: false),
      .message(pattern(65_535), isText: false), .message(pattern(65_536), isText: false),
      .message(pattern(200_001), isText: false), .message(pattern(1 << 20), isText: false), .text("grüße 🎙"),
      .message([0x66, 0xff, 0xfe], isText: true),
    ]
    for case .message(let bytes, let isText) in messages { client.client.send(1, bytes, isText: isText) }
    #expect(await client.messages(atLeast: messages.count) == messages)
    #expect(
      server.all(1).compactMap {
        if case .message(let b, let t) = $0 { WebSocketEvent.message(b, isText: t) } else { nil }
      } == messages)
    #expect(client.stop() == 0)
    #expect(await server.closed() == Closed(code: 1001, reason: "going away", by: .client))
    #expect(server.stop() == 0)
  }

  @Test func stagesAreNamedInOrder() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect("ws://localhost:\(server.server.port)/voice")
    #expect(await client.isOpen())
    guard case .opened(let stages, let subprotocol)? = client.all().first else {
      Issue.record("not opened")
      return
    }
    #expect(stages.map(\.name) == [.dns, .tcp, .upgrade])
    #expect(stages.allSatisfy { $0.ms >= 0 && $0.ms < 20_000 })
    #expect(subprotocol == nil)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test(arguments: [(1000, "done"), (1001, ""), (1008, "policy"), (1011, "x"), (3000, "ümlaut"), (4999, "own")])
  func clientCloses(code: Int, reason: String) async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.send("before the close")
    client.client.close(1, code: code, reason: reason)
    #expect(await client.closed() == Closed(code: code, reason: reason, by: .client))
    #expect(await server.closed() == Closed(code: code, reason: reason, by: .client))
    #expect(server.all(1).contains(.message(Array("before the close".utf8), isText: true)))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test(arguments: [(1000, "bye"), (1013, "later"), (4001, "as you wish")])
  func serverCloses(code: Int, reason: String) async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    server.server.close(ServerConnectionID(1), code: code, reason: reason)
    #expect(await client.closed() == Closed(code: code, reason: reason, by: .server))
    #expect(await server.closed() == Closed(code: code, reason: reason, by: .server))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aLongReasonIsCutBetweenCharacters() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.client.close(1, code: 1000, reason: String(repeating: "é", count: 100))
    #expect(await server.closed()?.reason == String(repeating: "é", count: 61))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func anAbortIsSeenAs1006() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    for id in 1...2 { try client.connect(server.url(), id: id) }
    for id in 1...2 { #expect(await client.isOpen(id)) }
    client.client.abort(1)
    let own = await client.closed(1)
    #expect(own?.code == 1006)
    #expect(own?.by == .client)
    #expect(await eventually { server.all().contains { $0.isClosed } })
    let seen = server.all().compactMap {
      if case .closed(let code, _, let by) = $0 { Closed(code: code, reason: "", by: by) } else { nil }
    }
    #expect(seen == [Closed(code: 1006, reason: "", by: .network)])

    let remaining = server.all(1).contains { $0.isClosed } ? 2 : 1
    server.server.abort(ServerConnectionID(remaining))
    let other = await client.closed(2)
    #expect(other?.code == 1006)
    #expect(other?.by == .network)
    #expect(await server.closed(remaining)?.by == .server)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aStalledConnectionLosesNothing() async throws {
    let server = try ServerUnderTest(echoes: false)
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    server.server.setStalled(ServerConnectionID(1), true)
    // More than the sockets' buffers hold, less than the send queue's limit beyond them.
    let block = pattern(250_000)
    for _ in 0..<28 { client.client.send(1, block, isText: false) }
    #expect(
      await eventually { client.all().contains { if case .backlog(let n) = $0 { n > 1_000_000 } else { false } } })
    #expect(!server.all(1).contains(.message(block, isText: false)))
    // The stalled side does not write either.
    server.server.send(ServerConnectionID(1), [1, 2, 3], isText: false)
    server.server.setStalled(ServerConnectionID(1), false)
    #expect(await eventually { server.all(1).filter { $0 == .message(block, isText: false) }.count == 28 })
    #expect(await client.messages(atLeast: 1) == [.message([1, 2, 3], isText: false)])
    #expect(await eventually { client.all().last { if case .backlog = $0 { true } else { false } } == .backlog(0) })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aFullSendQueueRefusesTheNewestAndCounts() async throws {
    let server = try ServerUnderTest(echoes: false)
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.client.setStalled(1, true)
    let block = pattern(1 << 20)
    for _ in 0..<12 { client.client.send(1, block, isText: false) }
    #expect(await eventually { client.all().contains(.refused(total: 4)) })
    client.client.setStalled(1, false)
    #expect(await eventually { server.all(1).filter { $0 == .message(block, isText: false) }.count == 8 })
    client.send("after")
    #expect(await eventually { server.all(1).last == .message(Array("after".utf8), isText: true) })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func pingsAreAnsweredBothWays() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.client.ping(1, payload: Array("12345678".utf8))
    #expect(await eventually { client.all().contains(.pong(Array("12345678".utf8))) })
    server.server.ping(ServerConnectionID(1), payload: [7])
    #expect(await eventually { server.all(1).contains(.pong([7])) })
    server.server.ping(ServerConnectionID(1), payload: pattern(300))
    #expect(await eventually { server.all(1).contains(.pong(Array(pattern(300).prefix(125)))) })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aMessageBeyondTheLimitIsRefusedWith1009() async throws {
    let server = try ServerUnderTest(echoes: false)
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.client.send(1, [UInt8](repeating: 7, count: 20 << 20), isText: false)
    let reason = "message larger than \(16 << 20) bytes"
    #expect(await server.closed() == Closed(code: 1009, reason: reason, by: .server))
    #expect(await client.closed()?.by != .client)
    #expect(!server.all(1).contains { if case .message = $0 { true } else { false } })

    try client.connect(server.url(), id: 2, maximumMessageBytes: 1000)
    #expect(await client.isOpen(2))
    server.server.send(ServerConnectionID(2), pattern(1000), isText: false)
    server.server.send(ServerConnectionID(2), pattern(1001), isText: false)
    #expect(await client.closed(2) == Closed(code: 1009, reason: "message larger than 1000 bytes", by: .client))
    #expect(client.all(2).contains(.message(pattern(1000), isText: false)))
    #expect(await server.closed(2) == Closed(code: 1009, reason: "message larger than 1000 bytes", by: .client))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aPeerThatMissesAPingIsHungUpOn() async throws {
    let server = try ServerUnderTest(ServerOptions(pingInterval: .milliseconds(900)))
    let client = ClientUnderTest()
    for id in 1...2 { try client.connect(server.url(), id: id) }
    for id in 1...2 { #expect(await client.isOpen(id)) }
    client.client.setStalled(2, true)
    #expect(await eventually { server.all().contains { $0.isClosed } })
    let closed = server.all().compactMap {
      if case .closed(let code, let reason, let by) = $0 { Closed(code: code, reason: reason, by: by) } else { nil }
    }
    #expect(
      closed == [
        Closed(code: 1006, reason: "no answer to a ping for 900 ms: the peer is gone or stalled", by: .network)
      ])
    #expect(!client.all(1).contains { $0.isTerminal })
    #expect(!server.all().contains { if case .pong = $0 { true } else { false } })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func twoHundredConnectsInARow() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    for id in 1...200 {
      try client.connect(server.url(), id: id)
      #expect(await client.isOpen(id))
      client.client.close(LinkID(id), code: 1000, reason: "")
      #expect(await client.closed(id)?.code == 1000)
    }
    #expect(await eventually { server.server.liveConnectionCount == 0 && client.client.liveConnectionCount == 0 })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func aHundredAtATime() async throws {
    let server = try ServerUnderTest(ServerOptions(maximumConnections: 100))
    let client = ClientUnderTest()
    for id in 1...100 { try client.connect(server.url(), id: id) }
    for id in 1...100 { #expect(await client.isOpen(id)) }
    for id in 1...100 { client.send("number \(id)", id: id) }
    for id in 1...100 { #expect(await client.messages(id, atLeast: 1) == [.text("number \(id)")]) }
    try client.connect(server.url(), id: 101)
    let failure = await client.failure(101)
    #expect(failure?.httpStatus == 503)
    #expect(failure?.retryAfterSeconds == 5)
    #expect(failure?.isPermanent == false)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  /// Fails, too, when another context's beginning disturbs these.
  @Test func clientsAndServersComeAndGo() async throws {
    for _ in 1...20 {
      let server = try ServerUnderTest()
      let client = ClientUnderTest()
      try client.connect(server.url())
      #expect(await client.isOpen())
      #expect(server.stop() == 0)
      #expect(await client.closed() == Closed(code: 1001, reason: "going away", by: .server))
      #expect(client.stop() == 0)
    }
  }

  @Test func afterStopEverythingIsRefusedAndNothingHangs() async throws {
    let client = ClientUnderTest()
    #expect(client.stop() == 0)
    #expect(client.stop() == 0)
    try client.connect("ws://127.0.0.1:9/x")
    #expect(await client.failure()?.kind == .cancelled)
    client.send("nobody")
    client.client.close(1, code: 1000, reason: "")
  }

  /// Who does not wait drops what is open, half sent or not open yet, and still every connection has its last event.
  @Test func aStopWithoutWaiting() async throws {
    let release = Locked(false)
    let peer = RawPeer { link in
      link.upgrade()
      while !release.withLock({ $0 }) { usleep(1000) }
    }
    let silent = RawPeer { $0.drain() }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/", id: 1)
    #expect(await client.isOpen(1))
    // More than the socket takes: nobody reads it.
    client.client.send(1, pattern(8 << 20), isText: false)
    try client.connect("ws://127.0.0.1:\(silent.port)/", id: 2)
    client.client.stop(deadline: .zero)
    #expect(client.client.liveConnectionCount == 0)
    #expect(await client.closed(1)?.code == 1006)
    #expect(await client.failure(2)?.kind == .cancelled)
    release.withLock { $0 = true }
    peer.stop()
    silent.stop()
  }

  @Test func ordersForUnknownConnectionsAreIgnored() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    client.send("nobody", id: 7)
    client.client.abort(7)
    client.client.setStalled(7, true)
    server.server.close(ServerConnectionID(9), code: 1000, reason: "")
    try client.connect(server.url())
    #expect(await client.isOpen())
    try client.connect(server.url())
    #expect(
      await eventually { client.all().contains { if case .failed(let f) = $0 { f.kind == .cancelled } else { false } } }
    )
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }
}

extension LinkID: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self.init(value) }
}
