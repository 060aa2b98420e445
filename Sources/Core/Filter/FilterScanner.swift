/// Splits a filter's text into tokens, each with the place where it begins.
struct FilterScanner {
  enum Token: Hashable {
    case open, close, and, or, not
    /// A key with its comparison: `size>`, `dir:`. The value follows.
    case key(FilterKey, Comparison)
    case word(String)
    case quoted(String)
    case regex(String, ignoresCase: Bool)
  }
  enum Comparison: Hashable {
    case atMost, atLeast, below, above, equals, has, differs

    // The longer ones first: the scanner takes the first that fits.
    static let spellings: [(text: String, comparison: Comparison)] = [
      ("<=", .atMost), (">=", .atLeast), ("==", .equals), ("!=", .differs), ("\u{2264}", .atMost),
      ("\u{2265}", .atLeast), ("\u{2260}", .differs), ("<", .below), (">", .above), ("=", .equals), (":", .has),
    ]
  }
  struct Placed {
    var token: Token
    /// From 0, in characters.
    var start: Int
  }

  private let characters: [Character]
  private var position = 0

  init(_ text: String) { characters = Array(text) }

  var end: Int { characters.count }

  /// The next token; nil at the end.
  mutating func next() throws(FilterError) -> Placed? {
    while position < characters.count, characters[position].isWhitespace { position += 1 }
    guard position < characters.count else { return nil }
    let start = position
    switch characters[position] {
    case "(": return single(.open)
    case ")": return single(.close)
    case "!": return single(.not)
    case "&": return doubled("&", .and)
    case "|": return doubled("|", .or)
    case "\"": return Placed(token: .quoted(try quoted()), start: start)
    case "/": return Placed(token: try regex(), start: start)
    default: return try word()
    }
  }

  /// The value behind a key: a word, or a text in quotes. Spaces before it, and within it where they can mean nothing else
  /// (`4 k`, `100 .. 2k`, `a, b`, `30s ago`), are as good as none.
  mutating func value(of key: FilterKey) throws(FilterError) -> (text: String, start: Int) {
    let begin = position
    position = afterSpaces(position)
    let start = position
    if position < characters.count, characters[position] == "\"" { return (try quoted(), start) }
    var (text, next) = rawWord(from: position)
    guard !text.isEmpty else {
      throw FilterError(column: begin + 1, reason: "\(key.rawValue) wants \(key.allowed)")
    }
    position = next
    while true {
      let (more, end) = rawWord(from: afterSpaces(position))
      guard !more.isEmpty, let joined = key.joined(text, more) else { return (text, start) }
      (text, position) = (joined, end)
    }
  }

  private func afterSpaces(_ position: Int) -> Int {
    characters[position...].firstIndex { !$0.isWhitespace } ?? characters.count
  }

  private func rawWord(from position: Int) -> (text: String, end: Int) {
    let end = characters[position...].firstIndex(where: Self.endsWord) ?? characters.count
    return (String(characters[position..<end]), end)
  }

  /// The comparison that begins at a position, and where it ends.
  private func comparison(at position: Int) -> (comparison: Comparison, end: Int)? {
    let rest = characters[position...].prefix(2)
    guard let spelling = Comparison.spellings.first(where: { rest.starts(with: $0.text) }) else { return nil }
    return (spelling.comparison, position + spelling.text.count)
  }

  /// Whether a text begins with a comparison.
  static func beginsWithComparison(_ text: some StringProtocol) -> Bool {
    Comparison.spellings.contains { text.hasPrefix($0.text) }
  }

  static func endsWord(_ character: Character) -> Bool {
    character.isWhitespace || ["(", ")", "\"", "|", "&"].contains(character)
  }

  private mutating func single(_ token: Token) -> Placed {
    position += 1
    return Placed(token: token, start: position - 1)
  }

  /// `&&` is as good as `&`.
  private mutating func doubled(_ character: Character, _ token: Token) -> Placed {
    let start = position
    position += 1
    if position < characters.count, characters[position] == character { position += 1 }
    return Placed(token: token, start: start)
  }

  private mutating func quoted() throws(FilterError) -> String {
    let start = position
    position += 1
    var text = ""
    while position < characters.count {
      let character = characters[position]
      position += 1
      switch character {
      case "\"":
        guard !text.isEmpty else { throw FilterError(column: start + 1, reason: "nothing stands between the quotes") }
        return text
      case "\\":
        guard position < characters.count else { continue }
        let escaped = characters[position]
        position += 1
        text.append(escaped == "n" ? "\n" : escaped == "t" ? "\t" : escaped)
      default: text.append(character)
      }
    }
    throw FilterError(column: start + 1, reason: "the text that begins here has no closing \"")
  }

  private mutating func regex() throws(FilterError) -> Token {
    let start = position
    position += 1
    var source = ""
    while position < characters.count {
      let character = characters[position]
      position += 1
      if character == "/" {
        let ignoresCase = position < characters.count && characters[position] == "i"
        if ignoresCase { position += 1 }
        guard position >= characters.count || Self.endsWord(characters[position]) else {
          throw FilterError(column: position + 1, reason: "only i may follow a regex; a / within it is written \\/")
        }
        return .regex(source, ignoresCase: ignoresCase)
      }
      if character == "\\", position < characters.count, characters[position] == "/" {
        source.append("/")
        position += 1
      } else if character == "\\", position < characters.count {
        source.append(character)
        source.append(characters[position])
        position += 1
      } else {
        source.append(character)
      }
    }
    throw FilterError(column: start + 1, reason: "the regex that begins here has no closing /; \"…\" finds plain text")
  }

