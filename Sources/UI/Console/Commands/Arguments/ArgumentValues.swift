/// Why a command could not be carried out, in words for the operator, and where the fault is in what was typed.
struct CommandFault: Error, Equatable {
  var reason: String
  /// The characters that are wrong; empty where something is missing; nil when it is about no place in the text.
  var range: Range<Int>?

  init(reason: String, at range: Range<Int>? = nil) {
    self.reason = reason
    self.range = range
  }

  /// - Parameter column: of the character that is wrong, from 1.
  init(reason: String, column: Int?) { self.init(reason: reason, at: column.map { max(0, $0 - 1)..<max(1, $0) }) }

  /// The same fault in a text with so many characters before.
  func moved(by offset: Int) -> CommandFault {
    CommandFault(reason: reason, at: range.map { $0.lowerBound + offset..<$0.upperBound + offset })
  }
}

/// A command's arguments, taken apart and checked.
struct ArgumentValues: Equatable {
  private(set) var words: [ArgumentWord] = []

  /// The nth argument without quotes; nil when it was left out.
  subscript(_ index: Int) -> String? { index < words.count ? words[index].text : nil }
  /// Where the nth argument stands; nil when it was left out.
  func range(_ index: Int) -> Range<Int>? { index < words.count ? words[index].range : nil }
  func number(_ index: Int) -> Int? { self[index].flatMap { Int($0) } }

  /// - Parameters:
  ///   - text: what stands behind the command's name.
  ///   - known: the names that the program knows.
  /// - Throws: what is wrong, with its place in `text`.
  init(_ text: String, for spec: CommandSpec, known: KnownNames) throws(CommandFault) {
    words = try ArgumentWord.split(text, for: spec)
    for (word, argument) in zip(words, spec.arguments) { try argument.kind.check(word, known) }
    let missing = spec.arguments.dropFirst(words.count).first { !$0.isOptional }
    if let missing {
      throw CommandFault(
        reason: "\(spec.command.rawValue) needs \(missing.expectation(known))", at: text.count..<text.count)
    }
  }
}

/// The names that the program knows, for checking arguments and for offering them.
struct KnownNames: Equatable {
  var themes: [String] = []
  /// The theme in force.
  var theme = ""
  var presets: [Argument.Choice] = []
  var panes: [String] = []
  var templates: [String] = []
  /// Messages to start from, each with its template's name; and objects of settings.
  var messages: [Argument.Choice] = []
  var configs: [Argument.Choice] = []
  /// Types of messages that were seen.
  var types: [String] = []
  /// Names of the timeline's sources, and of those that can be shown.
  var sources: [String] = []
  var followed: [String] = []
  /// What is in the folder that was last asked for.
  var listing: FolderListing?
}

/// A word of a command's arguments and its place, counted in characters.
struct ArgumentWord: Equatable {
  /// Without the quotes and backslashes that held it together.
  var text: String
  var range: Range<Int>
  /// Where a quote begins that does not end.
  var openQuote: Int?

  /// Splits at spaces; `"` and `\` keep spaces together. An argument that takes the rest gets it as it stands.
  static func split(_ text: String, for spec: CommandSpec) throws(CommandFault) -> [ArgumentWord] {
    let characters = Array(text)
    var words: [ArgumentWord] = []
    var at = 0
    while true {
      while at < characters.count, characters[at] == " " { at += 1 }
      guard at < characters.count else { return words }
      guard words.count < spec.arguments.count else {
        let reason =
          spec.arguments.isEmpty
          ? "\(spec.command.rawValue) takes no argument"
          : "this is one argument too many: \(spec.command.rawValue) "
            + spec.syntax
        throw CommandFault(reason: reason, at: at..<characters.count)
      }
      if spec.arguments[words.count].kind.takesRest {
        let end = characters.count - characters.reversed().prefix { $0 == " " }.count
        words.append(ArgumentWord(text: String(characters[at..<end]), range: at..<end))
        return words
      }
      let word = word(characters, from: at)
      if let quote = word.openQuote {
        throw CommandFault(reason: "the quote is not closed", at: quote..<characters.count)
      }
      words.append(word)
      at = word.range.upperBound
    }
  }

  /// The word that begins at a character that is no space.
  static func word(_ characters: [Character], from start: Int) -> ArgumentWord {
    var text = ""
    var at = start
    var quote: Int?
    while at < characters.count, quote != nil || characters[at] != " " {
      switch characters[at] {
      case "\"": quote = quote == nil ? at : nil
      case "\\" where at + 1 < characters.count:
        at += 1
        text.append(characters[at])
      default: text.append(characters[at])
      }
      at += 1
    }
    return ArgumentWord(text: text, range: start..<at, openQuote: quote)
  }

  /// The other way: a text that is split into this one word.
  static func quoted(_ text: String) -> String {
    text.contains { $0 == " " || $0 == "\"" || $0 == "\\" }
      ? text.map { $0 == " " || $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() : text
  }
}

extension ArgumentWord {
  /// A fault of this word.
  func fault(_ reason: String) -> CommandFault { CommandFault(reason: reason, at: range) }
}

/// The word that is being typed at the end of a line.
struct OpenWord: Equatable {
  /// Which argument it is, from 0.
  let index: Int
  /// Without quotes.
  let text: String
  /// The character at which it begins.
  let start: Int
  /// There is more to say behind it.
  let goesOn: Bool

  /// Nil behind the last argument.
  init?(_ text: String, for spec: CommandSpec) {
    let characters = Array(text)
    var at = 0
    for (index, argument) in spec.arguments.enumerated() {
      while at < characters.count, characters[at] == " " { at += 1 }
      let rest = String(characters[min(at, characters.count)...])
      var word = rest
      if at < characters.count, !argument.kind.takesRest {
        let typed = ArgumentWord.word(characters, from: at)
        guard typed.range.upperBound == characters.count else {
          at = typed.range.upperBound
          continue
        }
        word = typed.text
      }
      (self.index, self.text, start) = (index, word, at)
      goesOn = index + 1 < spec.arguments.count
      return
    }
    return nil
  }
}
