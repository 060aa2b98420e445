import Testing

@testable import SocketProtocol

@Suite struct ProxySettingsTests {
  private func proxy(
    _ environment: [String: String], isSecure: Bool = true, host: String = "voice.example.org", port: Int = 443
  )
    throws -> Proxy?
  {
    try ProxySettings(environment: environment).proxy(for: host, port: port, isSecure: isSecure)
  }

  @Test func variablesInCurlsOrder() throws {
    #expect(try proxy(["https_proxy": "http://a:1", "HTTPS_PROXY": "http://b:2"])?.host == "a")
    #expect(try proxy(["HTTPS_PROXY": "http://b:2"])?.variable == "HTTPS_PROXY")
    #expect(try proxy(["ALL_PROXY": "http://c:3"])?.port == 3)
    #expect(try proxy(["all_proxy": "http://c:3", "https_proxy": ""])?.host == "c")
    #expect(try proxy(["wss_proxy": "http://w:4", "https_proxy": "http://a:1"])?.host == "w")
    #expect(try proxy(["http_proxy": "http://a:1"]) == nil)
    #expect(try proxy(["http_proxy": "http://a:1"], isSecure: false)?.host == "a")
    // What a web server hands on from a request is not trusted.
    #expect(try proxy(["HTTP_PROXY": "http://a:1"], isSecure: false) == nil)
    #expect(try proxy(["https_proxy": "http://a:1"], isSecure: false) == nil)
    #expect(try proxy([:]) == nil)
  }

  @Test func addresses() throws {
    func parsed(_ text: String) throws -> Proxy { try Proxy.parse(text, variable: "V") }
    #expect(try parsed("proxy.example:3128") == Proxy(kind: .http, host: "proxy.example", port: 3128, variable: "V"))
    #expect(try parsed("http://proxy.example").port == 1080)
    #expect(try parsed("https://proxy.example/").port == 443)
    #expect(try parsed("socks5h://[::1]:9050").host == "::1")
    #expect(try parsed("SOCKS://h").kind == .socks5)
    let secret = try parsed("http://me:p%40ss@h:1")
    #expect(secret.userInfo == "me:p@ss")
    #expect(secret.description == "http://…@h:1")
    for (text, part) in [
      ("ftp://h", "no kind of proxy"), ("http://", "no host"), ("h:x", "1 to 65535"), ("h:0", "65535"),
    ] {
      let error = #expect(throws: Proxy.Invalid.self) { try parsed(text) }
      #expect(error?.description.contains(part) == true && error?.description.hasPrefix("V: ") == true)
    }
    let hidden = #expect(throws: Proxy.Invalid.self) { try parsed("ftp://me:secret@h") }
    #expect(hidden?.description.contains("secret") == false)
  }

  @Test(arguments: [
    ("*", "x.org", 1, true), ("example.org", "example.org", 1, true), ("example.org", "voice.example.org", 1, true),
    (".example.org", "voice.example.org", 1, true), (".example.org", "example.org", 1, true),
    ("example.org", "badexample.org", 1, false), ("EXAMPLE.org.", "voice.Example.ORG", 1, true),
    ("a.org, b.org", "b.org", 1, true), ("a.org b.org", "b.org", 1, true), ("b.org:8443", "b.org", 8443, true),
    ("b.org:8443", "b.org", 443, false), ("127.0.0.1", "127.0.0.1", 1, true), ("127.0.0.1", "127.0.0.11", 1, false),
    ("10.0.0.0/8", "10.200.3.4", 1, true), ("10.0.0.0/8", "11.0.0.1", 1, false),
    ("192.168.16.0/20", "192.168.31.9", 1, true),
    ("192.168.16.0/20", "192.168.32.9", 1, false), ("::1", "::1", 1, true), ("[::1]", "::1", 1, true),
    ("fd00::/8", "fd12::1", 1, true), ("fd00::/8", "fe80::1%eth0", 1, false), ("fe80::1", "fe80::1%eth0", 1, true),
    ("localhost", "localhost", 1, true), ("localhost", "127.0.0.1", 1, false), ("", "x.org", 1, false),
    ("10.0.0.0/99", "10.0.0.1", 1, false),
  ])
  func exceptions(list: String, host: String, port: Int, isException: Bool) throws {
    #expect(ProxySettings(environment: ["NO_PROXY": list]).isException(host, port: port) == isException)
    #expect(
      try (proxy(["all_proxy": "http://a:1", "no_proxy": list], host: host, port: port) == nil) == isException)
  }
}

