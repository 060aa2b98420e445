/// Finds the name that somebody probably meant, and asks for it.
public enum Spelling {
  /// Which names are near a word.
  public enum Tolerance: Sendable {
    /// At most a third of the word is to be edited, at least one edit is allowed, and neighbours that are swapped are one.
    /// Names that begin the word or are begun by it are near, too, from three characters on. Capitals are ignored.
    case close
    /// At most half of the name is to be edited, at least two edits are allowed. A name that is begun by the word is near,
    /// too. Capitals of the word are ignored. For few names that are unlike each other.
    case loose
  }

  /// Longer words are cut.
  private static let wordLimit = 64

  /// The name that is the fewest edits away from `word`, the first of several; nil when none is near.
  public static func nearest(
    to word: String, among names: some Sequence<String>, _ tolerance: Tolerance = .close
  ) -> String? {
    let word = String(word.lowercased().prefix(wordLimit))
    let candidates = names.map { name -> (name: String, folded: String, edits: Int) in
      let folded = tolerance == .close ? name.lowercased() : name
      return (name, folded, edits(Array(word), Array(folded.prefix(wordLimit)), swapsAreOne: tolerance == .close))
    }
    switch tolerance {
    case .close:
      let limit = max(1, word.count / 3)
      return candidates.filter { it in
        let isBeginning = word.hasPrefix(it.folded) || it.folded.hasPrefix(word)
        return it.edits <= limit || min(word.count, it.folded.count) > 2 && isBeginning
      }.min { $0.edits < $1.edits }?.name
    case .loose:
      guard let best = candidates.min(by: { $0.edits < $1.edits }) else { return nil }
      let isBegun = !word.isEmpty && best.folded.hasPrefix(word)
      return best.edits <= max(2, best.folded.count / 2) || isBegun ? best.name : nil
    }
  }

  /// As in `, did you mean "gate"?`, to go on a sentence with.
  /// - Parameters:
  ///   - nearest: the name that was probably meant, if any.
  ///   - quote: stands on both sides of it.
  ///   - otherwise: what the sentence goes on with when no name is near.
  public static func question(_ nearest: String?, quote: String = "\"", otherwise: String = "") -> String {
    nearest.map { ", did you mean \(quote)\($0)\(quote)?" } ?? otherwise
  }

  /// The question for the name of `names` that is near `word`; empty when none is.
  public static func question(_ word: String, among names: some Sequence<String>) -> String {
    question(nearest(to: word, among: names))
  }

  /// How many characters are to be inserted, deleted or replaced (Levenshtein).
  /// - Parameter swapsAreOne: neighbours that are swapped count once and not twice (optimal string alignment).
  private static func edits(_ a: [Character], _ b: [Character], swapsAreOne: Bool) -> Int {
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if swapsAreOne, i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
