/// One argument of a command: what it is called in the syntax, and what may stand there.
public struct Argument: Sendable {
  /// What may stand there. It decides how the argument is checked, and what Tab offers.
  public enum Kind: Sendable {
    /// Any words, to the end of the line.
    case text
    /// A whole number, without some; `what` says of what, as in `seconds`. Some have a meaning, and are offered.
    case number(ClosedRange<Int>, except: Set<Int>, what: String, known: [Choice])
    /// One of some words, each with what it means.
    case choice([Choice])
    /// A file that exists, by its path; Tab offers folders and files with these endings.
    case file(endings: [String])
    /// A path, to the end of the line, whether a file is there or not.
    case path
    /// A JSON object, to the end of the line.
    case json
    /// A message of any text, to the end of the line; Tab offers the templates.
    case message
    /// A theme's name.
    case theme
    /// A source of the timeline, by its name.
    case source
    /// A pane's number or name.
    case pane
    /// A set of panes, by its name.
    case preset
    /// A filter of the protocol log, to the end of the line.
    case filter
    /// The bytes of a binary message, or where to find them, to the end of the line.
    case bytes
    /// A message's template by its name, to the end of the line.
    case template
  }

  /// A word that may stand there.
  public struct Choice: Sendable, Hashable {
    public let word: String
    public let meaning: String
    public init(_ word: String, _ meaning: String = "") {
      self.word = word
      self.meaning = meaning
    }
  }

  public let kind: Kind
  /// In capitals, as in `SECONDS`; choices stand for themselves.
  public let name: String
  public let isOptional: Bool
  /// What the input line begins with when the command is called without the argument.
  public let suggestion: String

  init(_ kind: Kind, _ name: String = "", isOptional: Bool = false, suggestion: String = "") {
    self.kind = kind
    self.name = name
    self.isOptional = isOptional
    self.suggestion = suggestion
  }

  /// The same argument, which may be left out.
  var optional: Argument { Argument(kind, name, isOptional: true, suggestion: suggestion) }

  static func text(_ name: String) -> Argument { Argument(.text, name) }
  static func number(
    _ name: String, _ range: ClosedRange<Int>, except: Set<Int> = [], _ what: String, known: [Choice] = [],
    suggestion: String = ""
  ) -> Argument { Argument(.number(range, except: except, what: what, known: known), name, suggestion: suggestion) }
  static func choice(_ choices: Choice...) -> Argument { Argument(.choice(choices)) }
  static func file(_ endings: String...) -> Argument { Argument(.file(endings: endings), "FILE") }
  static let path = Argument(.path, "FILE")
  static let json = Argument(.json, "JSON")
  static let message = Argument(.message, "MESSAGE")
  static let theme = Argument(.theme, "NAME")
  static let source = Argument(.source, "NAME")
  static let pane = Argument(.pane, "NUMBER")
  static let preset = Argument(.preset, "NAME")
  static let filter = Argument(.filter, "FILTER")
  static let bytes = Argument(.bytes, "BYTES")
  static let template = Argument(.template, "TEMPLATE")

  /// It takes everything up to the end of the line, spaces and quotes included.
  var takesRest: Bool {
    switch kind {
    case .text, .path, .json, .message, .filter, .bytes, .template: true
    case .number, .choice, .file, .theme, .source, .pane, .preset: false
    }
  }

  /// As in `SECONDS` or `[gate|open|ptt]`.
  var syntax: String {
    let bare =
      if case .choice(let choices) = kind { choices.map(\.word).joined(separator: "|") } else { name }
    return isOptional ? "[\(bare)]" : bare
  }
}

extension CommandSpec {
  /// The syntax of all arguments, as in `CODE [REASON]`; empty when there are none.
  public var syntax: String { arguments.map(\.syntax).joined(separator: " ") }

  /// It edits what is being typed, so there is nothing for it to do elsewhere.
  var isEditing: Bool { section == .line || section == .editor }

  /// Called without arguments, it has to ask for some.
  var asksForArguments: Bool { arguments.first.map { !$0.isOptional } ?? false }
}
