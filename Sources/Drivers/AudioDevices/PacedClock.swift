import CLinux
import Glibc
import Threads

/// Real time in frames of samples, without drift: each deadline is computed from the start, not from the last one.
struct PacedClock {
  /// Further behind than this, the clock is set anew instead of running after the time: after Ctrl-Z and `fg`, or on a
  /// machine that slept, the past is not made up for. A device would not have it either.
  static let patience: Int64 = 500_000_000

  let rate: Int
  let frameLength: Int
  private var origin: Int64
  private var position = 0

  /// - Parameters:
  ///   - rate: samples a second.
  ///   - frameLength: samples a frame.
  ///   - start: nanoseconds on CLOCK_MONOTONIC; the first frame is due one frame later.
  init(rate: Int, frameLength: Int, start: Int64 = monotonicNanoseconds()) {
    self.rate = max(1, rate)
    self.frameLength = max(1, frameLength)
    origin = start
  }

  /// When the next frame is due: nanoseconds on CLOCK_MONOTONIC.
  var due: Int64 { origin + PacedClock.nanoseconds(of: position + frameLength, rate: rate) }

  /// Goes on to the frame after.
  mutating func advance(at now: Int64) {
    if now - due > PacedClock.patience {
      origin = now
      position = 0
    } else {
      position += frameLength
    }
  }

  /// Sleeps until the next frame is due, and goes on to the one after. Returns the time.
  mutating func wait() -> Int64 {
    let deadline = due
    var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    let now = monotonicNanoseconds()
    advance(at: now)
    return now
  }

  /// Sleeps until `AudioRest.portion` has passed, or until it is woken, which it then clears.
  /// - Returns: how many frames have become due since; the clock is past them.
  mutating func rest(until waker: Waker) -> (frames: Int, now: Int64) {
    let portion = max(1, PacedClock.samples(in: AudioRest.portion.nanoseconds, rate: rate) / frameLength)
    let end = origin + PacedClock.nanoseconds(of: position + portion * frameLength, rate: rate)
    waker.wait(timeout: .nanoseconds(max(0, end - monotonicNanoseconds())))
    let now = monotonicNanoseconds()
    if now - end > PacedClock.patience {
      advance(at: now)
      return (1, now)
    }
    var frames = 0
    while frames < portion, due <= now {
      position += frameLength
      frames += 1
    }
    return (frames, now)
  }

  /// Makes the next frame due at `now`, if it is later: the one before it is cut short. Returns by how many samples.
  mutating func hasten(to now: Int64) -> Int {
    let left = PacedClock.samples(in: max(0, due - now), rate: rate)
    position -= left
    return left
  }

  /// How long `count` samples last. In two parts: the whole product would overflow after two days.
  static func nanoseconds(of count: Int, rate: Int) -> Int64 {
    Int64(count / rate) * 1_000_000_000 + Int64(count % rate) * 1_000_000_000 / Int64(rate)
  }

  /// How many samples fit into `nanoseconds`.
  static func samples(in nanoseconds: Int64, rate: Int) -> Int {
    Int(nanoseconds / 1_000_000_000) * rate + Int(nanoseconds % 1_000_000_000) * rate / 1_000_000_000
  }
}

/// Asks for SCHED_FIFO for the calling thread. Without the right to it (RLIMIT_RTPRIO) it stays as it is: with 40 ms of
/// buffer that is enough on a machine that is not overloaded.
func requestRealtimePriority() {
  var parameters = sched_param()
  parameters.sched_priority = 10
  _ = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
}
