/// An exact fraction in lowest terms, its denominator positive. Arithmetic that does not fit gives nil.
struct Ratio: Sendable, Equatable {
  let numerator, denominator: Int

  init?(_ numerator: Int, _ denominator: Int) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    var (a, b) = (abs(numerator), abs(denominator))
    while b != 0 { (a, b) = (b, a % b) }
    let sign = denominator < 0 ? -1 : 1
    self.numerator = sign * numerator / a
    self.denominator = sign * denominator / a
  }

  private static func product(_ a: Int, _ b: Int) -> Int? {
    let (value, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? nil : value
  }

  func plus(_ other: Ratio) -> Ratio? {
    guard let a = Self.product(numerator, other.denominator), let b = Self.product(other.numerator, denominator),
      let bottom = Self.product(denominator, other.denominator)
    else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : Ratio(sum, bottom)
  }
  func minus(_ other: Ratio) -> Ratio? { Ratio(-other.numerator, other.denominator).flatMap(plus) }
  func times(_ other: Ratio) -> Ratio? {
    guard let top = Self.product(numerator, other.numerator),
      let bottom = Self.product(denominator, other.denominator)
    else { return nil }
    return Ratio(top, bottom)
  }
  func divided(by other: Ratio) -> Ratio? { Ratio(other.denominator, other.numerator).flatMap(times) }

  /// Half away from zero, at that many parts to the whole.
  func rounded(to parts: Int) -> Int? {
    guard let scaled = times(Ratio(parts, 1)!) else { return nil }
    let whole = scaled.numerator / scaled.denominator
    let rest = abs(scaled.numerator % scaled.denominator)
    return rest >= scaled.denominator - rest ? whole + (scaled.numerator < 0 ? -1 : 1) : whole
  }

  /// "twelve", "three point two five", "about three point three three".
  var spoken: String {
    guard denominator != 1 else { return NumberWords.say(numerator) }
    guard let thousandths = rounded(to: 1000) else { return "about " + NumberWords.say(numerator / denominator) }
    let isExact = times(Ratio(1000, 1)!)?.denominator == 1
    let shown = isExact ? thousandths : (rounded(to: 100) ?? 0) * 10
    let sign = shown < 0 ? "minus " : ""
    let (whole, fraction) = abs(shown).quotientAndRemainder(dividingBy: 1000)
    var digits = String(String(1000 + fraction).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    let decimals = digits.map { " " + NumberWords.say($0.wholeNumberValue!) }.joined()
    let about = isExact ? "" : "about "
    return about + sign + NumberWords.say(whole) + (digits.isEmpty ? "" : " point" + decimals)
  }
}
