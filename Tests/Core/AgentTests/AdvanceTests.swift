import Testing
import Timeline
import Wire

@testable import Agent

/// Turns that end early because their words are complete, and answers that are asked for before the end.
@Suite struct AdvanceTests {
  /// Ends turns as late as leaves time to ask ahead.
  private static let slow = Endpointing(silence: .milliseconds(500), ofComplete: .milliseconds(400))

  private func rig(_ endpointing: Endpointing = slow, asksAhead: Bool = true) -> ConversationRig {
    var configuration = AgentConfiguration()
    configuration.endpointing = endpointing
    configuration.asksAhead = asksAhead
    return ConversationRig(configuration)
  }

  /// The user says something and pauses; the recognizer tells the words after 200 ms.
  private func say(_ words: String, in rig: inout ConversationRig) {
    rig.speak(.milliseconds(800))
    rig.pause(.milliseconds(200))
    rig.give(.pauseRecognized(rig.agent.listening.turn, words))
  }

  private func silenceUntilTheEnd(_ rig: inout ConversationRig, after words: String) throws -> Duration {
    rig.speak(.milliseconds(800))
    let silent = rig.now
    rig.pause(.milliseconds(200))
    rig.give(.pauseRecognized(rig.agent.listening.turn, words))
    rig.stream(.milliseconds(1200))
    return try #require(rig.at(.userSpeechEnd)) - silent
  }

  private func asked(_ rig: ConversationRig) -> [(turn: TurnID, words: String?)] {
    rig.orders.compactMap { order in
      if case .generate(let turn, let history, _) = order { (turn, history.last?.text) } else { nil }
    }
  }
  private func cancelled(_ rig: ConversationRig) -> [TurnID] {
    rig.orders.compactMap { if case .cancelGeneration(let turn) = $0 { turn } else { nil } }
  }
  private func firstMetrics(_ rig: ConversationRig) -> ServerMetrics? {
    rig.events.lazy.compactMap { if case .metrics(let metrics) = $0 { metrics } else { nil } }.first
  }

  // MARK: When a turn ends

  @Test(arguments: [
    (Endpointing.adaptive, "what time is it", 200), (.adaptive, "I went home", 500), (.adaptive, "I went to the", 900),
    (.snappy, "what time is it", 200), (.snappy, "I went to the", 300), (.normal, "what time is it", 500),
    (.normal, "I went to the", 500), (Endpointing(silence: .milliseconds(420)), "what time is it", 420),
  ])
  func wordsDecideHowMuchSilenceEndsATurn(_ endpointing: Endpointing, _ words: String, _ milliseconds: Int) throws {
    var rig = rig(endpointing, asksAhead: false)
    let silence = try silenceUntilTheEnd(&rig, after: words)
    // Audio comes in pieces of 20 ms.
    #expect(silence >= .milliseconds(milliseconds) && silence <= .milliseconds(milliseconds + 20))
    #expect(asked(rig).isEmpty)
  }

  @Test func wordsOfAnotherLanguageDecideNothing() throws {
    var rig = rig(.adaptive)
    rig.give(.eventReceived(.config(.object(["language": .string("de")]))))
    #expect(try silenceUntilTheEnd(&rig, after: "what time is it") >= .milliseconds(500))
  }

  @Test func aPauseThatIsOverEndsNothing() {
    var rig = rig(.adaptive, asksAhead: false)
    rig.speak(.milliseconds(800))
    rig.pause(.milliseconds(200))
    let turn = rig.agent.listening.turn
    rig.speak(.milliseconds(400))
    // Told late: the user has gone on.
    rig.give(.pauseRecognized(turn, "what time is it"))
    rig.pause(.milliseconds(300))
    #expect(rig.count(.userSpeechEnd) == 0)
  }

  // MARK: What is asked ahead

