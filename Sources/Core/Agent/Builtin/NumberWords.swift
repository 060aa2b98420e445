/// Numbers as they are said.
enum NumberWords {
  private static let small = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
  ]
  private static let tens = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
  private static let scales: [(Int, String)] = [
    (1_000_000_000_000_000, "quadrillion"), (1_000_000_000_000, "trillion"), (1_000_000_000, "billion"),
    (1_000_000, "million"), (1000, "thousand"),
  ]
  private static let irregularOrdinals = [
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
  ]

  // MARK: Speaking

  /// 132 is "one hundred thirty two"; negative numbers begin with "minus".
  static func say(_ number: Int) -> String {
    if number < 0 { return number == .min ? "minus a very large number" : "minus " + say(-number) }
    if number < 20 { return small[number] }
    if number < 100 { return tens[number / 10] + (number % 10 == 0 ? "" : " " + small[number % 10]) }
    if number < 1000 { return small[number / 100] + " hundred" + (number % 100 == 0 ? "" : " " + say(number % 100)) }
    let (value, name) = scales.first { $0.0 <= number }!
    return say(number / value) + " " + name + (number % value == 0 ? "" : " " + say(number % value))
  }

  /// 21 is "twenty first".
  static func sayOrdinal(_ number: Int) -> String {
    var words = say(number).split(separator: " ").map(String.init)
    let last = words.removeLast()
    let ordinal = irregularOrdinals[last] ?? (last.hasSuffix("y") ? last.dropLast() + "ieth" : last + "th")
    return (words + [ordinal]).joined(separator: " ")
  }

  /// 2026 is "twenty twenty six", 2007 is "two thousand seven", 1905 is "nineteen oh five".
  static func sayYear(_ year: Int) -> String {
    guard (1100...9999).contains(year), year % 1000 >= 10 else { return say(year) }
    let rest = year % 100
    return say(year / 100) + (rest == 0 ? " hundred" : rest < 10 ? " oh " + say(rest) : " " + say(rest))
  }

  /// "one lamp", "two lamps".
  static func say(_ count: Int, _ noun: String) -> String { say(count) + " " + noun + (count == 1 ? "" : "s") }

  // MARK: Understanding

  /// Reads a number below one million, with decimals, from the front of the words, in words or digits.
  /// Returns it and how many words it took.
  static func read(_ words: some Collection<String>) -> (value: Ratio, count: Int)? {
    let words = Array(words.prefix(32))
    guard let first = words.first else { return nil }
    if first == "minus", let (value, count) = read(words.dropFirst()) {
      return Ratio(-value.numerator, value.denominator).map { ($0, count + 1) }
    }
    if first.first!.isNumber { return digits(first).map { ($0, 1) } }
    guard var (whole, index) = readWhole(words) else { return nil }
    if index < words.count - 1, words[index] == "point", smallValue(words[index + 1]).map({ $0 < 10 }) == true {
      index += 1
      var scale = 1
      while index < words.count, scale < 1_000_000, let digit = smallValue(words[index]), digit < 10 {
        whole = whole * 10 + digit
        scale *= 10
        index += 1
      }
      return Ratio(whole, scale).map { ($0, index) }
    }
    if words[index...].starts(with: ["and", "a", "half"]) { return Ratio(whole * 2 + 1, 2).map { ($0, index + 3) } }
    return Ratio(whole, 1).map { ($0, index) }
  }

  /// The first number anywhere in the words; "oh" alone is none.
  static func first(in words: [String]) -> Double? {
    words.indices.lazy.compactMap { index -> Double? in
      guard words[index] != "oh" else { return nil }
      if let (value, _) = read(words[index...]) { return Double(value.numerator) / Double(value.denominator) }
      return words[index].first?.isNumber == true ? Double(words[index]).flatMap { $0.isFinite ? $0 : nil } : nil
    }.first
  }

  /// "three hundred and five thousand twelve"; digits one by one are no number of many digits.
  private static func readWhole(_ words: [String]) -> (Int, Int)? {
    var (total, group, index) = (0, 0, 0)
    var hasDigit = false
    var canTake = Int.max  // the next plain number must be smaller than this: "twenty five", but not "five twenty"
    while index < words.count {
      let word = words[index]
      if let value = smallValue(word)
        ?? (word == "a" && ["hundred", "thousand"].contains(next(words, index)) ? 1 : nil)
      {
        guard value < canTake else { break }
        group += value
        canTake = value >= 20 ? 10 : 0
        hasDigit = true
      } else if word == "hundred", hasDigit, (1...19).contains(group) {
        group *= 100
        canTake = 100
      } else if word == "thousand", hasDigit, total == 0, group > 0, group < 1000 {
        total = group * 1000
        group = 0
        canTake = 1000
      } else if word == "and", canTake >= 100, hasDigit, let after = next(words, index), smallValue(after) != nil {
        // "one hundred and five"
      } else {
        break
      }
      index += 1
    }
    return hasDigit ? (total + group, index) : nil
  }

  private static func next(_ words: [String], _ index: Int) -> String? {
    index + 1 < words.count ? words[index + 1] : nil
  }

  private static func smallValue(_ word: String) -> Int? {
    if word == "oh" { return 0 }
    if let value = small.firstIndex(of: word) { return value }
    return tens.dropFirst(2).firstIndex(of: word).map { $0 * 10 }
  }

  private static func digits(_ word: String) -> Ratio? {
    let parts = word.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int(parts[0]), whole < 1_000_000_000 else { return nil }
    guard parts.count == 2 else { return Ratio(whole, 1) }
    guard parts[1].count <= 6, let fraction = Int(parts[1]) else { return nil }
    let scale = parts[1].reduce(1) { scale, _ in scale * 10 }
    return Ratio(whole * scale + fraction, scale)
  }
}
