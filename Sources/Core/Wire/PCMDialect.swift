import FoundationEssentials
import Timeline

/// The bare dialect: binary frames are 16-bit little-endian PCM both ways; text frames, if any, are JSON metadata, of
/// which two mean something: a server's `error`, and `{"type":"clear"}`, which either side may say: what was sent and not
/// heard yet is not to be played.
public struct PCMDialect: Dialect {
  public let name = "pcm"
  public let needsReady = false
  public let marksResponseEnd = false
  public let takesBack = false
  /// A pipe may not expect any text: it gets this when it has said the same itself.
  public let interruptOnceShown: Frame? = Self.clear

  private static let clear = Frame.string(#"{"type":"clear"}"#)

  public init() {}

  public func decode(_ frame: Frame, from side: Side) -> [VoiceEvent] {
    let bytes = frame.payload
    guard frame.isText || BinaryText.holdsJSON(bytes) else {
      return [.audio(AudioPayload(bytes: BinaryText.base64(bytes) ?? bytes, format: "pcm16"))]
    }
    do {
      if side == .server, case .error(let error)? = VoiceDialect().decode(frame, from: side).first {
        return [.error(error)]
      }
      let type = try JSONValue(parsing: bytes)["type"]?.stringValue
      if type == "clear" { return [side == .server ? .interrupted : .interrupt] }
      return [.unknown(type: type ?? "metadata")]
    } catch {
      return [.malformed(what: "text frame", reason: "\(error)")]
    }
  }

  public func encode(_ event: VoiceEvent, from side: Side) -> Frame? {
    switch event {
    case .audio(let payload): .binary(payload.bytes)
    case .error where side == .server: VoiceDialect().encode(event, from: side)
    case .interrupted where side == .server: Self.clear
    default: nil
    }
  }

  public func typeName(of frame: Frame) -> String {
    guard frame.isText || BinaryText.holdsJSON(frame.payload) else { return "audio" }
    return (try? JSONValue(parsing: frame.payload))?["type"]?.stringValue ?? "metadata"
  }
}
