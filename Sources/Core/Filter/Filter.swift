import Timeline

// Filter: one small grammar that picks entries, shared by everything that picks any.
//
//   "dir:in size>4k /re.*x/" ──► FilterParser ──► FilterExpression ──► FilterMatcher ──► does this subject pass?
//                                    │                  │                    ▲
//                                    ▼                  ▼             FilterContext: what `-30s` and `12:04` mean now
//                         FilterError with a column   its own text
//
//   expression = term { "or" term }           term = factor { ["and"] factor }       factor = { "not" } primary
//   primary    = "(" expression ")" | key ":" value | key comparison value | /regex/[i] | "quoted text" | word
//
// Spaces may stand around a comparison. `&`, `|` and `!` stand for `and`, `or` and `not`. The README of the grammar is docs/filter.md.

/// A filter as it was written, and what it means.
public struct Filter: Sendable, Hashable {
  /// As the operator wrote it.
  public let text: String
  /// Nil when nothing was written: everything passes.
  public let expression: FilterExpression?

  /// Lets everything pass.
  public static let everything = Filter(text: "", expression: nil)

  /// - Throws: `FilterError`, which says where the text is wrong and what is allowed there.
  public init(parsing text: String) throws(FilterError) {
    var parser = try FilterParser(text)
    self.init(text: text, expression: try parser.parse())
  }

  /// The filter of an expression, in the expression's own spelling.
  public init(_ expression: FilterExpression) { self.init(text: expression.description, expression: expression) }

  private init(text: String, expression: FilterExpression?) {
    self.text = text
    self.expression = expression
  }

  public var isEmpty: Bool { expression == nil }
}

/// What a filter says, as a tree.
public indirect enum FilterExpression: Sendable, Hashable {
  case condition(FilterCondition)
  case not(FilterExpression)
  /// Two or more that must all hold, or of which one must hold.
  case and([FilterExpression])
  case or([FilterExpression])
}

/// One thing that is asked of an entry.
public enum FilterCondition: Sendable, Hashable {
  /// `dir:in`, `dir:out`. What is no message has no direction.
  case way(Way)
  /// `kind:text`, `kind:binary`, `kind:event`.
  case kind(FilterKind)
  /// `type:a,b*`: the type's name is one of these, `*` standing for any characters; ASCII case does not matter.
  case type([String])
  /// `size>4k`: payload bytes. What is no message has no size.
  case size(FilterRange)
  /// `conn:2`: the number of the connection. What belongs to none has no number.
  case connection(FilterRange)
  /// `source:stt,2`: the name or the number of the source is one of these, `*` standing for any characters of a name.
  case source([String])
  /// `since:-30s`: at that moment or later.
  case since(FilterMoment)
  /// `until:12:04`: at that moment or earlier.
  case until(FilterMoment)
  /// A word, or `"a text"`: occurs in the type, the summary or the payload of text; ASCII case does not matter.
  case text(String)
  /// `/regex/`, `/regex/i`: matches somewhere in one of these.
  case pattern(TextPattern)
}

/// What an entry is.
public enum FilterKind: String, Sendable, Hashable, CaseIterable {
  case text, binary
  /// Anything but a message.
  case event
}

/// Whole numbers between two bounds, either of which may be missing, both included.
public struct FilterRange: Sendable, Hashable {
  public let least: Int?
  public let most: Int?
  public init(least: Int?, most: Int?) {
    self.least = least
    self.most = most
  }
  public func contains(_ number: Int) -> Bool { number >= least ?? .min && number <= most ?? .max }
}

/// A moment as an operator writes it.
public enum FilterMoment: Sendable, Hashable {
  /// `-30s`: so many milliseconds before the filter was set.
  case before(ms: Int)
  /// `90s`: so many milliseconds after the start of the timeline.
  case elapsed(ms: Int)
  /// `12:04:09.112`: the nearest such time of day, in milliseconds since midnight.
  case clock(ms: Int)
}

/// Where a filter's text is wrong.
public struct FilterError: Error, Hashable, CustomStringConvertible {
  /// The character at which it is wrong, counted from 1; one more than there are when something is missing at the end.
  public let column: Int
  /// What is wrong, and what is allowed.
  public let reason: String
  public init(column: Int, reason: String) {
    self.column = column
    self.reason = reason
  }
  public var description: String { "column \(column): \(reason)" }
}
