import Testing

@testable import Agent

@Suite struct TranscriptTextTests {
  @Test(arguments: [
    ("You", ""), ("you.", ""), (" You! ", ""), ("♪♪♪", ""), ("♪ You ♪", ""), ("...", ""), ("", ""),
    ("Thank you.", "Thank you."), ("You two.", "You two."), ("♪ Stop it. ♪", "Stop it."),
    ("What  time\nis it?", "What time is it?"), ("\u{1B}[2Jhello", "[2Jhello"), ("4", "4"),
  ])
  func inventionsAndControlCharactersAreDropped(written: String, kept: String) {
    #expect(TranscriptText.cleaned(written) == kept)
  }

  @Test func itIsBounded() {
    #expect(TranscriptText.cleaned(String(repeating: "word ", count: 10_000)).utf8.count <= TranscriptText.limit)
  }
}
