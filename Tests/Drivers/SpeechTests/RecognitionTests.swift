import Agent
import TestKit
import Testing

@testable import Speech

@Suite struct RecognitionTests {
  static let sentences = [
    "what time is it in berlin", "what day is it today", "what is twelve times eleven",
    "what is one hundred and five minus seventeen", "set a timer for ten seconds", "cancel the timer",
    "turn on the lights in the kitchen", "turn off all the lights", "play some jazz music", "turn the volume up",
    "set the temperature to twenty degrees", "my name is anna", "tell me another story", "what did i just say",
    "repeat after me the quick brown fox jumps over the lazy dog", "never mind",
  ]

  /// Speaks the sentences to a new recognizer, each in a turn of its own; returns what it heard.
  private func hear(_ sentences: [String], voice: String) throws -> (heard: [String], probe: RecognizerProbe) {
    let probe = RecognizerProbe()
    var heard: [String] = []
    for (index, sentence) in sentences.enumerated() {
      let speech = try TypedSpeech.speak(sentence, voice: voice, rate: 16_000)
      probe.feed(roomSilence(0.4) + speech + roomSilence(0.5), turn: index + 1)
      heard.append(try #require(probe.finish(turn: index + 1)))
    }
    return (heard, probe)
  }

  @Test(arguments: ["kal16", "rms"])
  func domainSentencesAreUnderstood(voice: String) throws {
    let (heard, probe) = try hear(Self.sentences, voice: voice)
    let errors = zip(Self.sentences, heard).reduce(0) { $0 + WordErrors.count(said: $1.0, heard: $1.1) }
    let words = Self.sentences.reduce(0) { $0 + $1.split(separator: " ").count }
    #expect(Double(errors) <= 0.05 * Double(words), "\(errors) of \(words) words wrong: \(heard)")

    // Interim text grows with the sentence, and what it showed at the end was nearly all of it.
    for (index, text) in heard.enumerated() {
      let interims = probe.interims(of: index + 1)
      #expect(!interims.isEmpty, "no interim text of \"\(text)\"")
      #expect(zip(interims, interims.dropFirst()).allSatisfy { $0 != $1 })
      #expect(WordErrors.count(said: text, heard: interims.last ?? "") <= 2)
    }
    let long = probe.interims(of: 15)
    #expect(long.count >= 6, "\(long)")
    #expect(long[0].count < long[long.count / 2].count && long[long.count / 2].count < long.last!.count)
  }

  @Test func theSameAudioGivesTheSameWords() throws {
    // kal16 is a diphone voice and the same each time; the second recognizer may get the first one's decoder.
    let once = try hear(Array(Self.sentences.prefix(4)), voice: "kal16")
    once.probe.recognizer.stop()
    let again = try hear(Array(Self.sentences.prefix(4)), voice: "kal16")
    #expect(once.heard == again.heard)
    #expect(once.probe.voiceEdges == again.probe.voiceEdges)
  }

  @Test func silenceAndNoiseAreNoWords() throws {
    let probe = RecognizerProbe()
    probe.feed([Int16](repeating: 0, count: 32_000), turn: 1)
    #expect(probe.finish(turn: 1) == "")
    probe.feed(roomSilence(2), turn: 2)
    #expect(probe.finish(turn: 2) == "")
    #expect(probe.finish(turn: 3) == "", "a turn without audio")
    #expect(probe.voiceEdges.isEmpty, "a quiet room is no voice")
    probe.feed(noise(1, amplitude: 60) + noise(2, amplitude: 60, seed: 7), turn: 4)
    #expect(probe.finish(turn: 4) == "")
  }

  @Test func aDiscardedTurnIsForgotten() throws {
    let probe = RecognizerProbe()
    let speech = try TypedSpeech.speak("turn off all the lights", voice: "kal16", rate: 16_000)
    probe.feed(roomSilence(0.4) + speech, turn: 1)
    probe.recognizer.discardUtterance(TurnID(rawValue: 1))
    probe.feed(roomSilence(0.6), turn: 2)
    #expect(probe.finish(turn: 2) == "")
    probe.feed(roomSilence(0.3) + speech + roomSilence(0.3), turn: 3)
    #expect(probe.finish(turn: 3) == "turn off all the lights")
  }

  @Test func aLongPauseWithinATurnKeepsTheWordsBeforeIt() throws {
    let probe = RecognizerProbe()
    let first = try TypedSpeech.speak("set a timer for ten seconds", voice: "kal16", rate: 16_000)
    let second = try TypedSpeech.speak("turn off all the lights", voice: "kal16", rate: 16_000)
    probe.feed(roomSilence(0.4) + first + roomSilence(4) + second + roomSilence(0.4), turn: 1)
    #expect(probe.finish(turn: 1) == "set a timer for ten seconds turn off all the lights")
  }

  @Test func speechRightAfterATurnIsNotClipped() throws {
    let probe = RecognizerProbe()
    let first = try TypedSpeech.speak("cancel the timer", voice: "kal16", rate: 16_000)
    let second = try TypedSpeech.speak("turn off all the lights", voice: "kal16", rate: 16_000)
    probe.feed(roomSilence(0.4) + first + roomSilence(0.3), turn: 1)
    #expect(probe.finish(turn: 1) == "cancel the timer")
    probe.feed(second + roomSilence(0.4), turn: 2)
    #expect(probe.finish(turn: 2) == "turn off all the lights")
  }

  @Test func aLoudBurstDoesNotDeafen() throws {
    let probe = RecognizerProbe()
    let burst = (0..<80_000).map { $0 / 40 % 2 == 0 ? Int16.max : Int16.min }
    probe.feed(roomSilence(0.4) + burst + roomSilence(0.5), turn: 1)
    _ = probe.finish(turn: 1)
    let speech = try TypedSpeech.speak("what day is it today", voice: "kal16", rate: 16_000)
    probe.feed(roomSilence(0.4) + speech + roomSilence(0.5), turn: 2)
    #expect(probe.finish(turn: 2) == "what day is it today")
  }

  @Test func missingModelsAreNamedAndEveryTurnIsAnswered() {
    let models = SpeechModels(directory: "/nonexistent")
    let probe = RecognizerProbe(models: models)
    probe.feed(roomSilence(0.1), turn: 1)
    #expect(probe.finish(turn: 1) == "")
    #expect(
      probe.log.all.contains(
        .failed(
          "speech recognition: cannot read /nonexistent/en-us/mdef: apt-get install pocketsphinx-en-us")))
    #expect(
      models.state
        == .failed(
          reason: "speech recognition: cannot read /nonexistent/en-us/mdef",
          remedy: "apt-get install pocketsphinx-en-us"))
  }

  @Test func aMissingDomainModelIsNamed() {
    let models = SpeechModels(directory: "/usr/share/pocketsphinx/model/en-us", domain: "/nonexistent/domain.arpa")
    #expect(throws: PocketSphinxDecoder.LoadFailure.self) { try models.takeDecoder() }
  }

  @Test func theBacklogIsToldAndGoesToNothing() throws {
    let probe = RecognizerProbe()
    probe.feed(roomSilence(5), turn: 1)
    _ = probe.finish(turn: 1)
    let backlogs = probe.log.all.compactMap { if case .backlog(let depth) = $0 { depth } else { nil } }
    #expect(backlogs.max() ?? .zero > .milliseconds(500))
    #expect(backlogs.last == .zero)
    #expect(probe.recognizer.queue == (0, 0))
  }

  /// A piece that is too short to be told of while it waits: who saw it wait gives no more until it is told that it is gone.
  @Test func theEndOfAShortBacklogIsTold() {
    let probe = RecognizerProbe()
    for count in 1...3 {
      probe.recognizer.accept([Int16](repeating: 0, count: 320), turn: TurnID(rawValue: 1))
      #expect(probe.log.wait { $0.count { $0 == .backlog(.zero) } >= count })
    }
  }

  @Test func tooMuchAudioIsRefusedAndCounted() {
    // Models that never come: nothing is taken off the queue while the recognizer is asked for 40 s.
    let log = CollectedEvents<RecognizerEvent>()
    let recognizer = StreamingRecognizer(sources: [PocketSphinxSource(models: SpeechModels(directory: "/nonexistent"))])
    { log.append($0) }
    recognizer.stop()
    for _ in 0..<40 { recognizer.accept([Int16](repeating: 0, count: 16_000), turn: TurnID(rawValue: 1)) }
    #expect(recognizer.queue == (480_000, 160_000))
  }

  @Test func whatIsRefusedIsTold() {
    let probe = RecognizerProbe()
    probe.recognizer.accept([Int16](repeating: 0, count: 31 * 16_000), turn: TurnID(rawValue: 1))
    #expect(probe.log.all.contains(.refused(31 * 16_000)))
    #expect(probe.recognizer.queue == (0, 31 * 16_000))
  }

  @Test func withoutModelsTheBacklogStillGoesToNothing() {
    let log = CollectedEvents<RecognizerEvent>()
    let recognizer = StreamingRecognizer(sources: [PocketSphinxSource(models: SpeechModels(directory: "/nonexistent"))])
    { log.append($0) }
    defer { recognizer.stop() }
    for _ in 0..<20 { recognizer.accept([Int16](repeating: 0, count: 16_000), turn: TurnID(rawValue: 1)) }
    recognizer.endUtterance(TurnID(rawValue: 1))
    #expect(log.wait { $0.contains(.final(TurnID(rawValue: 1), "")) })
    #expect(recognizer.waitingCount == 0)
    let backlogs = log.all.compactMap { if case .backlog(let depth) = $0 { depth } else { nil } }
    #expect(backlogs.isEmpty || backlogs.last == .zero)
  }

  @Test func nothingIsToldAfterStop() throws {
    let probe = RecognizerProbe()
    probe.feed(roomSilence(1), turn: 1)
    probe.recognizer.stop()
    let count = probe.log.all.count
    probe.recognizer.endUtterance(TurnID(rawValue: 1))
    probe.recognizer.stop()
    #expect(probe.log.all.count == count)
  }
}
