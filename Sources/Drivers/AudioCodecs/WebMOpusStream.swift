import Audio
import COpus

/// An Opus track in a WebM stream, cut anywhere, to mono by libopus.
final class WebMOpusStream: StreamDecoder {
  let format: AudioFormat = .webm
  /// Opus runs at 48 kHz, whatever was encoded.
  let sourceRate: Int? = 48_000

  private let rate: Int
  private let decoder: OpaquePointer?
  private var reader = WebMReader()
  /// Samples at `rate` still to be skipped.
  private var skip = 0
  private var reported: Set<String> = []
  private var buffer: [Int16]

  /// - Parameter outputRate: samples a second that are wanted.
  init(outputRate: Int) {
    rate = [8_000, 12_000, 16_000, 24_000, 48_000].contains(outputRate) ? outputRate : 48_000
    decoder = opus_decoder_create(Int32(rate), 1, nil)
    // A packet lasts 120 ms at most.
    buffer = Array(repeating: 0, count: rate * 120 / 1_000)
  }

  deinit { if let decoder { opus_decoder_destroy(decoder) } }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    for piece in reader.read(bytes) {
      switch piece {
      case .track(let head): skip = (OpusHead(head)?.preSkip ?? 0) * rate / 48_000
      case .packet(let packet): decode(packet, into: &audio)
      case .problem(let text): report(text, into: &audio)
      }
    }
    return .all
  }

  private func decode(_ packet: [UInt8], into audio: inout DecodedAudio) {
    guard let decoder else { return report("libopus has no memory for a decoder", into: &audio) }
    let count = opus_decode(decoder, packet, Int32(packet.count), &buffer, Int32(buffer.count), 0)
    guard count >= 0 else {
      return report("an Opus packet of \(packet.count) bytes: \(String(cString: opus_strerror(count)))", into: &audio)
    }
    let skipped = min(skip, Int(count))
    skip -= skipped
    audio.append(Array(buffer[skipped..<Int(count)]), rate: rate)
  }

  /// Each kind of problem once a stream.
  private func report(_ text: String, into audio: inout DecodedAudio) {
    if reported.count < 16, reported.insert(text).inserted { audio.report(text) }
  }
}
