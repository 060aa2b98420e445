/// Makes written text fit for a synthesizer.
package enum SpeakableText {
  /// The longest piece that is synthesized at once: the time to the first audio grows with it (9 ms for 60
  /// characters, 31 ms for 200).
  static let pieceLimit = 300

  /// The text without control characters and the marks of markdown, white space folded.
  package static func cleaned(_ text: String) -> String {
    let kept = text.unicodeScalars.map { scalar -> Character in
      switch scalar {
      case "*", "#", "`", "_", "~", "|", "<", ">", "\\": " "
      default: scalar.properties.generalCategory == .control ? " " : Character(scalar)
      }
    }
    return String(kept).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// The same in ASCII, which is all that flite's English reads: typographic marks by their plain ones, letters
  /// without their accents, everything else (emoji) left out.
  static func ascii(_ text: String) -> String {
    var out = ""
    for character in cleaned(text) {
      if character.isASCII {
        out.append(character)
      } else if let plain = plainForms[character] {
        out += plain
      } else if let letter = baseLetter(of: character) {
        out.append(letter)
      } else {
        out += " "
      }
    }
    return out.split(separator: " ").map { pronounceable(String($0)) }.joined(separator: " ")
  }

  /// A sound that is written without a vowel would be spelled, letter by letter.
  private static func pronounceable(_ word: String) -> String {
    let bare = word.lowercased().filter(\.isLetter)
    guard let sound = sounds[bare] else { return word }
    return sound + word.reversed().prefix { ",;:.!?".contains($0) }.reversed()
  }
  private static let sounds = [
    "mhm": "um hum", "mhmm": "um hum", "mmhm": "um hum", "mmhmm": "um hum", "hmm": "hum", "hmmm": "hum",
  ]

  /// Whether there is anything to say in it.
  package static func isSpeakable(_ text: String) -> Bool { text.contains { $0.isLetter || $0.isNumber || $0 == "%" } }

  /// Pieces of at most `pieceLimit` characters, cut after a mark or at a space where there is one.
  static func pieces(_ text: String, limit: Int = pieceLimit) -> [String] {
    var pieces: [String] = []
    var rest = text[...]
    while rest.count > limit {
      let window = rest.prefix(limit)
      let second = window.dropFirst(limit / 2)
      let cut =
        (second.lastIndex { ",;:.!?".contains($0) } ?? second.lastIndex(of: " ")).map { window.index(after: $0) }
        ?? window.endIndex
      pieces.append(String(rest[..<cut]))
      rest = rest[cut...].drop { $0 == " " }
    }
    if !rest.isEmpty { pieces.append(String(rest)) }
    return pieces
  }

  private static let plainForms: [Character: String] = [
    "’": "'", "‘": "'", "“": "\"", "”": "\"", "„": "\"", "–": ", ", "—": ", ", "…": "...", "•": ", ", "°": " degrees ",
    "×": " times ", "÷": " divided by ", "€": " euros ", "£": " pounds ", "½": " one half ", "ß": "ss", "æ": "ae",
    "ø": "o", "œ": "oe", "ł": "l",
  ]

  /// The letter under an accent: the first scalar of the decomposed character, which Swift compares canonically.
  private static func baseLetter(of character: Character) -> Character? {
    for letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" {
      for accent in accents where Character(String(letter) + accent) == character { return letter }
    }
    return nil
  }
  private static let accents = [
    "\u{300}", "\u{301}", "\u{302}", "\u{303}", "\u{304}", "\u{306}", "\u{307}", "\u{308}", "\u{30A}", "\u{30B}",
    "\u{30C}", "\u{327}", "\u{328}",
  ]
}
