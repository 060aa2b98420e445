/// A place whose time the builtin model knows.
struct City: Sendable {
  /// When clocks are set forward.
  enum Daylight: Sendable { case none, europe, america, australia, egypt }

  let name: String
  /// Seconds east of Greenwich in winter.
  let standardOffset: Int
  let daylight: Daylight

  static let all: [City] = [
    City("Berlin", 1, .europe), City("London", 0, .europe), City("Paris", 1, .europe), City("Madrid", 1, .europe),
    City("Rome", 1, .europe), City("Vienna", 1, .europe), City("Moscow", 3), City("New York", -5, .america),
    City("Toronto", -5, .america), City("Chicago", -6, .america), City("Los Angeles", -8, .america),
    City("Mexico City", -6), City("Sao Paulo", -3), City("Cairo", 2, .egypt), City("Dubai", 4), City("Delhi", 5.5),
    City("Singapore", 8), City("Beijing", 8), City("Tokyo", 9), City("Sydney", 10, .australia),
  ]

  private init(_ name: String, _ hours: Double, _ daylight: Daylight = .none) {
    self.name = name
    standardOffset = Int(hours * 3600)
    self.daylight = daylight
  }

  /// The first city whose name is in a text.
  static func named(in text: String) -> String? {
    let phrase = Phrase(text)
    return all.first { phrase.has($0.name.lowercased()) }?.name
  }

  /// The city's clock at the moment of `now`.
  func time(at now: CivilTime) -> CivilTime {
    let moment = now.secondsSince1970
    let standard = CivilTime(secondsSince1970: moment, utcOffset: standardOffset)
    return isDaylight(standard, moment: moment)
      ? CivilTime(secondsSince1970: moment, utcOffset: standardOffset + 3600) : standard
  }

  /// The rules in force: Europe since 1996, the United States and Canada since 2007, New South Wales since 2008,
  /// Egypt since 2023.
  private func isDaylight(_ standard: CivilTime, moment: Int) -> Bool {
    let year = standard.year
    /// The n-th such weekday of a month (0: the last), at that hour of a clock `offset` seconds east of Greenwich.
    func change(_ n: Int, _ weekday: Int, _ month: Int, hour: Int, offset: Int) -> Int {
      let first = CivilTime(year: year, month: n == 0 ? month + 1 : month, day: 1)
      let ahead = (weekday - first.weekday + 7) % 7
      let day = n == 0 ? ahead - 6 : 1 + ahead + 7 * (n - 1)
      return CivilTime(year: year, month: first.month, day: day, hour: hour, utcOffset: offset).secondsSince1970
    }
    let local = standardOffset
    switch daylight {
    case .none: return false
    case .europe:
      return (change(0, 0, 3, hour: 1, offset: 0)..<change(0, 0, 10, hour: 1, offset: 0)).contains(moment)
    case .america:
      return (change(2, 0, 3, hour: 2, offset: local)..<change(1, 0, 11, hour: 1, offset: local)).contains(moment)
    case .australia:
      return !(change(1, 0, 4, hour: 2, offset: local)..<change(1, 0, 10, hour: 2, offset: local)).contains(moment)
    case .egypt:
      return (change(0, 5, 4, hour: 0, offset: local)..<change(0, 4, 10, hour: 23, offset: local)).contains(moment)
    }
  }
}
