import Audio

/// The last steps of every synthesizer: trim the silence, change the rate.
struct SpeechShaper {
  private var trimmer: SilenceTrimmer
  private let resampler: Resampler

  init(from engineRate: Int, to rate: Int) {
    trimmer = SilenceTrimmer(rate: engineRate)
    resampler = Resampler(from: engineRate, to: rate)
  }

  /// Takes audio at the engine's rate; returns what can be sent of it, at the wanted rate.
  mutating func process(_ samples: some Collection<Int16>) -> [Int16] {
    resampler.process(trimmer.process(samples))
  }

  /// The end of the sentence.
  mutating func finish() -> [Int16] {
    resampler.process(trimmer.finish()) + resampler.flush()
  }
}
