import Audio
import CLinux
import Glibc
import Threads

// How the threads of this folder, and those of devices, keep the pace that `PacedClock` tells.

extension PacedClock {
  /// From now on.
  package init(rate: Int, frameLength: Int) {
    self.init(rate: rate, frameLength: frameLength, start: monotonicNanoseconds())
  }

  /// Sleeps until the next frame is due, and goes on to the one after. Returns the time.
  package mutating func wait() -> Int64 {
    let deadline = due
    var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
    let now = monotonicNanoseconds()
    advance(at: now)
    return now
  }

  /// Sleeps until `AudioRest.portion` has passed, or until it is woken, which it then clears.
  /// - Returns: how many frames have become due since; the clock is past them.
  package mutating func rest(until waker: Waker) -> (frames: Int, now: Int64) {
    waker.wait(timeout: .nanoseconds(max(0, restEnd(AudioRest.portion) - monotonicNanoseconds())))
    let now = monotonicNanoseconds()
    return (endRest(AudioRest.portion, at: now), now)
  }
}

/// Asks for SCHED_FIFO for the calling thread. Without the right to it (RLIMIT_RTPRIO) it stays as it is: with 40 ms of
/// buffer that is enough on a machine that is not overloaded.
package func requestRealtimePriority() {
  var parameters = sched_param()
  parameters.sched_priority = 10
  _ = pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameters)
}
