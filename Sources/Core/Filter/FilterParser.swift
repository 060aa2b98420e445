import Timeline

/// Recursive descent over a filter's tokens; see the grammar in Filter.swift.
struct FilterParser {
  /// Parentheses and nots within each other: more is refused, so that no text overflows the stack.
  static let depthLimit = 64

  private var scanner: FilterScanner
  private var current: FilterScanner.Placed?
  private var depth = 0

  init(_ text: String) throws(FilterError) {
    scanner = FilterScanner(text)
    current = try scanner.next()
  }

  /// The whole text; nil when it is empty.
  mutating func parse() throws(FilterError) -> FilterExpression? {
    guard current != nil else { return nil }
    let result = try alternatives()
    // Everything but a closing parenthesis would have been taken.
    if current != nil { throw fault("nothing is open that this ) could close") }
    return result
  }

  private mutating func alternatives() throws(FilterError) -> FilterExpression {
    var terms = [try term()]
    while current?.token == .or {
      try advance()
      terms.append(try term())
    }
    return Self.joined(terms) { .or($0) }
  }

  private mutating func term() throws(FilterError) -> FilterExpression {
    var factors = [try factor()]
    while let token = current?.token, token != .or, token != .close {
      if token == .and { try advance() }
      factors.append(try factor())
    }
    return Self.joined(factors) { .and($0) }
  }

  private static func joined(
    _ parts: [FilterExpression], _ make: ([FilterExpression]) -> FilterExpression
  ) -> FilterExpression { parts.count == 1 ? parts[0] : make(parts) }

  private mutating func factor() throws(FilterError) -> FilterExpression {
    guard let placed = current else {
      throw FilterError(column: scanner.end + 1, reason: "something is missing here: a word, a key or a (")
    }
    switch placed.token {
    case .not:
      try descend()
      try advance()
      let negated = try factor()
      depth -= 1
      return .not(negated)
    case .open:
      try descend()
      try advance()
      let inner = try alternatives()
      guard current?.token == .close else {
        throw FilterError(column: placed.start + 1, reason: "the ( here is not closed")
      }
      try advance()
      depth -= 1
      return inner
    case .key(let key, let comparison):
      // The value is read by its key: it may hold what elsewhere would be a token.
      let condition = try condition(key, comparison == .differs ? .has : comparison)
      try advance()
      return comparison == .differs ? .not(.condition(condition)) : .condition(condition)
    case .word(let text), .quoted(let text):
      try advance()
      return .condition(.text(text))
    case .regex(let source, let ignoresCase):
      do {
        let pattern = try TextPattern(source, ignoresCase: ignoresCase)
        try advance()
        return .condition(.pattern(pattern))
      } catch let error as TextPatternError {
        throw FilterError(column: placed.start + 2 + error.offset, reason: "in the regex: \(error.reason)")
      } catch let error as FilterError {
        throw error
      } catch {
        throw FilterError(column: placed.start + 1, reason: "\(error)")
      }
    case .and, .or: throw fault("something is missing before this")
    case .close: throw fault("something is missing before this )")
    }
  }

  private mutating func advance() throws(FilterError) { current = try scanner.next() }

  private mutating func descend() throws(FilterError) {
    depth += 1
    if depth > Self.depthLimit { throw fault("more than \(Self.depthLimit) levels deep") }
  }

  private func fault(_ reason: String) -> FilterError {
    FilterError(column: (current?.start ?? scanner.end) + 1, reason: reason)
  }

  // MARK: - Values

  private mutating func condition(
    _ key: FilterKey, _ comparison: FilterScanner.Comparison
  ) throws(FilterError) -> FilterCondition {
    let (text, start) = try scanner.value(of: key)
    func refused() -> FilterError {
      FilterError(column: start + 1, reason: "\"\(text)\" is not \(key.allowed)")
    }
    switch key {
    case .dir:
      switch text.lowercased() {
      case "in", "received": return .way(.toClient)
      case "out", "sent": return .way(.toServer)
      default: throw refused()
      }
    case .kind:
      guard let kind = FilterKind(rawValue: text.lowercased()) else { throw refused() }
      return .kind(kind)
    case .type, .source:
      let names = text.split(separator: ",").map(String.init)
      guard !names.isEmpty else { throw refused() }
      return key == .type ? .type(names) : .source(names)
    case .size, .conn:
      guard let range = Self.range(text, comparison, FilterQuantity.parse) else { throw refused() }
      return key == .size ? .size(range) : .connection(range)
    case .since, .until:
      guard let moment = FilterMoment(parsing: text) else { throw refused() }
      return key == .since ? .since(moment) : .until(moment)
    }
  }

  /// `4k`, and with `:` or `=` also `1k..4k`, `1k..` and `..4k`. Nil for what is none of them, or empty.
  private static func range(
    _ text: String, _ comparison: FilterScanner.Comparison, _ number: (Substring) -> Int?
  ) -> FilterRange? {
    if [.has, .equals].contains(comparison), let dots = text.firstRange(of: "..") {
      let (low, high) = (text[..<dots.lowerBound], text[dots.upperBound...])
      let (least, most) = (number(low), number(high))
      guard least != nil || low.isEmpty, most != nil || high.isEmpty, least != nil || most != nil else { return nil }
      if let least, let most, least > most { return nil }
      return FilterRange(least: least, most: most)
    }
    guard let value = number(text[...]) else { return nil }
    switch comparison {
    case .has, .equals, .differs: return FilterRange(least: value, most: value)
    case .above: return FilterRange(least: value + 1, most: nil)
    case .atLeast: return FilterRange(least: value, most: nil)
    case .below: return value > 0 ? FilterRange(least: nil, most: value - 1) : nil
    case .atMost: return FilterRange(least: nil, most: value)
    }
  }
}
