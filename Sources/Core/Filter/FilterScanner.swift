/// Splits a filter's text into tokens, each with the place where it begins.
struct FilterScanner {
  enum Token: Hashable {
    case open, close, and, or, not
    /// A key with its comparison: `size>`, `dir:`. The value follows without a space.
    case key(FilterKey, Comparison)
    case word(String)
    case quoted(String)
    case regex(String, ignoresCase: Bool)
  }
  enum Comparison: String, CaseIterable {
    // The longer ones first: the scanner takes the first that fits.
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
    case equals = "="
    case has = ":"
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

  /// The value behind a key: a word, or a text in quotes.
  mutating func value(of key: FilterKey) throws(FilterError) -> (text: String, start: Int) {
    let start = position
    if position < characters.count, characters[position] == "\"" { return (try quoted(), start) }
    var text = ""
    while position < characters.count, !Self.endsWord(characters[position]) {
      text.append(characters[position])
      position += 1
    }
    guard !text.isEmpty else {
      throw FilterError(column: start + 1, reason: "\(key.rawValue) wants \(key.allowed)")
    }
    return (text, start)
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
      let character = characters[position]
      if [":", "<", ">", "="].contains(character), !text.isEmpty, text.allSatisfy(\.isLetter) {
        return Placed(token: try key(text, start), start: start)
      }
      text.append(character)
      position += 1
    }
    let token: Token =
      switch text.lowercased() {
      case "and": .and
      case "or": .or
      case "not": .not
      default: .word(text)
      }
    return Placed(token: token, start: start)
  }

  private mutating func key(_ name: String, _ start: Int) throws(FilterError) -> Token {
    guard let key = FilterKey(rawValue: name.lowercased()) else {
      let all = FilterKey.allCases.map(\.rawValue).joined(separator: ", ")
      throw FilterError(column: start + 1, reason: "no key \"\(name)\"; there are \(all); \"…\" finds plain text")
    }
    let rest = characters[position...].prefix(2)
    let comparison = Comparison.allCases.first { rest.starts(with: $0.rawValue) } ?? .has
    guard key.isNumber || [.has, .equals].contains(comparison) else {
      throw FilterError(column: position + 1, reason: "\(key.rawValue) is no number: write \(key.rawValue):VALUE")
    }
    position += comparison.rawValue.count
    return .key(key, comparison)
  }
}

/// The keys of the grammar.
public enum FilterKey: String, Sendable, CaseIterable {
  case dir, type, size, kind, conn, since, until

  var isNumber: Bool { self == .size || self == .conn }

  /// What may stand behind it, in words.
  public var allowed: String {
    switch self {
    case .dir: "in or out"
    case .type: "a name; * stands for anything, a comma parts several"
    case .size: "bytes, as in size>4k or size:100..2k"
    case .kind: "text, binary or event"
    case .conn: "a connection's number, as in conn:2 or conn>=2"
    case .since, .until: "a moment: -30s (ago), 90s (from the start) or 12:04:09"
    }
  }
}
