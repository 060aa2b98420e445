import Histogram

/// Durations in constant memory: an HdrHistogram.
///
/// Values are exact to the resolution up to 2 048 times it, and to three digits beyond; longer ones than
/// `highestMs` count as that.
public struct DurationHistogram: Sendable {
  private var histogram: Histogram<UInt32>
  private let resolutionMs: Double
  private let highestMs: Double
  /// Values recorded.
  public private(set) var count = 0

  /// - Parameters:
  ///   - resolutionMs: the smallest difference worth telling.
  ///   - highestMs: an hour.
  public init(resolutionMs: Double = 1, highestMs: Double = 3_600_000) {
    self.resolutionMs = resolutionMs
    self.highestMs = highestMs
    histogram = Histogram(
      lowestDiscernibleValue: 1, highestTrackableValue: UInt64(highestMs / resolutionMs),
      numberOfSignificantValueDigits: .three)
  }

  /// Negative durations and what is no number are left out.
  public mutating func record(_ ms: Double) {
    guard ms >= 0 else { return }
    if histogram.record(UInt64((min(ms, highestMs) / resolutionMs).rounded())) { count += 1 }
  }

  /// The value in milliseconds below which `percent` of all are (0…100); nil without any.
  public func percentile(_ percent: Double) -> Double? {
    count == 0 ? nil : Double(histogram.valueAtPercentile(percent)) * resolutionMs
  }

  public var p50: Double? { percentile(50) }
  public var p95: Double? { percentile(95) }
  public var maximum: Double? { count == 0 ? nil : Double(histogram.max) * resolutionMs }

  /// The usual four; nil without values.
  public var percentiles: Percentiles? {
    guard let p50, let p90 = percentile(90), let p95, let p99 = percentile(99) else { return nil }
    return Percentiles(p50: p50, p90: p90, p95: p95, p99: p99)
  }
}

/// In milliseconds.
public struct Percentiles: Sendable, Equatable {
  public var p50, p90, p95, p99: Double
  public init(p50: Double, p90: Double, p95: Double, p99: Double) {
    self.p50 = p50
    self.p90 = p90
    self.p95 = p95
    self.p99 = p99
  }

  /// Of some values, exactly: nearest rank, as the histogram counts. Nil without values.
  public init?(of values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func at(_ percent: Double) -> Double {
      sorted[min(sorted.count, max(1, Int((percent / 100 * Double(sorted.count)).rounded(.up)))) - 1]
    }
    self.init(p50: at(50), p90: at(90), p95: at(95), p99: at(99))
  }
}
