import Spelling
import Testing

@Suite struct SpellingTests {
  @Test func findsTheNearestName() {
    let names = ["theme", "glyphs", "input", "output"]
    #expect(Spelling.nearest(to: "thme", among: names) == "theme")
    #expect(Spelling.nearest(to: "glpyhs", among: names) == "glyphs")
    #expect(Spelling.nearest(to: "Ouput", among: names) == "output")
    #expect(Spelling.nearest(to: "out", among: names) == "output")
    #expect(Spelling.nearest(to: "inputs-file", among: names) == "input")
    #expect(Spelling.nearest(to: "volume", among: names) == nil)
    #expect(Spelling.nearest(to: "", among: names) == nil)
  }

  @Test(arguments: [
    ("vioce", "voice"), ("VOICE", "voice"), ("pmc", "pcm"), ("p", "pcm"), ("morse", nil), ("", nil),
  ]) func aLooseSearchTakesHalfOfTheName(word: String, nearest: String?) {
    #expect(Spelling.nearest(to: word, among: ["voice", "pcm"], .loose) == nearest)
  }

  /// A swap is one edit of three letters, and two edits are too many.
  @Test func onlyACloseSearchTakesASwapForOneEdit() {
    #expect(Spelling.nearest(to: "abdc", among: ["abcd"]) == "abcd")
    #expect(Spelling.nearest(to: "abxy", among: ["abcd"]) == nil)
    #expect(Spelling.nearest(to: "badc", among: ["abcd"], .loose) == nil)
    #expect(Spelling.nearest(to: "x", among: [String]()) == nil)
  }

  @Test func theQuestionIsPutInOneWay() {
    #expect(Spelling.question("thme", among: ["theme"]) == ", did you mean \"theme\"?")
    #expect(Spelling.question("volume", among: ["theme"]).isEmpty)
    #expect(Spelling.question("pcm", quote: "", otherwise: ".") == ", did you mean pcm?")
    #expect(Spelling.question(nil, quote: "", otherwise: ".") == ".")
  }
}
