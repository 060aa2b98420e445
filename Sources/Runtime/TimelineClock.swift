import CLinux
import Threads
import Timeline

/// The program's one clock: monotonic, counted from the moment the timeline was started.
public struct TimelineClock: Sendable {
  private let origin: Int64
  /// Wall clock at timestamp zero, in milliseconds since 1970-01-01 UTC.
  public let wallClockMilliseconds: Int64

  /// Starts now.
  public init() {
    origin = monotonicNanoseconds()
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    wallClockMilliseconds = Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000
  }

  /// A moment on CLOCK_MONOTONIC, in nanoseconds. Any thread.
  public func timestamp(_ nanoseconds: Int64) -> Timestamp { Timestamp(nanoseconds: nanoseconds - origin) }
  /// The same moment on CLOCK_MONOTONIC. Any thread.
  public func nanoseconds(_ moment: Timestamp) -> Int64 { moment.nanoseconds + origin }

  /// Any thread.
  public var now: Timestamp { Timestamp(nanoseconds: monotonicNanoseconds() - origin) }
}
