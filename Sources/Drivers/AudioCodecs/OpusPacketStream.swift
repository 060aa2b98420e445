import Audio

/// Opus packets without Ogg pages, one in each message, to mono by libopus.
final class OpusPacketStream: StreamDecoder {
  let format: AudioFormat = .opus
  /// Opus runs at 48 kHz, whatever was encoded.
  let sourceRate: Int? = 48_000

  private let rate: Int
  private let decoder: MonoOpusDecoder?
  private var packet: [UInt8] = []
  private var hasReported = false
  /// A packet holds at most 48 frames of 1 275 bytes and their lengths.
  private static let maximumPacketByteCount = 61_440

  /// - Parameter outputRate: samples a second that are wanted.
  init(outputRate: Int) {
    rate = MonoOpusDecoder.rate(nearestTo: outputRate)
    decoder = MonoOpusDecoder(rate: rate)
  }

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
    do throws(MonoOpusDecoder.Fault) {
      audio.append(Array(try decoder.decode(packet)), rate: rate)
    } catch {
      report("a message of \(packet.count) bytes is no Opus packet: \(error.reason)", into: &audio)
    }
  }

  private func report(_ text: String, into audio: inout DecodedAudio) {
    if !hasReported { audio.report(text) }
    hasReported = true
  }
}
