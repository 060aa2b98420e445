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
    #expect(stabilizer.observe(["what"]) == nil)
    #expect(stabilizer.observe(["what", "tie"]) == "what")
    #expect(stabilizer.observe(["what", "time"]) == nil)
    #expect(stabilizer.observe(["what", "time", "is"]) == "what time")
    // In doubt: nothing is taken back.
    #expect(stabilizer.observe(["when"]) == nil)
    #expect(stabilizer.observe(["what", "time", "is"]) == nil)
    #expect(stabilizer.observe(["what", "time", "is", "it"]) == "what time is")
    // Agreed on something else: it is.
    #expect(stabilizer.observe(["what", "day"]) == nil)
    #expect(stabilizer.observe(["what", "day", "is"]) == "what day")
  }
}
