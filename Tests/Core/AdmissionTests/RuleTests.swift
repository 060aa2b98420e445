import Testing

@testable import Admission

@Suite struct RuleTests {
  private func status(
    _ rule: AdmissionRule = AdmissionRule(), open: AdmissionRule.Occupancy = .init(),
    _ change: (inout UpgradeRequest) -> Void = { _ in }
  ) -> Int? {
    var request = UpgradeRequest()
    change(&request)
    return rule.refusal(of: request, open)?.status
  }

  // MARK: Origins

  /// `Host` and `Origin` as they came, and whether they are let in by a server without a token.
  static let table: [(host: String, origins: [String], isLetIn: Bool)] = [
    // No page at all.
    ("localhost:8765", [], true), ("127.0.0.1:8765", [], true), ("[::1]:8765", [], true), ("LocalHost", [], true),
    ("localhost.:8765", [], true),
    // A tunnel: another port.
    ("localhost:9000", [], true),
    // The server's own page, and others of this machine.
    ("127.0.0.1:8765", ["http://127.0.0.1:8765"], true), ("localhost:8765", ["http://localhost:3000"], true),
    ("localhost:8765", ["https://localhost"], true), ("localhost:8765", ["http://[::1]:3000"], true),
    ("127.0.0.1:8765", ["HTTP://LOCALHOST:3000"], true), ("127.0.0.1:8765", ["http://127.1:3000"], true),
    ("localhost:8765", ["http://localhost."], true), ("localhost:8765", ["http://app.localhost:5173"], true),
    // Foreign pages.
    ("127.0.0.1:8765", ["https://evil.example"], false), ("localhost:8765", ["http://evil.example:8765"], false),
    ("localhost:8765", ["http://localhost.evil.com"], false), ("localhost:8765", ["http://127.0.0.1.evil.com"], false),
    ("localhost:8765", ["http://evil.com/localhost"], false), ("localhost:8765", ["http://localhost@evil.com"], false),
    ("localhost:8765", ["http://192.168.1.5"], false), ("localhost:8765", ["http://0.0.0.0:8765"], false),
    ("localhost:8765", ["null"], false), ("localhost:8765", ["NULL"], false), ("localhost:8765", [""], false),
    ("localhost:8765", ["file://"], false), ("localhost:8765", ["chrome-extension://abcdef"], false),
    ("localhost:8765", ["moz-extension://localhost"], false), ("localhost:8765", ["localhost"], false),
    // More than one origin, however it is said.
    ("localhost:8765", ["http://localhost", "http://evil.com"], false),
    ("localhost:8765", ["http://localhost", "http://localhost"], false),
    ("localhost:8765", ["http://localhost, http://evil.com"], false),
    ("localhost:8765", ["http://localhost http://evil.com"], false),
    // DNS rebinding: a foreign name that stands for 127.0.0.1 today, its own page included.
    ("evil.example:8765", [], false), ("evil.example:8765", ["http://evil.example:8765"], false),
    ("evil.example", ["http://localhost"], false), ("localhost.evil.com:8765", [], false),
    ("127.0.0.1.evil.com:8765", ["http://127.0.0.1.evil.com:8765"], false), ("192.168.1.5:8765", [], false),
    ("0.0.0.0:8765", [], false), ("", [], false), ("localhost:port", [], false), ("evil@localhost", [], false),
  ]

