import Testing

@testable import SocketProtocol

@Suite struct UpgradeOfferTests {
  private func lines(_ offer: UpgradeOffer) -> [String] {
    String(decoding: offer.bytes(key: "KEY"), as: UTF8.self).split(separator: "\r\n").map(String.init)
  }

  @Test func theUsersHostReplacesTheAddress() {
    let offer = UpgradeOffer(
      host: "127.0.0.1:9000", path: "/v?x=1", headers: [("X-A", "1"), ("hOsT", " voice.example.org "), ("X-B", "2")])
    #expect(
      lines(offer) == [
        "GET /v?x=1 HTTP/1.1", "Host: voice.example.org", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: KEY", "X-A: 1", "X-B: 2",
      ])
    #expect(UpgradeOffer(host: "h", path: "/", headers: [("Host", "a"), ("Host", "b")]).host == "b")
    #expect(UpgradeOffer(host: "h", path: "/", headers: [("Host", "")]).host == "h")
  }

  @Test func subprotocolsInHeadersAreOffers() {
    let offer = UpgradeOffer(
      host: "h", path: "/",
      headers: [("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.x ,a"), ("sec-websocket-protocol", "b")],
      subprotocols: ["a"])
    #expect(offer.subprotocols == ["a", "realtime", "openai-insecure-api-key.x", "b"])
    #expect(
      lines(offer).filter { $0.lowercased().hasPrefix("sec-websocket-protocol") } == [
        "Sec-WebSocket-Protocol: a, realtime, openai-insecure-api-key.x, b"
      ])
  }

  @Test(arguments: [
    "Upgrade", "connection", "Sec-WebSocket-Key", "SEC-WEBSOCKET-VERSION", "Sec-WebSocket-Extensions",
    "Content-Length", "Transfer-Encoding",
  ])
  func whatTheHandshakeSetsIsNeverDoubled(name: String) {
    let offer = UpgradeOffer(host: "h", path: "/", headers: [(name, "x")])
    #expect(lines(offer).count == 6)
    #expect(UpgradeOffer.fault(inHeader: name, value: "x")?.hasPrefix(name) == true)
  }

  @Test func headersThatCannotBeSentAreSaid() {
    #expect(UpgradeOffer.fault(inHeader: "Host", value: " ")?.contains("empty") == true)
    #expect(UpgradeOffer.fault(inHeader: "X Y", value: "1")?.contains("no header name") == true)
    #expect(UpgradeOffer.fault(inHeader: "X-\u{1b}[31m", value: "1")?.contains("\u{1b}") == false)
    for name in ["Host", "Origin", "Authorization", "Cookie", "x-api-key", "User-Agent", "Sec-WebSocket-Protocol"] {
      #expect(UpgradeOffer.fault(inHeader: name, value: "v") == nil)
    }
  }
}

