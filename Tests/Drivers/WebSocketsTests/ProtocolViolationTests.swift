import Testing
import Threads
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

  /// Each violation by its name, to the operator and in the close frame; and TCP ends, though the server leaves it open.
  @Test(arguments: [
    (frame(1, Array("masked".utf8), mask: [1, 2, 3, 4]), "a server must not mask"),
    (frame(1, [0x61], reserved: 4), "RSV1"), (frame(1, [0x61], reserved: 2), "RSV2"),
    (frame(3, [1]), "reserved opcode 3"), (frame(8, [3, 232], isFinal: false), "fragmented close"),
  ])
  func violationsAreNamed(bytes: [UInt8], part: String) async throws {
    let heard = Locked<[UInt8]>([])
    let result = try await run { link in
      link.write(bytes)
      while true {
        let more = link.read()
        if more.isEmpty { return }
        heard.withLock { $0 += more }
      }
    }
    #expect(result.closed?.code == 1002)
    #expect(result.closed?.reason.contains(part) == true, "\(result)")
    #expect(result.messages.isEmpty)
    let close = heard.withLock { unmasked($0) }
    #expect(close.prefix(2) == [0x03, 0xea])
    #expect(String(decoding: close.dropFirst(2), as: UTF8.self).contains(part))
  }

  /// What a server says when it closes is shown as it said it.
  @Test(
    arguments: [
      ([0x03, 0xe7], 999, "no close code"), ([0x03, 0xf4, 0x61], 1012, "a"), ([0x03, 0xf5], 1013, ""),
      ([0x03, 0xf6], 1014, ""), ([0x03, 0xf7], 1015, "must not be sent"), ([0x03, 0xed], 1005, "must not be sent"),
      ([0x03], 1005, "one byte"), ([0x0b, 0xb7], 2999, "reserved"), ([0x13, 0x88], 5000, "end at 4999"),
      ([0x03, 0xe8, 0xff, 0xfe], 1000, "not UTF-8"), ([], 1005, ""),
    ] as [([UInt8], Int, String)])
  func closeCodesAsTheyWereSent(payload: [UInt8], code: Int, part: String) async throws {
    let result = try await run { link in
      link.write(frame(8, payload))
      link.drain()
    }
    #expect(result.closed?.code == code)
    #expect(result.closed?.by == .server)
    #expect(part.isEmpty ? result.closed?.reason == "" : result.closed?.reason.contains(part) == true, "\(result)")
  }

  /// Autobahn 2.10 and 2.11: ten pings at once, whole and in pieces.
  @Test(arguments: [false, true]) func everyPingOfABurstIsAnswered(inPieces: Bool) async throws {
    let heard = Locked<[UInt8]>([])
    let pings = (0..<10).flatMap { frame(9, Array("payload-\($0)".utf8)) }
    let length = 10 * (2 + 4 + 9)
    _ = try await run { link in
      if inPieces { for byte in pings { link.write([byte]) } } else { link.write(pings) }
      var count = 0
      while count < length {
        let more = link.read()
        if more.isEmpty { return }
        count += more.count
        heard.withLock { $0 += more }
      }
      link.write(frame(8, [0x03, 0xe8]))
      link.drain()
    }
    var rest = heard.withLock { $0 }[...]
    var payloads: [String] = []
    while rest.count >= 15 {
      #expect(rest.first == 0x8a)
      payloads.append(String(decoding: unmasked(Array(rest.prefix(15))), as: UTF8.self))
      rest = rest.dropFirst(15)
    }
    #expect(payloads == (0..<10).map { "payload-\($0)" })
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

/// The payload of a client's short frame.
private func unmasked(_ frame: [UInt8]) -> [UInt8] {
  guard frame.count >= 6 else { return [] }
  return frame.dropFirst(6).enumerated().map { $1 ^ frame[2 + $0 % 4] }
}
