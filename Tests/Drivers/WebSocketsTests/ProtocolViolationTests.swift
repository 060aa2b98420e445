import Testing
import Timeline

@testable import WebSockets

/// Peers that upgrade as they should and then do what they should not.
@Suite struct ProtocolViolationTests {
  private func run(_ behaviour: @escaping RawPeer.Behaviour) async throws -> (
    closed: Closed?, messages: [WebSocketEvent]
  ) {
    let peer = RawPeer { link in
      link.upgrade()
      behaviour(link)
    }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/voice")
    #expect(await client.isOpen())
    let closed = await client.closed()
    #expect(client.stop() == 0)
    peer.stop()
    return (closed, client.all().filter { $0.isMessage })
  }

  @Test func fragmentsWithControlFramesBetween() async throws {
    let result = try await run { link in
      link.write(frame(1, Array("one ".utf8), isFinal: false))
      link.write(frame(9, Array("ping".utf8)))
      link.write(frame(0, [], isFinal: false))
      link.write(frame(10, Array("unasked".utf8)))
      link.write(frame(0, Array("two".utf8)))
      link.write(frame(2, [], isFinal: true))
      link.write(frame(2, [1], isFinal: false) + frame(0, [2], isFinal: false) + frame(0, []))
      link.write(frame(8, [0x03, 0xe8] + Array("ok".utf8)))
      link.drain()
    }
    #expect(result.closed == Closed(code: 1000, reason: "ok", by: .server))
    #expect(result.messages == [.text("one two"), .message([], isText: false), .message([1, 2], isText: false)])
  }

  @Test func aMessageByteByByte() async throws {
    let bytes = frame(1, Array("slow but whole".utf8)) + frame(2, pattern(300)) + frame(8, [])
    let result = try await run { link in
      for byte in bytes { link.write([byte]) }
      link.drain()
    }
    #expect(result.messages == [.text("slow but whole"), .message(pattern(300), isText: false)])
    #expect(result.closed == Closed(code: 1005, reason: "", by: .server))
  }

  @Test(arguments: [
    frame(3, [1]), frame(11, []), frame(1, [0x61], reserved: 4), frame(0, [1]),
    frame(1, [0x61], isFinal: false) + frame(1, [0x62]), frame(9, [1], isFinal: false), frame(9, pattern(126)),
    [0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1],
  ])
  func brokenFrames(bytes: [UInt8]) async throws {
    let result = try await run { link in
      link.write(bytes)
      link.drain()
    }
    #expect(result.closed?.code == 1002, "\(result)")
    #expect(result.closed?.by == .client)
    #expect(result.closed?.reason.contains("broke the WebSocket protocol") == true)
    #expect(result.messages.isEmpty)
  }

  @Test func invalidTextIsDeliveredAsItIs() async throws {
    let result = try await run { link in
      link.write(frame(1, [0x61, 0xff, 0xc3]) + frame(8, [0x03, 0xe8]))
      link.drain()
    }
    #expect(result.messages == [.message([0x61, 0xff, 0xc3], isText: true)])
    #expect(result.closed == Closed(code: 1000, reason: "", by: .server))
  }

  /// A client must fail a connection on masked frames (RFC 6455 section 5.1); libwebsockets is lenient.
  @Test func maskedFramesFromAServerAreRead() async throws {
    let result = try await run { link in
      link.write(frame(1, Array("masked".utf8), mask: [1, 2, 3, 4]) + frame(8, [0x03, 0xe8]))
      link.drain()
    }
    #expect(result.messages == [.text("masked")])
  }

  @Test func theEndInTheMiddleOfAFrame() async throws {
    let result = try await run { link in link.write(Array(frame(2, pattern(1000)).prefix(500))) }
    #expect(result.closed?.code == 1006)
    #expect(result.closed?.by == .network)
    #expect(result.messages.isEmpty)
  }

  @Test func aReset() async throws {
    let result = try await run { $0.reset() }
    #expect(result.closed?.code == 1006)
    #expect(result.closed?.by == .network)
  }

  @Test func aCloseThatIsNotAnswered() async throws {
    for answers in [true, false] {
      let peer = RawPeer { link in
        link.upgrade()
        _ = link.read()
        if answers { link.write(frame(8, [0x03, 0xe8])) }
      }
      let client = ClientUnderTest()
      try client.connect("ws://127.0.0.1:\(peer.port)/")
      #expect(await client.isOpen())
      client.client.close(1, code: 1000, reason: "bye")
      let closed = await client.closed()
      if answers {
        #expect(closed == Closed(code: 1000, reason: "bye", by: .client))
      } else {
        #expect(closed?.code == 1006)
        #expect(closed?.by == .network)
      }
      #expect(client.stop() == 0)
      peer.stop()
    }
  }

  @Test func aCloseThatIsIgnoredIsDroppedInTime() async throws {
    let peer = RawPeer { link in
      link.upgrade()
      link.drain()
    }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/")
    #expect(await client.isOpen())
    client.client.close(1, code: 1000, reason: "bye")
    let closed = await client.closed()
    #expect(closed?.code == 1006)
    #expect(closed?.by == .network)
    #expect(closed?.reason.contains("not answered within 5 s") == true, "\(closed?.reason ?? "")")
    #expect(client.stop() == 0)
    peer.stop()
  }
}
