import Histogram

/// Percentiles of the response times of turns that were answered and not overlapped.
public struct LatencySummary: Sendable {
  // HdrHistogram of milliseconds up to an hour, 3 significant digits: constant memory however long the session.
  private var histogram = Histogram<UInt32>(
    lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000, numberOfSignificantValueDigits: .three)
  /// Turns counted.
  public private(set) var count = 0

  public init() {}

  mutating func add(milliseconds: Double) {
    guard milliseconds >= 0, histogram.record(UInt64(milliseconds.rounded())) else { return }
    count += 1
  }

  /// The value in milliseconds below which `percent` of the turns are (0…100); nil without turns.
  public func percentile(_ percent: Double) -> Double? {
    count == 0 ? nil : Double(histogram.valueAtPercentile(percent))
  }
  public var p50: Double? { percentile(50) }
  public var p95: Double? { percentile(95) }
}
