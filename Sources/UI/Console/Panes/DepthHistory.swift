import DequeModule
import Timeline

/// The greatest value in each quarter of a second, for sparklines: the last 30 seconds.
struct DepthHistory: Sendable {
  static let span: Int64 = 250_000_000
  private static let capacity = 120
  private(set) var values: Deque<Double> = []
  private var newest: Int64?

  /// Adds a value. Quarters without one keep the value before them: a depth lasts until it changes.
  mutating func add(_ value: Double, at now: Timestamp) {
    let number = now.nanoseconds / Self.span
    guard let newest, number >= newest else {
      if newest == nil {
        newest = number
        values.append(value)
      }
      return
    }
    if number == newest {
      values[values.count - 1] = max(values[values.count - 1], value)
      return
    }
    let gap = min(Int(number - newest) - 1, Self.capacity)
    values.append(contentsOf: repeatElement(values.last ?? value, count: gap))
    values.append(value)
    values.removeFirst(max(0, values.count - Self.capacity))
    self.newest = number
  }

  /// The last `count` values as shares of `full`, or of the greatest among them when that is more.
  func shares(_ count: Int, full: Double) -> [Double] {
    let shown = values.suffix(max(0, count))
    let whole = max(full, shown.max() ?? 0)
    return whole > 0 ? shown.map { $0 / whole } : shown.map { _ in 0 }
  }
}
