import Audio

/// The last steps of a voice that makes whole chunks: trims the silence of each, joins them without a click and with the
/// pause that the mark between them calls for, changes level and rate.
struct ChunkShaper {
  private let engineRate: Int
  private let resampler: Resampler

  /// How long a chunk fades in and out. Its ends are below −50 dBFS where the silence around it was trimmed.
  private static let fade = Duration.milliseconds(3)

  /// What the level is raised by: 4 dB. Joe speaks at −25 dBFS, with peaks to −5; flite's voices at −16.
  private static let gain = (numerator: 8, denominator: 5)

  init(from engineRate: Int, to rate: Int) {
    self.engineRate = engineRate
    resampler = Resampler(from: engineRate, to: rate)
  }

  /// Takes the next chunk at the engine's rate; returns what can be sent of it, at the wanted rate.
  /// - Parameters:
  ///   - mark: behind the chunk's last word.
  ///   - isLast: whether it ends the sentence: what follows makes a pause of its own.
  mutating func process(_ chunk: [Int16], endingWith mark: Character?, isLast: Bool) -> [Int16] {
    let pause = Self.pause(after: mark, isLast: isLast)
    var trimmer = SilenceTrimmer(rate: engineRate, keptAfter: pause.upperBound)
    var audio = trimmer.process(chunk)
    guard !audio.isEmpty else { return [] }
    let rest = trimmer.finish()
    audio += rest
    audio = audio.map { Int16(clamping: Int($0) * Self.gain.numerator / Self.gain.denominator) }
    fadeEnds(of: &audio)
    let missing = pause.lowerBound.sampleCount(atRate: engineRate) - rest.count
    if missing > 0 { audio += [Int16](repeating: 0, count: missing) }
    return resampler.process(audio)
  }

  /// The end of the sentence.
  mutating func finish() -> [Int16] { resampler.flush() }

  /// The silence behind a chunk; the next one begins with 10 ms more.
  private static func pause(after mark: Character?, isLast: Bool) -> ClosedRange<Duration> {
    if isLast { return .zero ... .milliseconds(150) }
    switch mark {
    case nil: return .zero ... .milliseconds(30)
    case ".", "?", "!": return .milliseconds(200) ... .milliseconds(290)
    default: return .milliseconds(110) ... .milliseconds(180)
    }
  }

  private func fadeEnds(of audio: inout [Int16]) {
    let count = min(audio.count / 2, Self.fade.sampleCount(atRate: engineRate))
    for index in 0..<count {
      audio[index] = Int16(Int(audio[index]) * index / count)
      let end = audio.count - 1 - index
      audio[end] = Int16(Int(audio[end]) * index / count)
    }
  }
}
