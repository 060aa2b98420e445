import FoundationEssentials
import Timeline

/// The bare dialect: binary messages are 16-bit little-endian PCM both ways; text messages, if any, are JSON metadata, of
/// which two mean something: a server's `error`, and `{"type":"clear"}`, which either side may say: what was sent and not
/// heard yet is not to be played.
public struct PCMDialect: Dialect {
  public static let card = DialectCard(
    name: "pcm", title: "Bare samples",
    notes: "Binary messages of 16-bit little-endian mono samples both ways; text messages are metadata.",
    uplink: WireAudioForms(WireAudioForm(.pcm16, rate: 16_000, .binary), chunk: .milliseconds(20)),
    downlink: WireAudioForms(WireAudioForm(.pcm16, rate: 16_000, .binary), chunk: .milliseconds(40)),
    readiness: .open, turns: .byAudio(silence: .milliseconds(500)), responseEnd: .pause, identity: .byOrder,
    interruption: .flushOnly, clientSays: [.audio, .interrupt], serverSays: [.audio, .interrupted, .error])

  private static let clear = WireMessage.string(#"{"type":"clear"}"#)

  /// A pipe may not expect any text: it gets `clear` when it has said the same itself.
  private var hasServerCleared = false
  /// Its error message is that of the `voice` dialect.
  private var voice = VoiceDialect()

  public init(_ settings: DialectSettings = DialectSettings()) {}

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    let bytes = message.payload
    guard message.isText || BinaryText.holdsJSON(bytes) else {
      return Reading("audio", [.audio(AudioPayload(bytes: BinaryText.base64(bytes) ?? bytes, format: "pcm16"))])
    }
    do {
      let type = try JSONValue(parsing: bytes)["type"]?.stringValue
      if side == .server, type == "error" {
        let error = voice.read(message, from: side)
        if case .error? = error.events.first { return Reading("error", error.events) }
      }
      guard type == "clear" else { return Reading(type ?? "metadata", [.unknown(type: type ?? "metadata")]) }
      if side == .server { hasServerCleared = true }
      return Reading("clear", [side == .server ? .interrupted : .interrupt])
    } catch {
      return Reading("metadata", [.malformed(what: "text frame", reason: "\(error)")])
    }
  }

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] {
    guard case .event(let event, _) = what else { return [] }
    return switch event {
    case .audio(let payload): [.binary(payload.bytes)]
    case .interrupt where side == .client && hasServerCleared: [Self.clear]
    case .interrupted where side == .server: [Self.clear]
    case .error where side == .server: voice.say(.event(event), as: side, at: now)
    default: []
    }
  }
}
