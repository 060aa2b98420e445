import Audio
import Wire

/// Audio of a client that cannot be read here, as what `MediaRecorder` makes where it has no WebM: it is refused in words
/// that say what to do instead, and never taken for samples.
public struct ForeignAudio: Sendable {
  /// What comes of a piece of audio.
  public enum Verdict: Sendable, Equatable {
    case readable
    /// It is left out. The text is there when the client should be told (again).
    case leftOut(String?)
  }

  private var name: String?
  private var declared: String?
  private var byteCount = 0
  private var toldByteCount = 0

  public init() {}

  /// Looks at the next piece. A stream that cannot be read goes on until something else begins: its later pieces look
  /// like nothing.
  public mutating func examine(_ payload: AudioPayload) -> Verdict {
    if payload.format != declared || AudioSniffer.beginsContainer(payload.bytes) { self = ForeignAudio() }
    declared = payload.format
    if let found = Self.name(of: payload), found != name { (name, byteCount) = (found, 0) }
    guard let name else { return .readable }
    let isFirst = byteCount == 0
    byteCount += payload.bytes.count
    guard isFirst || byteCount >= 2 * toldByteCount else { return .leftOut(nil) }
    toldByteCount = max(byteCount, 32_768)
    return .leftOut(Self.advice(on: name, byteCount: byteCount))
  }

  private static func name(of payload: AudioPayload) -> String? {
    let bytes = payload.bytes
    // Signatures stand in front, and say more than a declaration.
    if case .unsupported(let name) = AudioSniffer.conclude(Array(bytes.prefix(64)), declared: nil) { return name }
    if AudioSniffer.beginsContainer(bytes) { return nil }
    if case .unsupported(let name) = AudioFormat.declared(payload.format) { return name }
    return nil
  }

  private static func advice(on name: String, byteCount: Int) -> String {
    let source = name == "mp4" ? ", as a browser's MediaRecorder makes it," : ""
    return
      "\(name)\(source) cannot be heard here (\(byteCount) bytes left out): send raw 16-bit little-endian mono PCM, "
      + "as from an AudioWorklet in an AudioContext with sampleRate 16000, or a WAV, MP3, Ogg/Opus or WebM/Opus stream"
  }
}
