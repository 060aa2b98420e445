/// A moment on the program's one monotonic clock, in nanoseconds since the timeline's start.
///
/// Pure code never reads a clock: timestamps arrive as arguments. Arithmetic saturates at ±292 years, because a moment may
/// come from a file or a peer.
public struct Timestamp: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// Nanoseconds since the timeline's start; negative for moments before it.
  public var nanoseconds: Int64

  /// The timeline's start.
  public static let zero = Timestamp(nanoseconds: 0)

  /// - Parameter nanoseconds: since the timeline's start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// - Parameter milliseconds: since the timeline's start, rounded to the nanosecond; what is not a number counts as none.
  public init(milliseconds: Double) { nanoseconds = Int64(saturating: (milliseconds * 1e6).rounded()) }

  /// Milliseconds since the timeline's start.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  /// Seconds with three decimals, as in `12.345 s`.
  public var description: String {
    let ms = nanoseconds / 1_000_000
    let fraction = String(abs(ms % 1000))
    return "\(ms / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
  }

  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }
  public static func + (a: Timestamp, b: Duration) -> Timestamp {
    Timestamp(nanoseconds: a.nanoseconds.adding(b.nanoseconds))
  }
  public static func - (a: Timestamp, b: Duration) -> Timestamp {
    Timestamp(nanoseconds: a.nanoseconds.subtracting(b.nanoseconds))
  }
  public static func - (a: Timestamp, b: Timestamp) -> Duration {
    .nanoseconds(a.nanoseconds.subtracting(b.nanoseconds))
  }
  public static func += (a: inout Timestamp, b: Duration) { a = a + b }

  public init(from decoder: any Decoder) throws {
    nanoseconds = try decoder.singleValueContainer().decode(Int64.self)
  }
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds, saturating at ±292 years.
  public var nanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

  /// The whole duration in milliseconds.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  /// A number of milliseconds as it stands in a recording, which may hold anything: what is no number counts as none, and
  /// no more than three years either way, so that moments can be moved by it.
  public static func recorded(milliseconds ms: Double) -> Duration {
    ms.isNaN ? .zero : .nanoseconds(Int64(min(max(ms, -1e11), 1e11) * 1e6))
  }

  /// The time that `count` samples last at `rate` samples a second. A rate below 1 counts as 1, and what is longer than
  /// 292 years as that.
  public static func samples(_ count: Int, rate: Int) -> Duration {
    let (product, overflows) = Int64(count).multipliedReportingOverflow(by: 1_000_000_000)
    let rate = Int64(max(rate, 1))
    guard overflows else { return .nanoseconds(product / rate) }
    return .nanoseconds(Int64(saturating: Double(count) * 1e9 / Double(rate)))
  }
}

// Numbers of files and peers: none of them may end the program.
extension FixedWidthInteger {
  /// The sum, or the bound that it passes.
  public func adding(_ other: Self) -> Self {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? (other < 0 ? .min : .max) : sum
  }

  /// The difference, or the bound that it passes.
  public func subtracting(_ other: Self) -> Self {
    let (difference, overflows) = subtractingReportingOverflow(other)
    return overflows ? (other < 0 ? .max : .min) : difference
  }

  /// The quotient rounded down, also below zero. The divisor is above zero.
  public func dividedDown(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// A number without its fraction, or the bound that it passes; 0 for what is not a number.
  public init(saturating value: Double) {
    if let exact = Self(exactly: value.rounded(.towardZero)) {
      self = exact
    } else {
      self = value.isNaN ? 0 : value < 0 ? .min : .max
    }
  }
}
