import Testing

@testable import SocketProtocol

/// A server's frame as bytes, right or wrong.
private func frame(
  _ opcode: UInt8, _ payload: [UInt8], isFinal: Bool = true, reserved: UInt8 = 0, mask: [UInt8]? = nil
) -> [UInt8] {
  let length: [UInt8] =
    payload.count < 126
    ? [UInt8(payload.count)]
    : payload.count < 65_536
      ? [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
      : [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
  let head = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode, length[0] | (mask == nil ? 0 : 0x80)] + length.dropFirst()
  guard let mask else { return head + payload }
  return head + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

@Suite struct FrameTests {
  /// What the bytes hold, taken in pieces of `size`.
  private func events(_ bytes: [UInt8], size: Int = .max, limit: Int = 1 << 20) -> [FrameReader.Event] {
    var reader = FrameReader(limit: limit)
    var events: [FrameReader.Event] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = Array(rest.prefix(size))
      rest = rest.dropFirst(size)
      piece.withUnsafeBytes { reader.read($0) { events.append($0) } }
    }
    return events
  }

  @Test(arguments: [1, 2, 3, 7, 4096, Int.max]) func messagesWholeAndInPieces(size: Int) {
    let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let bytes =
      frame(1, Array("hello".utf8)) + frame(2, []) + frame(2, Array(long[..<300])) + frame(2, long)
      + frame(1, Array("one ".utf8), isFinal: false) + frame(9, [7]) + frame(0, [], isFinal: false)
      + frame(10, [8, 9]) + frame(0, Array("two".utf8)) + frame(8, [3, 232] + Array("bye".utf8))
      + frame(1, Array("after the end".utf8))
    #expect(
      events(bytes, size: size) == [
        .message(Array("hello".utf8), isText: true), .message([], isText: false),
        .message(Array(long[..<300]), isText: false), .message(long, isText: false), .ping([7]), .pong([8, 9]),
        .message(Array("one two".utf8), isText: true), .close(ClosePayload([3, 232] + Array("bye".utf8))),
      ])
  }

  @Test func everyPingIsTold() {
    let bytes = (0..<10).flatMap { frame(9, Array("ping \($0)".utf8)) }
    #expect(events(bytes) == (0..<10).map { .ping(Array("ping \($0)".utf8)) })
  }

  /// What no server may send, and its name.
  static let violations: [(bytes: [UInt8], what: ProtocolViolation, part: String)] = [
    (frame(1, [0x61], mask: [1, 2, 3, 4]), .masked, "must not mask"),
    (frame(1, [0x61], reserved: 4), .reservedBits(4), "no compression was agreed on"),
    (frame(2, [0x61], reserved: 3), .reservedBits(3), "RSV2, RSV3"),
    (frame(9, [], reserved: 2), .reservedBits(2), "RSV2"),
    (frame(3, [1]), .reservedOpcode(3), "opcode 3"), (frame(7, []), .reservedOpcode(7), "opcode 7"),
    (frame(11, []), .reservedOpcode(11), "opcode 11"), (frame(15, [1]), .reservedOpcode(15), "opcode 15"),
    (frame(9, [1], isFinal: false), .fragmentedControl(9), "a fragmented ping"),
    (frame(8, [3, 232], isFinal: false), .fragmentedControl(8), "a fragmented close"),
    (frame(10, [], isFinal: false), .fragmentedControl(10), "a fragmented pong"),
    (frame(9, [UInt8](repeating: 0, count: 126)), .longControl(9), "more than 125"),
    (frame(8, [3, 232] + [UInt8](repeating: 0x61, count: 70_000)), .longControl(8), "more than 125"),
    (frame(0, [1]), .continuationOfNothing, "without a message"),
    (frame(1, [0x61], isFinal: false) + frame(2, [1]), .messageWithinMessage, "before the fragmented one"),
    ([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 1], .lengthTooLarge, "2^63"),
  ]

  @Test(arguments: violations.indices, [1, Int.max]) func violationsAreNamed(index: Int, size: Int) {
    let (bytes, what, part) = Self.violations[index]
    #expect(events(bytes + frame(1, [0x62]), size: size) == [.violation(what)])
    #expect(what.description.contains(part), "\(what)")
    // It is the reason of the close frame that answers it.
    #expect(what.description.utf8.count <= 123)
  }

  @Test func aMessageBeyondTheLimitIsToldOnceAndPassedOver() {
    let large = [UInt8](repeating: 1, count: 5000)
    let bytes =
      frame(2, large) + frame(1, [0x61]) + frame(2, Array(large[..<600]), isFinal: false)
      + frame(0, Array(large[..<600]), isFinal: false) + frame(0, large) + frame(1, [0x62])
    for size in [1, 100, Int.max] {
      #expect(
        events(bytes, size: size, limit: 1000) == [
          .tooLarge, .message([0x61], isText: true), .tooLarge, .message([0x62], isText: true),
        ])
    }
    // The length alone says enough: nothing is kept for what never comes.
    #expect(events([0x82, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2], limit: 1000) == [.tooLarge])
  }

  @Test func whatAClientSendsIsMasked() {
    for count in [0, 1, 3, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001] {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let key: UInt32 = 0x0102_0304
      var masked = payload
      masked.withUnsafeMutableBytes { ClientFrame.mask($0, with: key) }
      let header = ClientFrame.header(opcode: 2, count: count, key: key)
      #expect(header + masked == frame(2, payload, mask: [1, 2, 3, 4]))
      #expect(header.count <= ClientFrame.longestHeader)
    }
    #expect(ClientFrame.control(opcode: 10, [5], key: 0x0102_0304) == frame(10, [5], mask: [1, 2, 3, 4]))
    #expect(ClientFrame.control(opcode: 9, [UInt8](repeating: 0, count: 300), key: 0).count == 6 + 125)
  }
}

