import Audio
import COpus

/// Opus packets without Ogg pages, one in each message, to mono by libopus.
final class OpusPacketStream: StreamDecoder {
  let format: AudioFormat = .opus
  /// Opus runs at 48 kHz, whatever was encoded.
  let sourceRate: Int? = 48_000

  private let rate: Int
  private let decoder: OpaquePointer?
  private var packet: [UInt8] = []
  private var hasReported = false
  private var buffer: [Int16]
  /// A packet holds at most 48 frames of 1 275 bytes and their lengths.
  private static let maximumPacketByteCount = 61_440

  /// - Parameter outputRate: samples a second that are wanted.
  init(outputRate: Int) {
    rate = [8_000, 12_000, 16_000, 24_000, 48_000].contains(outputRate) ? outputRate : 48_000
    decoder = opus_decoder_create(Int32(rate), 1, nil)
    // A packet lasts 120 ms at most.
    buffer = Array(repeating: 0, count: rate * 120 / 1_000)
  }

  deinit { if let decoder { opus_decoder_destroy(decoder) } }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    // What is longer than a packet can be is reported when the message has ended.
    packet += bytes.prefix(max(0, Self.maximumPacketByteCount + 1 - packet.count))
    return .all
  }

  func messageEnded(byteCount: Int, into audio: inout DecodedAudio) {
    defer { packet = [] }
    guard !packet.isEmpty else { return }
    guard let decoder else { return report("libopus has no memory for a decoder", into: &audio) }
    guard packet.count <= Self.maximumPacketByteCount else {
      return report("a message of \(byteCount) bytes is no Opus packet", into: &audio)
    }
    let count = opus_decode(decoder, packet, Int32(packet.count), &buffer, Int32(buffer.count), 0)
    guard count >= 0 else {
      let why = String(cString: opus_strerror(count))
      return report("a message of \(packet.count) bytes is no Opus packet: \(why)", into: &audio)
    }
    audio.append(Array(buffer.prefix(Int(count))), rate: rate)
  }

  private func report(_ text: String, into audio: inout DecodedAudio) {
    if !hasReported { audio.report(text) }
    hasReported = true
  }
}
