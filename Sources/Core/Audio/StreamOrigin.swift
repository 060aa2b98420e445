/// When a stream's first frame happened, from where the stream was found to be again and again.
///
/// A device's position is never ahead of the truth: it is told in steps, and a thread may be held up between asking for
/// it and looking at the clock. Each makes the origin seem late, so the earliest of the last 1 to 2 s is the true one; a
/// clock that is 300 ppm off moves it by 0.6 ms meanwhile. A trivial value, for an audio thread.
public struct StreamOrigin: Sendable {
  private static let window: Int64 = 1_000_000_000
  private let rate: Int
  private var current = Int64.max
  private var previous = Int64.max
  private var windowEnd: Int64 = 0

  /// - Parameter rate: frames a second.
  public init(rate: Int) { self.rate = max(1, rate) }

  /// The stream was at `position`, in frames since its start, when the clock was looked at afterwards.
  public mutating func add(position: Int, at now: Int64) {
    if now >= windowEnd {
      (previous, current) = (current, .max)
      windowEnd = now + StreamOrigin.window
    }
    current = min(current, now - PacedClock.nanoseconds(of: position, rate: rate))
  }

  /// The moment of a frame: nanoseconds on CLOCK_MONOTONIC; nil before the first position was told.
  public func moment(of position: Int) -> Int64? {
    let origin = min(current, previous)
    return origin == .max ? nil : origin + PacedClock.nanoseconds(of: position, rate: rate)
  }

  /// The stream began anew.
  public mutating func restart() { self = StreamOrigin(rate: rate) }
}

/// The largest of what was told in the last 2 to 4 s, at least 0. A trivial value, for an audio thread.
public struct RecentMaximum: Sendable {
  private static let window: Int64 = 2_000_000_000
  private var current = 0
  private var previous = 0
  private var windowEnd: Int64 = 0

  public init() {}

  public var value: Int { max(current, previous) }

  /// - Parameter now: nanoseconds on CLOCK_MONOTONIC.
  public mutating func add(_ new: Int, at now: Int64) {
    if now >= windowEnd {
      (previous, current) = (current, 0)
      windowEnd = now + Self.window
    }
    current = max(current, new)
  }
}
