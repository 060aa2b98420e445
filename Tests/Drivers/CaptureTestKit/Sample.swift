import Capture
import Timeline

/// What tests of captures write, the same in every process: a reader can tell what should be where.
public enum Sample {
  /// Mono at 16 kHz.
  public static let track = AudioTrack(.user, rate: 16_000, start: Timestamp(milliseconds: 5))

  /// A message, or something else now and then, half a millisecond after the one before.
  public static func entry(_ index: Int) -> Entry {
    Entry(index: index, at: Timestamp(nanoseconds: Int64(index) * 500_000 + 7), event: event(index))
  }

  private static func event(_ index: Int) -> Entry.Event {
    func message(_ text: String, _ way: Way) -> Entry.Event {
      .message(Message(link: LinkID(1), way: way, kind: .text, payload: Array(text.utf8)))
    }
    switch index % 8 {
    case 0: return message(#"{"type":"transcript_interim","text":"number \#(index) é"}"#, .toClient)
    case 1: return .roundTrip(RoundTrip(link: LinkID(1), ms: Double(index % 100) / 4))
    case 2: return .notice(Notice(.other("test"), .info, .other("test"), "notice \(index)"))
    case 3:
      return .message(
        Message(link: LinkID(1), way: .toClient, kind: .binary, payload: (0..<64).map { UInt8(($0 * index) & 0xFF) }))
    case 4: return message(#"{"type":"response_text","text":"word\#(index) \#(index % 7)"}"#, .toClient)
    case 5: return .queue(QueueDepth(name: .uplink, depth: index % 50, capacity: 100, dropped: 0, unit: .frames))
    // 20 ms of audio at 16 kHz.
    case 6:
      return message(#"{"type":"audio","data":"\#(String(repeating: "QUJDREVG", count: 107))"}"#, .toServer)
    default: return .voiceEdge(VoiceEdge(isStart: index % 16 == 7, sinceMs: 30))
    }
  }

  /// The samples at these positions.
  public static func sound(_ range: Range<Int64>) -> [Int16] {
    range.map { Int16(truncatingIfNeeded: ($0 &* 37) % 4001 - 2000 &+ ($0 / 1000) % 50) }
  }
}
