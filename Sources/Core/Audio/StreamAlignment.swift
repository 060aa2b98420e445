import Timeline

/// Where two streams of samples lie against each other that both tick in real time, but were begun, and are read, at
/// different moments: a microphone and what a speaker has played.
///
///     near  ──┬─────n────►          sample n of the near stream and sample n - offset of the far one
///     far     └──┬──m────►          happened at the same moment
///           offset
///
/// A stream's sample `n` cannot be read before its time, so `time read - n / rate` is at least the time of the stream's
/// first sample, and the least such value of the last 1 to 2 s is that time plus the shortest way through the threads,
/// which is the same for both streams. Gaps and drifting clocks show within 2 s.
public struct StreamAlignment: Sendable {
  /// After a (re)start, this long nothing is said.
  public static let settling: Duration = .milliseconds(300)

  /// Samples a second, of both.
  public let rate: Int
  private var near = Origin()
  private var far = Origin()

  public init(rate: Int) { self.rate = max(rate, 1) }

  /// Samples of both streams were read at `now`. Call it for each wake-up: the promptest ones count.
  public mutating func read(near nearCount: Int, far farCount: Int, at now: Timestamp) {
    near.read(nearCount, rate: rate, at: now)
    far.read(farCount, rate: rate, at: now)
  }

  /// By how many samples the far stream began later than the near one; nil until it is known.
  public var offset: Int? {
    guard let near = near.nanoseconds, let far = far.nanoseconds else { return nil }
    return Int((far - near) * Int64(rate) / 1_000_000_000)
  }

  /// One of the streams was interrupted: what was observed so far no longer holds. The counts go on.
  public mutating func restart() {
    near.restart()
    far.restart()
  }

  /// When a stream's first sample happened, by the least of two windows of a second.
  private struct Origin {
    private static let window: Duration = .seconds(1)
    private var count = 0
    private var began: Timestamp?
    private var latest = Timestamp.zero
    private var windowEnd = Timestamp.zero
    private var current = Int64.max
    private var previous = Int64.max

    mutating func read(_ new: Int, rate: Int, at now: Timestamp) {
      guard new > 0 else { return }
      count += new
      if began == nil { (began, windowEnd) = (now, now + Self.window) }
      latest = now
      if now >= windowEnd {
        (previous, current) = (current, .max)
        windowEnd = now + Self.window
      }
      // In two parts: the whole product would overflow after days.
      let seconds = Int64(count / rate) * 1_000_000_000
      current = min(current, now.nanoseconds - seconds - Int64(count % rate) * 1_000_000_000 / Int64(rate))
    }

    var nanoseconds: Int64? {
      guard let began, latest - began >= StreamAlignment.settling else { return nil }
      return min(current, previous)
    }

    mutating func restart() { (began, current, previous) = (nil, .max, .max) }
  }
}
