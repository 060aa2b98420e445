import Testing

@testable import Agent

@Suite struct InterimStabilizerTests {
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

  @Test func capitalsAndMarksAreNoDifference() {
    var stabilizer = InterimStabilizer()
    #expect(stabilizer.observe(["What", "time."]) == nil)
    #expect(stabilizer.observe(["what", "time,", "is"]) == "what time,")
    #expect(stabilizer.observe(["What", "time"]) == nil)
  }

  @Test func sureWordsAreShownAtOnce() {
    var stabilizer = InterimStabilizer()
    #expect(stabilizer.settle(["Go", "on."]) == "Go on.")
    #expect(stabilizer.settle(["Go", "on"]) == nil, "the same words")
    #expect(stabilizer.settle([]) == nil, "nothing is taken back for nothing")
    #expect(stabilizer.settle(["Go", "home."]) == "Go home.")
  }
}
