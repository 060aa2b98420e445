/// A moment on the program's one monotonic clock, in nanoseconds since the timeline's start.
///
/// Pure code never reads a clock: timestamps arrive as arguments.
public struct Timestamp: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  /// Nanoseconds since the timeline's start; negative for moments before it.
  public var nanoseconds: Int64

  /// The timeline's start.
  public static let zero = Timestamp(nanoseconds: 0)

  /// - Parameter nanoseconds: since the timeline's start.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// - Parameter milliseconds: since the timeline's start, rounded to the nanosecond.
  public init(milliseconds: Double) { nanoseconds = Int64((milliseconds * 1e6).rounded()) }

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
    Timestamp(nanoseconds: a.nanoseconds + b.nanoseconds)
  }
  public static func - (a: Timestamp, b: Duration) -> Timestamp {
    Timestamp(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  public static func - (a: Timestamp, b: Timestamp) -> Duration { .nanoseconds(a.nanoseconds - b.nanoseconds) }
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
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
  }

  /// The whole duration in milliseconds.
  public var milliseconds: Double { Double(nanoseconds) / 1e6 }

  /// A number of milliseconds as it stands in a recording, which may hold anything: what is no number counts as none, and
  /// no more than three years either way, so that moments can be moved by it.
  public static func recorded(milliseconds ms: Double) -> Duration {
    ms.isNaN ? .zero : .nanoseconds(Int64(min(max(ms, -1e11), 1e11) * 1e6))
  }

  /// The time that `count` samples last at `rate` samples a second.
  public static func samples(_ count: Int, rate: Int) -> Duration {
    .nanoseconds(Int64(count) * 1_000_000_000 / Int64(max(rate, 1)))
  }
}
