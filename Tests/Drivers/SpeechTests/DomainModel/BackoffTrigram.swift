import Foundation

/// A trigram with backoff by absolute discounting, written as ARPA text.
///
/// Each seen word of a history gives up `discount` of its count (60 % of it when the expected count is below one); what
/// they gave, at least `minimumBackoff` of the history, goes to the shorter history. The floor is high because the
/// domain's sentences are few and people say other things: measured with held-out sentences, see docs/decisions/speech.md.
struct BackoffTrigram {
  static let discount = 0.6
  static let minimumBackoff = 0.15
  /// Triples expected less often are left to the pairs: they are the numbers, which the pairs predict as well, and
  /// they would be four fifths of the file.
  static let trigramCutoff = 0.06
  private typealias History = NGramCounts.History

  private let vocabulary: [String]
  private var unigrams: [String: Double] = [:]
  private var bigrams: [String: Distribution] = [:]
  private var trigrams: [NGramCounts.History: Distribution] = [:]

  /// The words seen after one history, and the factor for all others.
  private struct Distribution {
    var probabilities: [String: Double] = [:]
    var backoff = 1.0
  }

  init(_ counts: NGramCounts) {
    vocabulary = counts.unigrams.keys.sorted()
    let predicted = vocabulary.filter { $0 != NGramCounts.start }
    // Half a count more for each: no word of the domain is out of reach.
    let total = predicted.reduce(0) { $0 + counts.unigrams[$1]! + 0.5 }
    for word in predicted { unigrams[word] = (counts.unigrams[word]! + 0.5) / total }
    for (history, words) in counts.bigrams {
      bigrams[history] = Self.discounted(words, cutoff: 0) { [unigrams] in unigrams[$0]! }
    }
    for (history, words) in counts.trigrams where words.values.contains(where: { $0 >= Self.trigramCutoff }) {
      let lower = bigrams[history.second]!
      trigrams[history] = Self.discounted(words, cutoff: Self.trigramCutoff) { [unigrams] in
        lower.probabilities[$0] ?? lower.backoff * unigrams[$0]!
      }
    }
  }

  private static func discounted(
    _ counts: [String: Double], cutoff: Double, lower: (String) -> Double
  ) -> Distribution {
    let sorted = counts.sorted { $0.key < $1.key }
    let total = sorted.reduce(0) { $0 + $1.value }
    let words = sorted.filter { $0.value >= cutoff }
    let kept = words.map { $0.value - discount * min(1, $0.value) }
    let keptTotal = kept.reduce(0, +)
    let mass = max(minimumBackoff, 1 - keptTotal / total)
    var result = Distribution()
    for (word, count) in zip(words, kept) { result.probabilities[word.key] = (1 - mass) * count / keptTotal }
    let reachable = 1 - words.reduce(0) { $0 + lower($1.key) }
    result.backoff = mass / max(1e-9, reachable)
    return result
  }

  /// The words it knows, without the sentence marks.
  var words: [String] { vocabulary.filter { !$0.hasPrefix("<") && !$0.hasPrefix("</") } }

  /// The probability of a word after a history, by the same backoff the decoder does.
  func probability(of word: String, after first: String, _ second: String) -> Double {
    let lower = bigrams[second]
    let pair = lower?.probabilities[word] ?? (lower?.backoff ?? 1) * (unigrams[word] ?? 0)
    let history = History(first: first, second: second)
    guard let distribution = trigrams[history] else { return pair }
    return distribution.probabilities[word] ?? distribution.backoff * pair
  }

  /// The model as ARPA text: base-10 logarithms, four decimals, sorted.
  var arpa: String {
    let pairs = bigrams.keys.sorted()
    let triples = trigrams.keys.sorted()
    var text = "\\data\\\n"
    text += "ngram 1=\(vocabulary.count)\n"
    text += "ngram 2=\(bigrams.values.reduce(0) { $0 + $1.probabilities.count })\n"
    text += "ngram 3=\(trigrams.values.reduce(0) { $0 + $1.probabilities.count })\n"
    text += "\n\\1-grams:\n"
    for word in vocabulary {
      let probability = unigrams[word].map(Self.logarithm) ?? "-99.0000"
      text += "\(probability)\t\(word)\t\(Self.logarithm(bigrams[word]?.backoff ?? 1))\n"
    }
    text += "\n\\2-grams:\n"
    for history in pairs {
      for (word, probability) in bigrams[history]!.probabilities.sorted(by: { $0.key < $1.key }) {
        let backoff = trigrams[History(first: history, second: word)]?.backoff ?? 1
        text += "\(Self.logarithm(probability))\t\(history) \(word)\t\(Self.logarithm(backoff))\n"
      }
    }
    text += "\n\\3-grams:\n"
    for history in triples {
      for (word, probability) in trigrams[history]!.probabilities.sorted(by: { $0.key < $1.key }) {
        text += "\(Self.logarithm(probability))\t\(history.first) \(history.second) \(word)\n"
      }
    }
    return text + "\n\\end\\\n"
  }

  private static func logarithm(_ value: Double) -> String {
    String(format: "%.4f", log10(max(value, 1e-9)))
  }
}