@Suite struct ClosePayloadTests {
  private func payload(_ code: Int, _ reason: [UInt8] = []) -> ClosePayload {
    ClosePayload([UInt8(code >> 8), UInt8(code & 255)] + reason)
  }

  @Test(arguments: [1000, 1001, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 4001, 4999])
  func codesThatMayBeSentAreAnsweredInKind(code: Int) {
    let close = payload(code, Array("so".utf8))
    #expect(close.shownCode == code)
    #expect(close.shownReason == "so")
    #expect(close.fault == nil)
    #expect(close.answer == [UInt8(code >> 8), UInt8(code & 255)] + Array("so".utf8))
  }

  @Test(arguments: [
    (0, "begin at 1000"), (999, "begin at 1000"), (1004, "reserved"), (1005, "must not be sent"), (1006, "must not be"),
    (1015, "must not be sent"), (1016, "reserved"), (2999, "reserved"), (5000, "end at 4999"), (65_535, "end at 4999"),
  ])
  func codesThatMayNotAreShownAndAnsweredWith1002(code: Int, part: String) {
    #expect(payload(code).shownCode == code)
    #expect(payload(code).shownReason.contains(part))
    #expect(payload(code, Array("why".utf8)).shownReason.hasPrefix("why ("))
    #expect(payload(code).answer == [3, 234])
  }

  @Test func halfACodeNoCodeAndBrokenText() {
    #expect(ClosePayload([]).shownCode == 1005)
    #expect(ClosePayload([]).shownReason == "")
    #expect(ClosePayload([]).answer == [])
    #expect(ClosePayload([3]).shownCode == 1005)
    #expect(ClosePayload([3]).shownReason.contains("one byte"))
    #expect(ClosePayload([3]).answer == [3, 234])
    let broken = payload(1000, [0x61, 0xff, 0x62])
    #expect(broken.shownCode == 1000)
    #expect(broken.shownReason == "a\u{fffd}b (the reason is not UTF-8)")
    #expect(broken.answer == [3, 239])
  }
}
