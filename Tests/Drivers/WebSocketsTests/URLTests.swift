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
    #expect(try WebSocketURL.parse("wss://[fe80::1%25eth0]").hostHeader == "[fe80::1%25eth0]")
  }

  @Test func userInfoBecomesAnAuthorizationHeader() throws {
    let url = try WebSocketURL.parse("ws://Aladdin:open%20sesame@h/x")
    #expect(url.userInfo == "Aladdin:open sesame")
    // The example of RFC 7617.
    #expect(url.authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
    let lines = String(decoding: ConnectRequest(url: url).headerLines, as: UTF8.self)
    #expect(lines == "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n")
    let own = ConnectRequest(url: url, headers: [("authorization", "Bearer t")]).headerLines
    #expect(String(decoding: own, as: UTF8.self) == "authorization: Bearer t\r\n")
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
    ("ws://[::1]x/", "no IPv6 address"), ("ws://h/a b", "space"), ("ws://bücher.example/", "xn--"),
  ])
  func saysWhatIsWrong(text: String, part: String) {
    let error = #expect(throws: WebSocketURL.ParseError.self) { try WebSocketURL.parse(text) }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
  }

  @Test func aHeaderIsOneLine() throws {
    let request = ConnectRequest(
      url: try .parse("ws://h"), headers: [("X-A:\r\nEvil", "1\r\nX-Evil: 2"), ("X-B", "ümlaut")])
    #expect(String(decoding: request.headerLines, as: UTF8.self) == "X-AEvil: 1X-Evil: 2\r\nX-B: ümlaut\r\n")
  }
}