  @Test(arguments: table) func withoutAToken(host: String, origins: [String], isLetIn: Bool) {
    let status = status {
      $0.hosts = [host]
      $0.origins = origins
    }
    #expect((status == nil) == isLetIn, "\(status ?? 101)")
    if let status { #expect(status == 403 || status == 400) }
  }

  @Test(arguments: table.filter { !$0.host.isEmpty }) func whoShowsTheTokenMayComeFromAnywhere(
    host: String, origins: [String], isLetIn: Bool
  ) {
    let rule = AdmissionRule(token: "s3cret")
    let asked = { (authorization: String?) in
      status(rule) {
        $0.hosts = [host]
        $0.origins = origins
        $0.authorization = authorization
      }
    }
    #expect(asked("Bearer s3cret") == nil)
    #expect(asked("Bearer wrong") == 401)
    #expect(asked(nil) == 401)
  }

  @Test func allowedOriginsAreLetInExactly() throws {
    var rule = AdmissionRule()
    rule.allowedOrigins = [try AllowedOrigin("https://app.example.org"), try AllowedOrigin("chrome-extension://abc")]
    let asked = { (host: String, origin: String?) in
      status(rule) {
        $0.hosts = [host]
        $0.origins = origin.map { [$0] } ?? []
      }
    }
    #expect(asked("localhost:8765", "https://app.example.org") == nil)
    #expect(asked("localhost:8765", "https://APP.example.org:443") == nil)
    #expect(asked("localhost:8765", "chrome-extension://abc") == nil)
    #expect(asked("localhost:8765", "http://app.example.org") == 403)
    #expect(asked("localhost:8765", "https://app.example.org:8443") == 403)
    #expect(asked("localhost:8765", "https://app.example.org.evil.com") == 403)
    #expect(asked("localhost:8765", "https://evil.app.example.org") == 403)
    #expect(asked("localhost:8765", "null") == 403)
    // Behind a proxy that hands on the name.
    #expect(asked("app.example.org", "https://app.example.org") == nil)
    #expect(asked("app.example.org", nil) == nil)
    #expect(asked("other.example.org", nil) == 403)
    rule.allowedOrigins = [try AllowedOrigin("null")]
    #expect(asked("localhost:8765", "null") == nil)
    #expect(asked("localhost:8765", "https://app.example.org") == 403)
    rule.allowedOrigins = [.any]
    #expect(asked("anything.example", "https://evil.example") == nil)
  }

  @Test func sameOriginNeedsTheSameSchemeHostAndPort() {
    let secure = AdmissionRule(listenHost: "10.0.0.5", isSecure: true)
    let asked = { (rule: AdmissionRule, host: String, origin: String) in
      status(rule) { ($0.hosts, $0.origins) = ([host], [origin]) }
    }
    #expect(asked(secure, "10.0.0.5", "https://10.0.0.5") == nil)
    #expect(asked(secure, "10.0.0.5:8765", "https://10.0.0.5:8765") == nil)
    #expect(asked(secure, "10.0.0.5:8765", "http://10.0.0.5:8765") == 403)
    #expect(asked(secure, "10.0.0.5:8765", "https://10.0.0.5") == 403)
    #expect(asked(AdmissionRule(listenHost: "10.0.0.5"), "10.0.0.5", "http://10.0.0.5") == nil)
  }

  @Test func aRefusalSaysWhatToDoAndNothingOfThePeersWords() throws {
    var request = UpgradeRequest()
    request.origins = ["https://evil.example/\u{1b}[2J"]
    #expect(try #require(AdmissionRule().refusal(of: request)).text == "the Origin header is no single origin")
    request.origins = ["https://evil.example"]
    let refusal = try #require(AdmissionRule().refusal(of: request))
    #expect(refusal.remedy?.contains("--allow-origin") == true && refusal.remedy?.contains("--token") == true)
    #expect(!refusal.text.contains("evil"))
    request.hosts = ["evil.example"]
    #expect(try #require(AdmissionRule().refusal(of: request)).remedy?.contains("127.0.0.1") == true)
    let token = AdmissionRule(token: "s3cret")
    #expect(!"\(try #require(token.refusal(of: request)))".contains("s3cret"))
  }

  // MARK: Odd requests

  @Test func oddRequestsHaveTheirAnswers() {
    let cases: [(String, Int?, (inout UpgradeRequest) -> Void)] = [
      ("as it should be", nil, { _ in }), ("the root", nil, { $0.path = "/" }),
      ("a slash more", nil, { $0.path = "/voice/" }),
      ("another path", 404, { $0.path = "/other" }), ("no path", 404, { $0.path = "" }),
      ("a path below", 404, { $0.path = "/voice/x" }), ("no upgrade", 426, { $0.upgrade = nil }),
      ("another upgrade", 426, { $0.upgrade = "h2c" }), ("POST", 405, { $0.method = "POST" }),
      ("HEAD with an upgrade", 405, { $0.method = "HEAD" }), ("OPTIONS", 405, { $0.method = "OPTIONS" }),
      ("no method", 405, { $0.method = "" }), ("HTTP/1.0", 400, { $0.version = "HTTP/1.0" }),
      ("HTTP/2.0", 400, { $0.version = "HTTP/2.0" }), ("no version", 400, { $0.version = "" }),
      ("no host", 400, { $0.hosts = [] }), ("two hosts", 400, { $0.hosts = ["localhost", "localhost"] }),
      ("no connection", 400, { $0.connection = [] }), ("keep-alive", 400, { $0.connection = ["keep-alive"] }),
      ("keep-alive and upgrade", nil, { $0.connection = ["keep-alive", "upgrade"] }),
      ("version 8", 426, { $0.webSocketVersion = "8" }),
      ("no version of WebSocket", 426, { $0.webSocketVersion = nil }),
      ("two versions", 426, { $0.webSocketVersion = "13,8" }), ("no key", 400, { $0.key = nil }),
      ("a short key", 400, { $0.key = "AAAA" }),
      ("a key that is none", 400, { $0.key = String(repeating: "!", count: 24) }),
      ("a large head", 431, { $0.headBytes = AdmissionRule.longestHead + 1 }),
      ("as large as may be", nil, { $0.headBytes = AdmissionRule.longestHead }),
      ("a long subprotocol", 400, { $0.subprotocols = [String(repeating: "x", count: 64)] }),
      ("many subprotocols", 400, { $0.subprotocols = [String](repeating: "subprotocol", count: 12) }),
    ]
    for (name, expected, change) in cases { #expect(status { change(&$0) } == expected, "\(name)") }
  }

  @Test func aWrongVersionIsToldTheRightOne() throws {
    var request = UpgradeRequest()
    request.webSocketVersion = "8"
    let headers = try #require(AdmissionRule().refusal(of: request)).headers
    #expect(headers.contains(.init(name: "Sec-WebSocket-Version", value: "13")))
    request.method = "PUT"
    #expect(
      try #require(AdmissionRule().refusal(of: request)).headers == [.init(name: "Allow", value: "GET, HEAD")])
  }

  @Test func aBrowserIsToldWhatThisIs() throws {
    let rule = AdmissionRule()
    let page = try #require(rule.page(for: UpgradeRequest(path: "/", upgrade: nil)))
    #expect(page.contains("sidetone voice server") && page.hasSuffix("the WebSocket endpoint is /voice"))
    #expect(rule.page(for: UpgradeRequest(path: "/healthz", upgrade: nil)) != nil)
    #expect(rule.page(for: UpgradeRequest(path: "/", upgrade: "h2c")) != nil)
    #expect(rule.page(for: UpgradeRequest(path: "/", upgrade: "websocket")) == nil)
    #expect(rule.page(for: UpgradeRequest(path: "/voice", upgrade: nil)) == nil)
    #expect(rule.page(for: UpgradeRequest(path: "/x", upgrade: nil)) == nil)
    // Whoever asks: there is no secret in it.
    var request = UpgradeRequest(path: "/", upgrade: nil)
    (request.hosts, request.origins, request.version) = ([], ["https://evil.example"], "HTTP/1.0")
    #expect(rule.page(for: request) != nil)
    request.version = "HTTP/1.1"
    #expect(rule.page(for: request) == nil)
  }

  @Test func bytesThatAreNoRequest() {
    #expect(AdmissionRule.refusal(ofBytes: Array("TRACE / HTTP/1.1\r\n".utf8)).status == 405)
    #expect(AdmissionRule.refusal(ofBytes: Array("M-SEARCH * HTTP/1.1\r\n".utf8)).status == 405)
    #expect(AdmissionRule.refusal(ofBytes: Array("get / HTTP/1.1\r\n".utf8)).status == 400)
    #expect(AdmissionRule.refusal(ofBytes: Array("SSH-2.0-x\r\n".utf8)).status == 400)
    #expect(AdmissionRule.refusal(ofBytes: [UInt8](repeating: 0, count: 9)).status == 400)
    #expect(AdmissionRule.refusal(ofBytes: []).status == 400)
    #expect(AdmissionRule.refusal(ofBytes: [0x16, 3, 1]).remedy?.contains("ws://") == true)
  }

  // MARK: Room

  @Test func roomIsForAllAndForEachAddress() {
    var rule = AdmissionRule(maximumConnections: 4, maximumPerAddress: 2)
    let asked = { (rule: AdmissionRule, total: Int, ofAddress: Int, session: String?) in
      status(rule, open: .init(total: total, ofAddress: ofAddress)) {
        if let session { $0.query = [.init(name: "session", value: session)] }
      }
    }
    #expect(asked(rule, 3, 1, nil) == nil)
    #expect(asked(rule, 4, 1, nil) == 503)
    #expect(asked(rule, 3, 2, nil) == 503)
    // Who comes back may still be counted.
    #expect(asked(rule, 3, 2, "s_1") == 503)
    rule.returnItem = "session"
    #expect(asked(rule, 7, 3, "s_1") == nil)
    #expect(asked(rule, 8, 3, "s_1") == 503)
    #expect(asked(rule, 7, 4, "s_1") == 503)
    rule.maximumPerAddress = nil
    #expect(asked(rule, 3, 3, nil) == nil)
  }

  @Test(arguments: ["", " ", "\t\n ", "\u{a0}", "two words", "line\n", "\u{e4}", String(repeating: "x", count: 4097)])
  func whatCannotBeAToken(text: String) { #expect(AccessToken.problem(with: text) != nil) }

  @Test func whatCanBeAToken() {
    for token in ["x", "s3cret-t0ken", "a+b/c==", String(repeating: "x", count: 4096)] {
      #expect(AccessToken.problem(with: token) == nil)
    }
  }
}
