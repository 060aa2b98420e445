/// Cuts a stream of text into sentences for the synthesizer, as early as it can be sure.
///
/// A sentence ends at `.` `!` `?` `…` `•` followed by white space (closing quotes and brackets may stand between),
/// at a full-width stop, and at the end of the text. Not at decimals ("3.5"), abbreviations ("Dr. Who"), initials
/// ("J. Smith") and list numbers ("1. Eggs"). A text without a stop is cut at a comma or a space once it is too long
/// to wait for. The very first piece of an answer may end at a comma: the ear is waiting for it, and what follows is
/// made while it is heard.
public struct SentenceChunker: Sendable {
  /// Characters after which a sentence is cut where it can be.
  static let longest = 280
  /// Letters and digits below which a sentence is joined to the next.
  static let fewestLetters = 2

  /// Words that the first piece has before it ends at a comma, a semicolon or a colon: fewer would sound torn off.
  static let fewestOpeningWords = 6

  private var pending: [Character] = []
  /// The next piece is the first, and may end early.
  private var isOpening: Bool

  /// - Parameter opensEarly: whether the first piece may end at a comma.
  public init(opensEarly: Bool = false) { isOpening = opensEarly }

  /// Takes more text and returns the sentences that it completes, ready to be spoken.
  public mutating func append(_ text: String) -> [String] {
    pending.append(contentsOf: text)
    var sentences: [String] = []
    while let end = openingBoundary() ?? boundary() ?? forcedBoundary() { take(end, into: &sentences) }
    return sentences
  }

  /// Returns what is left at the end of the text.
  public mutating func finish() -> [String] {
    var sentences: [String] = []
    take(pending.count, into: &sentences)
    return sentences
  }

  private mutating func take(_ end: Int, into sentences: inout [String]) {
    let sentence = Self.spoken(pending[..<end])
    pending.removeFirst(end)
    guard sentence.contains(where: { $0.isLetter || $0.isNumber }) else { return }
    sentences.append(sentence)
    isOpening = false
  }

  /// Where the first clause ends, if it is long enough and its sentence goes on.
  private func openingBoundary() -> Int? {
    guard isOpening else { return nil }
    var words = 0
    for (i, character) in pending.enumerated() {
      if Self.stops.contains(character), i + 1 < pending.count, pending[i + 1].isWhitespace { return nil }
      guard character.isWhitespace, i > 0, !pending[i - 1].isWhitespace else { continue }
      words += 1
      if words >= Self.fewestOpeningWords, ",;:".contains(pending[i - 1]) { return i }
    }
    return nil
  }

  /// The number of characters of the first whole sentence, if it is known where it ends.
  private func boundary() -> Int? {
    var index = 0
    var letters = 0
    while index < pending.count {
      let character = pending[index]
      if character.isLetter || character.isNumber { letters += 1 }
      guard Self.stops.contains(character) else {
        index += 1
        continue
      }
      let isFullWidth = Self.fullWidthStops.contains(character)
      var end = index + 1
      while end < pending.count, Self.stops.contains(pending[end]) || Self.closers.contains(pending[end]) { end += 1 }
      if letters >= Self.fewestLetters {
        if isFullWidth { return end }
        // What follows a stop decides; when it has not come yet, wait for it.
        guard end < pending.count else { return nil }
        if pending[end].isWhitespace {
          if character != "." || end > index + 1 { return end }
          switch ending(at: index) {
          case .sentence: return end
          case .abbreviation: break
          case .undecided:
            guard let next = pending[end...].first(where: { !$0.isWhitespace }) else { return nil }
            if !next.isLowercase && !next.isNumber { return end }
          }
        }
      }
      index = end
    }
    return nil
  }

  private enum Ending { case sentence, abbreviation, undecided }

  /// What the full stop at `index` ends, as far as the word before it tells.
  private func ending(at index: Int) -> Ending {
    let head = pending[..<index]
    let word = String(head.suffix(while: { !$0.isWhitespace && !Self.openers.contains($0) }))
    if head.allSatisfy({ $0.isNumber || $0.isWhitespace }) { return .abbreviation }
    let lowered = word.lowercased()
    if Self.abbreviations.contains(lowered) { return .abbreviation }
    if Self.ambiguous.contains(lowered) || word.dropFirst().contains(".") { return .undecided }
    if word.count == 1, word != "I", word.first!.isUppercase { return .abbreviation }
    return .sentence
  }

  private func forcedBoundary() -> Int? {
    guard pending.count > Self.longest else { return nil }
    let head = pending[..<Self.longest]
    let isSpace: (Int) -> Bool = { head[$0].isWhitespace }
    return head.indices.dropFirst(Self.longest / 4).last { isSpace($0) && ",;:".contains(head[$0 - 1]) }
      ?? head.indices.dropFirst(Self.longest / 4).last(where: isSpace) ?? Self.longest
  }

  /// The text without what is only for the eye: bullets, emphasis, headings, surplus white space.
  private static func spoken(_ text: ArraySlice<Character>) -> String {
    var words = text.split(whereSeparator: { $0.isWhitespace || $0 == "•" }).map { word in
      String(word).replacing("**", with: "").replacing("`", with: "")
    }
    words.removeAll { $0.isEmpty || ($0.allSatisfy { "#*-".contains($0) } && $0 != "-") }
    if words.first == "-" { words.removeFirst() }
    return words.joined(separator: " ")
  }

  private static let fullWidthStops: Set<Character> = ["。", "！", "？"]
  private static let stops: Set<Character> = [".", "!", "?", "…", "•", "。", "！", "？"]
  private static let closers: Set<Character> = ["\"", "'", "”", "’", ")", "]", "»"]
  private static let openers: Set<Character> = ["\"", "'", "“", "‘", "(", "[", "«"]
  private static let abbreviations: Set<String> = [
    "dr", "mr", "mrs", "ms", "prof", "st", "vs", "e.g", "i.e", "fig", "approx", "gen", "capt", "lt", "rev", "hon",
  ]
  /// May end a sentence: they do when a capital follows.
  private static let ambiguous: Set<String> = ["no", "etc", "jr", "sr", "inc", "ltd", "co", "corp", "dept", "est"]
}

extension Collection {
  /// The longest end of the collection all of whose elements satisfy `predicate`.
  fileprivate func suffix(while predicate: (Element) -> Bool) -> SubSequence where Self: BidirectionalCollection {
    var start = endIndex
    while start != startIndex, predicate(self[index(before: start)]) { formIndex(before: &start) }
    return self[start...]
  }
}
