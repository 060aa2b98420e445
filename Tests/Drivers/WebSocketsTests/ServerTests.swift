import Glibc
import Testing
import Timeline

@testable import WebSockets

@Suite struct ServerTests {
  /// Sends bytes over TCP and returns all that comes back.
  private func exchange(_ port: Int, _ request: String) -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return "" }
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
    #expect(server.all().filter { if case .opened = $0 { true } else { false } }.count == 2)
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
        "GET /voice HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
      let answer = exchange(server.server.port, request + String(bytes.map { Character(Unicode.Scalar($0)) }))
      #expect(answer.contains(RawPeer.accept("dGhlIHNhbXBsZSBub25jZQ==")))
      let closed = await server.closed()
      #expect(closed != nil)
      #expect(server.stop() == 0)
    }
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
