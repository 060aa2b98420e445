/// What of a response has reached the user's ears.
///
/// How: the pacer knows how many samples have been played. Sentences whose audio lies before that were heard. Of the
/// one in which it ends, the share of its audio that was played gives the share of its characters, and every word
/// that ends within it was heard. Speech is not quite even, so the estimate may be a word off; it is made from the
/// server's clock alone and needs nothing of the client. Where a service says which characters its sound says, that is
/// used in the place of evenness.
struct HeardEstimate: Equatable {
  /// The words that were heard, of sentences as they were spoken.
  var text: String
  /// Every sentence was heard to its end.
  var isWhole: Bool
  /// What was sent to a service, and what of it was not heard.
  var bill = SpeechBill()

  /// - Parameters:
  ///   - heardCount: samples of the response that were played.
  ///   - rate: samples a second.
  init(of sentences: [Response.Sentence], heardCount: Int, rate: Int) {
    var left = heardCount
    var heard: [String] = []
    isWhole = true
    for sentence in sentences {
      if isWhole, sentence.isFinished, left >= sentence.madeCount {
        bill = bill + sentence.bill(heard: Self.share(of: sentence, heardCount: sentence.madeCount, rate: rate))
        left -= sentence.madeCount
        if sentence.madeCount > 0 { heard.append(sentence.text) }
        continue
      }
      // Of what follows the sentence in which the heard part ends, nothing was heard.
      let count = isWhole ? left : 0
      isWhole = false
      bill = bill + sentence.bill(heard: Self.share(of: sentence, heardCount: count, rate: rate))
      let words = Self.words(of: sentence, heardCount: count, rate: rate)
      if !words.isEmpty { heard.append(words) }
    }
    text = heard.joined(separator: " ")
  }

  private static func words(of sentence: Response.Sentence, heardCount: Int, rate: Int) -> String {
    let length = sentence.text.count
    let whole = sentence.isFinished ? sentence.madeCount : guessedCount(sentence, rate)
    guard whole > 0, heardCount > 0 else { return "" }
    let reached =
      sentence.marks.isEmpty
      ? length * heardCount / whole : Int(Double(length) * share(of: sentence, heardCount: heardCount, rate: rate))
    var end = 0
    return String(
      sentence.text.split(separator: " ").prefix { word in
        end += word.count + 1
        return end - 1 <= reached
      }.joined(separator: " "))
  }

  /// About 15 characters a second, for a sentence whose end was not made.
  private static func guessedCount(_ sentence: Response.Sentence, _ rate: Int) -> Int {
    max(sentence.madeCount, sentence.text.count * rate / 15)
  }

  /// The part of a sentence that so many samples are.
  private static func share(of sentence: Response.Sentence, heardCount: Int, rate: Int) -> Double {
    let isWhole = sentence.isFinished && !sentence.isBroken
    if let last = sentence.marks.last {
      let end = isWhole && sentence.madeCount > last.count ? Response.Mark(share: 1, count: sentence.madeCount) : last
      return share(between: sentence.marks + [end], heardCount: heardCount)
    }
    let whole = isWhole ? sentence.madeCount : guessedCount(sentence, rate)
    return whole > 0 ? min(1, Double(max(0, heardCount)) / Double(whole)) : 0
  }

  /// Between two marks the share grows evenly; behind the last one it stays.
  private static func share(between marks: [Response.Mark], heardCount: Int) -> Double {
    var before = Response.Mark(share: 0, count: 0)
    for mark in marks {
      if heardCount < mark.count {
        let part = Double(max(0, heardCount - before.count)) / Double(mark.count - before.count)
        return before.share + part * (mark.share - before.share)
      }
      before = mark
    }
    return before.share
  }
}
