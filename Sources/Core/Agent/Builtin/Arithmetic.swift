/// Sums: "what is twelve times eleven", "12 * 11", "seven divided by two", "ten percent of fifty".
enum Arithmetic {
  private enum Operation { case plus, minus, times, divided, percent }
  private static let names: [([String], Operation)] = [
    (["divided", "by"], .divided), (["multiplied", "by"], .times), (["percent", "of"], .percent), (["plus"], .plus),
    (["minus"], .minus), (["times"], .times), (["x"], .times), (["over"], .divided), (["and"], .plus),
  ]
  private static let openings = ["what is", "how much is", "calculate", "what are", "tell me"]

  /// Words that sound like a number, and stand for it where a number is asked for: a recogniser of general English writes
  /// "What is too plus too?".
  private static let soundalikes = [
    "to": "two", "too": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight",
  ]

  /// nil when it is no sum at all.
  static func reply(_ phrase: Phrase) -> String? {
    var words = phrase.words[...]
    // "can you tell me what two plus two is"
    if phrase.begins("can you tell me what") {
      words = words.dropFirst(5)
      if words.last == "is" { words.removeLast() }
    }
    if let opening = openings.first(where: { phrase.begins($0) }) {
      words = words.dropFirst(opening.split(separator: " ").count)
    }
    words = words.map { soundalikes[$0] ?? $0 }[...]
    guard var (value, count) = NumberWords.read(words) else { return nil }
    words = withoutCurrency(words.dropFirst(count))
    var operands: [Ratio] = [value]
    var operations: [Operation] = []
    while let (name, operation) = names.first(where: { words.starts(with: $0.0) }) {
      words = words.dropFirst(name.count)
      guard let next = NumberWords.read(words) else { return nil }
      (value, count) = next
      words = withoutCurrency(words.dropFirst(count))
      operands.append(value)
      operations.append(operation)
    }
    guard !operations.isEmpty, words.isEmpty else { return nil }
    return say(operands, operations)
  }

  /// "five dollars plus three dollars" is five plus three.
  private static func withoutCurrency(_ words: ArraySlice<String>) -> ArraySlice<String> {
    ["dollar", "dollars", "euro", "euros", "pound", "pounds"].contains(words.first) ? words.dropFirst() : words
  }

  /// Times and divided bind before plus and minus; otherwise from left to right.
  private static func say(_ operands: [Ratio], _ operations: [Operation]) -> String {
    let tooLarge = "That is too large a number for me."
    var terms = [operands[0]]
    for (operation, operand) in zip(operations, operands.dropFirst()) {
      let left = terms[terms.count - 1]
      let result: Ratio?
      switch operation {
      case .plus:
        terms.append(operand)
        continue
      case .minus: result = Ratio(-operand.numerator, operand.denominator)
      case .times: result = left.times(operand)
      case .percent: result = left.times(operand)?.divided(by: Ratio(100, 1)!)
      case .divided:
        guard operand.numerator != 0 else { return "Nothing can be divided by zero." }
        result = left.divided(by: operand)
      }
      guard let result else { return tooLarge }
      if operation == .minus { terms.append(result) } else { terms[terms.count - 1] = result }
    }
    var sum = Ratio(0, 1)
    for term in terms { sum = sum?.plus(term) }
    guard let sum else { return tooLarge }
    return "That is \(sum.spoken)."
  }
}
