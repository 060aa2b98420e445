import Spelling

/// One line of a theme.
public struct ThemeEntry: Sendable, Hashable {
  public var key: String
  public var value: String
  /// In its file, from 1; nil when it comes from no file.
  public var line: Int?
  public init(_ key: String, _ value: String, line: Int? = nil) {
    self.key = key
    self.value = value
    self.line = line
  }
}

/// What is wrong with a theme, where, and what is allowed there.
public struct ThemeError: Error, Hashable, CustomStringConvertible {
  public var key: String
  public var line: Int?
  public var reason: String
  public var allowed: String

  public init(key: String, line: Int?, reason: String, allowed: String) {
    self.key = key
    self.line = line
    self.reason = reason
    self.allowed = allowed
  }
  public var description: String {
    "\(line.map { "line \($0), " } ?? "")key \"\(key)\": \(reason); allowed: \(allowed)"
  }
}

extension Theme {
  /// Reads a theme. Roles that it leaves out are taken from `base`; without one, all must be there.
  ///
  /// The key `inherits` is for whoever finds `base`; it is skipped here.
  public static func parse(name: String, entries: [ThemeEntry], base: Theme? = nil) throws(ThemeError) -> Theme {
    var background = base?.background
    var meter = base?.meter
    var looks = base?.looks ?? [:]
    var seen: Set<String> = []
    for entry in entries {
      guard seen.insert(entry.key).inserted else {
        throw ThemeError(
          key: entry.key, line: entry.line, reason: "is given a second time", allowed: "each key once")
      }
      var words = WordReader(entry)
      switch entry.key {
      case "inherits": break
      case "background":
        background = try words.ink()
        try words.end()
      case "meter":
        meter = try gradient(entry)
      default:
        guard let role = rolesByName[entry.key] else { throw unknownKey(entry) }
        looks[role] = try words.look()
      }
    }
    for role in Role.allCases where role != .meter && looks[role] == nil { throw missing(role.name) }
    guard let background else { throw missing("background") }
    guard let meter else { throw missing("meter") }
    return Theme(name: name, background: background, looks: looks, meter: meter)
  }

  private static let rolesByName = Dictionary(
    uniqueKeysWithValues: Role.allCases.filter { $0 != .meter }.map { ($0.name, $0) })

  private static func unknownKey(_ entry: ThemeEntry) -> ThemeError {
    let hint = Spelling.question(entry.key, among: keys)
    return ThemeError(
      key: entry.key, line: entry.line, reason: "is no key of a theme\(hint)",
      allowed: keys.joined(separator: ", "))
  }

  private static func missing(_ key: String) -> ThemeError {
    ThemeError(
      key: key, line: nil, reason: "is missing",
      allowed: "every key, or \"inherits: NAME\" to take the others from another theme")
  }

  private static func gradient(_ entry: ThemeEntry) throws(ThemeError) -> [Ink] {
    var stops: [Ink] = []
    for part in entry.value.split(separator: ",", omittingEmptySubsequences: false) {
      var words = WordReader(ThemeEntry(entry.key, String(part), line: entry.line))
      stops.append(try words.ink())
      try words.end()
    }
    guard stops.count == 3 else {
      throw ThemeError(
        key: entry.key, line: entry.line, reason: "has \(stops.count) colours",
        allowed: "three colours with commas between: low, middle, high")
    }
    return stops
  }
}

/// Reads the words of one value from the left.
private struct WordReader {
  private let entry: ThemeEntry
  private var words: ArraySlice<Substring>

  static let colours = "\"#RRGGBB\", default, 0…255, or a name (\(Color.names.joined(separator: ", ")))"
  static let emphases: [(String, Style.Emphasis)] = [
    ("bold", .bold), ("dim", .dim), ("italic", .italic), ("underline", .underline), ("reverse", .reverse),
    ("strike", .strike),
  ]

  init(_ entry: ThemeEntry) {
    self.entry = entry
    words = entry.value.split { $0 == " " || $0 == "\t" }[...]
  }

  /// COLOUR [or ANSI]
  mutating func ink() throws(ThemeError) -> Theme.Ink {
    guard let word = words.popFirst() else {
      throw error("has no value (YAML takes a # without quotes for a comment)", Self.colours)
    }
    guard let color = Color(word) else { throw error("\"\(word)\" is no colour", Self.colours) }
    guard words.first == "or" else { return Theme.Ink(color) }
    words.removeFirst()
    let fallback = words.popFirst() ?? ""
    guard case .palette(let index)? = Color(fallback), index < 16 else {
      throw error(
        "\"\(fallback)\" after \"or\" is none of the 16 colours", "0…15, or \(Color.names.joined(separator: ", "))")
    }
    return Theme.Ink(color, ansi: index)
  }

  /// INK [on INK] [EMPHASIS …]
  mutating func look() throws(ThemeError) -> Theme.Look {
    var look = Theme.Look(try ink())
    if words.first == "on" {
      words.removeFirst()
      look.background = try ink()
    }
    while let word = words.popFirst() {
      guard let emphasis = Self.emphases.first(where: { $0.0 == word }) else {
        throw error(
          "\"\(word)\" is not understood here",
          "COLOUR [or COLOUR] [on COLOUR [or COLOUR]] [\(Self.emphases.map(\.0).joined(separator: "|"))]…")
      }
      look.emphasis.insert(emphasis.1)
    }
    return look
  }

  mutating func end() throws(ThemeError) {
    if let word = words.first { throw error("\"\(word)\" is not understood here", "COLOUR [or COLOUR]") }
  }

  private func error(_ reason: String, _ allowed: String) -> ThemeError {
    ThemeError(key: entry.key, line: entry.line, reason: reason, allowed: allowed)
  }
}
