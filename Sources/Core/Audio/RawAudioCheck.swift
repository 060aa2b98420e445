/// Decides from the first bytes of a pipe whether they are raw samples, audio in a container, or not audio.
public enum RawAudioCheck {
  /// So many bytes are enough: no 64 bytes of real sound are all printable characters.
  public static let byteCount = 64
  /// Fewer bytes than this may be printable by chance.
  private static let shortestText = 12

  /// What the bytes are, in words, where they are no raw samples; nil where they may be.
  public static func problem(_ bytes: [UInt8]) -> String? {
    switch AudioSniffer.conclude(bytes, declared: nil) {
    case .format(.wav): return "a WAV file"
    case .format(.oggOpus): return "an Ogg file"
    case .format(.webm): return "a WebM file"
    case .format(.mp3): return "an MP3 file"
    case .unsupported(let name): return "a \(name) file"
    default: break
    }
    let isText = bytes.prefix(byteCount).allSatisfy { (0x20..<0x7F).contains($0) || (0x09...0x0D).contains($0) }
    return bytes.count >= shortestText && isText ? "text" : nil
  }
}
