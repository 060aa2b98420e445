import Timeline

/// When to try again: min(base * 2^n, ceiling), each ± `jitter` of itself, until the attempts are used up.
struct Backoff: Sendable {
  let base: Duration
  let ceiling: Duration
  let jitter: Double
  let limit: Int
  /// Attempts in a row that led nowhere, the current one included.
  private(set) var attempt = 0
  private var waits = 0

  init(base: Duration, ceiling: Duration, jitter: Double, limit: Int) {
    self.base = base
    self.ceiling = ceiling
    self.jitter = min(max(jitter, 0), 1)
    self.limit = limit
  }

  /// Counts an attempt and returns its number in the row, from 1.
  mutating func beginAttempt() -> Int {
    attempt += 1
    return attempt
  }

  /// How long to wait before the next attempt; nil when there is none left.
  /// - Parameter least: what the server asked for.
  mutating func nextDelay(_ random: inout SplitMix64, atLeast least: Duration = .zero) -> Duration? {
    guard attempt < limit else { return nil }
    // 2^40 times anything is beyond every ceiling, and far from overflow in a Double.
    let factor = Double(1 << min(waits, 40))
    waits += 1
    let delay = min(base.milliseconds * factor, ceiling.milliseconds)
    let spread = 1 + (Double.random(in: 0..<2, using: &random) - 1) * jitter
    return max(.nanoseconds(Int64(delay * spread * 1e6)), least)
  }

  /// The line was good, or the operator wants it anew.
  mutating func reset() {
    attempt = 0
    waits = 0
  }
}