@Suite struct AnswerReaderTests {
  private func read(_ text: String, size: Int = .max, isConnect: Bool = false) -> AnswerReader {
    var reader = AnswerReader(isConnect: isConnect)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      reader.read(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return reader
  }
  private let upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

  @Test(arguments: [1, 5, Int.max]) func interimAnswersAreSkipped(size: Int) {
    let interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=x\r\n\r\n"
    let reader = read(interim + upgrade + "\u{1}\u{2}", size: size)
    #expect(reader.state == .switched)
    #expect(reader.head?.status == 101)
    #expect(reader.head?.value("link") == nil)
    #expect(reader.rest == [1, 2])
    let refused = read(interim + "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", size: size)
    #expect(refused.state == .complete)
    #expect(refused.head?.status == 401)
    #expect(read(String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 50)).state == .broken)
  }

  @Test(arguments: [1, 7, Int.max]) func bodiesOfEveryKind(size: Int) {
    let head = "HTTP/1.1 400 Bad Request\r\n"
    let counted = read(head + "Content-Length: 5\r\n\r\nhello and more", size: size)
    #expect(counted.state == .complete)
    #expect(counted.body == Array("hello".utf8))
    let chunked = read(head + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", size: size)
    #expect(chunked.state == .complete)
    #expect(chunked.body == Array("hello".utf8))
    // Without a length its end is the end of TCP.
    let open = read(head + "\r\nhello", size: size)
    #expect(open.state == .body)
    #expect(open.body == Array("hello".utf8))
    let cut = read(head + "Content-Length: 100\r\n\r\nhello", size: size)
    #expect(cut.state == .body)
    #expect(cut.body == Array("hello".utf8))
    #expect(read(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello", size: size).state == .complete)
    #expect(
      read(head + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nhello", size: size).body == Array("hello".utf8)
    )
  }

  @Test func everythingIsBounded() {
    let endless = read("HTTP/1.1 500 x\r\n\r\n" + String(repeating: "a", count: 100_000), size: 1000)
    #expect(endless.state == .complete)
    #expect(endless.body.count == AnswerReader.bodyLimit)
    #expect(read("HTTP/1.1 101 x\r\nX: " + String(repeating: "a", count: 40_000), size: 1000).state == .tooLong)
    #expect(read("HTTP/1.1 101 x\r\nX: " + String(repeating: "a", count: 30_000) + "\r\n\r\n").state == .switched)
    #expect(read(String(repeating: "x", count: 10_000), size: 100).rest.count <= 512)
  }

  @Test func whatIsNoHTTP() {
    #expect(read("SSH-2.0-OpenSSH").state == .notHTTP)
    #expect(read("HTP/1.1 101").state == .notHTTP)
    #expect(read("HTTP/1.1 abc\r\n\r\n").state == .broken)
    #expect(read("HTTP/1.1 101 x\r\nno colon\r\n\r\n").state == .broken)
    #expect(read("HTTP/1.1\r\n\r\n").state == .broken)
    #expect(read("HTT").state == .head)
    #expect(read("HTTP/1.1 404 Not Found\nContent-Length: 0\n\n").head?.status == 404)
    #expect(read("HTTP/1.1 101 x\r\nX-A: 1\r\n  more\r\n\r\n").head?.value("x-a") == "1 more")
  }

  @Test func aProxyThatOpensTheWay() {
    let reader = read("HTTP/1.0 200 Connection established\r\n\r\nrest", isConnect: true)
    #expect(reader.state == .switched)
    #expect(reader.rest == Array("rest".utf8))
    #expect(read("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", isConnect: true).state == .complete)
  }

  @Test func upgradesAreChecked() {
    func fault(_ status: String, _ headers: String) -> String? {
      let reader = read("\(status)\r\n\(headers)\r\n")
      return UpgradeCheck.fault(in: reader.head!, offered: ["a", "b"], accept: "ACCEPT")
    }
    let good = "HTTP/1.1 101 x"
    let base = "Upgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    #expect(fault(good, base + "Sec-WebSocket-Accept: ACCEPT\r\n") == nil)
    #expect(fault(good, base + "Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: b\r\n") == nil)
    #expect(fault(good, base) == "no Sec-WebSocket-Accept")
    #expect(fault(good, base + "Sec-WebSocket-Accept: accept\r\n") == "a wrong Sec-WebSocket-Accept")
    #expect(fault("HTTP/1.0 101 x", base + "Sec-WebSocket-Accept: ACCEPT\r\n")?.contains("HTTP/1.0") == true)
    #expect(
      fault(good, "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n")?.contains("Upgrade")
        == true)
    #expect(fault(good, "Upgrade: websocket\r\nSec-WebSocket-Accept: ACCEPT\r\n")?.contains("Connection") == true)
    let unoffered = fault(good, base + "Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: c\r\n")
    #expect(unoffered?.contains("“c”") == true && unoffered?.contains("offered: a, b") == true)
    let compressed = fault(
      good, base + "Sec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: permessage-deflate\r\n")
    #expect(compressed?.contains("permessage-deflate") == true)
  }
}

@Suite struct RefusalWordsTests {
  private func words(_ body: String, _ headers: String = "", status: String = "400 Bad Request", secrets: [String] = [])
    -> String?
  {
    var reader = AnswerReader()
    reader.read(Array("HTTP/1.1 \(status)\r\n\(headers)\r\n\(body)".utf8))
    return RefusalWords.find(in: reader.head!, body: reader.body, secrets: secrets)
  }

