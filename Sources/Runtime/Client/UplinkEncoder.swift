import Audio
import AudioCodecs
import Timeline

/// Encodes the user's audio, with an encoder for each link and codec: that of an earlier one is forgotten.
struct UplinkEncoder {
  /// Samples a second.
  let rate: Int
  /// How speech is coded as Opus.
  let opus: OpusSettings
  private var current: (link: LinkID, codec: WireCodec, encoder: any AudioEncoder)?

  init(rate: Int, opus: OpusSettings) { (self.rate, self.opus) = (rate, opus) }

  /// - Parameter isLast: what the encoder holds back is wanted, too.
  /// - Returns: the bytes of messages, in order.
  mutating func encode(_ samples: [Int16], for link: LinkID, as codec: WireCodec, isLast: Bool) -> [[UInt8]] {
    if current?.link != link || current?.codec != codec {
      current = AudioEncoders.make(codec.format, rate: rate, opus: opus).map { (link, codec, $0) }
    }
    guard let encoder = current?.encoder else { return [] }
    return encoder.encode(PCM16.bytes(of: samples)) + (isLast ? encoder.finish() : [])
  }
}
