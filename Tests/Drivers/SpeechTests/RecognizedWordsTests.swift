import Testing

@testable import Speech

@Suite struct RecognizedWordsTests {
  @Test func onlyWordsAreLeft() {
    #expect(
      RecognizedWords.cleaned("<s> <sil> Read(2) [NOISE] the it's(3) ++breath++ book </s>") == [
        "read", "the", "it's", "book",
      ])
    #expect(RecognizedWords.cleaned("") == [])
  }

  @Test func twoLooksMustAgree() {
    var stabilizer = InterimStabilizer()
    #expect(stabilizer.look(at: ["what"]) == nil)
    #expect(stabilizer.look(at: ["what", "tie"]) == "what")
    #expect(stabilizer.look(at: ["what", "time"]) == nil)
    #expect(stabilizer.look(at: ["what", "time", "is"]) == "what time")
    // In doubt: nothing is taken back.
    #expect(stabilizer.look(at: ["when"]) == nil)
    #expect(stabilizer.look(at: ["what", "time", "is"]) == nil)
    #expect(stabilizer.look(at: ["what", "time", "is", "it"]) == "what time is")
    // Agreed on something else: it is.
    #expect(stabilizer.look(at: ["what", "day"]) == nil)
    #expect(stabilizer.look(at: ["what", "day", "is"]) == "what day")
  }
}
