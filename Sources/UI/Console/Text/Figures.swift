import Insight
import Timeline

/// Numbers and times as the screen shows them.
enum Figures {
  // As everywhere in the program.
  static func grouped(_ number: Int) -> String { NumberText.grouped(number) }
  static func fixed(_ number: Double, _ places: Int) -> String { NumberText.fixed(number, places) }
  static func milliseconds(_ ms: Double) -> String { NumberText.milliseconds(ms) }
  static func bytes(_ count: Int) -> String { NumberText.bytes(count) }
  static func count(_ number: Int, _ thing: String) -> String { NumberText.count(number, thing) }

  /// A level without decimals: `-23`.
  static func decibels(_ level: Double) -> String { fixed(level, 0) }

  /// At most eight columns: `840 B`, `52.5 kB`, `12.4 MB`.
  static func shortBytes(_ count: Int) -> String {
    if count < 10_000 { return "\(grouped(count)) B" }
    let (scaled, unit) = count < 1_000_000 ? (Double(count) / 1e3, "kB") : (Double(count) / 1e6, "MB")
    return "\(fixed(scaled, scaled < 99.95 ? 1 : 0)) \(unit)"
  }

  /// `00:03:12`.
  static func elapsed(_ duration: Duration) -> String {
    let seconds = Int(max(0, duration.nanoseconds) / 1_000_000_000)
    return "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
  }

  /// The time of day `12:04:09.112` of a moment, given the wall clock at timestamp zero (UTC, ms) and the zone.
  static func clock(_ moment: Timestamp, wallClockMs: Int64, utcOffsetSeconds: Int) -> String {
    // Wrapping: a recording may claim any time.
    let total = wallClockMs &+ moment.nanoseconds / 1_000_000 &+ Int64(utcOffsetSeconds) * 1000
    let day: Int64 = 86_400_000
    let ms = Int((total % day + day) % day)
    let time = "\(padded(ms / 3_600_000, 2)):\(padded(ms / 60_000 % 60, 2)):\(padded(ms / 1000 % 60, 2))"
    return "\(time).\(padded(ms % 1000, 3))"
  }

  /// A pause, in at most six columns: `+3` ms, `+1.24s`, `+18.7s`, `+2m05`, `+3h20`.
  static func delta(_ duration: Duration) -> String {
    let ms = max(0, duration.nanoseconds) / 1_000_000
    if ms < 1000 { return "+\(ms)" }
    if ms < 99_950 { return "+\(fixed(Double(ms) / 1000, ms < 9_995 ? 2 : 1))s" }
    if ms < 3_600_000 { return "+\(ms / 60_000)m\(padded(Int(ms / 1000 % 60), 2))" }
    return "+\(ms / 3_600_000)h\(padded(Int(ms / 60_000 % 60), 2))"
  }

  /// The same in either direction: `+1.24s`, `-18.7s`.
  static func signedDelta(_ duration: Duration) -> String {
    duration < .zero ? "-" + delta(.zero - duration).dropFirst() : delta(duration)
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

extension Comparable {
  func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