@Suite struct ProxyHandshakeTests {
  private func handshake(_ address: String, host: String = "voice.example.org") throws -> ProxyHandshake {
    ProxyHandshake(try Proxy.parse(address, variable: "V"), host: host, port: 443)
  }
  private func opening(_ handshake: ProxyHandshake) -> [UInt8] {
    handshake.opening { "BASE64(\(String(decoding: $0, as: UTF8.self)))" }
  }

  @Test func connect() throws {
    var plain = try handshake("http://p:1")
    #expect(
      String(decoding: opening(plain), as: UTF8.self)
        == "CONNECT voice.example.org:443 HTTP/1.1\r\nHost: voice.example.org:443\r\n\r\n")
    #expect(plain.read(Array("HTTP/1.1 200".utf8)) == .wait)
    #expect(plain.read(Array(" OK\r\nVia: x\r\n\r\nAB".utf8)) == .open(rest: [0x41, 0x42]))
    let secret = String(decoding: opening(try handshake("http://me:pw@p:1", host: "::1")), as: UTF8.self)
    #expect(secret.hasPrefix("CONNECT [::1]:443 HTTP/1.1\r\n"))
    #expect(secret.contains("Proxy-Authorization: Basic BASE64(me:pw)\r\n"))
    var wants = try handshake("http://p:1")
    #expect(
      wants.read(Array("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n".utf8))
        == .refused(.credential(isGiven: false)))
    var other = try handshake("http://p:1")
    #expect(other.read(Array("SSH-2.0\r\n".utf8)) == .refused(.notAProxy(Array("SSH-2.0\r\n".utf8))))
  }

  @Test func socks() throws {
    var plain = try handshake("socks5h://p:1")
    #expect(opening(plain) == [5, 1, 0])
    let request: [UInt8] = [5, 1, 0, 3, 17] + Array("voice.example.org".utf8) + [1, 187]
    #expect(plain.read([5]) == .wait)
    #expect(plain.read([0]) == .send(request))
    #expect(plain.read([5, 0, 0, 1, 127, 0, 0]) == .wait)
    #expect(plain.read([1, 0, 80, 9]) == .open(rest: [9]))
    var secret = try handshake("socks5://me:pw@p:1", host: "10.1.2.3")
    #expect(opening(secret) == [5, 2, 0, 2])
    #expect(secret.read([5, 2]) == .send([1, 2, 0x6d, 0x65, 2, 0x70, 0x77]))
    #expect(secret.read([1, 0]) == .send([5, 1, 0, 1, 10, 1, 2, 3, 1, 187]))
    #expect(secret.read([5, 5]) == .refused(.words("the server refused the connection")))
    var wrong = try handshake("socks5h://me:pw@p:1")
    _ = wrong.read([5, 2])
    #expect(wrong.read([1, 1]) == .refused(.credential(isGiven: true)))
    var none = try handshake("socks5h://p:1")
    #expect(none.read([5, 255]) == .refused(.credential(isGiven: false)))
    var web = try handshake("socks5h://p:1")
    #expect(web.read(Array("HTTP/1.1".utf8)) == .refused(.notAProxy(Array("HTTP/1.1".utf8))))
    var six = try handshake("socks5://p:1", host: "::1")
    #expect(six.read([5, 0]) == .send([5, 1, 0, 4] + [UInt8](repeating: 0, count: 15) + [1, 1, 187]))
  }
}
