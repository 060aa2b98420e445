import Testing

@testable import WebSockets

@Suite struct URLTests {
  @Test func takesAnAddressApart() throws {
    let url = try WebSocketURL.parse("wss://example.org/v1/realtime?model=x&lang=en")
    #expect(url.isSecure)
    #expect(url.host == "example.org")
    #expect(url.port == 443)
    #expect(url.path == "/v1/realtime?model=x&lang=en")
    #expect(url.hostHeader == "example.org")
    #expect(url.authorization == nil)
    #expect(try WebSocketURL.parse("ws://h").path == "/")
    #expect(try WebSocketURL.parse("ws://h").port == 80)
    #expect(try WebSocketURL.parse("WS://h:81?x=1#part").path == "/?x=1")
    #expect(try WebSocketURL.parse(" ws://h:8765/voice \n").hostHeader == "h:8765")
  }

  @Test func knowsIPv6() throws {
    let url = try WebSocketURL.parse("ws://[::1]:8765/voice")
    #expect(url.host == "::1")
    #expect(url.port == 8765)
    #expect(url.hostHeader == "[::1]:8765")
    for text in ["wss://[fe80::1%25eth0]:8443/x", "wss://[fe80::1%eth0]:8443/x"] {
      let zoned = try WebSocketURL.parse(text)
      #expect(zoned.host == "fe80::1%eth0")
      // A zone means something on this machine only: it is no part of the request (RFC 6874).
      #expect(zoned.hostHeader == "[fe80::1]:8443")
      #expect(zoned.plainHost == "fe80::1")
      #expect(zoned.redacted == "wss://[fe80::1%25eth0]:8443/x")
    }
  }

  @Test func userInfoBecomesAnAuthorizationHeader() throws {
    let url = try WebSocketURL.parse("ws://Aladdin:open%20sesame@h/x")
    #expect(url.userInfo == "Aladdin:open sesame")
    // The example of RFC 7617.
    #expect(url.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    #expect(headerLines(ConnectRequest(url: url)) == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n")
    let own = ConnectRequest(url: url, headers: [("authorization", "Bearer t")])
    #expect(headerLines(own) == "authorization: Bearer t\r\n")
  }

  @Test func secretsAreNotShown() throws {
    let url = try WebSocketURL.parse("wss://me:pw@h:1/x?token=abc&lang=de&API_Key=1&sig=&Signature=2&x")
    #expect(url.redacted == "wss://h:1/x?token=…&lang=de&API_Key=…&sig=…&Signature=…&x")
    #expect("\(url)" == url.redacted)
  }

  @Test(arguments: [
    ("", "is empty"), ("localhost:8765", "scheme is missing; write ws://localhost:8765"),
    ("http://h/x", "write ws://h/x"), ("https://me:pw@h/x?token=1", "write wss://…@h/x?token=…"),
    ("ftp://h", "“ftp://” is no WebSocket scheme"), ("ws://h:0/", "1 to 65535"), ("ws://h:65536", "1 to 65535"),
    ("ws://h:abc/", "“abc” is not a number"), ("ws://h:/x", "“” is not a number"), ("ws://", "host is missing"),
    ("ws:///x", "host is missing"), ("ws://::1/x", "write [::1]"), ("ws://[::1/x", "not closed"),
    ("ws://[::1]x/", "no IPv6 address"), ("ws://[fe80::1%]/", "no network interface"), ("ws://h/a b", "space"),
    ("ws://bücher.example/", "xn--"),
  ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: WebSocketURL.ParseError.self) { try WebSocketURL.parse(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test func aHeaderIsOneLine() throws {
    let request = ConnectRequest(
      url: try .parse("ws://h"), headers: [("X-A:\r\nEvil", "1\r\nX-Evil: 2"), ("X-B", "ümlaut")])
    #expect(headerLines(request) == "X-AEvil: 1X-Evil: 2\r\nX-B: ümlaut\r\n")
  }

  /// The request's lines behind the handshake's own.
  private func headerLines(_ request: ConnectRequest) -> String {
    let text = String(decoding: request.offer.bytes(key: "KEY"), as: UTF8.self)
    let own = "Sec-WebSocket-Key: KEY\r\n"
    guard let end = text.firstRange(of: own), text.hasSuffix("\r\n\r\n") else { return text }
    return String(text[end.upperBound...].dropLast(1))
  }

  @Test func whatIsSecretInARequest() throws {
    let request = ConnectRequest(
      url: try .parse("ws://me:pass%20word@h/x?api_key=abc%2Fdef99&lang=de"),
      headers: [("Authorization", "Bearer tok-123456"), ("X-Lang", "german"), ("xi-api-key", "el-987654")],
      subprotocols: ["realtime", "openai-insecure-api-key.sk-555555"])
    for secret in ["tok-123456", "el-987654", "pass word", "abc/def99", "abc%2Fdef99", "sk-555555"] {
      #expect(request.secrets.contains(secret), "\(secret)")
    }
    for word in ["Bearer", "german", "realtime"] { #expect(!request.secrets.contains(word)) }
    #expect(
      request.credentialPlaces == [
        "the address' user and password", "-H Authorization", "-H xi-api-key", "the address' item api_key",
        "the subprotocol",
      ])
    #expect(ConnectRequest(url: try .parse("ws://h/?lang=de")).credentialPlaces.isEmpty)
  }
}
