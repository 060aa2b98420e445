import Testing

@testable import Agent

@Suite struct TurnCompletenessTests {
  @Test(arguments: [
    "What time is it?", "what is two plus two", "What's the weather like today?", "Can you tell me a story?",
    "Turn on the light.", "please stop the music", "Set a timer for ten minutes.", "Yes.", "No, thank you.", "Stop!",
    "How are you?",
  ])
  func isComplete(_ text: String) { #expect(TurnCompleteness(of: text) == .complete) }

  @Test(arguments: [
    "What is the", "I would like to.", "Set a timer for", "my name is", "well", "It was nice, but...", "um",
    "Turn on my", "turn on",
    "what is two plus",
  ])
  func isUnfinished(_ text: String) { #expect(TurnCompleteness(of: text) == .unfinished) }

  @Test(arguments: ["", "...", "what", "I went home.", "my friend Peter", "the red one", "1234"])
  func tellsNothing(_ text: String) { #expect(TurnCompleteness(of: text) == .open) }
}
