/// Decibels without a C library: pure targets do not import Glibc.
public enum Decibels {
  /// 10·log10(power), not below `Level.silenceDB`.
  public static func fromPower(_ power: Double) -> Double {
    guard power > 1e-12 else { return Level.silenceDB }
    return 10 * log2(power) * 0.301_029_995_663_981_2
  }

  /// Base-2 logarithm of a positive finite number: exponent, plus atanh series of the significand in [√½, √2).
  /// Error below 1e-12.
  static func log2(_ x: Double) -> Double {
    var exponent = Double(x.exponent)
    var m = x.significand
    if m > 1.414_213_562_373_095_1 {
      m /= 2
      exponent += 1
    }
    let z = (m - 1) / (m + 1)
    let z2 = z * z
    var term = z
    var sum = 0.0
    for n in stride(from: 1.0, through: 19.0, by: 2.0) {
      sum += term / n
      term *= z2
    }
    return exponent + 2 * sum * 1.442_695_040_888_963_4
  }
}
