import Audio

/// Turns the audio of one response, or of one link, into messages for a peer: mono, one rate. Belongs to one thread at a
/// time.
public protocol AudioEncoder: AnyObject {
  /// Takes whole 16-bit little-endian samples, and returns the bytes of the messages that are ready, in order.
  func encode(_ pcm: [UInt8]) -> [[UInt8]]
  /// The response, or the utterance, is over: returns what was held back. Nothing may follow, unless the encoder says so.
  func finish() -> [[UInt8]]
}

/// The encoders that are built in.
///
/// | format     | one message is                  | delay at 16 kHz                                 |
/// |------------|---------------------------------|-------------------------------------------------|
/// | `pcm16`    | the samples, little-endian      | none                                            |
/// | `mulaw`    | the samples at 8 kHz            | 2.5 ms                                          |
/// | `opus`     | a packet of 20 ms               | up to 20 ms, until a packet is full             |
/// | `wav`      | a whole file                    | none                                            |
/// | `mp3`      | the next bytes of a stream      | 69 ms of silence at the beginning of the stream |
/// | `oggOpus`  | the next pages of a stream      | up to 20 ms, until a packet is full             |
public enum AudioEncoders {
  /// - Parameters:
  ///   - rate: samples a second of what is encoded.
  ///   - opus: how speech is coded as Opus, where it is.
  /// - Returns: nil when the format cannot be made here, or not at this rate.
  public static func make(_ format: AudioFormat, rate: Int, opus: OpusSettings = OpusSettings()) -> (any AudioEncoder)?
  {
    switch format {
    case .pcm16: PCMEncoder()
    case .mulaw: MuLawEncoder(rate: rate)
    case .opus: OpusPacketEncoder(rate: rate, opus)
    case .wav: WAVEncoder(rate: rate)
    case .mp3: MP3Encoder(rate: rate)
    case .oggOpus: OggOpusEncoder(rate: rate, opus)
    default: nil
    }
  }
}

/// Raw samples.
final class PCMEncoder: AudioEncoder {
  func encode(_ pcm: [UInt8]) -> [[UInt8]] { pcm.isEmpty ? [] : [pcm] }
  func finish() -> [[UInt8]] { [] }
}

/// A whole WAV file for each piece.
final class WAVEncoder: AudioEncoder {
  private let rate: Int
  init(rate: Int) { self.rate = rate }

  func encode(_ pcm: [UInt8]) -> [[UInt8]] {
    pcm.isEmpty ? [] : [WAV.header(rate: rate, sampleCount: pcm.count / 2) + pcm]
  }
  func finish() -> [[UInt8]] { [] }
}
