/// Takes the silence off both ends of a stream of speech, while it streams.
///
/// flite begins each sentence with 150–260 ms of silence, which the listener would count as latency, and ends it with
/// up to 350. Silence in between passes through, held back until it is known to be in between.
struct SilenceTrimmer {
  /// Peaks below this are silence: −50 dBFS, above the excitation noise of the voices and below a soft fricative.
  private static let threshold: Int16 = 104
  /// Kept before the first sound and after the last one, in samples.
  private let keptBefore: Int
  private let keptAfter: Int
  private var hasBegun = false
  private var held: [Int16] = []

  init(rate: Int, keptBefore: Duration = .milliseconds(10), keptAfter: Duration = .milliseconds(80)) {
    self.keptBefore = keptBefore.sampleCount(atRate: rate)
    self.keptAfter = keptAfter.sampleCount(atRate: rate)
  }

  /// Takes the next piece; returns what is known to be speech or between speech.
  mutating func process(_ samples: some Collection<Int16>) -> [Int16] {
    held.append(contentsOf: samples)
    let isLoud = { (sample: Int16) in sample > Self.threshold || sample < -Self.threshold }
    guard let lastLoud = held.lastIndex(where: isLoud) else {
      if !hasBegun { held = held.suffix(keptBefore) }
      return []
    }
    var start = 0
    if !hasBegun {
      hasBegun = true
      start = max(0, held.firstIndex(where: isLoud)! - keptBefore)
    }
    let out = Array(held[start...lastLoud])
    held.removeFirst(lastLoud + 1)
    return out
  }

  /// The end of the stream: what is kept of the silence after the last sound.
  mutating func finish() -> [Int16] {
    defer { held = [] }
    return hasBegun ? Array(held.prefix(keptAfter)) : []
  }
}

extension Duration {
  /// How many samples it is, rounded down.
  func sampleCount(atRate rate: Int) -> Int {
    let (seconds, attoseconds) = components
    return Int(seconds) * rate + Int(attoseconds / 1_000_000_000) * rate / 1_000_000_000
  }
}
