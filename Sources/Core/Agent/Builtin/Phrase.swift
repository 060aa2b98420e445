/// What the user said, as lower-case words: recognised text, or typed text without its punctuation.
struct Phrase: Sendable {
  let words: [String]

  /// Words that change nothing.
  private static let fillers: Set<String> = ["please", "um", "uh", "hey", "okay", "ok", "well"]
  private static let symbols: [Character: String] = [
    "+": " plus ", "*": " times ", "×": " times ", "/": " divided by ", "÷": " divided by ", "=": " ",
    "%": " percent ",
  ]
  private static let contractions: [String: [String]] = [
    "what's": ["what", "is"], "who's": ["who", "is"], "it's": ["it", "is"], "i'm": ["i", "am"],
    "that's": ["that", "is"], "don't": ["do", "not"],
  ]

  init(_ text: String) {
    let characters = Array(text.lowercased())
    var plain = ""
    for (index, character) in characters.enumerated() {
      let isAfterDigit = index > 0 && characters[index - 1].isNumber
      let isBeforeDigit = index + 1 < characters.count && characters[index + 1].isNumber
      switch character {
      case "’", "'": plain.append("'")
      case ".", ",":
        if isAfterDigit && isBeforeDigit { plain += character == "." ? "." : "" } else { plain.append(" ") }
      case "-", "−":
        // Between words a hyphen; before a digit or alone, minus.
        let isAlone = index > 0 && index + 1 < characters.count && characters[index - 1] == " "
        plain += isBeforeDigit || (isAlone && characters[index + 1] == " ") ? " minus " : " "
      default:
        if let word = Self.symbols[character] {
          plain += word
        } else {
          plain.append(character.isLetter || character.isNumber ? character : " ")
        }
      }
    }
    words = plain.split(separator: " ").flatMap { Self.contractions[String($0)] ?? [String($0)] }
      .filter { !Self.fillers.contains($0) }
  }

  var text: String { words.joined(separator: " ") }

  /// Whether one of the phrases occurs, word for word.
  func has(_ phrases: String...) -> Bool { phrases.contains { position(of: $0) != nil } }
  func begins(_ phrases: String...) -> Bool { phrases.contains { position(of: $0)?.lowerBound == 0 } }
  func isJust(_ phrases: String...) -> Bool { phrases.contains(text) }

  /// The words after the first occurrence of a phrase.
  func words(after phrase: String) -> [String]? { position(of: phrase).map { Array(words[$0.upperBound...]) } }

  private func position(of phrase: String) -> Range<Int>? {
    let wanted = phrase.split(separator: " ")
    guard wanted.count <= words.count else { return nil }
    for start in 0...(words.count - wanted.count)
    where words[start..<start + wanted.count].elementsEqual(wanted, by: { $0 == $1 }) {
      return start..<start + wanted.count
    }
    return nil
  }
}
