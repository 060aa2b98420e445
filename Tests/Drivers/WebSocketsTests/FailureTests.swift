import Glibc
import TestKit
import Testing
import Timeline

@testable import WebSockets

/// Each way to fail says what it is and what to do.
@Suite struct FailureTests {
  /// The failure of a connect to a raw peer.
  private func failure(
    scheme: String = "ws", path: String = "/voice?token=secret", timeout: Duration = .seconds(20),
    _ behaviour: @escaping RawPeer.Behaviour
  ) async throws -> ConnectFailure? {
    let peer = RawPeer(behaviour)
    let client = ClientUnderTest()
    try client.connect("\(scheme)://127.0.0.1:\(peer.port)\(path)", timeout: timeout)
    let failure = await client.failure()
    #expect(client.stop() == 0)
    peer.stop()
    #expect(failure?.reason.contains("secret") == false, "\(failure?.reason ?? "")")
    return failure
  }

  private func expect(
    _ failure: ConnectFailure?, _ kind: ConnectFailure.Kind, _ part: String, isPermanent: Bool, status: Int? = nil,
    location: SourceLocation = #_sourceLocation
  ) {
    #expect(failure?.kind == kind, "\(failure?.reason ?? "")", sourceLocation: location)
    #expect(failure?.reason.contains(part) == true, "\(failure?.reason ?? "")", sourceLocation: location)
    #expect(failure?.isPermanent == isPermanent, sourceLocation: location)
    #expect(failure?.httpStatus == status, sourceLocation: location)
  }

  @Test func nothingListens() async throws {
    let peer = RawPeer { _ in }
    peer.stop()
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/voice")
    expect(await client.failure(), .refused, "nothing listens there; start the server", isPermanent: false)
    try client.connect("ws://localhost:\(peer.port)/voice", id: 2)
    expect(await client.failure(2), .refused, "localhost:\(peer.port) (", isPermanent: false)
    #expect(client.stop() == 0)
  }

  @Test func hostNotFound() async throws {
    let client = ClientUnderTest()
    try client.connect("ws://no-such-host.invalid/voice")
    let failure = await client.failure()
    // Without a resolver the lookup fails in another way than with one that knows there is no such name.
    #expect(failure?.kind == .hostNotFound || failure?.kind == .lookupFailed)
    #expect(failure?.reason.contains("“no-such-host.invalid”") == true)
    #expect(failure?.isPermanent == false)
    #expect(client.stop() == 0)
  }

  @Test func noWayThere() async throws {
    let client = ClientUnderTest()
    // A link-local address that does not say which link.
    try client.connect("ws://[fe80::1]:81/voice", id: 1)
    expect(await client.failure(1), .unreachable, "check the address and the network", isPermanent: false)
    #expect(client.stop() == 0)
  }

