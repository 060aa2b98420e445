/// What the end of an unfinished filter could become.
public enum FilterCompletion {
  /// - Parameters:
  ///   - text: the filter up to the cursor.
  ///   - types: the names of types that there are.
  ///   - sources: the names of sources that there are.
  /// - Returns: whole texts, the part before the last word unchanged, sorted; none when nothing fits.
  public static func candidates(_ text: String, types: [String], sources: [String] = []) -> [String] {
    let word = lastWord(of: text)
    let head = text[..<word.startIndex]
    let choices: [String]
    if let colon = word.firstIndex(of: ":"), let key = FilterKey(rawValue: word[..<colon].lowercased()) {
      choices = values(of: key, types, sources).map { "\(key.rawValue):\($0)" }
    } else {
      choices = FilterKey.allCases.map { $0.rawValue + ($0.isNumber ? ">" : ":") } + ["and", "or", "not"]
    }
    return choices.filter { $0.hasPrefix(word) && $0 != word }.sorted().map { head + $0 }
  }

  /// The word that is being typed.
  public static func lastWord(of text: String) -> Substring {
    text[(text.lastIndex { $0.isWhitespace || $0 == "(" || $0 == "!" }.map(text.index(after:)) ?? text.startIndex)...]
  }

  private static func values(of key: FilterKey, _ types: [String], _ sources: [String]) -> [String] {
    switch key {
    case .dir: ["in", "out"]
    case .kind: FilterKind.allCases.map(\.rawValue)
    case .type: types.map(FilterSpelling.value)
    case .since, .until: ["-10s", "-1m", "-5m"]
    case .source: sources.map(FilterSpelling.value)
    case .size, .conn: []
    }
  }
}
