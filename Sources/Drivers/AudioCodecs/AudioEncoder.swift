import Audio

/// Turns the audio of one response into bytes for a client: mono, one rate. Belongs to one thread at a time.
public protocol AudioEncoder: AnyObject {
  /// Takes whole 16-bit little-endian samples, and returns the bytes that are ready: those of a message, or none yet.
  func encode(_ pcm: [UInt8]) -> [UInt8]
  /// The response is over: returns what was held back. Nothing may follow.
  func finish() -> [UInt8]
}

/// The encoders that are built in.
///
/// | format     | one message is                  | delay at 16 kHz                                |
/// |------------|---------------------------------|------------------------------------------------|
/// | `pcm16`    | the samples, little-endian      | none                                           |
/// | `wav`      | a whole file                    | none                                           |
/// | `mp3`      | the next bytes of a stream      | 69 ms of silence at the beginning of the stream |
/// | `oggOpus`  | the next pages of a stream      | up to 20 ms, until a packet is full            |
public enum AudioEncoders {
  /// - Parameter rate: samples a second.
  /// - Returns: nil when the format cannot be made here, or not at this rate.
  public static func make(_ format: AudioFormat, rate: Int) -> (any AudioEncoder)? {
    switch format {
    case .pcm16: PCMEncoder()
    case .wav: WAVEncoder(rate: rate)
    case .mp3: MP3Encoder(rate: rate)
    case .oggOpus: OggOpusEncoder(rate: rate)
    default: nil
    }
  }
}

/// Raw samples.
final class PCMEncoder: AudioEncoder {
  func encode(_ pcm: [UInt8]) -> [UInt8] { pcm }
  func finish() -> [UInt8] { [] }
}

/// A whole WAV file for each piece.
final class WAVEncoder: AudioEncoder {
  private let rate: Int
  init(rate: Int) { self.rate = rate }

  func encode(_ pcm: [UInt8]) -> [UInt8] {
    pcm.isEmpty ? [] : WAV.header(rate: rate, sampleCount: pcm.count / 2) + pcm
  }
  func finish() -> [UInt8] { [] }
}
