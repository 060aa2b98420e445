import Agent
import Testing

@testable import Speech

@Suite struct RecognitionTests {
  static let sentences = [
    "what time is it in berlin", "what day is it today", "what is twelve times eleven",
    "what is one hundred and five minus seventeen", "set a timer for ten seconds", "cancel the timer",
    "turn on the lights in the kitchen", "turn off all the lights", "play some jazz music", "turn the volume down",
    "set the temperature to twenty degrees", "my name is anna", "tell me a story", "what did i just say",
    "repeat after me the quick brown fox jumps over the lazy dog", "thank you goodbye",
  ]

  @Test(arguments: ["kal16", "rms"])
  func domainSentencesAreUnderstood(voice: String) throws {
    let probe = RecognizerProbe()
    var errors = 0
    var words = 0
    for (index, sentence) in Self.sentences.enumerated() {
      let speech = try TypedSpeech.speak(sentence, voice: voice, rate: 16_000)
      probe.feed(roomSilence(0.4) + speech + roomSilence(0.5), turn: index + 1)
      let heard = try #require(probe.finish(turn: index + 1))
      let wrong = wordErrors(sentence, heard)
      if wrong > 0 { print("\(voice): said \"\(sentence)\", heard \"\(heard)\"") }
      print(probe.interims(of: index + 1))
      errors += wrong
      words += sentence.split(separator: " ").count
    }
    print(probe.voiceEdges)
    #expect(Double(errors) <= 0.05 * Double(words), "\(errors) of \(words) words")
  }
}
