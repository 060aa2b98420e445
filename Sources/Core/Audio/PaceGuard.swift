import Timeline

/// Notices a device that takes or gives samples faster than time goes by, as ALSA's `null` and `file` do: a thread that
/// relies on it for its pace would spin, at real-time priority.
///
/// Times are nanoseconds on a clock that never runs backwards. A trivial value, for an audio thread.
public struct PaceGuard: Sendable {
  /// So many wake-ups in a row without a sample are no chance.
  private static let idleLimit = 20
  /// How long a thread sleeps that its device wakes all the time for nothing.
  private static let pause: Duration = .milliseconds(2)
  /// How long a good past counts: a runaway must not be excused by an hour before it.
  private static let memory: Int64 = 10_000_000_000

  private let rate: Int
  private let allowance: Int
  private var start: Int64
  private var moved = 0
  private var idleWakeUps = 0

  /// - Parameters:
  ///   - rate: frames a second.
  ///   - buffer: frames the device holds, which may move at once.
  public init(rate: Int, buffer: Int, start: Int64) {
    self.rate = rate
    // Half a second: a sound server may take or give that much at its start.
    allowance = buffer + rate / 2
    self.start = start
  }

  /// Frames were read or written.
  public mutating func add(_ count: Int) {
    moved += count
    idleWakeUps = 0
  }

  /// False when twice as much has moved as time allows. To be asked often.
  public mutating func isPlausible(at now: Int64) -> Bool {
    guard moved - allowance <= 2 * PacedClock.samples(in: now - start, rate: rate) else { return false }
    if now - start > Self.memory {
      start = now
      moved = 0
    }
    return true
  }

  /// A stream that stood still goes on, with what was kept for it.
  public mutating func restart(at now: Int64) {
    start = now
    moved = 0
    idleWakeUps = 0
  }

  /// The device woke the thread for nothing.
  /// - Returns: how long to sleep before it is listened to again.
  public mutating func idleWakeUp() -> Duration {
    idleWakeUps = min(idleWakeUps + 1, Self.idleLimit + 1)
    return idleWakeUps > Self.idleLimit ? Self.pause : .zero
  }
}
