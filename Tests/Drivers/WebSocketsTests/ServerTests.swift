import Admission
import Glibc
import Testing
import Timeline

@testable import WebSockets

@Suite struct ServerTests {
  /// Sends bytes over TCP and returns all that comes back.
  private func exchange(_ port: Int, _ request: String) -> String {
    guard let descriptor = dial(port) else { return "" }
    defer { close(descriptor) }
    let link = RawPeer.Link(descriptor: descriptor)
    link.write(request)
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    while true {
      let more = link.read()
      if more.isEmpty { return String(decoding: answer, as: UTF8.self) }
      answer += more
    }
  }

  /// A TCP connection.
  private func dial(_ port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if !isConnected { close(descriptor) }
    return isConnected ? descriptor : nil
  }

  @Test func refusesWhoShouldNotComeIn() async throws {
    let server = try ServerUnderTest(ServerOptions(token: "s3cret"))
    let client = ClientUnderTest()
    let cases: [(path: String, header: String?, status: Int?)] = [
      ("/wrong", "Bearer s3cret", 404), ("/voice", nil, 401), ("/voice", "Bearer wrong", 401),
      ("/voice?token=wrong", nil, 401), ("/voice", "Bearer s3cret", nil), ("/voice?token=s3cret&x=1", nil, nil),
    ]
    for (index, item) in cases.enumerated() {
      try client.connect(
        server.url(item.path), id: index + 1, headers: item.header.map { [("Authorization", $0)] } ?? [])
      if let status = item.status {
        let failure = await client.failure(index + 1)
        #expect(failure?.httpStatus == status)
        #expect(failure?.isPermanent == true)
      } else {
        #expect(await client.isOpen(index + 1))
      }
    }
    // The server tells it after the client has read its answer.
    #expect(await eventually { server.all().filter { if case .opened = $0 { true } else { false } }.count == 2 })
    let request = await server.request(2)
    #expect(request?.path == "/voice")
    #expect(request?.query == [.init(name: "x", value: "1")])
    #expect(request?.peerAddress == "127.0.0.1")
    #expect(request?.headers["host"] == "127.0.0.1:\(server.server.port)")
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func plainRequestsAreAnswered() async throws {
    let server = try ServerUnderTest()
    let port = server.server.port
    for path in ["/", "/healthz"] {
      let answer = exchange(port, "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.hasSuffix("the WebSocket endpoint is /voice\n"))
    }
    let missing = exchange(port, "GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(missing.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    #expect(missing.contains("endpoint is /voice"))
    #expect(exchange(port, "GET /voice HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasPrefix("HTTP/1.1 426 "))
    // What is no request at all does no harm.
    _ = exchange(port, "\u{0}\u{1}garbage\r\n\r\n")
    _ = exchange(port, "GET /voice HTTP/1.1\r\nX: \(String(repeating: "y", count: 30_000))\r\n\r\n")
    #expect(exchange(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    #expect(server.stop() == 0)
  }

  private static let handshake =
    "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    + "Sec-WebSocket-Version: 13\r\n"

  @Test func oddRequestsAreAnsweredInWords() async throws {
    let server = try ServerUnderTest()
    let port = server.server.port
    let host = "Host: localhost\r\n"
    let upgrade = Self.handshake
    let cases: [(request: String, status: Int)] = [
      ("GET /voice HTTP/1.1\r\n\(upgrade)\r\n", 400), ("GET /voice HTTP/1.0\r\n\(host)\(upgrade)\r\n", 400),
      ("GET /voice HTTP/1.1\r\n\(host)\(host)\(upgrade)\r\n", 400), ("GET / HTTP/1.0\r\n\r\n", 200),
      ("GET /voice HTTP/1.0\r\n\r\n", 426), ("HEAD / HTTP/1.1\r\n\(host)\r\n", 200),
      ("HEAD /x HTTP/1.1\r\n\(host)\r\n", 404),
      ("POST /voice HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\nhello", 405),
      ("POST /voice HTTP/1.1\r\n\(host)Content-Length: 200000\r\n\r\n\(String(repeating: "x", count: 200_000))", 405),
      ("POST /voice HTTP/1.1\r\n\(host)\(upgrade)\r\n", 405), ("PUT / HTTP/1.1\r\n\(host)\r\n", 405),
      ("OPTIONS /voice HTTP/1.1\r\n\(host)\r\n", 405), ("DELETE /voice HTTP/1.1\r\n\(host)\r\n", 405),
      ("PATCH /voice HTTP/1.1\r\n\(host)\r\n", 405), ("TRACE / HTTP/1.1\r\n\(host)\r\n", 405),
      ("CONNECT a.org:443 HTTP/1.1\r\n\(host)\r\n", 405), ("PROPFIND / HTTP/1.1\r\n\(host)\r\n", 405),
      ("get / HTTP/1.1\r\n\(host)\r\n", 200), ("SSH-2.0-OpenSSH_9\r\n", 400), ("\u{16}\u{3}\u{1}\u{0}\u{5}hello", 400),
      ("\u{0}\u{1}\u{2}\u{3}", 400), ("GET /other HTTP/1.1\r\n\(host)\(upgrade)\r\n", 404),
      ("GET / HTTP/1.1\r\n\(host)Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 200),
      ("GET /voice HTTP/1.1\r\n\(host)Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n", 426),
      ("GET /voice HTTP/1.1\r\n\(host)\(upgrade.replacing("n: 13", with: "n: 8"))\r\n", 426),
      ("GET /voice HTTP/1.1\r\n\(host)\(upgrade.replacing("dGhl", with: ""))\r\n", 400),
      ("GET /voice HTTP/1.1\r\n\(host)\(upgrade.replacing("keep-alive, Upgrade", with: "close"))\r\n", 400),
      ("GET /voice HTTP/1.1\r\n\(host)X: \(String(repeating: "y", count: 30_000))\r\n\(upgrade)\r\n", 431),
      ("GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: b\r\n", count: 4_000))\r\n", 431),
      ("GET /voice HTTP/1.1\r\nHost: evil.example\r\n\(upgrade)\r\n", 403),
      ("GET /voice HTTP/1.1\r\n\(host)Origin: https://evil.example\r\n\(upgrade)\r\n", 403),
      ("GET /voice HTTP/1.1\r\n\(host)Origin:\r\n\(upgrade)\r\n", 403),
      ("GET /voice HTTP/1.1\r\n\(host)Origin: http://localhost\r\nOrigin: http://localhost\r\n\(upgrade)\r\n", 403),
      ("GET /voice HTTP/1.1\r\n\(host)Origin: http://localhost:3000\r\n\(upgrade)\r\n", 101),
      ("GET / HTTP/1.1\r\n\(host)\(upgrade)\r\n", 101),
    ]
    for (request, status) in cases {
      let answer = exchange(port, request)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(90)): \(answer.prefix(60))")
      if status != 101 { #expect(answer.contains("\r\nConnection: close\r\n")) }
      if request.hasPrefix("HEAD") { #expect(answer.hasSuffix("\r\n\r\n")) }
    }
    // Each was told, but those that were answered as they should be.
    let refused = cases.filter { $0.status >= 400 }
    #expect(await eventually { server.refused.withLock { $0.count } == refused.count })
    #expect(server.refused.withLock { $0.map(\.refusal.status) } == refused.map(\.status))
    #expect(server.refused.withLock { $0.allSatisfy { $0.peerAddress == "127.0.0.1" } })
    #expect(exchange(port, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    #expect(server.stop() == 0)
  }

  /// libwebsockets gives up at 64 KiB, without an answer: one header, an address, and a head that does not end.
  @Test func headsBeyondAllMeasureAreInTheLog() async throws {
    let server = try ServerUnderTest()
    let long = { String(repeating: "y", count: $0) }
    let heads = [
      "GET /voice HTTP/1.1\r\nHost: x\r\nX: \(long(100_000))\r\n\r\n",
      "GET /voice HTTP/1.1\r\nHost: x\r\nX: \(long(2_000_000))\r\n\r\n",
      "GET /voice?x=\(long(70_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /voice HTTP/1.1\r\nHost: x\r\nCookie: \(long(200_000))",
    ]
    for head in heads { _ = exchange(server.server.port, head) }
    #expect(await eventually { server.refused.withLock { $0.count } >= heads.count })
    #expect(server.refused.withLock { $0.map(\.refusal) } == heads.map { _ in AdmissionRule.beyondMeasure })
    #expect(server.refused.withLock { $0.allSatisfy { $0.peerAddress == "127.0.0.1" } })
    #expect(exchange(server.server.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    #expect(server.stop() == 0)
  }

  @Test func wrongTokensWaitAndNobodyElseDoes() async throws {
    var options = ServerOptions(token: "s3cret")
    // Longer than any test takes.
    (options.guessDelay, options.requestPatience) = (.seconds(600), .seconds(600))
    let server = try ServerUnderTest(options)
    let client = ClientUnderTest()
    for id in 1...4 { try client.connect(server.url("/voice?token=wrong\(id)"), id: id, timeout: .seconds(600)) }
    #expect(await eventually { server.refused.withLock { $0.count } >= 4 })
    try client.connect(server.url("/voice?token=s3cret"), id: 5)
    try client.connect(server.url("/voice"), id: 6)
    #expect(await client.isOpen(5))
    #expect(await client.failure(6)?.httpStatus == 401)
    // What nobody guessed was answered while the guesses wait.
    #expect((1...4).allSatisfy { client.all($0).isEmpty })
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func wrongTokensAreAnsweredInTheEnd() async throws {
    let server = try ServerUnderTest(ServerOptions(token: "s3cret"))
    let client = ClientUnderTest()
    for id in 1...3 { try client.connect(server.url("/voice?token=wrong\(id)"), id: id) }
    for id in 1...3 { #expect(await client.failure(id)?.httpStatus == 401) }
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func manyGuessesAtOnceAreNotLookedAt() async throws {
    let server = try ServerUnderTest(ServerOptions(token: "s3cret"))
    let client = ClientUnderTest()
    for id in 1...30 { try client.connect(server.url("/voice?token=wrong"), id: id) }
    var statuses: [Int] = []
    for id in 1...30 { statuses.append(await client.failure(id)?.httpStatus ?? 0) }
    #expect(statuses.allSatisfy { $0 == 401 || $0 == 429 })
    #expect(statuses.count { $0 == 401 } >= 8 && statuses.contains(429))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func connectionsThatAskNothingGiveWay() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    var idle: [Int32] = []
    for _ in 0..<400 {
      guard let descriptor = dial(server.server.port) else { break }
      idle.append(descriptor)
      // Half a request, as those send who want to be waited for.
      RawPeer.Link(descriptor: descriptor).write("GET /voice HT")
    }
    #expect(idle.count == 400)
    // The first were dropped; who was in stays in, and who comes now gets in.
    let first = RawPeer.Link(descriptor: idle[0])
    #expect(String(decoding: first.read(), as: UTF8.self).hasPrefix("HTTP/1.1 503 "))
    #expect(first.read().isEmpty)
    try client.connect(server.url(), id: 2)
    #expect(await client.isOpen(2))
    client.send("hello", id: 1)
    #expect(await client.messages(atLeast: 1) == [.text("hello")])
    #expect(server.refused.withLock { $0.contains { $0.refusal.kind == .crowd } })
    for descriptor in idle { close(descriptor) }
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func whoDoesNotFinishTheRequestIsToldSo() async throws {
    var options = ServerOptions()
    options.requestPatience = .milliseconds(200)
    let server = try ServerUnderTest(options)
    let descriptor = try #require(dial(server.server.port))
    let link = RawPeer.Link(descriptor: descriptor)
    link.write("GET /voice HTTP/1.1\r\nHost: local")
    #expect(String(decoding: link.read(), as: UTF8.self).hasPrefix("HTTP/1.1 408 "))
    close(descriptor)
    #expect(server.stop() == 0)
  }

  @Test func anAddressHasItsLimit() async throws {
    var options = ServerOptions(maximumConnections: 8)
    options.maximumPerAddress = 2
    let server = try ServerUnderTest(options)
    let client = ClientUnderTest()
    for id in 1...2 {
      try client.connect(server.url(), id: id)
      #expect(await client.isOpen(id))
    }
    try client.connect(server.url(), id: 3)
    #expect(await client.failure(3)?.httpStatus == 503)
    client.client.close(LinkID(1), code: 1000, reason: "")
    #expect(await server.closed() != nil)
    try client.connect(server.url(), id: 4)
    #expect(await client.isOpen(4))
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func subprotocolsAreMirrored() async throws {
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    for (id, offered) in [["realtime", "other"], ["voice.v1"], ["openai-insecure-api-key.x_y-1"], []].enumerated() {
      try client.connect(server.url(), id: id + 1, subprotocols: offered)
      #expect(await client.isOpen(id + 1))
      guard case .opened(_, let subprotocol)? = client.all(id + 1).first else { continue }
      #expect(subprotocol == offered.first)
      #expect(await server.request(id + 1)?.subprotocol == offered.first)
    }
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func violationsAreClosedWith1002() async throws {
    for bytes in [frame(3, [1], mask: [1, 2, 3, 4]), frame(0, [1], mask: [0, 0, 0, 0])] {
      let server = try ServerUnderTest()
      let request =
        "GET /voice HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
      let answer = exchange(server.server.port, request + String(bytes.map { Character(Unicode.Scalar($0)) }))
      #expect(answer.contains(RawPeer.accept("dGhlIHNhbXBsZSBub25jZQ==")))
      let closed = await server.closed()
      #expect(closed != nil)
      #expect(server.stop() == 0)
    }
  }

  /// A WebSocket by hand.
  private func upgraded(_ server: ServerUnderTest) throws -> RawPeer.Link {
    let link = RawPeer.Link(descriptor: try #require(dial(server.server.port)))
    link.write("GET /voice HTTP/1.1\r\nHost: localhost\r\n\(Self.handshake)\r\n")
    #expect(link.readRequest().hasPrefix("HTTP/1.1 101 "))
    return link
  }

  /// What comes until the server ends TCP.
  private func rest(_ link: RawPeer.Link) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = link.read()
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  private static let mask: [UInt8] = [1, 2, 3, 4]

  /// Each violation by its name, in the close frame and in the event; and TCP ends although the client leaves it open,
  /// answers nothing, and goes on sending.
  @Test(
    arguments: [
      (frame(3, [1], mask: mask), "reserved opcode"), (frame(11, [], mask: mask), "reserved opcode"),
      (frame(8, [3, 232], isFinal: false, mask: mask), "fragmented control frame"),
      (frame(9, [1], isFinal: false, mask: mask), "fragmented control frame"),
      (frame(1, [0x61], reserved: 4, mask: mask), "reserved bits"),
      (frame(2, [1], reserved: 1, mask: mask), "reserved"),
      (frame(0, [1], mask: mask), "continuation frame without a beginning"),
      (frame(1, [0x61], isFinal: false, mask: mask) + frame(1, [0x62], mask: mask), "message within another"),
      (frame(9, pattern(126), mask: mask), "more than 125 bytes"),
      (frame(8, pattern(70_000), mask: mask), "more than 125 bytes"),
      ([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1] + mask, "2^63"),
    ] as [([UInt8], String)])
  func violationsEndTheConnectionUnanswered(bytes: [UInt8], words: String) async throws {
    let server = try ServerUnderTest(echoes: false)
    let link = try upgraded(server)
    link.write(frame(1, Array("hello".utf8), mask: Self.mask) + bytes + pattern(200_000))
    let last = rest(link)
    #expect(last.first == 0x88 && last.count == Int(last.dropFirst().first ?? 0) + 2)
    #expect(last.dropFirst(2).starts(with: [0x03, 0xea]))
    #expect(String(decoding: last.dropFirst(4), as: UTF8.self).contains(words), "\(last)")
    let closed = await server.closed()
    #expect(closed?.code == 1002 && closed?.by == .server)
    #expect(closed?.reason.hasPrefix("the peer broke the WebSocket protocol (") == true)
    #expect(closed?.reason.contains(words) == true, "\(closed?.reason ?? "")")
    #expect(server.all(1).dropFirst().first == .message(Array("hello".utf8), isText: true))
    close(link.descriptor)
    #expect(server.stop() == 0)
  }

  /// 1009, and what a server's user says of a client's bytes: the client need not answer.
  @Test(arguments: [1009, 1003, 1007, 1002]) func faultsOfThePeerEndTheConnectionUnanswered(code: Int) async throws {
    let server = try ServerUnderTest(ServerOptions(maximumMessageBytes: 1000), echoes: false)
    let link = try upgraded(server)
    if code == 1009 {
      link.write(Array(frame(2, pattern(50_000), mask: Self.mask).prefix(30_000)))
    } else {
      server.server.send(ServerConnectionID(1), Array("before".utf8), isText: true)
      server.server.close(ServerConnectionID(1), code: code, reason: "as told")
    }
    let reason = code == 1009 ? "message larger than 1000 bytes" : "as told"
    let before = code == 1009 ? [] : frame(1, Array("before".utf8))
    #expect(rest(link) == before + frame(8, [UInt8(code >> 8), UInt8(code & 255)] + Array(reason.utf8)))
    #expect(await server.closed() == Closed(code: code, reason: reason, by: .server))
    close(link.descriptor)
    #expect(server.stop() == 0)
  }

  /// What a client says when it closes: as it said it, or, where libwebsockets hides it, with that said.
  @Test(
    arguments: [
      ([0x03, 0xe8, 0x6f, 0x6b], 1000, "ok", [0x03, 0xe8, 0x6f, 0x6b]), ([], 1005, "", []),
      ([0x0f, 0xa0, 0x61], 4000, "a", [0x0f, 0xa0, 0x61]), ([0x03], 1005, "one byte", [0x03, 0xea]),
      ([0x13, 0x88], 5000, "end at 4999", [0x03, 0xea]), ([0x03, 0xe8, 0xff], 1000, "not UTF-8", [0x03, 0xef]),
      ([0x03, 0xf4, 0x61], 1002, "a (1002, or a code that the library hides", [0x03, 0xea, 0x61]),
      ([0x03, 0xf6], 1002, "1012 to 2999", [0x03, 0xea]), ([0x03, 0xe7], 1002, "below 1000", [0x03, 0xea]),
    ] as [([UInt8], Int, String, [UInt8])])
  func closeFramesOfClients(payload: [UInt8], code: Int, words: String, answer: [UInt8]) async throws {
    let server = try ServerUnderTest()
    let link = try upgraded(server)
    link.write(frame(8, payload, mask: Self.mask))
    #expect(rest(link) == frame(8, answer))
    close(link.descriptor)
    let closed = await server.closed()
    #expect(closed?.code == code && closed?.by == .client)
    #expect(words.contains(" ") ? closed?.reason.contains(words) == true : closed?.reason == words, "\(closed as Any)")
    #expect(server.stop() == 0)
  }

  /// Many at once, and one that sends on and on: others are served, and nothing is left behind.
  @Test func manyViolationsLeaveNothingBehind() async throws {
    let server = try ServerUnderTest()
    var links: [RawPeer.Link] = []
    for _ in 0..<40 {
      let link = try upgraded(server)
      link.write(frame(3, [], mask: Self.mask))
      links.append(link)
    }
    for id in 1...40 { #expect(await server.closed(id)?.code == 1002) }
    let client = ClientUnderTest()
    try client.connect(server.url())
    #expect(await client.isOpen())
    client.send("hello", id: 1)
    #expect(await client.messages(atLeast: 1) == [.text("hello")])
    for link in links { close(link.descriptor) }
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func whereItListens() async throws {
    for (host, address) in [
      ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("lo", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"),
      ("::1", "[::1]"),
    ] {
      let server = try ServerUnderTest(ServerOptions(host: host))
      let client = ClientUnderTest()
      try client.connect("ws://\(address):\(server.server.port)/voice")
      #expect(await client.isOpen(), "\(host)")
      #expect(client.stop() == 0)
      #expect(server.stop() == 0)
    }
  }

  @Test func loopbackIsLoopbackOnly() throws {
    let server = try ServerUnderTest()
    // Hexadecimal, in the machine's order: 0100007F is 127.0.0.1.
    let port = String(server.server.port, radix: 16, uppercase: true)
    var listening: [String] = []
    for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
      guard let file = fopen(path, "r") else { continue }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 512)
      while fgets(&line, 512, file) != nil {
        let fields = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
          .split(separator: " ")
        if fields.count > 3, fields[3] == "0A",
          fields[1].hasSuffix(":" + String(repeating: "0", count: 4 - port.count) + port)
        {
          listening.append(String(fields[1].prefix { $0 != ":" }))
        }
      }
    }
    #expect(listening == ["0100007F"])
    #expect(server.stop() == 0)
  }

  @Test func saysWhyItCannotStart() throws {
    let first = try ServerUnderTest()
    func message(_ options: ServerOptions) -> String {
      do {
        let server = try WebSocketServer(options) { _, _ in }
        server.stop(deadline: .zero)
        return "started"
      } catch { return error.description }
    }
    #expect(message(ServerOptions(port: first.server.port)).contains("is in use"))
    #expect(message(ServerOptions(port: 70_000)).contains("0 to 65535"))
    #expect(message(ServerOptions(host: "203.0.113.1")).contains("no address of this machine"))
    #expect(message(ServerOptions(host: "no-such-host.invalid")).contains("as in 127.0.0.1"))
    #expect(message(ServerOptions(path: "voice")).contains("must begin with /"))
    #expect(message(ServerOptions(token: "")).contains("token is empty"))
    #expect(message(ServerOptions(certificateFile: "/no/such.pem")).contains("both a certificate and its key"))
    #expect(
      message(ServerOptions(certificateFile: "/no/such.pem", keyFile: "/no/key.pem")).contains(
        "cannot read certificate"))
    #expect(first.stop() == 0)
  }
}