  @Test(
    arguments: [
      (
        #"{"error":{"code":"invalid_api_key","message":"The key is not valid"}}"#,
        "The key is not valid (invalid_api_key)"
      ),
      (#"{"error":{"message":"no","type":"invalid_request_error","code":null}}"#, "no (invalid_request_error)"),
      (#"{"error":"no such model"}"#, "no such model"), (#"{"message":"nope","code":42}"#, "nope (42)"),
      (#"{"detail":"Not authenticated"}"#, "Not authenticated"),
      (#"{"detail":[{"loc":["query"],"msg":"field required","type":"missing"}]}"#, "field required (missing)"),
      (#"{"errors":[{"message":"one"},{"message":"two"}]}"#, "one; two"),
      (#"{"title":"Quota","detail":"Out of minutes","status":429}"#, "Out of minutes (429)"),
      (#"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."}"#, "Invalid credentials. (INVALID_AUTH)"),
      (#"{"error":"invalid_request","error_description":"bad scope"}"#, "bad scope"),
      (#"{"ok":false}"#, #"{"ok":false}"#), ("[\"a\",\"b\"]", "a; b"),
      ("model is loading, about 40 s", "model is loading, about 40 s"),
      ("  two\r\n  lines ", "two lines"), ("", nil), (#"{"error": cut"#, #"{"error": cut"#),
      (
        "<html><head><title>403 Forbidden</title><style>p{}</style></head><body><h1>Not &amp; allowed</h1></body></html>",
        "403 Forbidden Not & allowed"
      ),
      ("e\u{1b}[31mvil\u{202e}\u{0}", "e\\u{1b}[31mvil\\u{202e}\\u{0}"),
    ] as [(String, String?)])
  func inBodies(body: String, expected: String?) {
    #expect(words(body) == expected)
  }

  @Test func inHeadersAndStatusLine() {
    #expect(words("", "x-error: unknown model nova-9\r\nx-request-id: 123\r\n") == "unknown model nova-9")
    #expect(words("", "dg-error: Bad Request: no such model\r\n") == "Bad Request: no such model")
    #expect(words("", "X-Error-Message: a\r\nX-Reason: b\r\n") == "a; b")
    #expect(words("{\"message\":\"same\"}", "x-error: same\r\n") == "same")
    #expect(words("", status: "400 Unknown voice anna") == "Unknown voice anna")
    #expect(words("", status: "401 Unauthorized") == nil)
    #expect(words("gzip", "Content-Encoding: gzip\r\n") == nil)
  }

  @Test func boundedAndWithoutSecrets() {
    let long = words(String(repeating: "word ", count: 1000))
    #expect((long?.count ?? 0) <= RefusalWords.limit + 100)
    #expect(words("wrong key sk-123456789 given", secrets: ["sk-123456789"]) == "wrong key … given")
    #expect(words(#"{"error":{"message":"no"},"api_key":"sk-123456789"}"#) == "no")
    #expect(words("", "x-error: token sk-123456789 expired\r\n", secrets: ["sk-123456789"])?.contains("sk-1") == false)
    // Deep JSON is text like any other.
    #expect(words(String(repeating: "[", count: 5000)) != nil)
    #expect(words(String(decoding: [UInt8](repeating: 0x01, count: 300), as: UTF8.self)) == nil)
  }
}
