import Testing

@testable import Agent

@Suite struct SentenceChunkerTests {
  private func sentences(_ text: String, step: Int = .max) -> [String] {
    var chunker = SentenceChunker()
    var result: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      result += chunker.append(String(rest.prefix(step)))
      rest = rest.dropFirst(step)
    }
    return result + chunker.finish()
  }

  static let cases: [(String, [String])] = [
    ("", []),
    ("   ", []),
    ("Hello", ["Hello"]),
    ("Hello. How are you? Fine! Bye", ["Hello.", "How are you?", "Fine!", "Bye"]),
    ("It is 3.5 metres. Really.", ["It is 3.5 metres.", "Really."]),
    ("Ask Dr. Who. He knows.", ["Ask Dr. Who.", "He knows."]),
    ("Use a tool, e.g. a hammer. Done.", ["Use a tool, e.g. a hammer.", "Done."]),
    ("At 9 a.m. in Berlin. At 9 p.m. We left.", ["At 9 a.m. in Berlin.", "At 9 p.m.", "We left."]),
    ("No. I will not. See no. 5 there.", ["No.", "I will not.", "See no. 5 there."]),
    ("J. Smith came. So did I. Then we left.", ["J. Smith came.", "So did I.", "Then we left."]),
    ("1. Eggs are good. 2. Milk is, too.", ["1. Eggs are good.", "2. Milk is, too."]),
    ("He said \"Stop.\" Then he left.", ["He said \"Stop.\"", "Then he left."]),
    ("Wait... what? Oh!! Yes.", ["Wait...", "what?", "Oh!!", "Yes."]),
    ("Things: • one thing • another thing", ["Things:", "one thing", "another thing"]),
    ("**Bold** and `code`. # Title here", ["Bold and code.", "Title here"]),
    ("Visit example.com today. OK?", ["Visit example.com today.", "OK?"]),
    ("今日は。元気ですか？はい", ["今日は。", "元気ですか？", "はい"]),
    ("... ! ?", []),
    ("One\nline.\n\nTwo lines.", ["One line.", "Two lines."]),
  ]

  @Test(arguments: cases) func splitsAtSentences(text: String, expected: [String]) {
    #expect(sentences(text) == expected)
  }

  @Test(arguments: cases) func howTheTextComesDoesNotMatter(text: String, expected: [String]) {
    for step in [1, 2, 3, 7] { #expect(sentences(text, step: step) == expected, "in steps of \(step)") }
  }

  @Test func aSentenceIsGivenAsSoonAsItIsWhole() {
    var chunker = SentenceChunker()
    #expect(chunker.append("It is noon.").isEmpty, "3.5 may follow")
    #expect(chunker.append(" ") == ["It is noon."])
  }

  @Test(arguments: [
    (
      "I can tell you the time, do sums, and set timers. Ask me.",
      ["I can tell you the time,", "do sums, and set timers.", "Ask me."]
    ),
    ("I am fine, thank you. And you?", ["I am fine, thank you.", "And you?"]),
    (
      "Sure. There once was an old king of the sea, who slept.",
      ["Sure.", "There once was an old king of the sea, who slept."]
    ),
    ("It costs 1,000,000 euros in all, or so: a lot.", ["It costs 1,000,000 euros in all,", "or so: a lot."]),
    ("One two three four five six seven", ["One two three four five six seven"]),
    ("Here is what I can do: sums.", ["Here is what I can do:", "sums."]),
  ]) func theFirstPieceMayEndAtAComma(text: String, expected: [String]) {
    for step in [1, 2, 5, 1000] {
      var chunker = SentenceChunker(opensEarly: true)
      var pieces: [String] = []
      var rest = text[...]
      while !rest.isEmpty {
        pieces += chunker.append(String(rest.prefix(step)))
        rest = rest.dropFirst(step)
      }
      #expect(pieces + chunker.finish() == expected, "in steps of \(step)")
    }
  }

  @Test func theFirstClauseIsGivenAsSoonAsItIsWhole() {
    var chunker = SentenceChunker(opensEarly: true)
    #expect(chunker.append("I can tell you the time,").isEmpty, "1,000 may follow")
    #expect(chunker.append(" ") == ["I can tell you the time,"])
  }

  @Test func textWithoutAStopIsCutAtACommaOrASpace() {
    let clause = String(repeating: "word ", count: 40).dropLast() + ", "
    let result = sentences(clause + String(repeating: "more ", count: 40))
    #expect(result.first == String(clause.dropLast()))
    #expect(result.allSatisfy { $0.count <= SentenceChunker.longest })
    let solid = sentences(String(repeating: "x", count: 1000))
    #expect(solid.map(\.count) == [280, 280, 280, 160])
  }
}
