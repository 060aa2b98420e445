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
}
