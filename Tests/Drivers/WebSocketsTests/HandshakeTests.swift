import Glibc
import SocketProtocol
import Testing
import Threads
import Timeline

@testable import WebSockets

/// What is asked for, and what is made of the answer.
@Suite struct HandshakeTests {
  /// The outcome of a connect to a raw peer, and the requests that it read.
  private func connect(
    _ path: String = "/voice", headers: [(name: String, value: String)] = [], subprotocols: [String] = [],
    timeout: Duration = .seconds(20), answer: @escaping @Sendable (RawPeer.Link, String) -> Void
  ) async throws -> (opened: WebSocketEvent?, failure: ConnectFailure?, requests: [String]) {
    let requests = Locked<[String]>([])
    let peer = RawPeer { link in
      let request = link.readRequest()
      requests.withLock { $0.append(request) }
      answer(link, request)
    }
    let client = ClientUnderTest()
    try client.connect(
      "ws://127.0.0.1:\(peer.port)\(path)", headers: headers, subprotocols: subprotocols, timeout: timeout)
    let isOpen = await client.isOpen()
    let failure = isOpen ? nil : await client.failure()
    client.client.abort(1)
    #expect(client.stop() == 0)
    peer.stop()
    return (client.all().first { $0.isOpened }, failure, requests.withLock { $0 })
  }

  @Test func oneHostLineTheUsers() async throws {
    let result = try await connect(
      headers: [("Host", "voice.example.org"), ("Origin", "https://example.org"), ("Upgrade", "h2c")]
    ) { link, request in link.upgrade(answering: request) }
    #expect(result.opened != nil)
    let lines = result.requests.first?.split(separator: "\r\n").map { $0.lowercased() } ?? []
    #expect(lines.filter { $0.hasPrefix("host:") } == ["host: voice.example.org"])
    #expect(lines.filter { $0.hasPrefix("origin:") } == ["origin: https://example.org"])
    #expect(lines.filter { $0.hasPrefix("upgrade:") } == ["upgrade: websocket"])
    #expect(lines.filter { $0.hasPrefix("sec-websocket-key:") }.count == 1)
  }

  @Test func aSubprotocolInAHeaderIsAnOffer() async throws {
    let result = try await connect(headers: [("Sec-WebSocket-Protocol", "realtime, other")], subprotocols: ["mine"]) {
      link, request in link.upgrade(answering: request, subprotocol: "realtime")
    }
    guard case .opened(_, let subprotocol)? = result.opened else {
      Issue.record("\(result)")
      return
    }
    #expect(subprotocol == "realtime")
    #expect(result.requests.first?.contains("Sec-WebSocket-Protocol: mine, realtime, other\r\n") == true)
  }

  @Test func interimAnswersAreSkipped() async throws {
    let result = try await connect { link, request in
      link.write("HTTP/1.1 100 Continue\r\n\r\n")
      link.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
      link.upgrade(answering: request)
    }
    #expect(result.opened != nil, "\(result)")
  }

  /// What came behind the 101 in the same packet is not lost.
  @Test func theFirstMessageRightBehindTheAnswer() async throws {
    let peer = RawPeer { link in
      let request = link.readRequest()
      link.upgrade(answering: request, behind: frame(1, Array("at once".utf8)) + frame(8, [3, 232]))
      link.drain()
    }
    let client = ClientUnderTest()
    try client.connect("ws://127.0.0.1:\(peer.port)/")
    #expect(await client.closed() == Closed(code: 1000, reason: "", by: .server))
    #expect(client.all().filter { $0.isMessage } == [.text("at once")])
    #expect(client.stop() == 0)
    peer.stop()
  }

