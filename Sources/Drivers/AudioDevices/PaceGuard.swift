import CLinux
import Glibc
import Threads

/// Notices a device that takes or gives samples faster than time goes by, as ALSA's `null` and `file` do: a thread that
/// relies on it for its pace would spin, at real-time priority.
struct PaceGuard {
  private let rate: Int
  private let allowance: Int
  private var start: Int64
  private var moved = 0
  private var idleWakeUps = 0

  /// - Parameters:
  ///   - rate: frames a second.
  ///   - buffer: frames the device holds, which may move at once.
  init(rate: Int, buffer: Int, start: Int64 = monotonicNanoseconds()) {
    // Half a second: a sound server may take or give that much at its start.
    self.init(rate: rate, allowance: buffer + rate / 2, start: start)
  }

  private init(rate: Int, allowance: Int, start: Int64 = monotonicNanoseconds()) {
    self.rate = rate
    self.allowance = allowance
    self.start = start
  }

  /// Frames were read or written.
  mutating func add(_ count: Int) {
    moved += count
    idleWakeUps = 0
  }

  /// False when twice as much has moved as time allows. To be asked often.
  mutating func isPlausible(at now: Int64) -> Bool {
    guard moved - allowance <= 2 * PacedClock.samples(in: now - start, rate: rate) else { return false }
    // Each ten seconds anew: a long good past must not excuse a runaway.
    if now - start > 10_000_000_000 {
      start = now
      moved = 0
    }
    return true
  }

  /// A stream that stood still goes on, with what was kept for it.
  mutating func restart() { self = PaceGuard(rate: rate, allowance: allowance) }

  /// The device woke the thread for nothing. When it does so all the time, sleep for it.
  mutating func rest() {
    idleWakeUps += 1
    guard idleWakeUps > 20 else { return }
    sleep(.milliseconds(2))
  }
}
