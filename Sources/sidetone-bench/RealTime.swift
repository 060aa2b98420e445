import CLinux
import Glibc

/// Sleeps until a moment on CLOCK_MONOTONIC, in nanoseconds.
func sleepUntil(_ moment: Int64) {
  var time = timespec(tv_sec: Int(moment / 1_000_000_000), tv_nsec: Int(moment % 1_000_000_000))
  while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
}
