/// The time of day as recordings spell it.
public enum WallClock {
  /// What has four digits for its year: 1970 to 9999.
  private static let spelled: ClosedRange<Int64> = 0...253_402_300_799_999

  /// ISO 8601 with milliseconds, as in `2026-11-29T22:20:34.007Z`.
  /// - Parameter milliseconds: since 1970-01-01 UTC; held to the years 1970 to 9999.
  public static func text(_ milliseconds: Int64) -> String {
    let total = min(max(milliseconds, spelled.lowerBound), spelled.upperBound)
    let (day, ms) = total.quotientAndRemainder(dividingBy: 86_400_000)
    let (year, month, date) = civil(day)
    let (seconds, fraction) = ms.quotientAndRemainder(dividingBy: 1000)
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(date, 2))T\(clock).\(padded(fraction, 3))Z"
  }

  /// The Gregorian date of a day counted from 1970-01-01: years begin in March, so that a leap day is the last of its year
  /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days).
  private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = day + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