  @Test func connectTimeout() async throws {
    // A listener whose queue is full takes no further connection and says nothing.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let fillers = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> [Int32] in
        #expect(bind(listener, generic, size) == 0 && listen(listener, 0) == 0)
        getsockname(listener, generic, &size)
        return (0..<4).map { _ in
          let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
          _ = connect(filler, generic, size)
          return filler
        }
      }
    }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/voice", timeout: .milliseconds(600))
    expect(await client.failure(), .connectTimeout, "within 600 ms", isPermanent: false)
    #expect(client.stop() == 0)
    for descriptor in fillers + [listener] { close(descriptor) }
  }

  @Test func silence() async throws {
    let failure = try await failure(timeout: .milliseconds(500)) { $0.drain() }
    expect(failure, .silent, "did not answer the upgrade within 500 ms", isPermanent: false)
    let tls = try await self.failure(scheme: "wss", timeout: .milliseconds(500)) { $0.drain() }
    expect(tls, .silent, "did not answer the TLS handshake within 500 ms", isPermanent: false)
  }

  @Test func halfAHandshake() async throws {
    let stays = try await failure(timeout: .milliseconds(500)) { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 101 Switching Pro")
      link.drain()
    }
    expect(stays, .silent, "did not answer the upgrade", isPermanent: false)
    let ends = try await failure { link in
      _ = link.read()
      link.write("HTTP/1.1 101 Switching Pro")
    }
    expect(ends, .hungUp, "ended the connection before it had answered", isPermanent: false)
  }

  @Test func hangsUp() async throws {
    expect(try await failure { _ = $0.read() }, .hungUp, "ended the connection", isPermanent: false)
    let reset = try await failure { link in
      _ = link.read()
      link.reset()
    }
    expect(reset, .hungUp, "ended the connection", isPermanent: false)
  }

  @Test(arguments: [
    ("200 OK", "", "check the path", true),
    ("301 Moved", "Location: wss://else.example/v?key=1\r\n", "else.example/v?key=…", true),
    ("302 Found", "Location: /other\r\n", "“/other”", true), ("400 Bad Request", "", "did not take the upgrade", true),
    ("401 Unauthorized", "WWW-Authenticate: Bearer realm=\"x\"\r\n", "asks for “Bearer realm", true),
    ("403 Forbidden", "", "check the credential", true), ("404 Not Found", "", "no path /voice?token=…", true),
    ("418 Teapot", "", "HTTP 418", true),
    ("429 Too Many Requests", "Retry-After: 7\r\n", "try again later, in 7 s", false),
    ("500 Internal Server Error", "", "server's log", false), ("502 Bad Gateway", "", "proxy in front", false),
    ("503 Service Unavailable", "Retry-After: Wed, 21 Oct\r\n", "(Wed, 21 Oct)", false),
  ])
  func answersWithAStatus(status: String, header: String, part: String, isPermanent: Bool) async throws {
    let failure = try await failure { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 \(status)\r\n\(header)Content-Length: 2\r\n\r\nhi")
      link.drain()
    }
    expect(failure, .httpStatus, part, isPermanent: isPermanent, status: Int(status.prefix(3)))
    #expect(failure?.retryAfterSeconds == (header.contains("7") ? 7 : nil))
  }

  @Test func noHTTPAtAll() async throws {
    let ssh = try await failure { link in
      link.write("SSH-2.0-OpenSSH_9.2 \u{1b}[31m\r\n")
      _ = link.read()
    }
    expect(ssh, .notWebSocket, "“SSH-2.0-OpenSSH_9.2 ·[31m”", isPermanent: true)
    let garbage = try await failure { link in
      _ = link.read()
      link.write([UInt8](repeating: 0x80, count: 400))
    }
    #expect(garbage?.kind == .notWebSocket || garbage?.kind == .hungUp, "\(garbage?.reason ?? "")")
  }

  @Test func headersBeyondAllMeasure() async throws {
    let failure = try await failure { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 101 Switching Protocols\r\nX-Long: \(String(repeating: "x", count: 40_000))\r\n\r\n")
      link.drain()
    }
    #expect(failure?.kind == .notWebSocket, "\(failure?.reason ?? "")")
    #expect(failure?.isPermanent == true)
  }

  @Test func brokenHandshakes() async throws {
    let noAccept = try await failure { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
      link.drain()
    }
    expect(noAccept, .notWebSocket, "no Sec-WebSocket-Accept", isPermanent: true, status: nil)
    let wrongAccept = try await failure { link in
      _ = link.readRequest()
      link.write(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: bm90IGl0\r\n\r\n")
      link.drain()
    }
    expect(wrongAccept, .notWebSocket, "a wrong Sec-WebSocket-Accept", isPermanent: true)
    let unoffered = try await failure { $0.upgrade(subprotocol: "surprise") }
    expect(unoffered, .notWebSocket, "a subprotocol that was not offered", isPermanent: true)
  }

  @Test func tlsToAPlainPort() async throws {
    let failure = try await failure(scheme: "wss") { link in
      let request = link.read()
      // What a plain web server says to a ClientHello, and to a request.
      link.write(request.first == 0x16 ? "HTTP/1.1 400 Bad Request\r\n\r\n" : "HTTP/1.1 200 OK\r\n\r\n")
    }
    expect(failure, .notTLS, "write ws:// instead of wss://", isPermanent: true)
    let server = try ServerUnderTest()
    let client = ClientUnderTest()
    try client.connect(server.url(scheme: "wss"))
    expect(await client.failure(), .notTLS, "write ws:// instead of wss://", isPermanent: true)
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }

  @Test func givenUpBeforeItIsOpen() async throws {
    let peer = RawPeer { $0.drain() }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/", id: 1)
    client.client.close(1, code: 1000, reason: "")
    #expect(await client.failure(1)?.kind == .cancelled)
    try client.connect("ws://127.0.0.1:\(peer.port)/", id: 2)
    client.client.abort(2)
    #expect(await client.failure(2)?.kind == .cancelled)
    try client.connect("ws://127.0.0.1:\(peer.port)/", id: 3)
    #expect(client.stop() == 0)
    #expect(await client.failure(3)?.kind == .cancelled)
    peer.stop()
  }
}
