/// What of a response has reached the user's ears.
///
/// How: the pacer knows how many samples have been played. Sentences whose audio lies before that were heard. Of the
/// one in which it ends, the share of its audio that was played gives the share of its characters, and every word
/// that ends within it was heard. Speech is not quite even, so the estimate may be a word off; it is made from the
/// server's clock alone and needs nothing of the client.
struct HeardEstimate: Equatable {
  /// The words that were heard, of sentences as they were spoken.
  var text: String
  /// Every sentence was heard to its end.
  var isWhole: Bool

  /// - Parameters:
  ///   - heardCount: samples of the response that were played.
  ///   - rate: samples a second.
  init(of sentences: [Response.Sentence], heardCount: Int, rate: Int) {
    var left = heardCount
    var heard: [String] = []
    isWhole = true
    for sentence in sentences {
      if sentence.isFinished, left >= sentence.madeCount {
        left -= sentence.madeCount
        if sentence.madeCount > 0 { heard.append(sentence.text) }
        continue
      }
      isWhole = false
      let words = Self.words(of: sentence, heardCount: left, rate: rate)
      if !words.isEmpty { heard.append(words) }
      break
    }
    text = heard.joined(separator: " ")
  }

  private static func words(of sentence: Response.Sentence, heardCount: Int, rate: Int) -> String {
    let length = sentence.text.count
    // About 15 characters a second, for a sentence whose end has not been made yet.
    let guess = length * rate / 15
    let whole = sentence.isFinished ? sentence.madeCount : max(sentence.madeCount, guess)
    guard whole > 0, heardCount > 0 else { return "" }
    let reached = length * heardCount / whole
    var end = 0
    return String(
      sentence.text.split(separator: " ").prefix { word in
        end += word.count + 1
        return end - 1 <= reached
      }.joined(separator: " "))
  }
}
