import Audio
import Findings
import TestKit
import Testing
import Timeline
import Wire

@Suite struct AudioLookTests {
  /// A tone as floats, 100 ms a message.
  private func floats(_ i: Int) -> [UInt8] {
    (0..<1_600).flatMap { n -> [UInt8] in
      // A triangle, so that nothing but arithmetic is needed.
      let phase = Float((i * 1_600 + n) % 36) / 36
      let pattern = ((phase < 0.5 ? phase : 1 - phase) * 1.2 - 0.3).bitPattern
      return (0..<4).map { UInt8(truncatingIfNeeded: pattern >> (8 * UInt32($0))) }
    }
  }
  private func random(_ count: Int) -> [UInt8] {
    var random = SeededGenerator(seed: 7)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  @Test(arguments: [nil, "pcm16", "xyz"] as [String?]) func floatsAreNamedNotTheirOddBytes(declared: String?) {
    var script = Script()
    for i in 0..<5 { script.received(Double(i) * 100, .audio(AudioPayload(bytes: floats(i), format: declared))) }
    #expect(script.count("looks-like-float32") == 1)
    #expect(script.detail("looks-like-float32").contains("float32"))
    #expect(script.count("unknown-format") == (declared == "xyz" ? 1 : 0))
    // 1 600 floats are 100 ms, not 200.
    #expect(script.count("chunk-too-long") == 0)
    #expect(script.count("odd-byte-count") == 0)
    #expect(script.count("looks-like-noise") == 0)
  }

  @Test func floatsThatAreDeclaredAreFine() {
    var script = Script()
    for i in 0..<5 { script.received(Double(i) * 100, .audio(AudioPayload(bytes: floats(i), format: "pcm_f32le"))) }
    #expect(script.linter.findings.map(\.rule.id) == [])
  }

  @Test func mulawIsNamed() {
    var script = Script()
    for i in 0..<5 {
      let samples = (0..<800).map { n in
        let phase = (i * 800 + n) % 36
        return Int16(((phase < 18 ? phase : 36 - phase) - 9) * 1_000)
      }
      script.binary(Double(i) * 100, .toClient, G711.encode(samples, .mu))
    }
    #expect(script.count("looks-like-mulaw") == 1)
    #expect(script.count("chunk-too-long") == 0)
  }

  @Test func noiseIsNamedOnce() {
    var script = Script()
    for i in 0..<4 { script.binary(Double(i) * 100, .toClient, random(2_049)) }
    #expect(script.count("looks-like-noise") == 1)
    #expect(script.count("odd-byte-count") == 0)
  }

  /// Small messages show nothing each alone; the playout has put them together.
  @Test func whatThePlayoutFindsIsNamed() {
    var script = Script()
    for i in 0..<8 {
      script.binary(Double(i) * 20, .toClient, [0x78] + random(60 + i))
      if i == 4 { script.at(90, .playoutChange(PlayoutChange(nil, .format("opus", rate: 48_000)))) }
    }
    #expect(script.count("raw-opus") == 1)
    #expect(script.count("odd-byte-count") == 0)
    var refused = Script()
    let message = refused.binary(0, .toClient, [1, 2, 3])
    let words = PlayoutChange(nil, .undecodable("no", format: "noise"))
    let refusal = refused.at(1, .playoutChange(words))
    refused.at(2, .playoutChange(words))
    #expect(refused.count("looks-like-noise") == 1)
    #expect(refused.evidence("looks-like-noise") == [message, refusal])
  }

  @Test func whatCannotBePlayedIsNamed() {
    var script = Script()
    script.received(0, .audio(AudioPayload(bytes: random(300), format: "aac")))
    script.received(1, .audio(AudioPayload(bytes: random(300), format: "aac")))
    #expect(script.count("unplayable-format") == 1)
    #expect(script.detail("unplayable-format").contains("aac"))
  }

  @Test func jsonInBinary() {
    var script = Script()
    script.binary(0, .toClient, Array(#"{"type":"ready","sessionId":"b"}"#.utf8))
    script.binary(1, .toClient, Array(#"{"type":"audio","data":"AQI="}"#.utf8))
    script.binary(2, .toClient, Script.audio.bytes)
    #expect(script.count("json-in-binary") == 2)
    #expect(script.count("odd-byte-count") == 0)
  }

  /// Where the dialect has it so, only the client's is told.
  @Test func jsonInBinaryWhereItBelongs() {
    var script = Script(dialect: GeminiDialect())
    script.binary(0, .toClient, Array(#"{"serverContent":{"turnComplete":true}}"#.utf8))
    #expect(script.count("json-in-binary") == 0)
    script.binary(1, .toServer, Array(#"{"realtimeInput":{"text":"hello"}}"#.utf8))
    #expect(script.count("json-in-binary") == 1)
  }

  /// The session of an article: MP3 of 44 100 Hz in messages of 4 096 bytes, where `ready` promised 16 000 Hz.
  @Test(arguments: [nil, "mp3"] as [String?]) func aHealthyMP3SessionShowsNothing(declared: String?) {
    let frame: [UInt8] = [0xFF, 0xFB, 0x90, 0x00] + [UInt8](repeating: 0x55, count: 413)
    let stream = Array([[UInt8]](repeating: frame, count: 200).joined())
    var script = Script()
    script.received(0, .ready(Ready(sessionID: "s", outputRate: 16_000)))
    var i = 0
    for start in stride(from: 0, to: stream.count, by: 4_096) {
      let end = min(start + 4_096, stream.count)
      script.received(Double(i) * 200, .audio(AudioPayload(bytes: Array(stream[start..<end]), format: declared)))
      if i == 0 {
        script.at(1, .playoutChange(PlayoutChange(ResponseID(1), .format("mp3", rate: 44_100))))
      }
      script.at(
        Double(i) * 200 + 2, .playoutChange(PlayoutChange(ResponseID(1), .decoded(ms: 240))))
      i += 1
    }
    script.received(9_000, .responseComplete)
    #expect(script.linter.findings.map(\.rule.id) == [])
  }

  @Test func theLengthOfCompressedAudioIsItsDecodersWord() {
    var script = Script()
    let message = script.received(0, .audio(AudioPayload(bytes: [UInt8](repeating: 1, count: 800), format: "mp3")))
    let decoded = script.at(
      1, .playoutChange(PlayoutChange(ResponseID(1), .decoded(ms: 522))))
    #expect(script.evidence("chunk-too-long") == [message, decoded])
    #expect(script.detail("chunk-too-long").contains("522 ms"))
  }

  @Test func aStreamedWAVIsMeasuredByItsHeader() {
    var script = Script()
    // 48 000 Hz: 9 600 bytes are 100 ms.
    let header = WAV.header(rate: 48_000, sampleCount: nil)
    for i in 0..<4 {
      script.received(
        Double(i) * 100, .audio(AudioPayload(bytes: (i == 0 ? header : []) + [UInt8](repeating: 1, count: 9_600))))
    }
    #expect(script.linter.findings.map(\.rule.id) == [])
  }
}
