/// Changes counts of samples at one rate into counts at another without losing the fractions. A trivial value, for an audio
/// thread.
public struct RateScale: Sendable {
  private let from: Int
  private let to: Int
  private var rest = 0

  /// Samples a second, of what is counted and of what comes out.
  public init(from: Int, to: Int) {
    self.from = max(1, from)
    self.to = to
  }

  /// The next `count` samples at the other rate.
  public mutating func scale(_ count: Int) -> Int {
    let product = count * to + rest
    rest = product % from
    return product / from
  }
}

/// Tells a ring that has run dry from one that was never full. A trivial value, for an audio thread.
public struct DryDetector: Sendable {
  private var wasFull = false

  public init() {}

  /// - Returns: true when the ring had full periods until now, and has less than one.
  public mutating func hasRunDry(real: Int, of period: Int) -> Bool {
    defer { wasFull = real == period }
    return wasFull && real < period
  }

  /// The ring was emptied on purpose.
  public mutating func reset() { wasFull = false }
}
