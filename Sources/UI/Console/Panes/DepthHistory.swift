import DequeModule
import Timeline

/// The greatest value in each quarter of a second, for sparklines: the last 30 seconds.
struct DepthHistory: Sendable {
  static let span: Int64 = 250_000_000
  private static let capacity = 120
  private var values: Deque<Double> = []
  private var newest: Int64 = 0
  /// A depth lasts until it changes: quarters without a value of their own have this one.
  private var latest = 0.0

  /// Adds a value. One from before the newest quarter counts as the present one.
  mutating func add(_ value: Double, at now: Timestamp) {
    let number = max(newest, now.nanoseconds / Self.span)
    if values.isEmpty { newest = number - 1 }
    if number == newest, let last = values.last {
      values[values.count - 1] = max(last, value)
    } else {
      let gap = min(number - newest - 1, Int64(Self.capacity))
      values.append(contentsOf: repeatElement(latest, count: Int(gap)))
      values.append(value)
      values.removeFirst(max(0, values.count - Self.capacity))
      newest = number
    }
    latest = value
  }

  /// The last `count` quarters up to `now`, oldest first; fewer while there are fewer.
  func values(_ count: Int, until now: Timestamp) -> [Double] {
    guard !values.isEmpty, count > 0 else { return [] }
    let since = Int((now.nanoseconds / Self.span - newest).clamped(to: 0...Int64(count)))
    return (values.suffix(count) + Array(repeating: latest, count: since)).suffix(count)
  }

  /// The same as shares of `full`, or of the greatest among them when that is more.
  func shares(_ count: Int, full: Double, until now: Timestamp) -> [Double] {
    let shown = values(count, until: now)
    let whole = max(full, shown.max() ?? 0)
    return whole > 0 ? shown.map { $0 / whole } : shown.map { _ in 0 }
  }
}
