/// What the user said, as the words that are spoken for it, without those that change nothing.
struct Phrase: Sendable {
  let words: [String]

  /// Words that change nothing.
  private static let fillers: Set<String> = ["please", "um", "uh", "hey", "okay", "ok", "well"]

  init(_ text: String) {
    let all = SpokenWords.fold(text)
    let telling = all.filter { !Self.fillers.contains($0) }
    words = telling.isEmpty ? all : telling
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
