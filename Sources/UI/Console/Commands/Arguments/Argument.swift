/// One argument of a command: what it is called in the syntax, what may stand there, and what Tab offers.
public struct Argument: Sendable {
  /// A word that may stand there.
  public struct Choice: Sendable, Hashable {
    public let word: String
    public let meaning: String
    public init(_ word: String, _ meaning: String = "") {
      self.word = word
      self.meaning = meaning
    }
  }

  /// How an argument of some kind is checked, named and completed. Made in the other files of this folder.
  struct Kind: Sendable {
    /// It takes everything up to the end of the line, spaces and quotes included.
    var takesRest = false
    /// In place of the argument's name in the syntax.
    var syntax: String?
    /// Throws when a word cannot stand there.
    var check: @Sendable (ArgumentWord, KnownNames) throws(CommandFault) -> Void = { _, _ in }
    /// What should stand there, as in `SECONDS, one of the seconds from 1 to 3600`.
    var expectation: @Sendable (_ name: String, KnownNames) -> String = { name, _ in name }
    /// Puts what the open word could become into a completion.
    var complete: @Sendable (inout Completion, OpenWord, KnownNames) -> Void = { _, _, _ in }
    /// Words with which the palette shows the command once more.
    var paletteWords: @Sendable (KnownNames) -> [String] = { _ in [] }
  }

  let kind: Kind
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

  /// As in `SECONDS` or `[gate|open|ptt]`.
  var syntax: String {
    let bare = kind.syntax ?? name
    return isOptional ? "[\(bare)]" : bare
  }
  func expectation(_ known: KnownNames) -> String { kind.expectation(name, known) }
}
