import Audio

/// µ-law of telephony, 8 000 samples a second. More may follow after `finish`.
final class MuLawEncoder: AudioEncoder {
  private let resampler: Resampler

  /// - Parameter rate: samples a second of what is encoded.
  init(rate: Int) { resampler = Resampler(from: rate, to: G711.rate) }

  func encode(_ pcm: [UInt8]) -> [[UInt8]] { messages(resampler.process(PCM16.samples(of: pcm))) }
  func finish() -> [[UInt8]] { messages(resampler.flush()) }

  private func messages(_ samples: [Int16]) -> [[UInt8]] { samples.isEmpty ? [] : [G711.encode(samples, .mu)] }
}
