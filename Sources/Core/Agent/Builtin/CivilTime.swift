/// A date and time of day on somebody's wall clock.
public struct CivilTime: Sendable, Equatable {
  public let year, month, day: Int
  /// 0 is Sunday.
  public let weekday: Int
  public let hour, minute, second: Int
  /// Seconds east of Greenwich, daylight saving included.
  public let utcOffset: Int

  /// Names, January and Sunday first.
  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  /// The clock of a place `utcOffset` seconds east of Greenwich.
  /// - Parameter secondsSince1970: Unix time.
  public init(secondsSince1970: Int, utcOffset: Int) {
    let local = secondsSince1970 + utcOffset
    let day = Self.floorDivide(local, 86_400)
    let second = local - day * 86_400
    (year, month, self.day) = Self.date(ofDay: day)
    weekday = (((day + 4) % 7) + 7) % 7
    (hour, minute, self.second) = (second / 3600, second / 60 % 60, second % 60)
    self.utcOffset = utcOffset
  }

  /// A moment told by its parts. Parts out of range run over into the next larger.
  public init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, utcOffset: Int = 0
  ) {
    let days = Self.day(ofYear: year, month: month, day: day)
    self.init(
      secondsSince1970: days * 86_400 + hour * 3600 + minute * 60 + second - utcOffset, utcOffset: utcOffset)
  }

  /// Unix time.
  public var secondsSince1970: Int {
    Self.day(ofYear: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second - utcOffset
  }

  // Days from civil and back, after Howard Hinnant: years begin in March, eras last 400 years, day 0 is 1970-01-01.

  private static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

  static func day(ofYear year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = floorDivide(y, 400)
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func date(ofDay day: Int) -> (Int, Int, Int) {
    let z = day + 719_468
    let era = floorDivide(z, 146_097)
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
  }
}
