import Glibc

/// Sounds for tests, as 16-bit mono samples. Levels in dBFS: 0 is a full-scale square wave.
public enum Signals {
  /// A sine that starts at phase 0.
  public static func tone(_ hertz: Double, rate: Int, count: Int, amplitude: Double = 0.5) -> [Int16] {
    (0..<count).map { Int16((amplitude * 32_767 * sin(2 * .pi * hertz * Double($0) / Double(rate))).rounded()) }
  }

  /// White noise of a level (RMS).
  public static func noise(count: Int, levelDB: Double, seed: UInt64 = 1) -> [Int16] {
    var random = SeededGenerator(seed: seed)
    // Uniform noise has an RMS of its bound divided by √3.
    let bound = 32_767 * pow(10, levelDB / 20) * 3.0.squareRoot()
    return (0..<count).map { _ in Int16(clamping: Int(Double.random(in: -bound...bound, using: &random))) }
  }

  /// Like speech: syllables of 120 to 250 ms, each a buzz of harmonics of a gliding pitch with its own timbre, short
  /// gaps between them. The loudest parts are near `levelDB`.
  public static func speech(rate: Int, count: Int, levelDB: Double = -18, seed: UInt64 = 1) -> [Int16] {
    var random = SeededGenerator(seed: seed)
    var samples = [Int16](repeating: 0, count: count)
    let gain = 32_767 * pow(10, levelDB / 20) * 1.4
    var start = 0
    while start < count {
      let length = Int.random(in: rate * 12 / 100...rate / 4, using: &random)
      let pitch = Double.random(in: 90...180, using: &random)
      let weights = (1...24).map { Double.random(in: 0.1...1, using: &random) / Double($0) }
      let norm = weights.reduce(0) { $0 + $1 * $1 / 2 }.squareRoot()
      var phase = 0.0
      for i in 0..<min(length, count - start) {
        let progress = Double(i) / Double(length)
        phase += 2 * .pi * pitch * (1 + 0.2 * progress) / Double(rate)
        // The harmonics by the recurrence of Chebyshev: one sine and one cosine a sample.
        let twice = 2 * cos(phase)
        var (before, this, value) = (0.0, sin(phase), 0.0)
        for weight in weights {
          value += weight * this
          (before, this) = (this, twice * this - before)
        }
        let envelope = sin(.pi * progress)
        samples[start + i] = Int16(clamping: Int(gain * envelope * value / norm))
      }
      start += length + Int.random(in: rate * 2 / 100...rate * 8 / 100, using: &random)
    }
    return samples
  }

  /// The sum, clipped; as long as the longer.
  public static func mix(_ a: [Int16], _ b: [Int16]) -> [Int16] {
    (0..<max(a.count, b.count)).map {
      Int16(clamping: ($0 < a.count ? Int(a[$0]) : 0) + ($0 < b.count ? Int(b[$0]) : 0))
    }
  }

  /// How far a sine of this frequency, of any amplitude and phase, stands above everything else in the samples, in dB.
  public static func signalToNoiseDB(_ samples: [Int16], hertz: Double, rate: Int) -> Double {
    var (sine, cosine, total) = (0.0, 0.0, 0.0)
    var (ss, cc, sc) = (0.0, 0.0, 0.0)
    for (i, sample) in samples.enumerated() {
      let phase = 2 * .pi * hertz * Double(i) / Double(rate)
      let (s, c, x) = (sin(phase), cos(phase), Double(sample))
      sine += x * s
      cosine += x * c
      total += x * x
      ss += s * s
      cc += c * c
      sc += s * c
    }
    // Least squares for x = a·sin + b·cos.
    let determinant = ss * cc - sc * sc
    let a = (sine * cc - cosine * sc) / determinant
    let b = (cosine * ss - sine * sc) / determinant
    let signal = a * sine + b * cosine
    return 10 * log10(signal / max(total - signal, 1e-9))
  }
}
