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
