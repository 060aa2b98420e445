/// A regular expression that can be asked of any bytes in time proportional to their number.
///
/// The syntax that everybody knows: `.` `[a-z]` `[^a-z]` `\d` `\w` `\s` `\D` `\W` `\S` `\b` `^` `$` `(…)` `(?:…)` `|`
/// `*` `+` `?` `{2}` `{2,}` `{2,5}` and escapes. Classes and case are those of ASCII; literals and `.` are whole Unicode
/// scalars. `^` and `$` are the ends of the text. There are no back-references and no look-around: they are what makes
/// backtracking engines, Swift's own among them, take exponential time, and a log is filtered between two frames.
public struct TextPattern: Sendable, Hashable, CustomStringConvertible {
  public let source: String
  public let ignoresCase: Bool
  let program: PatternProgram

  /// - Throws: `TextPatternError`, with the place in `source`.
  public init(_ source: String, ignoresCase: Bool = false) throws(TextPatternError) {
    self.source = source
    self.ignoresCase = ignoresCase
    var parser = PatternParser(source, ignoresCase: ignoresCase)
    program = try PatternProgram(try parser.parse())
  }

  /// `/source/i`, as in a filter.
  public var description: String {
    var text = ""
    var isEscaped = false
    for character in source {
      if character == "/", !isEscaped { text += "\\" }
      isEscaped = character == "\\" && !isEscaped
      text.append(character)
    }
    return "/\(text)/\(ignoresCase ? "i" : "")"
  }

  public static func == (a: TextPattern, b: TextPattern) -> Bool {
    a.source == b.source && a.ignoresCase == b.ignoresCase
  }
  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(ignoresCase)
  }
}

/// Where a regular expression is wrong.
public struct TextPatternError: Error, Hashable {
  /// In characters from the beginning, from 0.
  public let offset: Int
  public let reason: String
}
