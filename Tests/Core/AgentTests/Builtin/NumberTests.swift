import Testing

@testable import Agent

@Suite struct NumberTests {
  @Test(arguments: [
    (0, "zero"), (7, "seven"), (13, "thirteen"), (20, "twenty"), (42, "forty two"), (100, "one hundred"),
    (132, "one hundred thirty two"), (1000, "one thousand"), (12_345, "twelve thousand three hundred forty five"),
    (999_999, "nine hundred ninety nine thousand nine hundred ninety nine"), (1_000_001, "one million one"),
    (-5, "minus five"), (2_000_000_000_000, "two trillion"),
  ])
  func areSaid(number: Int, words: String) { #expect(NumberWords.say(number) == words) }

  @Test func extremesDoNotTrap() {
    #expect(NumberWords.say(.max).hasPrefix("nine thousand two hundred twenty three quadrillion"))
    #expect(NumberWords.say(.min) == "minus a very large number")
  }

  @Test func whatIsSaidIsUnderstood() throws {
    for number in Array(0...1200) + [1999, 10_000, 99_999, 100_001, 123_456, 999_999] {
      let words = NumberWords.say(number).split(separator: " ").map(String.init)
      let read = try #require(NumberWords.read(words))
      #expect(read.value == Ratio(number, 1)!, "\(words)")
      #expect(read.count == words.count)
    }
  }

  @Test(arguments: [
    ("one hundred and five", 105, 1, 4), ("a hundred", 100, 1, 2), ("a thousand and one", 1001, 1, 4),
    ("twelve hundred", 1200, 1, 2), ("three point one four", 314, 100, 4), ("two and a half", 5, 2, 4),
    ("minus three", -3, 1, 2), ("12", 12, 1, 1), ("3.25", 13, 4, 1), ("five twenty", 5, 1, 1),
    ("twenty five and", 25, 1, 2), ("six and seven", 6, 1, 1), ("ten minutes", 10, 1, 1),
  ])
  func areUnderstood(text: String, numerator: Int, denominator: Int, count: Int) throws {
    let read = try #require(NumberWords.read(text.split(separator: " ").map(String.init)))
    #expect(read.value == Ratio(numerator, denominator))
    #expect(read.count == count)
  }

  @Test(arguments: ["", "hundred", "and five", "point five", "a", "dog", "minus", "1.2.3", "99999999999999999999"])
  func otherWordsAreNoNumbers(text: String) {
    #expect(NumberWords.read(text.split(separator: " ").map(String.init)) == nil)
  }

  @Test(arguments: [
    (1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"), (12, "twelfth"),
    (20, "twentieth"), (21, "twenty first"), (31, "thirty first"), (100, "one hundredth"),
  ])
  func ordinals(number: Int, words: String) { #expect(NumberWords.sayOrdinal(number) == words) }

  @Test(arguments: [
    (2026, "twenty twenty six"), (2000, "two thousand"), (2007, "two thousand seven"), (1900, "nineteen hundred"),
    (1905, "nineteen oh five"), (2100, "twenty one hundred"),
  ])
  func years(year: Int, words: String) { #expect(NumberWords.sayYear(year) == words) }

  @Test(arguments: [
    (1, 2, "zero point five"), (-7, 4, "minus one point seven five"), (2, 3, "about zero point six seven"),
    (1, 1000, "zero point zero zero one"), (999_999, 1_000_000, "about one"), (6, 3, "two"),
    (1, 100_000, "about zero"), (-2, 3, "about minus zero point six seven"),
  ])
  func fractionsAreSaid(numerator: Int, denominator: Int, words: String) {
    #expect(Ratio(numerator, denominator)?.spoken == words)
  }

  @Test func fractionsThatDoNotFitAreNil() {
    #expect(Ratio(1, 0) == nil)
    let large = Ratio(.max, 1)!
    #expect(large.plus(large) == nil)
    #expect(large.times(large) == nil)
    #expect(Ratio(1, 3)!.minus(Ratio(1, 3)!) == Ratio(0, 1))
  }
}

@Suite struct CivilTimeTests {
  @Test func knowsTheCalendar() {
    let time = CivilTime(secondsSince1970: 1_795_293_000, utcOffset: 3600)
    #expect(time == CivilTime(year: 2026, month: 11, day: 21, hour: 21, minute: 30, utcOffset: 3600))
    #expect(time.weekday == 6)
    #expect(CivilTime(secondsSince1970: 0, utcOffset: 0).weekday == 4)
    #expect(CivilTime(year: 2024, month: 2, day: 30) == CivilTime(year: 2024, month: 3, day: 1))
    #expect(CivilTime(year: 2023, month: 12, day: 32) == CivilTime(year: 2024, month: 1, day: 1))
    #expect(
      CivilTime(secondsSince1970: -1, utcOffset: 0)
        == CivilTime(year: 1969, month: 12, day: 31, hour: 23, minute: 59, second: 59))
  }

  @Test func everyMomentGoesThereAndBack() {
    for day in stride(from: -800_000, to: 800_000, by: 997) {
      let time = CivilTime(secondsSince1970: day * 86_400 + 12_345, utcOffset: -18_000)
      #expect(time.secondsSince1970 == day * 86_400 + 12_345)
    }
  }

  /// The last second before and the first of daylight saving and of standard time, in UTC, in 2026.
  @Test(arguments: [
    ("Berlin", 3, 29, 1, 1, 2), ("Berlin", 10, 25, 1, 2, 1), ("London", 3, 29, 1, 0, 1),
    ("New York", 3, 8, 7, -5, -4), ("New York", 11, 1, 6, -4, -5), ("Los Angeles", 3, 8, 10, -8, -7),
    ("Sydney", 4, 4, 16, 11, 10), ("Sydney", 10, 3, 16, 10, 11),
    ("Cairo", 4, 23, 22, 2, 3), ("Cairo", 10, 29, 21, 3, 2), ("Toronto", 3, 8, 7, -5, -4),
  ])
  func clocksAreSetInTime(city: String, month: Int, day: Int, hour: Int, before: Int, after: Int) throws {
    let city = try #require(City.all.first { $0.name == city })
    let change = CivilTime(year: 2026, month: month, day: day, hour: hour).secondsSince1970
    let offsets = [change - 1, change].map {
      city.time(at: CivilTime(secondsSince1970: $0, utcOffset: 0)).utcOffset / 3600
    }
    #expect(offsets == [before, after])
  }

  @Test(arguments: [
    (0, 0, "midnight"), (12, 0, "noon"), (0, 1, "twelve oh one at night"), (8, 45, "quarter to nine in the morning"),
    (12, 45, "quarter to one in the afternoon"), (23, 45, "quarter to twelve at night"),
    (17, 17, "five seventeen in the afternoon"), (18, 15, "quarter past six in the evening"),
    (7, 0, "seven o'clock in the morning"),
  ])
  func timesAreSaid(hour: Int, minute: Int, words: String) {
    #expect(TimeReplies.say(CivilTime(year: 2026, month: 1, day: 1, hour: hour, minute: minute)) == words)
  }
}
