import Audio

/// An Opus track in a WebM stream, cut anywhere, to mono by libopus.
final class WebMOpusStream: StreamDecoder {
  let format: AudioFormat = .webm
  /// Opus runs at 48 kHz, whatever was encoded.
  let sourceRate: Int? = 48_000

  private let rate: Int
  private let decoder: MonoOpusDecoder?
  private var reader = WebMReader()
  /// Samples at `rate` still to be skipped.
  private var skip = 0
  private var problems = ToldProblems()

  /// - Parameter outputRate: samples a second that are wanted.
  init(outputRate: Int) {
    rate = MonoOpusDecoder.rate(nearestTo: outputRate)
    decoder = MonoOpusDecoder(rate: rate)
  }

  func decode(_ bytes: ArraySlice<UInt8>, into audio: inout DecodedAudio) -> StreamProgress {
    for piece in reader.read(bytes) {
      switch piece {
      case .track(let head): skip = (OpusHead(head)?.preSkip ?? 0) * rate / 48_000
      case .packet(let packet): decode(packet, into: &audio)
      case .problem(let text): problems.tell(text, into: &audio)
      }
    }
    return .all
  }

  private func decode(_ packet: [UInt8], into audio: inout DecodedAudio) {
    guard let decoder else { return problems.tell("libopus has no memory for a decoder", into: &audio) }
    do throws(MonoOpusDecoder.Fault) {
      let samples = try decoder.decode(packet)
      let skipped = min(skip, samples.count)
      skip -= skipped
      audio.append(Array(samples.dropFirst(skipped)), rate: rate)
    } catch {
      problems.tell("an Opus packet of \(packet.count) bytes: \(error.reason)", into: &audio)
    }
  }
}
