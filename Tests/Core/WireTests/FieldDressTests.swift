import TestKit
import Testing
import Timeline
import Wire

/// Messages as peers in the field dress them: numbers in strings, other base64, JSON in binary messages, halves of characters.
@Suite struct FieldDressTests {
  private func decode(_ text: String, from side: Side = .server) -> VoiceEvent {
    VoiceDialect().decode(.string(text), from: side)[0]
  }
  private func audio(_ fields: String) -> AudioPayload? {
    if case .audio(let payload) = decode("{\"type\":\"audio\",\"data\":\"AQI=\",\(fields)}") { payload } else { nil }
  }

  // MARK: Numbers

  @Test(arguments: ["24000", "\"24000\"", "24000.0", "\"24000.0\"", "\" 24000 \"", "2.4e4", "\"2.4e4\""])
  func aRateIsTakenHoweverItIsWritten(rate: String) {
    #expect(audio("\"rate\":\(rate)") == AudioPayload(bytes: [1, 2], rate: 24_000))
  }

  @Test(arguments: [
    "0", "-1", "1", "999", "1000000000", "4294967296", "1e99", "24000.5", "\"abc\"", "\"NaN\"", "\"inf\"", "\"0x5dc0\"",
    "\"\"",
    "\"24 kHz\"", "true", "[]", "{}", "99999999999999999999", "-24000", "\"0\"", "24",
  ]) func anAbsurdRateIsLeftOutAndTold(rate: String) throws {
    let payload = try #require(audio("\"rate\":\(rate)"))
    #expect(payload.rate == nil)
    #expect(payload.bytes == [1, 2])
    #expect(payload.ignored?.hasPrefix("rate ") == true, "\(payload.ignored ?? "nothing told")")
  }

