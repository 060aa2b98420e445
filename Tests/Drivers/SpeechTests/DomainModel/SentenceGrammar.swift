// The demo domain's sentences become the trigram that recognition mixes with general English. The program holds only what
// comes of it: `SIDETONE_RECORD_GOLDEN=1 swift test --filter DomainModelTests` writes it anew.
//
//   domain.sentences ─► SentenceGrammar ─► NGramCounts (expected, exact) ─► BackoffTrigram ─► domain.arpa

/// The source file of the domain: classes of alternatives and weighted sentences.
struct SentenceGrammar {
  /// One piece of a sentence.
  enum Element: Equatable {
    case word(String)
    case slot(String)
  }
  /// A sentence with the number of times it counts.
  struct Sentence: Equatable {
    var weight: Double
    var elements: [Element]
  }

  private(set) var classes: [String: [[Element]]] = [:]
  private(set) var sentences: [Sentence] = []

  /// A line that cannot be understood: where and why.
  struct SyntaxError: Error, Equatable, CustomStringConvertible {
    var line: Int
    var problem: String
    var description: String { "line \(line): \(problem)" }
  }

  /// Reads the format that the head of domain.sentences describes. A class must stand above its first use, which
  /// also rules out recursion.
  init(parsing text: String) throws(SyntaxError) {
    for (index, rawLine) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let number = index + 1
      let line = rawLine.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
      let words = line.split(separator: " ")
      guard let first = words.first else { continue }
      if first.hasPrefix("@") {
        let name = String(first.dropFirst())
        guard words.count > 2, words[1] == "=" else {
          throw SyntaxError(line: number, problem: "a class is written @name = one | two three")
        }
        guard classes[name] == nil else { throw SyntaxError(line: number, problem: "class \(name) is defined twice") }
        var alternatives: [[Element]] = []
        for alternative in words.dropFirst(2).split(separator: "|", omittingEmptySubsequences: false) {
          alternatives.append(try elements(Array(alternative), line: number))
        }
        classes[name] = alternatives
      } else {
        var weight = 1.0
        var rest = words[...]
        if first.hasSuffix("*") {
          guard let value = Double(first.dropLast()), value > 0 else {
            throw SyntaxError(line: number, problem: "\(first) is no weight: write 3* before the sentence")
          }
          weight = value
          rest = rest.dropFirst()
        }
        guard !rest.isEmpty else { throw SyntaxError(line: number, problem: "a weight without a sentence") }
        sentences.append(Sentence(weight: weight, elements: try elements(Array(rest), line: number)))
      }
    }
  }

  private func elements(_ words: [Substring], line: Int) throws(SyntaxError) -> [Element] {
    var result: [Element] = []
    for word in words {
      if word.hasPrefix("<"), word.hasSuffix(">") {
        let name = String(word.dropFirst().dropLast())
        guard classes[name] != nil else {
          throw SyntaxError(line: line, problem: "class \(name) is not defined above this line")
        }
        result.append(.slot(name))
      } else {
        guard word.utf8.allSatisfy({ ($0 >= 0x61 && $0 <= 0x7A) || $0 == 0x27 }) else {
          throw SyntaxError(line: line, problem: "\(word): words are lower-case letters and ' only")
        }
        result.append(.word(String(word)))
      }
    }
    return result
  }

  /// How many different word sequences the elements stand for.
  func variantCount(_ elements: [Element]) -> Double {
    elements.reduce(1) { product, element in
      guard case .slot(let name) = element else { return product }
      return product * classes[name]!.reduce(0) { $0 + variantCount($1) }
    }
  }
}
