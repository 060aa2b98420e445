import Testing

@testable import Admission

@Suite struct HostTests {
  @Test(arguments: [
    ("localhost", true), ("LOCALHOST", true), ("localhost.", true), ("app.localhost", true), ("127.0.0.1", true),
    ("127.0.0.1.", true), ("127.255.255.254", true), ("127.1", true), ("0x7f000001", true), ("2130706433", true),
    ("017700000001", true), ("[::1]", true), ("[0:0:0:0:0:0:0:1]", true), ("[::ffff:127.0.0.1]", true),
    ("[::FFFF:7F00:1]", true), ("localhost.evil.com", false), ("127.0.0.1.evil.com", false), ("evil-localhost", false),
    ("notlocalhost", false), ("evil.com", false), ("0.0.0.0", false), ("128.0.0.1", false), ("192.168.1.5", false),
    ("[::]", false), ("[::2]", false), ("[fe80::1]", false), ("[::ffff:10.0.0.1]", false), ("[1::1]", false),
  ]) func loopback(text: String, isLoopback: Bool) throws {
    #expect(try #require(HostName(text)).isLoopback == isLoopback)
  }

  @Test(arguments: [
    "", ".", "..", "a..b", ".localhost", "local host", "localhost,evil.com", "localhost/", "local\\host",
    "user@localhost",
    "loc%61lhost", "127.0.0.256", "127.0.0.1.1", "1.2.3.4.5", "4294967296", "09", "::1", "[::1", "::1]", "[]",
    "[:::1]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1::2::3]", "[12345::]", "[g::]", "[::1%25lo]", "[+1::]",
    "[::1.2.3]", "ünïcode", "evil.com\u{0}", "a\r\nb", String(repeating: "a", count: 256),
  ]) func whatIsNoHost(text: String) {
    #expect(HostName(text) == nil, "\(text)")
  }

  @Test func spellingsOfOneHostAreEqual() {
    #expect(HostName("EXAMPLE.org.") == HostName("example.ORG"))
    #expect(HostName("[2001:DB8:0:0:0:0:0:1]") == HostName("[2001:db8::1]"))
    #expect(HostName("[::ffff:10.1.2.3]") == HostName("10.1.2.3"))
    #expect(HostName("10.1.515") == HostName("10.1.2.3"))
    #expect(HostName(address: "2001:db8::1") == HostName("[2001:db8::1]"))
    #expect(HostName(address: "10.1.2.3") == HostName("10.1.2.3"))
  }

  @Test func authoritiesHaveAPortOrNone() {
    #expect(Authority("localhost")?.port == nil)
    #expect(Authority("localhost:8765") == Authority("LOCALHOST.:8765"))
    #expect(Authority("localhost:")?.port == nil)
    #expect(Authority("[::1]:80")?.port == 80)
    #expect(Authority("[::1]")?.host == HostName("[::1]"))
    for wrong in [
      "localhost:0", "localhost:65536", "localhost:+1", "localhost:80:80", "localhost:x", "localhost:8765 ", ":80",
      "::1:80", "localhost:123456",
    ] {
      #expect(Authority(wrong) == nil, "\(wrong)")
    }
  }

  @Test func origins() {
    #expect(WebOrigin("null") == .opaque)
    #expect(WebOrigin("http://a.org") == WebOrigin("HTTP://A.ORG:80"))
    #expect(WebOrigin("https://a.org") == WebOrigin("https://a.org:443"))
    #expect(WebOrigin("https://a.org") != WebOrigin("http://a.org"))
    #expect(WebOrigin("https://a.org") != WebOrigin("https://a.org:8443"))
    #expect(WebOrigin("chrome-extension://AbC") == .other("chrome-extension://abc"))
    #expect(WebOrigin("http://[::1]:3000")?.isLoopback == true)
    #expect(WebOrigin("http://localhost.evil.com")?.isLoopback == false)
    // An app's own scheme has a host of its own meaning.
    #expect(WebOrigin("tauri://localhost")?.isLoopback == false)
    for wrong in [
      "", "localhost", "http://", "http:localhost", "//localhost", "http://localhost/", "http://localhost/evil",
      "http://evil.com@localhost", "http://localhost?x", "http://localhost#x", "http://localhost\\.evil.com",
      "http://localhost, http://evil.com", "http://localhost http://evil.com", "http://localhost:99999",
      "1http://localhost",
      "http://loc\u{e4}lhost", "http://localhost\u{0}",
    ] {
      #expect(WebOrigin(wrong) == nil, "\(wrong)")
    }
  }

  @Test func allowedOriginsAreReadStrictly() throws {
    #expect(try AllowedOrigin("*") == .any)
    #expect(try AllowedOrigin("null") == .exactly(.opaque))
    #expect(try AllowedOrigin("HTTPS://App.Example.org/") == AllowedOrigin("https://app.example.org:443"))
    for (wrong, why) in [
      ("app.example.org", "lacks its scheme"), ("https://*.example.org", "wildcard"), ("**", "wildcard"),
      ("wss://app.example.org", "WebSocket address"), ("https://app.example.org/path", "without a path"),
      ("https://", "no origin"), ("https://a.org//", "without a path"), ("", "lacks its scheme"),
    ] {
      let fault = #expect(throws: AllowedOrigin.Fault.self) { try AllowedOrigin(wrong) }
      #expect(fault?.description.contains(why) == true, "\(wrong): \(fault?.description ?? "")")
    }
  }
}
