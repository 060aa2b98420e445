import Agent
import FoundationEssentials
import Testing

@testable import Speech

/// What the recognizer listens for and what the builtin model answers are the same domain.
@Suite struct DomainCoverageTests {
  private let noon = CivilTime(year: 2026, month: 11, day: 21, hour: 12)

  @Test func everySentenceOfTheDomainIsUnderstood() throws {
    let grammar = try SentenceGrammar(
      parsing: String(decoding: Data(contentsOf: .init(filePath: SpeechResources.domainSentences)), as: UTF8.self))
    var unanswered: Set<String> = []
    for sentence in grammar.sentences {
      for text in variants(of: sentence.elements, in: grammar) {
        var model = BuiltinModel()
        let reply = model.reply(to: [Utterance(speaker: .user, text: text)], now: noon)
        if reply.text.hasPrefix("I did not understand") || reply.text.hasPrefix("I do not know") {
          unanswered.insert(text)
        }
      }
    }
    #expect(unanswered.isEmpty)
  }

  /// Every alternative of every class at least once; not their product.
  private func variants(of elements: [SentenceGrammar.Element], in grammar: SentenceGrammar) -> [String] {
    var result = [""]
    for element in elements {
      let choices: [String] =
        switch element {
        case .word(let word): [word]
        case .slot(let name): grammar.classes[name]!.flatMap { variants(of: $0, in: grammar) }
        }
      result = (0..<max(result.count, choices.count)).map {
        let head = result[$0 % result.count]
        let tail = choices[$0 % choices.count]
        return head.isEmpty ? tail : tail.isEmpty ? head : head + " " + tail
      }
    }
    return result
  }
}