  /// A key with its comparison, a word of the grammar, or a word to look for.
  private mutating func word() throws(FilterError) -> Placed {
    let start = position
    var text = ""
    while position < characters.count, !Self.endsWord(characters[position]) {
      if !text.isEmpty, text.allSatisfy(\.isLetter), comparison(at: position) != nil {
        return Placed(token: try key(text, start), start: start)
      }
      text.append(characters[position])
      position += 1
    }
    if let token = try spacedKey(text, start) { return Placed(token: token, start: start) }
    let token: Token =
      switch text.lowercased() {
      case "and": .and
      case "or": .or
      case "not": .not
      default: .word(text)
      }
    return Placed(token: token, start: start)
  }

  /// `size > 100`: a word with a comparison some spaces behind it. Words that only look like a comparison are refused: they
  /// would be searched for as text, and nothing would be found.
  private mutating func spacedKey(_ text: String, _ start: Int) throws(FilterError) -> Token? {
    if Self.beginsWithComparison(text), text.allSatisfy({ Self.beginsWithComparison(String($0)) || $0 == "!" }) {
      throw FilterError(
        column: start + 1, reason: "a comparison stands behind a key, as in size > 100; \"\(text)\" finds plain text")
    }
    if let comparison = text.firstIndex(where: { Self.beginsWithComparison(String($0)) }),
      FilterQuantity.parse(text[..<comparison]) != nil,
      FilterKey(rawValue: text[comparison...].drop { Self.beginsWithComparison(String($0)) }.lowercased()) != nil
    {
      throw FilterError(column: start + 1, reason: "the key comes first, as in size>100")
    }
    let behind = afterSpaces(position)
    guard behind > position, !text.isEmpty, text.allSatisfy(\.isLetter), let (_, end) = self.comparison(at: behind)
    else {
      return nil
    }
    // `hello <b>` looks for two words.
    let isAlone = end == characters.count || characters[end].isWhitespace || characters[end].isNumber
    guard FilterKey(rawValue: text.lowercased()) != nil || isAlone && !["and", "or", "not"].contains(text.lowercased())
    else { return nil }
    position = behind
    return try key(text, start)
  }

  private mutating func key(_ name: String, _ start: Int) throws(FilterError) -> Token {
    guard let key = FilterKey(rawValue: name.lowercased()) else {
      let all = FilterKey.allCases.map(\.rawValue).joined(separator: ", ")
      throw FilterError(column: start + 1, reason: "no key \"\(name)\"; there are \(all); \"…\" finds plain text")
    }
    let (comparison, end) = self.comparison(at: position) ?? (.has, position)
    guard key.isNumber || [.has, .equals, .differs].contains(comparison) else {
      throw FilterError(column: position + 1, reason: "\(key.rawValue) is no number: write \(key.rawValue):VALUE")
    }
    position = end
    return .key(key, comparison)
  }
}

/// The keys of the grammar.
public enum FilterKey: String, Sendable, CaseIterable {
  case dir, type, size, kind, conn, source, since, until

  var isNumber: Bool { self == .size || self == .conn }

  /// The value that two words make together; nil when the second is none of it.
  func joined(_ text: String, _ more: String) -> String? {
    switch self {
    case .type, .source: return text.hasSuffix(",") || more.hasPrefix(",") ? text + more : nil
    case .size, .conn:
      let isNumber = FilterQuantity.parse(text[...]) != nil
      if more.hasPrefix(".."), isNumber, more == ".." || FilterQuantity.parse(more.dropFirst(2)) != nil {
        return text + more
      }
      if text.hasSuffix(".."), FilterQuantity.parse(more[...]) != nil { return text + more }
      // A unit of its own: the number before it has none.
      guard text.last?.isNumber == true, more.allSatisfy(\.isLetter) else { return nil }
      return FilterQuantity.parse("1\(more)") != nil ? text + more : nil
    case .since, .until:
      if text == "-" { return text + more }
      if more.lowercased() == "ago", FilterMoment(parsing: text) != nil, !text.contains(":") {
        return text.hasPrefix("-") ? text : "-\(text)"
      }
      guard text.last?.isNumber == true, FilterQuantity.milliseconds("1\(more)") != nil else { return nil }
      return more.allSatisfy(\.isLetter) ? text + more : nil
    case .dir, .kind: return nil
    }
  }

  /// What may stand behind it, in words.
  public var allowed: String {
    switch self {
    case .dir: "in or out"
    case .type: "a name; * stands for anything, a comma parts several"
    case .size: "bytes, as in size>4k or size:100..2k"
    case .kind: "text, binary or event"
    case .conn: "a connection's number, as in conn:2 or conn>=2"
    case .source: "a source's name or number, as in source:client; a comma parts several"
    case .since, .until: "a moment: -30s (ago), 90s (from the start) or 12:04:09"
    }
  }
}
