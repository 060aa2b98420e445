import Audio
import COpus

/// libopus' encoder for speech: mono, one packet at a time. Belongs to one thread at a time.
final class SpeechEncoder {
  /// Of 20 ms.
  let samplesInFrame: Int
  /// Samples by which what is decoded is behind what was encoded: 2.5 ms of Opus itself and 4 ms for voice.
  let lookahead: Int

  /// A packet of 120 ms with the longest frames (RFC 6716, section 3.4).
  private static let packetCapacity = 6 * 1_276 + 8
  private let encoder: OpaquePointer
  private var packet = [UInt8](repeating: 0, count: SpeechEncoder.packetCapacity)

  /// - Parameter rate: samples a second; nil is returned for others than 8, 12, 16, 24 and 48 kHz.
  init?(rate: Int, _ settings: OpusSettings) {
    guard let encoder = opus_encoder_create(Int32(clamping: rate), 1, OPUS_APPLICATION_VOIP, nil) else { return nil }
    let settings = settings.bounded
    let error = copus_encoder_configure(
      encoder, Int32(settings.bitRate), settings.usesDTX ? 1 : 0, Int32(settings.expectedLoss))
    guard error == OPUS_OK else {
      opus_encoder_destroy(encoder)
      return nil
    }
    self.encoder = encoder
    samplesInFrame = rate / 50
    lookahead = Int(copus_encoder_lookahead(encoder))
  }

  deinit { opus_encoder_destroy(encoder) }

  /// A packet of whole frames, six at most; empty where libopus refuses them.
  func packet(of samples: [Int16]) -> [UInt8] {
    let size = opus_encode(encoder, samples, Int32(samples.count), &packet, Int32(packet.count))
    return size > 0 ? Array(packet.prefix(Int(size))) : []
  }
}
