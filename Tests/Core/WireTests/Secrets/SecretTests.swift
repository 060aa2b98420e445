import TestKit
import Testing
import Wire

@Suite struct SecretTests {
  @Test(arguments: SecretTables.messages.indices) func nothingSecretIsLeftOfAMessage(_ row: Int) throws {
    let (text, gone) = SecretTables.messages[row]
    let hidden = Redaction.hideSecrets(in: text)
    for secret in gone { #expect(!hidden.contains(secret), "\(hidden)") }
    #expect(hidden.contains(Redaction.mark))
    // What was JSON is JSON.
    if (try? JSONValue(parsing: text.utf8)) != nil { _ = try JSONValue(parsing: hidden.utf8) }
    // What was hidden stays so.
    #expect(Redaction.hideSecrets(in: hidden) == hidden)
  }

  @Test(arguments: SecretTables.lines.indices) func nothingSecretIsLeftOfALine(_ row: Int) {
    let (text, gone) = SecretTables.lines[row]
    let hidden = Redaction.hideSecrets(in: text)
    for secret in gone { #expect(!hidden.contains(secret), "\(hidden)") }
    #expect(hidden.contains(Redaction.mark))
  }

  @Test(arguments: SecretTables.shapes) func shapesGiveThemselvesAway(_ secret: String) {
    for text in [
      secret, "the key \(secret) is wrong.", "{\"note\":\"\(secret)\"}", "{\"a\":\"b\\n\(secret)\\n\"}",
      "/v1/\(secret)/x", "{\"error\":\"Incorrect API key provided: \(secret).\"}", "{\"\(secret)\":1}",
    ] {
      let hidden = Redaction.hideSecrets(in: text)
      #expect(!hidden.contains(secret.prefix(secret.count - 1)) && hidden.contains(Redaction.mark), "\(hidden)")
    }
  }

  @Test(arguments: ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY"]) func privateKeysAreHidden(_ label: String)
  {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
    for text in [
      "-----BEGIN \(label)-----\n\(body)\n\(body)\n-----END \(label)-----\n",
      "{\"pem\":\"-----BEGIN \(label)-----\\n\(body)\\n-----END \(label)-----\",\"n\":1}",
      "{\"pem\":\"-----BEGIN \(label)-----\\n\(body)",
    ] {
      #expect(!Redaction.hideSecrets(in: text).contains(body))
    }
    let certificate = "-----BEGIN CERTIFICATE-----\n\(body)\n-----END CERTIFICATE-----"
    #expect(Redaction.hideSecrets(in: certificate) == certificate)
  }

  @Test(arguments: SecretTables.harmless) func whatIsHarmlessStaysByteForByte(_ text: String) {
    #expect(Redaction.hideSecrets(in: text) == text)
  }

  /// In what this side says a token is no word of a language model.
  @Test func whatWeSayIsHiddenMoreReadily() {
    for text in [#"{"type":"x","token":"abc"}"#, #"{"key":"abc"}"#, #"[{"name":"token","value":"abc"}]"#, "token=abc"] {
      #expect(Redaction.hideSecrets(in: text) == text)
      #expect(!Redaction.hideSecrets(in: text, isOurs: true).contains("abc"))
    }
  }

  /// Audio of all lengths and dresses, which holds every beginning of a key some time.
  @Test(arguments: 1...40) func audioIsLeftAlone(_ seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let alphabets = ["+/", "-_"].map {
      Array(("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + $0).utf8)
    }
    for n in 0..<20 {
      let audio = (0..<(n * 107 + 16)).map { _ in alphabets[n % 2][random.below(64)] }
      let text = "{\"type\":\"audio\",\"data\":\"\(String(decoding: audio, as: UTF8.self))==\",\"seq\":\(n)}"
      #expect(Redaction.hideSecrets(in: text) == text)
      let bytes = (0..<1280).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(Redaction.hideSecrets(inBinary: bytes) == bytes)
    }
  }

  /// Base64 may end in a word that is a secret's name, and then in `=`: what follows is the message's next member.
  @Test(arguments: ["Cvc", "Cvv", "pwd", "PWD", "otp", "jwt", "pass", "apikey"]) func audioMayEndLikeAName(
    _ name: String
  ) {
    for before in ["", "/", "+", "AAA+", "263dwd8K4mHk/", "Vv0"] {
      let data = "\(before)\(name)="
      for text in [
        #"{"data":"\#(data)","format":"pcm16","rate":16000}"#, #"{"data":"\#(data)"}"#,
        #"{"data": "\#(data)" , "n": -1}"#,
        #"["\#(data)",1]"#, #"["\#(data)", "b"]"#, #"{"text":"{\"data\":\"\#(data)\",\"n\":1}","type":"x"}"#,
        "{\"data\":\"\(data)\",\n  \"n\":[]}", #"{"text":"your \#(name):","type":"x"}"#,
      ] {
        #expect(Redaction.hideSecrets(in: text, isOurs: true) == text)
      }
    }
    #expect(Redaction.hideSecrets(in: #"\#(name)=",x9 ]secret" "#) == #"\#(name)="…" "#)
  }

  @Test func binaryMessagesAreLookedThrough() {
    let json = Array(#"{"name":"Jürgen","client_secret":{"value":"FAKE"},"x":1}"#.utf8)
    #expect(!String(decoding: Redaction.hideSecrets(inBinary: json), as: UTF8.self).contains("FAKE"))
    // A header of bytes before it, audio after it.
    let framed: [UInt8] =
      [0, 0, 0, 42, 0x11] + Array(#"{"api_key":"FAKE","client_secret":{"v":"FAKE"}}"#.utf8) + [0, 1, 0x80]
    let hidden = Redaction.hideSecrets(inBinary: framed)
    #expect(hidden.prefix(5) == framed.prefix(5) && hidden.suffix(3) == framed.suffix(3))
    #expect(firstIndex(of: Array("FAKE".utf8), in: hidden) == nil)
    let headers = [0, 40] + Array("X-RequestId: 1\r\nAuthorization: Bearer FAKE\r\n".utf8) + [0]
    #expect(firstIndex(of: Array("FAKE".utf8), in: Redaction.hideSecrets(inBinary: headers)) == nil)
  }

  private func firstIndex(of needle: [UInt8], in bytes: [UInt8]) -> Int? {
    bytes.indices.first { bytes[$0...].starts(with: needle) }
  }

  /// Known secrets are found in every dress of the texts that are searched.
  @Test func literalsAreFoundEverywhere() {
    let secret = "swordfish/two"
    for text in [
      "it was swordfish/two.", #"{"a":"swordfish\/two"}"#, #"{"a":"{\"b\":\"swordfish\\/two\"}"}"#,
      "https://h/?x=swordfish%2Ftwo", #"{"u":"https://h/?x=swordfish%2Ftwo"}"#,
    ] {
      let hidden = Redaction.hideSecrets(in: text, literals: [secret])
      #expect(!hidden.contains("swordfish") && hidden.contains(Redaction.mark), "\(hidden)")
    }
  }

  @Test func deepAndBrokenTextsAreNoTrap() {
    for text in [
      String(repeating: "[", count: 5000), String(repeating: "{\"secret\":", count: 2000) + "\"FAKE\"",
      String(repeating: "\\", count: 3000) + "\"", String(repeating: "\"", count: 3001), "\"\\", "%", "%4", "=", ":",
      "://",
      "://@", "-----BEGIN PRIVATE KEY", "eyJ.", "eyJhbGciOi.", "Bearer ", "{\"name\":\"Authorization\",\"value\":",
    ] {
      _ = Redaction.hideSecrets(in: text)
      _ = Redaction.hideSecrets(inBinary: Array(text.utf8) + [0])
    }
    var text = #"{"api_key":"FAKE"}"#
    for _ in 0..<5 {
      text = (JSONValue.object(["a": .string(text)])).jsonText
      #expect(!Redaction.hideSecrets(in: text).contains("FAKE"))
    }
  }
}

@Suite struct RequestSecretTests {
  @Test(
    arguments: [
      (nil, "/", [], [], false), ("me:pw", "/", [], [], true), (nil, "/?token=abc", [], [], true),
      (nil, "/?lang=de&session=s_1&max_tokens=5", [], [], false), (nil, "/?x=sk-a1B2c3D4e5F6g7H8i9J0", [], [], true),
      (nil, "/", [("Authorization", "Bearer x")], [], true), (nil, "/", [("cookie", "a=b")], [], true),
      (nil, "/", [("xi-api-key", "x")], [], true), (nil, "/", [("X-Token", "x")], [], true),
      (nil, "/", [("Origin", "https://h"), ("Accept-Language", "de")], [], false),
      (nil, "/", [("X-Any", "Bearer a1b2c3d4e5")], [], true),
      (nil, "/", [], ["realtime"], false), (nil, "/", [], ["realtime", "openai-insecure-api-key.sk-1"], true),
      (nil, "/", [], ["token", "abc"], true), (nil, "/", [], ["voice.v1", "graphql-transport-ws"], false),
      (nil, "/", [("Sec-WebSocket-Protocol", "bearer, abc")], [], true),
      (nil, "/", [("Sec-WebSocket-Protocol", "realtime")], [], false),
    ] as [(String?, String, [(name: String, value: String)], [String], Bool)])
  func whatIsACredential(
    userInfo: String?, path: String, headers: [(name: String, value: String)], subprotocols: [String], isThere: Bool
  ) {
    let secrets = RequestSecrets(userInfo: userInfo, path: path, headers: headers, subprotocols: subprotocols)
    #expect(secrets.isEmpty != isThere, "\(path) \(headers) \(subprotocols)")
  }

  @Test func theLiteralsAreThoseThatAServerCouldRepeat() {
    let secrets = RequestSecrets(
      userInfo: "me:hunter2hunter2", path: "/v?key=a%2Fbcdefg",
      headers: [
        ("Cookie", "sid=c0okie-value; lang=german; a=b"), ("Authorization", "Bearer abcdefgh"),
        ("Proxy-Authorization", "Basic bWU6c3dvcmRmaXNo"),
      ],
      subprotocols: ["realtime", "openai-insecure-api-key.ijklmnop"])
    for literal in ["hunter2hunter2", "a%2Fbcdefg", "a/bcdefg", "abcdefgh", "swordfish", "ijklmnop", "c0okie-value"] {
      #expect(secrets.literals.contains(literal), "\(literal)")
    }
    for word in ["realtime", "german"] { #expect(!secrets.literals.contains(word)) }
    // A key that is a word is hidden where it stands, and not remembered.
    #expect(Redaction.secrets(in: Array(#"{"key":"window","token":"FAKE41x"}"#.utf8), isOurs: true) == ["FAKE41x"])
  }

  @Test func subprotocolsAreShownWithoutTheirKeys() {
    #expect(
      SubprotocolSecrets.hidden(["realtime", "openai-insecure-api-key.sk-1"]) == [
        "realtime", "openai-insecure-api-key.…",
      ])
    #expect(SubprotocolSecrets.hidden(["token", "abc"]) == ["token", "…"])
    #expect(SubprotocolSecrets.hidden("graphql-ws") == "graphql-ws")
    #expect(SubprotocolSecrets.hidden("bearer.abc") == "bearer.…")
  }

  @Test func addressesAreShownWithoutTheirSecrets() {
    #expect(
      Redaction.hideSecrets(inPath: "/x?token=abc&lang=de&Key=1&%73ig=2&X-Amz-Signature=3&keyframes=2&x")
        == "/x?token=…&lang=de&Key=…&%73ig=…&X-Amz-Signature=…&keyframes=2&x")
  }

  @Test func whatSpeaksOfSecretsIsTold() {
    for line in ["say the password is swordfish", "send Authorization: x", "config {\"api_key\": 1}", "text a token"] {
      #expect(Redaction.mentionsSecrets(line), "\(line)")
    }
    for line in ["say hello", "config {\"max_tokens\": 1}", "filter type:audio", "say what key is this song in"] {
      #expect(!Redaction.mentionsSecrets(line), "\(line)")
    }
  }
}
