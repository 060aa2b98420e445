/// A place whose time the builtin model knows.
struct City: Sendable {
  /// When clocks are set forward.
  enum Daylight: Sendable { case none, europe, america, australia }

  let name: String
  /// Seconds east of Greenwich in winter.
  let standardOffset: Int
  let daylight: Daylight

  static let all: [City] = [
    City("Berlin", 1, .europe), City("London", 0, .europe), City("Paris", 1, .europe), City("Madrid", 1, .europe),
    City("Rome", 1, .europe), City("Moscow", 3), City("New York", -5, .america), City("Chicago", -6, .america),
    City("Los Angeles", -8, .america), City("Tokyo", 9), City("Beijing", 8), City("Singapore", 8),
    City("Delhi", 5.5), City("Sydney", 10, .australia),
  ]

  private init(_ name: String, _ hours: Double, _ daylight: Daylight = .none) {
    self.name = name
    standardOffset = Int(hours * 3600)
    self.daylight = daylight
  }

  /// The city's clock at the moment of `now`.
  func time(at now: CivilTime) -> CivilTime {
    let moment = now.secondsSince1970
    let standard = CivilTime(secondsSince1970: moment, utcOffset: standardOffset)
    return isDaylight(standard, moment: moment)
      ? CivilTime(secondsSince1970: moment, utcOffset: standardOffset + 3600) : standard
  }

  /// The rules in force: Europe since 1996, the United States since 2007, New South Wales since 2008.
  private func isDaylight(_ standard: CivilTime, moment: Int) -> Bool {
    let year = standard.year
    /// The n-th Sunday of a month (0: the last), at that hour of a clock `offset` seconds east of Greenwich.
    func sunday(_ n: Int, _ month: Int, hour: Int, offset: Int) -> Int {
      let first = CivilTime(year: year, month: n == 0 ? month + 1 : month, day: 1)
      let day = n == 0 ? 1 - (first.weekday == 0 ? 7 : first.weekday) : 1 + (7 - first.weekday) % 7 + 7 * (n - 1)
      return CivilTime(year: year, month: first.month, day: day, hour: hour, utcOffset: offset).secondsSince1970
    }
    switch daylight {
    case .none: return false
    case .europe:
      return (sunday(0, 3, hour: 1, offset: 0)..<sunday(0, 10, hour: 1, offset: 0)).contains(moment)
    case .america:
      let range = sunday(2, 3, hour: 2, offset: standardOffset)..<sunday(1, 11, hour: 1, offset: standardOffset)
      return range.contains(moment)
    case .australia:
      let winter = sunday(1, 4, hour: 2, offset: standardOffset)..<sunday(1, 10, hour: 2, offset: standardOffset)
      return !winter.contains(moment)
    }
  }
}
