import TestKit
import Testing

@testable import Wire

/// The short way of audio messages says and understands what the long way does.
@Suite struct AudioMessageTests {
  private let dialect = VoiceDialect()

  /// A line feed is nothing that the short way takes.
  private func theLongWay(_ text: String) -> [VoiceEvent] {
    dialect.decode(.string("\n" + text), from: .server)
  }

  static let plain = [
    #"{"type":"audio","data":"AAEC"}"#,
    #"{"type":"audio","audio":"AAEC","format":"pcm16","rate":24000,"seq":7,"ts":1234}"#,
    #"{ "type" : "audio", "data" : "//79+w==", "seq" : 0 , "event_id": "evt 1" }"#,
    #"{"audio":"AAEC","data":"AwQF","type":"audio"}"#,
    #"{"type":"audio","data":""}"#,
  ]

  @Test(arguments: plain) func plainMessagesTakeTheShortWay(text: String) throws {
    let payload = try #require(AudioMessage.parse(Array(text.utf8)))
    #expect(theLongWay(text) == [.audio(payload)])
    #expect(dialect.decode(.string(text), from: .server) == [.audio(payload)])
  }

  @Test(arguments: [
    "", "{", "{}", "[]", "null", #"{"type":"audio"}"#, #"{"type":"audio","data":"AA"}"#,
    #"{"type":"audio","data":"A*=="}"#,
    #"{"type":"audio","data":"AAEC""#, #"{"type":"audio","data":"AAEC"} x"#, #"{"type":"audio","data":"AAEC",}"#,
    #"{,"type":"audio","data":"AAEC"}"#, #"{"type":"audio" "data":"AAEC"}"#,
    #"{"type":"audio","data":"AAEC","rate":007}"#,
    #"{"type":"audio","data":"AAEC","rate":16000.0}"#, #"{"type":"audio","data":"AAEC","rate":1.6e4}"#,
    #"{"type":"audio","data":"AAEC","rate":"16000"}"#, #"{"type":"audio","data":"AAEC","rate":-1}"#,
    #"{"type":"audio","data":"AAEC","rate":99999999999999999999}"#, #"{"type":"audio","data":null,"audio":"AAEC"}"#,
    #"{"type":"audio","data":"AAEC","ts":12.5}"#, #"{"type":"audio","data":"AA\u0045C"}"#,
    #"{"type":"audio","data":"AAEC","more":{"data":"AwQF"}}"#, #"{"type":"audio","data":"AAEC","data":"AwQF"}"#,
    #"{"type":"transcript_final","text":"hello","data":"AAEC"}"#, #"{"type":"audio","data":"AAEC","x":"é"}"#,
    #"{"type":"audio","data":"AAEC","x":true}"#, #"{"type":"audio","data":"AAEC","seq":1"#,
  ]) func theRestIsLeftToTheDecoder(text: String) {
    #expect(AudioMessage.parse(Array(text.utf8)) == nil)
    #expect(dialect.decode(.string(text), from: .server).count == 1)
  }

  /// Cut and broken anywhere, a plain message means the same on both ways.
  @Test func bothWaysAgreeOnBrokenMessages() {
    let text = Array(Self.plain[1].utf8)
    for i in text.indices {
      let cut = String(decoding: text[..<i], as: UTF8.self)
      #expect(dialect.decode(.string(cut), from: .server).map(withoutPlace) == theLongWay(cut).map(withoutPlace))
      for byte in "\"{}:, 0a\\".utf8 {
        var broken = text
        broken[i] = byte
        let changed = String(decoding: broken, as: UTF8.self)
        let (short, long) = (dialect.decode(.string(changed), from: .server), theLongWay(changed))
        #expect(short.map(withoutPlace) == long.map(withoutPlace), "\(changed)")
      }
    }
  }

  /// Faults are told with the line on which they are.
  private func withoutPlace(_ event: VoiceEvent) -> VoiceEvent {
    if case .malformed(let what, _) = event { return .malformed(what: what, reason: "") }
    return event
  }

  @Test func whatIsSaidIsWhatTheEncoderWouldSay() throws {
    let payload = AudioPayload(bytes: [0, 1, 2, 255], format: "pcm16", rate: 24_000, sequence: 7, sentAtMs: 1234)
    let expected = #"{"data":"AAEC/w==","format":"pcm16","rate":24000,"seq":7,"ts":1234,"type":"audio"}"#
    #expect(AudioMessage.text(payload, member: "data") == Array(expected.utf8))
    #expect(dialect.encode(.audio(payload), from: .server) == .string(expected))
    for (format, sentAt) in [("a\"b", 1.0), ("pcm16", 0.5), ("é", 1), ("pcm16", 1e300)] {
      var odd = payload
      (odd.format, odd.sentAtMs) = (format, sentAt)
      #expect(AudioMessage.text(odd, member: "data") == nil)
      let frame = try #require(dialect.encode(.audio(odd), from: .server))
      #expect(dialect.decode(frame, from: .server) == [.audio(odd)])
    }
  }
}
