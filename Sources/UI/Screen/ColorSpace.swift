/// A colour of CIELAB (D65): distances are roughly as the eye sees them. About 2.3 is just noticeable.
struct Lab {
  var lightness, a, b: Double

  /// CIE 1976 distance.
  func distance(to other: Lab) -> Double {
    let (dl, da, db) = (lightness - other.lightness, a - other.a, b - other.b)
    return (dl * dl + da * da + db * db).squareRoot()
  }
}

extension RGB {
  /// WCAG 2.1 relative luminance, 0 (black) … 1 (white).
  public var luminance: Double {
    let (r, g, b) = linear
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }

  /// WCAG 2.1 contrast ratio, 1…21. Text wants 4.5 (AA) or 7 (AAA), lines and symbols 3.
  public func contrast(with other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// How different two colours look: CIE 1976 ΔE.
  public func difference(from other: RGB) -> Double { lab.distance(to: other.lab) }

  var lab: Lab {
    let (r, g, b) = linear
    // IEC 61966-2-1 primaries, scaled by the D65 white point.
    let x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047
    let y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b
    let z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883
    func f(_ t: Double) -> Double { t > 216.0 / 24389 ? root(t, 3) : (24389.0 / 27 * t + 16) / 116 }
    return Lab(lightness: 116 * f(y) - 16, a: 500 * (f(x) - f(y)), b: 200 * (f(y) - f(z)))
  }

  /// The channels as amounts of light, 0…1.
  var linear: (Double, Double, Double) {
    (Self.lightOfChannel[Int(red)], Self.lightOfChannel[Int(green)], Self.lightOfChannel[Int(blue)])
  }

  private static let lightOfChannel: [Double] = (0..<256).map { value in
    let channel = Double(value) / 255
    guard channel > 0.04045 else { return channel / 12.92 }
    let base = (channel + 0.055) / 1.055
    // base^2.4 without a mathematics library: base² times the fifth root of base².
    return base * base * root(base * base, 5)
  }
}

/// The `degree`-th root of a number between 0 and about 1, by Newton's method.
private func root(_ number: Double, _ degree: Int) -> Double {
  guard number > 0 else { return 0 }
  var guess = 1.0
  for _ in 0..<64 {
    var power = 1.0
    for _ in 1..<degree { power *= guess }
    let next = guess - (guess * power - number) / (Double(degree) * power)
    if abs(next - guess) < 1e-14 { return next }
    guess = next
  }
  return guess
}
