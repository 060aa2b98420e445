/// Cuts what is to be spoken into chunks, each of which a neural voice makes at once.
///
/// The time to the first audio grows with the first chunk (7 ms for each phone), and so does the time until a chunk that
/// is not wanted any more is let go. So the first chunk of an answer is short, and each that follows at most three times
/// as long as all that was made before it: it is there before those have been heard, even where the voice is but four
/// times faster than real time.
struct SpokenChunks {
  /// Phones of the first chunk: about 25 characters, 1.5 s of speech.
  static let opening = 22
  /// Phones of any chunk, and a quarter more where that ends it: about 90 characters, 7 s of speech. ONNX Runtime keeps
  /// the memory that the longest chunk has needed.
  static let longest = 80

  /// Phones that were cut before, of the same answer.
  private var phoneCount: Int

  /// - Parameter isWhole: whether all is waited for, so that the first chunk need not be short.
  init(isWhole: Bool = false) { phoneCount = isWhole ? Self.longest : 0 }

  /// The words in chunks, none of them empty. All but the last end at a mark where there is one, else before a function
  /// word, where a pause sounds natural, as in "a table | for two". A word longer than a chunk is a chunk.
  mutating func cut(_ words: [SpokenWord]) -> [ArraySlice<SpokenWord>] {
    var chunks: [ArraySlice<SpokenWord>] = []
    var rest = words[...]
    while !rest.isEmpty {
      let limit = min(Self.longest, max(Self.opening, 3 * phoneCount))
      let chunk = rest.prefix(Self.count(rest, limit: limit, endsAtFirstMark: phoneCount == 0))
      phoneCount += chunk.reduce(0) { $0 + $1.phones.count }
      chunks.append(chunk)
      rest = rest.dropFirst(chunk.count)
    }
    return chunks
  }

  /// How many words the next chunk has.
  private static func count(_ words: ArraySlice<SpokenWord>, limit: Int, endsAtFirstMark: Bool) -> Int {
    var phones = 0
    var fitting = 0
    for word in words {
      phones += word.phones.count
      if phones > limit { break }
      fitting += 1
      if endsAtFirstMark, word.mark != nil { return fitting }
    }
    // A few words more are no chunk of their own.
    let all = words.reduce(0) { $0 + $1.phones.count }
    if all <= limit + limit / 4 { return words.count }
    let head = words.prefix(max(1, fitting))
    let late = head.indices.dropFirst(head.count / 3)
    let cut =
      late.last { words[$0].mark != nil }
      ?? late.last { !words[$0].isFunctionWord && $0 + 1 < words.endIndex && words[$0 + 1].isFunctionWord }
      ?? late.last { !words[$0].isFunctionWord } ?? head.endIndex - 1
    return cut - words.startIndex + 1
  }
}
