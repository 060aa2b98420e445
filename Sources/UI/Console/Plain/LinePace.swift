import Screen
import Timeline

/// Bounds how fast lines are said: a screen reader reads some three a second, and a server can fail a thousand times.
///
/// A bucket of lines that fills slowly; what finds it empty is counted, and the count is said once there is room again.
struct LinePace: Sendable {
  /// At once, after a quiet time.
  static let burst = 30.0
  /// Lines a second, for ever.
  static let rate = 3.0

  private var room = burst
  private var last = Timestamp.zero
  private var leftOut = 0

  /// The lines that may be said now.
  mutating func admit(_ lines: [PlainLine], at now: Timestamp) -> [PlainLine] {
    room = min(Self.burst, room + max(0, (now - last).milliseconds) / 1000 * Self.rate)
    last = max(last, now)
    var result: [PlainLine] = []
    // Some room first: else each line that gets through would come with a count of its own.
    if leftOut > 0, room >= Self.burst / 3 {
      result += finish()
      room -= 1
    }
    for line in lines {
      if leftOut == 0, room >= 1 {
        room -= 1
        result.append(line)
      } else {
        leftOut += 1
      }
    }
    return result
  }

  /// The count of what was left out, if anything was.
  mutating func finish() -> [PlainLine] {
    defer { leftOut = 0 }
    return leftOut > 0 ? [PlainLine("\(Figures.count(leftOut, "line")) left out", .dim, at: last)] : []
  }
}
