/// How fast a device's clock runs against ours, by least squares over (time, position) pairs.
///
/// The position is fitted relative to the nominal rate, so that the sums stay small. A gap (an xrun, a flush) begins a
/// new segment: segments share the slope but not the offset, and each adds its centred sums to the pool. A trivial value, for
/// an audio thread.
public struct DriftEstimator: Sendable {
  /// A line through a segment's points: what is left to know about them.
  private struct Sums: Sendable {
    var count = 0.0
    var xx = 0.0
    var xy = 0.0
    var yy = 0.0
    var segments = 0.0
    static func + (a: Sums, b: Sums) -> Sums {
      Sums(
        count: a.count + b.count, xx: a.xx + b.xx, xy: a.xy + b.xy, yy: a.yy + b.yy, segments: a.segments + b.segments)
    }
  }

  /// Points right after a start are not taken: devices begin with a jump.
  private static let settling = 0.3
  /// Seconds of points before anything is said, and the standard error to be reached, in ppm.
  private static let leastSpan = 2.0
  private static let leastError = 10.0

  /// Reading the device's position and our clock must not take longer, in nanoseconds: in between, the thread was
  /// interrupted.
  public static let longestReading: Int64 = 200_000

  private let rate: Double
  private var pool = Sums()
  private var span = 0.0
  private var origin: (time: Int64, position: Int)?
  private var count = 0.0
  private var meanX = 0.0
  private var meanY = 0.0
  private var xx = 0.0
  private var xy = 0.0
  private var yy = 0.0
  private var firstX = 0.0
  private var lastX = 0.0

  /// - Parameter rate: the nominal one, in frames a second.
  public init(rate: Int) { self.rate = Double(max(1, rate)) }

  /// - Parameters:
  ///   - position: frames since the last `restart`, captured or played.
  ///   - time: nanoseconds on CLOCK_MONOTONIC.
  public mutating func add(position: Int, at time: Int64) {
    guard let origin else {
      origin = (time, position)
      return
    }
    let x = Double(time - origin.time) / 1e9
    guard x >= DriftEstimator.settling else { return }
    // Microseconds ahead of the nominal clock.
    let y = (Double(position - origin.position) / rate - x) * 1e6
    if count == 0 { firstX = x }
    lastX = x
    // Welford's update: stable over hours.
    count += 1
    let (dx, dy) = (x - meanX, y - meanY)
    meanX += dx / count
    meanY += dy / count
    xx += dx * (x - meanX)
    xy += dx * (y - meanY)
    yy += dy * (y - meanY)
  }

  /// The stream was interrupted: positions begin anew.
  public mutating func restart() {
    pool = pool + segment
    span += lastX - firstX
    origin = nil
    (count, meanX, meanY, xx, xy, yy, firstX, lastX) = (0, 0, 0, 0, 0, 0, 0, 0)
  }

  private var segment: Sums {
    count < 2 ? Sums() : Sums(count: count, xx: xx, xy: xy, yy: yy, segments: 1)
  }

  /// Parts per million by which the device is faster than CLOCK_MONOTONIC; nil until it is known well enough.
  public var ppm: Double? {
    let sums = pool + segment
    let freedom = sums.count - sums.segments - 1
    guard span + lastX - firstX >= DriftEstimator.leastSpan, freedom >= 20, sums.xx > 0 else { return nil }
    let slope = sums.xy / sums.xx
    let residual = max(0, sums.yy - slope * sums.xy) / freedom
    return (residual / sums.xx).squareRoot() <= DriftEstimator.leastError ? slope : nil
  }
}