  @Test(arguments: [
    (
      "401 Unauthorized", "Content-Type: application/json\r\n",
      #"{"error":{"code":"invalid_api_key","message":"The key sk-123456789 is not valid for this project"}}"#,
      "“The key … is not valid for this project (invalid_api_key)”"
    ),
    (
      "400 Bad Request", "x-error: unknown model nova-9\r\nx-request-id: 123\r\n", "",
      "“unknown model nova-9” [x-request-id 123]"
    ),
    (
      "503 Service Unavailable", "Content-Type: text/plain\r\n", "model is loading, about 40 s\u{1b}[2J",
      "“model is loading, about 40 s\\u{1b}[2J”"
    ),
    (
      "403 Forbidden", "Content-Type: text/html\r\n", "<html><body><h1>Not on the list</h1></body></html>",
      "“Not on the list”"
    ),
    ("402 No minutes left", "", "", "“No minutes left”"),
  ])
  func theServersOwnWords(status: String, header: String, body: String, part: String) async throws {
    for isChunked in [false, true] {
      let result = try await connect(headers: [("Authorization", "Bearer sk-123456789")]) { link, _ in
        let bytes = Array(body.utf8)
        let framing =
          isChunked
          ? "Transfer-Encoding: chunked\r\n\r\n"
            + (bytes.isEmpty ? "" : String(bytes.count, radix: 16) + "\r\n\(body)\r\n")
            + "0\r\n\r\n"
          : "Content-Length: \(bytes.count)\r\n\r\n\(body)"
        link.write("HTTP/1.1 \(status)\r\n\(header)\(framing)")
        link.drain()
      }
      #expect(result.failure?.kind == .httpStatus)
      #expect(result.failure?.reason.contains(part) == true, "\(result.failure?.reason ?? "")")
      #expect(result.failure?.reason.contains("sk-1") == false)
      #expect(result.requests.count == 1, "asked once")
    }
  }

  /// A body that was promised and does not come holds nobody up.
  @Test func aBodyThatNeverEnds() async throws {
    let result = try await connect { link, _ in
      link.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 500\r\n\r\nwrong key")
      link.drain()
    }
    #expect(result.failure?.httpStatus == 401)
    #expect(result.failure?.reason.contains("“wrong key”") == true, "\(result.failure?.reason ?? "")")
  }

