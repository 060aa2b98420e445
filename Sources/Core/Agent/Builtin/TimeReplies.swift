/// What time it is, and what day.
enum TimeReplies {
  static func reply(_ phrase: Phrase, _ now: CivilTime) -> String? {
    if phrase.has("time"), phrase.has("what", "tell", "is it", "the time", "current") { return time(phrase, now) }
    let isAboutDay =
      phrase.has(
        "what day", "which day", "the date", "what date", "day is it", "the day", "date today", "today's date",
        "day of the week")
      || phrase.has("is it") && CivilTime.weekdays.contains { phrase.has($0.lowercased()) }
    if isAboutDay || phrase.isJust("date", "day") { return date(phrase, now) }
    if phrase.has("what year", "which year") { return "It is \(NumberWords.sayYear(now.year))." }
    if phrase.has("what month", "which month") { return "It is \(CivilTime.months[now.month - 1])." }
    return nil
  }

  private static func time(_ phrase: Phrase, _ now: CivilTime) -> String {
    if let city = City.all.first(where: { phrase.has($0.name.lowercased()) }) {
      return "It is \(say(city.time(at: now))) in \(city.name)."
    }
    if let place = phrase.words(after: "in"), !place.isEmpty {
      let known = Flat.list(City.all.map(\.name))
      return "I do not know the time in \(place.joined(separator: " ")). I know \(known)."
    }
    return "It is \(say(now))."
  }

  /// "half past nine in the evening"
  static func say(_ time: CivilTime) -> String {
    let part =
      switch time.hour {
      case 0..<5, 22...: "at night"
      case 5..<12: "in the morning"
      case 12..<18: "in the afternoon"
      default: "in the evening"
      }
    if time.minute == 0, time.hour % 12 == 0 { return time.hour == 0 ? "midnight" : "noon" }
    func hour(_ hour: Int) -> String { NumberWords.say((hour + 11) % 12 + 1) }
    let clock =
      switch time.minute {
      case 0: "\(hour(time.hour)) o'clock"
      case 15: "quarter past \(hour(time.hour))"
      case 30: "half past \(hour(time.hour))"
      case 45: "quarter to \(hour(time.hour + 1))"
      case 1..<10: "\(hour(time.hour)) oh \(NumberWords.say(time.minute))"
      default: "\(hour(time.hour)) \(NumberWords.say(time.minute))"
      }
    return "\(clock) \(part)"
  }

  private static func date(_ phrase: Phrase, _ now: CivilTime) -> String {
    let (days, name) =
      phrase.has("tomorrow") ? (1, "Tomorrow is") : phrase.has("yesterday") ? (-1, "Yesterday was") : (0, "Today is")
    let then = CivilTime(year: now.year, month: now.month, day: now.day + days)
    let month = CivilTime.months[then.month - 1]
    let day = NumberWords.sayOrdinal(then.day)
    return "\(name) \(CivilTime.weekdays[then.weekday]), \(month) \(day), \(NumberWords.sayYear(then.year))."
  }
}
