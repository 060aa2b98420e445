/// How well a text has the letters of a query, in their order but not side by side, as in `dsc` in `disconnect`.
///
/// The score rewards letters at the beginning of words and in a row, and short texts; the best way to place the letters
/// counts. Upper and lower case are the same; spaces in the query are ignored.
struct FuzzyMatch: Equatable {
  private(set) var score: Int
  /// Which characters of the text are those of the query, ascending.
  private(set) var positions: [Int]

  private static let wordStart = 8
  private static let inARow = 5
  private static let first = 4

  /// Nil when the text does not have the letters. A query without letters is in every text.
  init?(_ query: String, in text: String) {
    let wanted = Array(query.lowercased().filter { $0 != " " })
    let given = Array(text.lowercased())
    guard wanted.count <= given.count else { return nil }
    guard !wanted.isEmpty else {
      (score, positions) = (0, [])
      return
    }
    // best[j]: the best score with the letters so far, the last of them at j; from[j]: where the one before is.
    var best = [Int?](repeating: nil, count: given.count)
    var from: [[Int]] = []
    for (i, letter) in wanted.enumerated() {
      var next = [Int?](repeating: nil, count: given.count)
      var origins = [Int](repeating: -1, count: given.count)
      var leading: (score: Int, at: Int)?
      for j in given.indices {
        if i > 0, j > 0, let score = best[j - 1], score >= leading?.score ?? .min { leading = (score, j - 1) }
        guard given[j] == letter else { continue }
        let isWordStart = j == 0 || !(given[j - 1].isLetter || given[j - 1].isNumber)
        let own = (isWordStart ? Self.wordStart : 0) + (j == 0 ? Self.first : 0) + 1
        guard i > 0 else {
          next[j] = own
          continue
        }
        let row = j > 0 ? best[j - 1].map { $0 + Self.inARow } : nil
        if let row, row >= leading?.score ?? .min {
          (next[j], origins[j]) = (row + own, j - 1)
        } else if let leading {
          (next[j], origins[j]) = (leading.score + own, leading.at)
        }
      }
      best = next
      from.append(origins)
    }
    guard let end = best.indices.filter({ best[$0] != nil }).max(by: { best[$0]! < best[$1]! }) else { return nil }
    score = best[end]! * 4 - min(given.count, 60)
    var path = [end]
    for i in stride(from: wanted.count - 1, to: 0, by: -1) { path.append(from[i][path[path.count - 1]]) }
    positions = path.reversed()
  }
}
