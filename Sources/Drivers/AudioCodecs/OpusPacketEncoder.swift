import Audio

/// Opus packets without a container: each is a message and lasts 20 ms. More may follow after `finish`: the decoder at the
/// other end goes on where it was.
final class OpusPacketEncoder: AudioEncoder {
  private let encoder: SpeechEncoder
  private var waiting: [Int16] = []
  /// What was encoded since `finish` has not come out of the decoder whole.
  private var isBegun = false

  /// - Parameter rate: samples a second; Opus knows 8, 12, 16, 24 and 48 kHz.
  init?(rate: Int, _ settings: OpusSettings = OpusSettings()) {
    guard let encoder = SpeechEncoder(rate: rate, settings) else { return nil }
    self.encoder = encoder
  }

  func encode(_ pcm: [UInt8]) -> [[UInt8]] {
    waiting += PCM16.samples(of: pcm)
    var packets: [[UInt8]] = []
    var start = 0
    while waiting.count - start >= encoder.samplesInFrame {
      packets.append(encoder.packet(of: Array(waiting[start..<start + encoder.samplesInFrame])))
      start += encoder.samplesInFrame
    }
    waiting.removeFirst(start)
    isBegun = isBegun || start > 0 || !waiting.isEmpty
    return packets.filter { !$0.isEmpty }
  }

  /// One packet with the rest, padded with silence, of two frames where one would leave the last samples in the decoder.
  func finish() -> [[UInt8]] {
    guard isBegun else { return [] }
    let frame = encoder.samplesInFrame
    let frames = (waiting.count + encoder.lookahead + frame - 1) / frame
    let padding = [Int16](repeating: 0, count: frames * frame - waiting.count)
    let packet = encoder.packet(of: waiting + padding)
    (waiting, isBegun) = ([], false)
    return packet.isEmpty ? [] : [packet]
  }
}