  @Test func adviceFitsWhatWasGiven() async throws {
    func reason(_ path: String, _ headers: [(name: String, value: String)]) async throws -> String {
      let result = try await connect(path, headers: headers) { link, _ in
        link.write("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        link.drain()
      }
      return result.failure?.reason ?? ""
    }
    #expect(try await reason("/", []).contains("give one by -H"))
    let given = try await reason("/", [("Authorization", "Bearer wrong-key")])
    #expect(given.contains("did not accept the credential") && given.contains("check -H Authorization"))
    #expect(!given.contains("give one by"))
    #expect(try await reason("/?api_key=wrong", []).contains("item api_key"))
    #expect(try await reason("/", [("xi-api-key", "wrong")]).contains("check -H xi-api-key"))
  }

  @Test(arguments: [
    ("301 Moved", "Location: https://else.example/v?key=1\r\n", "to wss://else.example/v?key=… instead", true),
    ("307 Temporary Redirect", "Location: /other\r\n", "/other instead", true),
    ("302 Found", "Location: wss://else.example/\r\n", "to wss://else.example/ instead", true),
    ("426 Upgrade Required", "Sec-WebSocket-Version: 8\r\n", "speaks version 8", true),
    ("400 Bad Request", "X-Error: The plain HTTP request was sent to HTTPS port\r\n", "write wss://", true),
    ("431 Request Header Fields Too Large", "", "shorten them", true),
    ("429 Too Many Requests", "Retry-After: 99999999999999999999\r\n", "in 31536000 s", false),
  ])
  func neighbours(status: String, header: String, part: String, isPermanent: Bool) async throws {
    let result = try await connect { link, _ in
      link.write("HTTP/1.1 \(status)\r\n\(header)Content-Length: 0\r\n\r\n")
      link.drain()
    }
    #expect(result.failure?.reason.contains(part) == true, "\(result.failure?.reason ?? "")")
    #expect(result.failure?.isPermanent == isPermanent)
  }

  @Test func upgradesThatAreNone() async throws {
    func reason(_ head: String) async throws -> String {
      let result = try await connect { link, request in
        link.write(head.replacing("ACCEPT", with: RawPeer.accept(in: request)))
        link.drain()
      }
      #expect(result.failure?.kind == .notWebSocket)
      #expect(result.failure?.isPermanent == true)
      return result.failure?.reason ?? ""
    }
    let lines = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n"
    #expect(try await reason("HTTP/1.0 101 Switching\r\n\(lines)\r\n").contains("HTTP/1.0"))
    let extended = try await reason("HTTP/1.1 101 x\r\n\(lines)Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
    #expect(extended.contains("an extension that was not offered, “permessage-deflate”"))
    let named = try await reason("HTTP/1.1 101 x\r\n\(lines)Sec-WebSocket-Protocol: surprise\r\n\r\n")
    #expect(named.contains("“surprise”") && named.contains("--subprotocol"))
    let keyed = try await connect(subprotocols: ["openai-insecure-api-key.sk-555555"]) { link, request in
      link.upgrade(answering: request, subprotocol: "surprise")
    }
    #expect(keyed.failure?.reason.contains("sk-555555") == false)
    #expect(keyed.failure?.reason.contains("“surprise”") == true)
    #expect(try await reason("HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n").contains("Upgrade"))
    #expect(try await reason("HTTP/1.1 1O1 x\r\n\r\n").contains("broken HTTP"))
  }

  // MARK: - Proxies

  private func throughProxy(
    _ scheme: String = "http", environment: [String: String] = [:], userInfo: String = "",
    _ behaviour: @escaping RawPeer.Behaviour
  ) async throws -> (opened: WebSocketEvent?, failure: ConnectFailure?) {
    let peer = RawPeer(behaviour)
    let client = ClientUnderTest()
    var all = ["ws_proxy": "\(scheme)://\(userInfo)127.0.0.1:\(peer.port)"]
    all.merge(environment) { $1 }
    client.client.connect(
      1, ConnectRequest(url: try .parse("ws://voice.invalid:7/v"), proxies: ProxySettings(environment: all)))
    let isOpen = await client.isOpen()
    let failure = isOpen ? nil : await client.failure()
    client.client.abort(1)
    #expect(client.stop() == 0)
    peer.stop()
    return (client.all().first { $0.isOpened }, failure)
  }

  @Test func connectThroughAProxy() async throws {
    let asked = Locked<[String]>([])
    let result = try await throughProxy(userInfo: "me:pw%201@") { link in
      let connect = link.readRequest()
      asked.withLock { $0.append(connect) }
      link.write("HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n")
      let request = link.readRequest()
      asked.withLock { $0.append(request) }
      link.upgrade(answering: request)
    }
    guard case .opened(let stages, _)? = result.opened else {
      Issue.record("\(result.failure?.reason ?? "")")
      return
    }
    #expect(stages.map(\.name) == [.tcp, .proxy, .upgrade])
    let lines = asked.withLock { $0 }
    #expect(lines[0].hasPrefix("CONNECT voice.invalid:7 HTTP/1.1\r\nHost: voice.invalid:7\r\n"))
    #expect(lines[0].contains("Proxy-Authorization: Basic \(Base64.encode(Array("me:pw 1".utf8)))\r\n"))
    #expect(lines[1].hasPrefix("GET /v HTTP/1.1\r\nHost: voice.invalid:7\r\n"))
    #expect(!lines[1].contains("Proxy-Authorization"))
  }

  @Test(arguments: [
    (
      "407 Proxy Authentication Required", "Proxy-Authenticate: Basic\r\n", "",
      "wants a user and a password (HTTP 407)", true
    ),
    (
      "403 Forbidden", "", "host not on the list",
      "does not allow a connection to voice.invalid:7 (HTTP 403). It says: “host not", true
    ),
    ("502 Bad Gateway", "", "", "could not reach voice.invalid:7 (HTTP 502)", false),
    ("405 Method Not Allowed", "", "", "knows no CONNECT", true),
  ])
  func refusalsOfAProxy(status: String, header: String, body: String, part: String, isPermanent: Bool) async throws {
    let result = try await throughProxy { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 \(status)\r\n\(header)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
      link.drain()
    }
    #expect(result.failure?.kind == .proxyRefused, "\(result)")
    #expect(result.failure?.reason.contains(part) == true, "\(result.failure?.reason ?? "")")
    #expect(result.failure?.reason.contains("(ws_proxy)") == true)
    #expect(result.failure?.isPermanent == isPermanent)
  }

  @Test func faultsOfAProxy() async throws {
    let secret = try await throughProxy(userInfo: "me:secret-word@") { link in
      _ = link.readRequest()
      link.write("HTTP/1.1 407 x\r\nContent-Length: 0\r\n\r\n")
      link.drain()
    }
    #expect(secret.failure?.reason.contains("did not accept the user and password") == true)
    #expect(secret.failure?.reason.contains("secret-word") == false)
    let other = try await throughProxy { link in
      link.write("220 mail.example ESMTP\r\n")
      link.drain()
    }
    #expect(other.failure?.reason.contains("is no such proxy: it answered “220 mail") == true, "\(other)")
    let gone = try await throughProxy { link in _ = link.readRequest() }
    #expect(gone.failure?.kind == .proxyRefused)
    let kind = try await throughProxy("socks4a") { $0.drain() }
    #expect(kind.failure?.kind == .badProxy)
    #expect(kind.failure?.reason.contains("socks4a proxies are not spoken here") == true)
    let nobody = try await throughProxy(environment: ["ws_proxy": "http://127.0.0.1:1"]) { $0.drain() }
    #expect(nobody.failure?.kind == .proxyUnreachable)
    #expect(nobody.failure?.reason.contains("NO_PROXY") == true)
    // An exception goes around it, and so does not find the host.
    let around = try await throughProxy(environment: ["NO_PROXY": "invalid"]) { $0.drain() }
    #expect(around.failure?.kind == .hostNotFound || around.failure?.kind == .lookupFailed)
  }

  @Test func socks() async throws {
    let result = try await throughProxy("socks5h", userInfo: "me:pw@") { link in
      #expect(link.read() == [5, 2, 0, 2])
      link.write([5, 2])
      #expect(link.read() == [1, 2, 0x6d, 0x65, 2, 0x70, 0x77])
      link.write([1, 0])
      #expect(link.read() == [5, 1, 0, 3, 13] + Array("voice.invalid".utf8) + [0, 7])
      link.write([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
      link.upgrade()
    }
    #expect(result.opened != nil, "\(result)")
    let refused = try await throughProxy("socks5h") { link in
      _ = link.read()
      link.write([5, 0])
      _ = link.read()
      link.write([5, 4, 0, 1, 0, 0, 0, 0, 0, 0])
      link.drain()
    }
    #expect(refused.failure?.reason.contains("the host is unreachable from there") == true, "\(refused)")
  }

  // MARK: - Addresses

  /// A zone leads to the interface and stays out of the request. Loopback has the number 1.
  @Test func anAddressWithAZone() async throws {
    let server = try ServerUnderTest(ServerOptions(host: "::1"))
    let client = ClientUnderTest()
    try client.connect("ws://[::1%251]:\(server.server.port)/voice")
    #expect(await client.isOpen(), "\(client.all())")
    #expect(await server.request()?.headers["host"] == "[::1]:\(server.server.port)")
    #expect(client.stop() == 0)
    #expect(server.stop() == 0)
  }
}

extension RawPeer {
  /// The value of Sec-WebSocket-Accept that answers a request.
  static func accept(in request: String) -> String {
    let key = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }
    return accept(key.map { $0.split(separator: " ").last.map(String.init) ?? "" } ?? "")
  }
}

extension RawPeer.Link {
  /// Answers an upgrade that was read already, all in one packet.
  func upgrade(answering request: String, subprotocol: String? = nil, behind: [UInt8] = []) {
    let line = subprotocol.map { "Sec-WebSocket-Protocol: \($0)\r\n" } ?? ""
    write(
      Array(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\(line)"
          + "Sec-WebSocket-Accept: \(RawPeer.accept(in: request))\r\n\r\n").utf8) + behind)
    if behind.isEmpty { drain() }
  }
}
