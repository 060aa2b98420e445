/// What a decoder's hypothesis says, without what only the decoder needs.
enum RecognizedWords {
  /// Words of a hypothesis: no silences (`<sil>`), no noises (`[NOISE]`, `++breath++`), no sentence marks, and no
  /// number of a pronunciation (`read(2)`).
  static func cleaned(_ hypothesis: String) -> [String] {
    hypothesis.split(separator: " ").compactMap { word in
      guard let first = word.first, first != "<", first != "[", first != "+" else { return nil }
      guard word.last == ")", let parenthesis = word.lastIndex(of: "("), parenthesis > word.startIndex else {
        return word.lowercased()
      }
      return word[..<parenthesis].lowercased()
    }
  }
}

/// Turns hypotheses that change at every look into interim text that settles.
///
/// A hypothesis rewrites its own last words several times a second. Shown are the words that two looks in a row agree
/// on; text is taken back only when they agree on something else, not when they are merely in doubt.
struct InterimStabilizer {
  private var previous: [String] = []
  private(set) var delivered: [String] = []

  /// Takes the hypothesis of one more look, every 100 ms of audio. Returns the new interim text if it changed.
  mutating func observe(_ words: [String]) -> String? {
    let agreed = zip(previous, words).prefix { $0 == $1 }.map(\.0)
    previous = words
    guard agreed != delivered, !delivered.starts(with: agreed) else { return nil }
    delivered = agreed
    return agreed.joined(separator: " ")
  }

  mutating func reset() { self = InterimStabilizer() }
}
