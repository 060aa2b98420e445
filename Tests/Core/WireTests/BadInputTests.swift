import TestKit
import Testing
import Timeline
import Wire

@Suite struct BadInputTests {
  private func decode(_ text: String, from side: Side = .server) -> VoiceEvent {
    let events = VoiceDialect().decode(.string(text), from: side)
    #expect(events.count == 1)
    return events[0]
  }
  private func reason(_ event: VoiceEvent) -> String? {
    if case .malformed(_, let reason) = event { reason } else { nil }
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "[1,2]", "\"audio\"", "7", "null", "nul", "{\"type\":}", "{\"type\":\"pause\"",
    "{'type':'a'}",
    "{\"type\":\"\\ud800\"}", "\u{0}", "{}", "{\"type\":null}", "{\"type\":7}", "{\"type\":{}}",
  ])
  func isMalformedAndSaysWhy(text: String) {
    #expect(reason(decode(text))?.isEmpty == false)
    _ = VoiceDialect().typeName(of: .string(text))
    _ = PCMDialect().decode(.string(text), from: .server)
    _ = PCMDialect().typeName(of: .string(text))
  }

  @Test func aliasesOfAudio() {
    let payload = VoiceEvent.audio(AudioPayload(bytes: [1, 2]))
    for side in [Side.client, .server] {
      #expect(decode("{\"type\":\"audio\",\"audio\":\"AQI=\"}", from: side) == payload)
      #expect(decode("{\"type\":\"audio\",\"data\":\"AQI=\"}", from: side) == payload)
    }
  }

  @Test func wrongBase64() {
    for bad in ["A", "****", "AQI=AQI=", "äö"] {
      #expect(reason(decode("{\"type\":\"audio\",\"data\":\"\(bad)\"}"))?.contains("base64") == true, "\(bad)")
    }
    for bad in ["{\"type\":\"audio\"}", "{\"type\":\"audio\",\"data\":5}", "{\"type\":\"audio\",\"audio\":{}}"] {
      #expect(reason(decode(bad))?.contains("no base64") == true)
    }
    #expect(decode("{\"type\":\"audio\",\"data\":\"\"}") == .audio(AudioPayload(bytes: [])))
  }

  @Test func aRequiredFieldOfAnotherTypeIsNamed() {
    for type in ["transcript_interim", "transcript_final", "response_text"] {
      #expect(reason(decode("{\"type\":\"\(type)\",\"text\":5}")) == "no string \"text\"")
      #expect(reason(decode("{\"type\":\"\(type)\"}")) == "no string \"text\"")
    }
  }

  @Test func oddOptionalFieldsLoseNothingElse() {
    #expect(
      decode("{\"type\":\"audio\",\"data\":\"AQI=\",\"seq\":\"12\",\"ts\":\"now\",\"rate\":1e99,\"format\":3}")
        == .audio(AudioPayload(bytes: [1, 2], sequence: 12, ignored: "ts \"now\", rate 1e+99")))
    #expect(
      decode("{\"type\":\"ready\",\"sessionId\":\"a\",\"audio\":{\"in\":{\"rate\":\"x\"},\"out\":7},\"resumed\":1}")
        == .ready(Ready(sessionID: "a", ignored: "rate \"x\"")))
    #expect(
      decode(
        "{\"type\":\"ready\",\"sessionId\":\"a\",\"audio\":{\"out\":{\"rate\":8000,\"format\":7,\"binary\":\"x\"}}}")
        == .ready(Ready(sessionID: "a", outputRate: 8000)))
    #expect(decode("{\"type\":\"metrics\",\"turn\":1.5,\"stt_ms\":9}") == .metrics(ServerMetrics(sttMs: 9)))
  }

  @Test func unknownTypesMayUseOurNames() {
    for text in [
      "{\"type\":\"x\",\"data\":{\"a\":1}}", "{\"type\":\"x\",\"text\":[1],\"message\":{},\"audio\":[],\"code\":true}",
      "{\"type\":\"x\",\"turn\":\"one\",\"big\":123456789012345678901234567890}",
    ] {
      #expect(decode(text) == .unknown(type: "x"))
    }
  }

  @Test func unknownFieldsPass() {
    #expect(decode("{\"type\":\"pause\",\"why\":{\"load\":[1,2,{}]}}") == .pause)
    #expect(
      decode("{\"x\":1,\"type\":\"response_text\",\"text\":\"hi\",\"id\":\"r\"}") == .responseText("hi"))
  }

  @Test func errorsInOtherShapes() {
    #expect(
      decode("{\"type\":\"error\",\"message\":\"m\",\"code\":402}") == .error(ServerError(message: "m", code: "402")))
    #expect(decode("{\"type\":\"error\",\"error\":\"m\"}") == .error(ServerError(message: "m")))
    #expect(
      decode("{\"type\":\"error\",\"error\":{\"message\":\"m\",\"code\":\"c\"}}")
        == .error(ServerError(message: "m", code: "c")))
    #expect(decode("{\"type\":\"error\"}") == .error(ServerError(message: "(no message)")))
  }

  @Test func hugeNumbers() throws {
    #expect(reason(decode("{\"type\":\"config_applied\",\"n\":1e999}")) != nil)
    #expect(
      decode("{\"type\":\"config_applied\",\"n\":1e300}") == .configApplied(.object(["n": .number(1e300)])))
    let value = try JSONValue(parsing: "{\"n\":123456789012345678901234567890}".utf8)
    #expect(value["n"]?.intValue == nil)
    #expect(value["n"]?.numberValue == 123456789012345678901234567890.0)
  }

  @Test func deepNestingIsAnErrorAndNoCrash() {
    for depth in [129, 500, 513, 100_000] {
      for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        #expect(throws: JSONError.self) { try JSONValue(parsing: deep.utf8) }
        _ = decode(deep)
        _ = decode("{\"type\":\"pause\",\"x\":\(deep)}")
        #expect(reason(decode("{\"type\":\"config\",\"x\":\(deep)}", from: .client)) != nil)
        #expect(reason(decode(String(repeating: open, count: depth))) != nil)
        _ = VoiceDialect().typeName(of: .string(deep))
        _ = PCMDialect().decode(.string(deep), from: .server)
      }
    }
  }

  @Test func nestingUpToTheLimitIsRead() throws {
    let depth = JSONValue.deepestNesting
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try JSONValue(parsing: deep.utf8).jsonText == deep)
    // Brackets in strings do not nest.
    let text = String(repeating: "[\\\"{", count: 1000)
    #expect(throws: Never.self) { _ = try JSONValue(parsing: "{\"type\":\"\(text)\"}".utf8) }
  }

  @Test func invalidUTF8() {
    for bytes: [UInt8] in [
      [0xff], [0xc3, 0x28], Array("{\"type\":\"pause\",\"x\":\"".utf8) + [0x80] + Array("\"}".utf8),
    ] {
      #expect(
        VoiceDialect().decode(.text(bytes), from: .server) == [.malformed(what: "text frame", reason: "invalid UTF-8")])
      _ = VoiceDialect().typeName(of: .text(bytes))
      _ = PCMDialect().decode(.text(bytes), from: .server)
    }
  }

  @Test func randomBytesNeverTrap() {
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("{}[]\",:\\u0019eE+-.truefalsenull type audio data text\u{0}\n".utf8) + [0x80, 0xff, 0xc3]
    let valid = RoundTripTests.fromServer.compactMap { VoiceDialect().encode($0, from: .server)?.payload }
    for n in 0..<4000 {
      var bytes: [UInt8]
      switch n % 3 {
      case 0: bytes = (0..<Int.random(in: 0..<64)).map { _ in UInt8.random(in: 0...255, using: &random) }
      case 1: bytes = (0..<Int.random(in: 0..<64)).map { _ in alphabet.randomElement(using: &random)! }
      default:
        bytes = valid.randomElement(using: &random)!
        for _ in 0..<Int.random(in: 1...4) { bytes[Int.random(in: 0..<bytes.count)] = alphabet.randomElement()! }
      }
      for side in [Side.client, .server] {
        #expect(!VoiceDialect().decode(.text(bytes), from: side).isEmpty)
        #expect(!PCMDialect().decode(.text(bytes), from: side).isEmpty)
      }
      _ = VoiceDialect().typeName(of: .text(bytes))
      let hidden = Redaction.hideSecrets(in: bytes, literals: ["audio1"])
      #expect(hidden.count <= bytes.count + 3 * bytes.count)
    }
  }
}
