import Foundation
import Testing

@testable import Speech

@Suite struct DomainModelTests {
  private func model(_ text: String) throws -> BackoffTrigram {
    BackoffTrigram(NGramCounts(try SentenceGrammar(parsing: text)))
  }
  private func checkedInSentences() throws -> String {
    try String(contentsOfFile: SpeechResources.domainSentences, encoding: .utf8)
  }

  /// `SIDETONE_RECORD_GOLDEN=1` writes the model instead; the next build puts it beside the program.
  @Test func theCheckedInModelIsWhatItsSentencesGive() throws {
    let model = try model(try checkedInSentences())
    if ProcessInfo.processInfo.environment["SIDETONE_RECORD_GOLDEN"] == "1" {
      let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
      return try model.arpa.write(
        toFile: "\(root)/Sources/Drivers/Speech/Models/domain.arpa", atomically: true, encoding: .utf8)
    }
    let written = try String(contentsOfFile: SpeechResources.domainModel, encoding: .utf8)
    #expect(model.arpa == written, "record the model again and look at the difference")
    #expect(written.utf8.count < 400_000)
  }

  @Test func everyWordCanBePronounced() throws {
    let dictionary = try String(
      contentsOfFile: "/usr/share/pocketsphinx/model/en-us/cmudict-en-us.dict", encoding: .utf8)
    #expect(missing(try model(try checkedInSentences()).words, from: dictionary) == [])
    #expect(missing(["hello", "sidetoney"], from: dictionary) == ["sidetoney"])
  }

  /// The words that have no line in a CMU dictionary ("word PH ON ES", alternatives as "word(2)").
  private func missing(_ words: [String], from dictionary: String) -> [String] {
    let known = Set(dictionary.split(separator: "\n").compactMap { $0.split(separator: " ").first })
    return words.filter { !known.contains(Substring($0)) }
  }

  @Test func probabilitiesSumToOne() throws {
    let model = try model(try checkedInSentences())
    let all = model.words + [NGramCounts.end]
    for (first, second) in [
      ("what", "time"), ("", "<s>"), ("<s>", "what"), ("in", "the"), ("kitchen", "jazz"), ("times", "forty"),
    ] {
      let sum = all.reduce(0) { $0 + model.probability(of: $1, after: first, second) }
      #expect(abs(sum - 1) < 1e-6, "after \(first) \(second): \(sum)")
    }
    #expect(model.probability(of: "is", after: "what", "time") > 0.5)
  }

  @Test func expectedCountsAreExact() throws {
    let counts = NGramCounts(try SentenceGrammar(parsing: "@x = a | b c\n@y = <x> d |\nw <y>"))
    let total = counts.unigrams[NGramCounts.start]!
    #expect(counts.unigrams["w"] == total)
    #expect(counts.unigrams["d"] == total / 2)
    #expect(counts.unigrams["c"] == total / 4)
    #expect(counts.bigrams["w"] == ["a": total / 4, "b": total / 4, "</s>": total / 2])
    #expect(counts.trigrams[.init(first: "b", second: "c")] == ["d": total / 4])
  }

  @Test(arguments: [
    ("turn on <room>", "line 1: class room is not defined above this line"),
    ("hello\nHello", "line 2: Hello: words are lower-case letters and ' only"),
    ("@x a", "line 1: a class is written @name = one | two three"),
    ("@x = a\n@x = b", "line 2: class x is defined twice"),
    ("x* a", "line 1: x* is no weight: write 3* before the sentence"), ("3*", "line 1: a weight without a sentence"),
  ])
  func faultsAreNamedByLine(text: String, message: String) {
    #expect { try SentenceGrammar(parsing: text) } throws: { "\($0)" == message }
  }
}
