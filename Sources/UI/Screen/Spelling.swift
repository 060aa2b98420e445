/// Finds what somebody probably meant.
public enum Spelling {
  /// The name of `names` that is fewest edits away from `word`, when that is at most a third of its length (and at
  /// least one edit), or that begins the word or is begun by it; nil when none is near.
  public static func nearest(to word: String, among names: some Sequence<String>) -> String? {
    let word = word.lowercased()
    let limit = max(1, word.count / 3)
    return names.map { (name: $0, edits: distance(word, $0.lowercased())) }
      .filter { $0.edits <= limit || (min(word.count, $0.name.count) > 2 && isBeginning(word, $0.name.lowercased())) }
      .min { $0.edits < $1.edits }?.name
  }

  private static func isBeginning(_ a: String, _ b: String) -> Bool { a.hasPrefix(b) || b.hasPrefix(a) }

  /// Edits (insert, delete, replace, swap neighbours) between two words: optimal string alignment.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.prefix(64)), Array(b.prefix(64)))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