  @Test func theAnswerIsThereWhenTheTurnEnds() throws {
    var rig = rig()
    rig.answersFinals = false
    rig.replies = ["It is noon."]
    say("What time is it?", in: &rig)
    let ahead = try #require(asked(rig).first)
    #expect(ahead.words == "What time is it?")
    rig.stream(.milliseconds(220))
    let heard = try #require(
      rig.orders.lazy.compactMap { if case .endUtterance(let turn) = $0 { turn } else { nil } }.first)
    // Nothing of it is told before the words are final.
    #expect(rig.responseText.isEmpty)
    rig.wait(.milliseconds(40))
    rig.give(.finalRecognized(heard, "what time is it"))
    #expect(rig.responseText == "It is noon. " && asked(rig).count == 1 && cancelled(rig).isEmpty)
    #expect(rig.agent.history.map(\.text).contains("what time is it"))
    rig.wait(.seconds(3))
    #expect(rig.events.last == .responseComplete)
    let metrics = try #require(firstMetrics(rig))
    #expect(metrics.turn == ahead.turn.rawValue && metrics.llmFirstTokenMs == 0)
    #expect(metrics.endpointSavedMs == 100)
    #expect(try #require(metrics.llmAheadMs) >= 200)
  }

  @Test func whatComesLaterIsTheSameAnswer() throws {
    var rig = rig()
    rig.answersFinals = false
    say("what time is it", in: &rig)
    let ahead = try #require(asked(rig).first).turn
    rig.give(.replyGenerated(ahead, "It is "))
    rig.stream(.milliseconds(220))
    rig.give(.finalRecognized(TurnID(rawValue: 1), "What time is it?"))
    #expect(rig.responseText == "It is ")
    rig.give(.replyGenerated(ahead, "noon."))
    rig.give(.replyFinished(ahead))
    #expect(rig.responseText == "It is noon." && asked(rig).count == 1)
    #expect(!rig.audio.isEmpty)
  }

  @Test func otherWordsAreAskedAboutAnew() throws {
    var rig = rig()
    rig.answersFinals = false
    say("what time is it", in: &rig)
    let ahead = try #require(asked(rig).first).turn
    rig.give(.replyGenerated(ahead, "It is noon."))
    rig.stream(.milliseconds(220))
    rig.give(.finalRecognized(TurnID(rawValue: 1), "what time is it in Rome"))
    #expect(asked(rig).map(\.words) == ["what time is it", "what time is it in Rome"])
    #expect(cancelled(rig) == [ahead])
    // What was on its way is nobody's.
    rig.give(.replyGenerated(ahead, "It is noon."))
    #expect(rig.responseText.isEmpty)
  }

  @Test func whoGoesOnSpeakingCancelsItAndCostsThreeRequestsAtMost() {
    var rig = rig(Endpointing(silence: .seconds(2), ofComplete: .seconds(1)))
    for i in 1...5 {
      say("what time is it \(i)", in: &rig)
      rig.speak(.milliseconds(300))
      #expect(cancelled(rig).count == min(3, i))
    }
    #expect(asked(rig).count == 3 && rig.count(.userSpeechEnd) == 0)
  }

  @Test func openWordsAreAskedAboutAfterALongerPauseAndUnfinishedOnesNever() {
    var rig = rig()
    say("I went home", in: &rig)
    #expect(asked(rig).isEmpty)
    rig.stream(.milliseconds(80))
    #expect(asked(rig).count == 1)
    var other = self.rig()
    say("I went to the", in: &other)
    other.stream(.milliseconds(600))
    #expect(asked(other).isEmpty)
  }

  @Test func aFailureAheadIsNotTold() throws {
    var rig = rig()
    rig.answersFinals = false
    say("what time is it", in: &rig)
    let ahead = try #require(asked(rig).first).turn
    rig.give(.replyFailed(ahead, "429"))
    rig.stream(.milliseconds(220))
    rig.give(.finalRecognized(TurnID(rawValue: 1), "what time is it"))
    #expect(asked(rig).map(\.words) == ["what time is it", "what time is it"])
    #expect(!rig.events.contains { if case .error = $0 { true } else { false } })
  }

  @Test func whoLeavesOrTypesCancelsIt() throws {
    for input in [AgentInput.clientLeft, .eventReceived(.text("hello"))] {
      var rig = rig(Endpointing(silence: .seconds(2), ofComplete: .seconds(1)))
      say("what time is it", in: &rig)
      let ahead = try #require(asked(rig).first).turn
      rig.give(input)
      #expect(cancelled(rig) == [ahead])
    }
  }

  @Test func normalEndpointingAsksNothingAhead() {
    var rig = rig(.normal)
    say("what time is it", in: &rig)
    rig.stream(.milliseconds(200))
    #expect(asked(rig).isEmpty)
  }
}
