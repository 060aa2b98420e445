import Timeline

/// The name of a capture's file: the date and the time of day at which it was begun, as in `2026-11-29_22-20-34`.
public enum CaptureName {
  /// - Parameters:
  ///   - now: the time of day, in milliseconds since 1970-01-01 UTC.
  ///   - utcOffsetSeconds: the local time is so far ahead of UTC.
  ///   - number: from 1; every further capture of the same second gets a number of its own behind the time.
  /// - Returns: the name without its ending.
  public static func name(at now: Int64, utcOffsetSeconds: Int = 0, number: Int = 1) -> String {
    let local = now.adding(Int64(clamping: utcOffsetSeconds).multipliedReportingOverflow(by: 1000).partialValue)
    let time = String(
      WallClock.text(local).prefix(19).map { $0 == "T" ? "_" : $0 == ":" ? "-" : $0 })
    return number > 1 ? "\(time)-\(number)" : time
  }
}