  @Test func otherNumbersToo() {
    let payload = audio("\"seq\":\"12\",\"ts\":\"1234.5\"")
    #expect(payload?.sequence == 12 && payload?.sentAtMs == 1_234.5 && payload?.ignored == nil)
    #expect(audio("\"seq\":12.0")?.sequence == 12)
    for odd in ["1e30", "\"x\"", "0.5"] {
      let payload = audio("\"seq\":\(odd)")
      #expect(payload?.sequence == nil && payload?.ignored?.hasPrefix("seq") == true)
    }
    #expect(
      decode(#"{"type":"metrics","turn":"3","stt_ms":"5.5","llm_ttft_ms":"x","tts_ttfb_ms":-7}"#)
        == .metrics(ServerMetrics(turn: 3, sttMs: 5.5)))
    #expect(
      decode(#"{"type":"ready","sessionId":"a","audio":{"in":{"rate":"8000"},"out":{"rate":24000.0}}}"#)
        == .ready(Ready(sessionID: "a", inputRate: 8_000, outputRate: 24_000)))
    let ready = decode(#"{"type":"ready","sessionId":"a","audio":{"in":7,"out":{"rate":0}}}"#)
    #expect(ready == .ready(Ready(sessionID: "a", ignored: "rate 0")))
  }

  @Test func channelsAreKept() {
    #expect(audio("\"channels\":2")?.format == "pcm16;channels=2")
    #expect(audio("\"channels\":\"2\",\"format\":\"pcm_f32le\"")?.format == "pcm_f32le;channels=2")
    #expect(audio("\"channels\":1")?.format == nil)
    #expect(audio("\"channels\":0")?.ignored == "channels 0")
  }

  // MARK: Base64

  @Test func base64InOtherDresses() {
    let bytes: [UInt8] = [0xFB, 0xFF, 0xFE, 0x3E]
    for text in [
      "+//+Pg==", "-__-Pg==", "+//+Pg", "-__-Pg", "+//+\\r\\nPg==\\n", " +//+ Pg== ", "data:audio/pcm;base64,+//+Pg==",
    ] {
      guard case .audio(let payload) = decode("{\"type\":\"audio\",\"data\":\"\(text)\"}") else {
        Issue.record("\(text)")
        continue
      }
      #expect(payload.bytes == bytes, "\(text)")
    }
    #expect(
      decode(#"{"type":"audio","data":"data:audio/pcm;rate=24000;base64,AQI="}"#)
        == .audio(AudioPayload(bytes: [1, 2], format: "audio/pcm;rate=24000")))
  }

  @Test(arguments: [
    ("AQ*=", "character 3"), ("AQI=AQI=", "after its padding"), ("A", "no whole number"),
    ("data:audio/pcm,abc", "not base64"),
  ]) func whatIsWrongWithBase64IsNamed(text: String, says: String) {
    guard case .malformed(_, let reason) = decode("{\"type\":\"audio\",\"data\":\"\(text)\"}") else {
      Issue.record("decoded")
      return
    }
    #expect(reason.contains(says), "\(reason)")
  }

  // MARK: Text in binary messages

  @Test func jsonInABinaryMessageIsRead() {
    let voice = VoiceDialect()
    for text in [
      #"{"type":"ready","sessionId":"b"}"#, "\u{FEFF}{\"type\":\"ready\",\"sessionId\":\"b\"}",
      " \n{ \"type\":\"ready\",\n\"sessionId\":\"b\"}\n",
    ] {
      let frame = WireMessage.binary(Array(text.utf8))
      #expect(voice.decode(frame, from: .server) == [.ready(Ready(sessionID: "b"))])
      #expect(voice.typeName(of: frame) == "ready")
      #expect(!frame.isLikelyAudio)
      #expect(PCMDialect().decode(frame, from: .server) == [.unknown(type: "ready")])
    }
    let audio = WireMessage.binary(Array(#"{"type":"audio","data":"AQI="}"#.utf8))
    #expect(voice.decode(audio, from: .server) == [.audio(AudioPayload(bytes: [1, 2]))])
    // Cut: not audio, either.
    let cut = Array((#"{"type":"response_text","text":""# + String(repeating: "word ", count: 40)).utf8)
    guard case .malformed? = voice.decode(.binary(cut), from: .server).first else {
      Issue.record("taken for audio")
      return
    }
  }

  @Test func samplesAreNoJSON() {
    for bytes: [UInt8] in [
      [], [0x7B], [0x7B, 0x22], [0x7B, 0x00, 0x22, 0x00], [0x5B, 0x5B, 0xFF, 0x00, 1, 2], [0x7B, 0x22, 0, 1, 0x7D],
    ] {
      #expect(!BinaryText.holdsJSON(bytes), "\(bytes)")
      #expect(VoiceDialect().decode(.binary(bytes), from: .server) == [.audio(AudioPayload(bytes: bytes))])
    }
  }

  @Test func base64InABinaryMessageIsDecoded() {
    let text = String(repeating: "QUJD", count: 30)
    let samples = Array(String(repeating: "ABC", count: 30).utf8)
    #expect(VoiceDialect().decode(.binary(Array(text.utf8)), from: .server) == [.audio(AudioPayload(bytes: samples))])
    #expect(
      PCMDialect().decode(.binary(Array(text.utf8)), from: .server) == [
        .audio(AudioPayload(bytes: samples, format: "pcm16"))
      ])
  }

  // MARK: Halves of characters

  private func delta(_ json: String) -> String? {
    if case .responseText(let text) = decode("{\"type\":\"response_text\",\"text\":\"\(json)\"}") { text } else { nil }
  }

  @Test func halvesInTwoDeltasBecomeOneCharacter() throws {
    var joined = DeltaText()
    let pieces = [#"sunny \ud83d"#, #"\ude00 today"#, #" \ude00\ud83d"#, "", #"\ude00!"#, #"\ud83d"#, "x"]
    let text = try pieces.map { joined.add(try #require(delta($0))) }.joined()
    #expect(text == "sunny 😀 today \u{FFFD}😀!\u{FFFD}x")
    #expect(joined.end() == "")
    #expect(joined.add(try #require(delta(#"a\uD83D"#))) == "a")
    #expect(joined.end() == "\u{FFFD}")
    // Shown alone, as in the log.
    #expect(VoiceEvent.shown(try #require(delta(#"sunny \ud83d"#))) == "sunny \u{FFFD}")
  }

  @Test func wholePairsAndEscapedBackslashesAreLeftAlone() {
    #expect(delta(#"\ud83d\ude00"#) == "😀")
    #expect(delta(#"\\ud83d"#) == #"\ud83d"#)
    #expect(delta(#"\\\\\ud83d\ude00\n"#) == "\\\\😀\n")
    #expect(delta(#"\u00e9"#) == "é")
  }

  @Test func noWordsAreLostInOtherTexts() throws {
    let half = #"well \ud83d then"#
    let shown = "well \u{FFFD} then"
    #expect(decode("{\"type\":\"transcript_final\",\"text\":\"\(half)\"}") == .transcriptFinal(shown))
    #expect(decode("{\"type\":\"transcript_interim\",\"text\":\"\(half)\"}") == .transcriptInterim(shown))
    #expect(decode("{\"type\":\"text\",\"text\":\"\(half)\"}", from: .client) == .text(shown))
    #expect(decode("{\"type\":\"error\",\"message\":\"\(half)\"}") == .error(ServerError(message: shown)))
    #expect(decode("{\"type\":\"error\",\"error\":{\"message\":\"\(half)\"}}") == .error(ServerError(message: shown)))
    #expect(decode("{\"type\":\"weather\",\"text\":\"\(half)\"}") == .unknown(type: "weather"))
    #expect(decode("{\"type\":\"config_applied\",\"a\":\"\(half)\"}") == .configApplied(.object(["a": .string(shown)])))
    let value = try JSONValue(parsing: "{\"\(half)\":\"\(half)\"}".utf8)
    #expect(value[shown]?.stringValue == shown)
    #expect(PCMDialect().decode(.string("{\"type\":\"t\",\"x\":\"\(half)\"}"), from: .server) == [.unknown(type: "t")])
  }

  /// What a server says of its engines is kept in part, if it is long, and counts as absent, if it is no text or number.
  @Test func enginesAreBounded() throws {
    func ready(_ rest: String) throws -> Ready {
      let event = VoiceDialect().decode(.string(#"{"type":"ready","sessionId":"s",\#(rest)}"#), from: .server).first
      guard case .ready(let ready)? = event else { throw SomethingElse() }
      return ready
    }
    let long = String(repeating: "ä", count: 500)
    let engines = try #require(
      try ready(#""stt":"\#(long)","detector":"\#(long)","missing":"\#(long)","remedy":"\#(long)","voice":"\#(long)""#)
        .engines)
    #expect(engines.recognizer?.utf8.count == SpeechEngines.longestName)
    #expect(engines.detector?.utf8.count == SpeechEngines.longestName)
    #expect(engines.missing?.utf8.count == SpeechEngines.longestName)
    #expect(engines.remedy?.utf8.count == SpeechEngines.longestRemedy)
    #expect(try ready(#""voice":"\#(long)""#).voice?.utf8.count == SpeechEngines.longestName)
    #expect(try ready(#""stt":7,"detector":null,"missing":[],"remedy":"""#).engines == nil)
    #expect(try ready(#""stt":"","detector":"silero""#).engines == SpeechEngines(detector: "silero"))
    for (text, count) in [("3", 3), ("\"4\"", 4), ("5.0", 5), ("-1", nil), ("1e300", nil), ("2.5", nil), ("true", nil)]
      as [(String, Int?)]
    {
      let event = VoiceDialect().decode(.string(#"{"type":"metrics","stt_queue":\#(text)}"#), from: .server).first
      #expect(event == .metrics(ServerMetrics(sttQueue: count)), "\(text)")
      let characters = VoiceDialect().decode(.string(#"{"type":"metrics","tts_chars":\#(text)}"#), from: .server).first
      #expect(characters == .metrics(ServerMetrics(ttsCharacters: count)), "\(text)")
    }
  }
  private struct SomethingElse: Error {}
}
