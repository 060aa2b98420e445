import Glibc

/// Expected counts of words, pairs and triples over all the sentences a grammar stands for.
///
/// Exact instead of sampled: the mass of a sentence flows through it element by element, split evenly among the
/// alternatives of a class, with the last two words as the state. The same grammar gives the same numbers everywhere.
struct NGramCounts {
  private(set) var unigrams: [String: Double] = [:]
  private(set) var bigrams: [String: [String: Double]] = [:]
  private(set) var trigrams: [History: [String: Double]] = [:]

  /// The two words before.
  struct History: Hashable, Comparable {
    var first: String
    var second: String
    static func < (a: History, b: History) -> Bool { (a.first, a.second) < (b.first, b.second) }
  }

  static let start = "<s>"
  static let end = "</s>"
  /// One sentence without classes counts this often; a floor of 1 is where discounting bites.
  private static let massPerSentence = 20.0

  private typealias States = [History: Double]

  init(_ grammar: SentenceGrammar) {
    for sentence in grammar.sentences {
      // A sentence with many variants gets more, but far less than its share: else numbers would drown all the rest.
      let variants = min(grammar.variantCount(sentence.elements), 400)
      let mass = Self.massPerSentence * sentence.weight * (1 + log(variants))
      unigrams[Self.start, default: 0] += mass
      var states: States = [History(first: "", second: Self.start): mass]
      states = advance(states, through: sentence.elements, of: grammar)
      _ = advance(states, by: Self.end)
    }
  }

  private mutating func advance(
    _ states: States, through elements: [SentenceGrammar.Element], of grammar: SentenceGrammar
  ) -> States {
    var states = states
    for element in elements {
      switch element {
      case .word(let word): states = advance(states, by: word)
      case .slot(let name):
        let alternatives = grammar.classes[name]!
        let share = 1 / Double(alternatives.count)
        var merged: States = [:]
        for alternative in alternatives {
          let part = advance(states.mapValues { $0 * share }, through: alternative, of: grammar)
          for (history, mass) in part.sorted(by: { $0.key < $1.key }) { merged[history, default: 0] += mass }
        }
        states = merged
      }
    }
    return states
  }

  private mutating func advance(_ states: States, by word: String) -> States {
    var next: States = [:]
    // Sorted, because the order of floating-point sums shows in the last digit.
    for (history, mass) in states.sorted(by: { $0.key < $1.key }) {
      unigrams[word, default: 0] += mass
      bigrams[history.second, default: [:]][word, default: 0] += mass
      if !history.first.isEmpty { trigrams[history, default: [:]][word, default: 0] += mass }
      next[History(first: history.second, second: word), default: 0] += mass
    }
    return next
  }
}
