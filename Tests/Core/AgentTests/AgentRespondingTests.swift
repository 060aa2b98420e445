import Testing
import Timeline
import Wire

@testable import Agent

@Suite struct AgentRespondingTests {
  static let long =
    "This is the first sentence of a story. And here comes the second one, which is longer. The end is near now."

  @Test func aSpokenTurnFromSpeechToTheEnd() throws {
    var rig = ConversationRig()
    rig.say("what time is it", reply: "It is noon. What else?")
    rig.wait(.seconds(10))
    #expect(
      rig.story == [
        .userSpeechStart, .userSpeechEnd, .transcriptFinal("what time is it"), .responseText("It "),
        .responseText("is "), .responseText("noon. "), .responseText("What "), .responseText("else? "),
        .responseComplete,
      ])
    #expect(
      rig.agent.history == [
        Utterance(speaker: .user, text: "what time is it"), Utterance(speaker: .agent, text: "It is noon. What else?"),
      ])
    let texts = rig.orders.compactMap { if case .synthesize(_, _, let text, _, _) = $0 { text } else { nil } }
    #expect(texts == ["It is noon.", "What else?"])
    // All audio went, in order and none after the end.
    let bytes = rig.audio.reduce(0) { $0 + $1.payload.bytes.count }
    #expect(bytes == 2 * (11 * 16_000 / 15 + 10 * 16_000 / 15))
    #expect(rig.audio.map { $0.payload.sequence } == Array(0..<rig.audio.count))
    #expect(rig.audio.allSatisfy { $0.payload.format == "pcm16" && $0.payload.rate == 16_000 })
    #expect(rig.events.last == .responseComplete)
  }

  @Test func audioIsLittleEndian() throws {
    var rig = ConversationRig()
    rig.synthesizes = false
    rig.replies = ["Hello."]
    rig.give(.eventReceived(.text("hi")))
    let turn = TurnID(rawValue: 2)
    rig.give(.sentenceSynthesized(turn, sentence: 0, [0x0102, -2]))
    rig.give(.sentenceFinished(turn, sentence: 0))
    #expect(rig.audio.map(\.payload.bytes) == [[0x02, 0x01, 0xfe, 0xff]])
  }

  @Test func audioGoesAtMostTheLeadAheadOfRealTime() throws {
    var rig = ConversationRig()
    rig.replies = [Self.long]
    rig.give(.eventReceived(.text("tell me a story")))
    let start = rig.now
    #expect(rig.audio.count == 10, "400 ms at once, in pieces of 40 ms")
    rig.wait(.seconds(20))
    var played = Duration.zero
    for (at, payload) in rig.audio {
      played += .samples(payload.bytes.count / 2, rate: 16_000)
      #expect(played - (at - start) <= .milliseconds(400))
      #expect(played >= at - start, "the client never runs dry")
    }
    let end = try #require(rig.at(.responseComplete))
    #expect(played - (end - start) == .milliseconds(120), "told a little before the last word was heard")
  }

  @Test func synthesisKeepsOnlyALittleAhead() {
    var rig = ConversationRig()
    rig.replies = [Array(repeating: Self.long, count: 6).joined(separator: " ")]
    rig.give(.eventReceived(.text("tell me a story")))
    let ordered = rig.orders.count { if case .synthesize = $0 { true } else { false } }
    #expect(ordered == 2, "two sentences are more than four seconds")
    rig.wait(.seconds(60))
    #expect(rig.count(.responseComplete) == 1)
    #expect(rig.orders.count { if case .synthesize = $0 { true } else { false } } == 18)
  }

  @Test func metricsTellWhatEachStageTook() throws {
    var rig = ConversationRig()
    rig.synthesizes = false
    rig.answersFinals = false
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(500))
    let turn = TurnID(rawValue: 1)
    rig.wait(.milliseconds(7))
    rig.give(.finalRecognized(turn, "hello"))
    rig.wait(.milliseconds(30))
    rig.give(.replyGenerated(turn, "Hello there. "))
    rig.wait(.milliseconds(12))
    rig.give(.sentenceSynthesized(turn, sentence: 0, [Int16](repeating: 1, count: 16_000)))
    let metrics = ServerMetrics(turn: 1, sttMs: 507, llmFirstTokenMs: 30, ttsFirstByteMs: 12, voice: "slt")
    #expect(rig.events.contains(.metrics(metrics)))
    #expect(rig.events.count { if case .metrics = $0 { true } else { false } } == 1)
  }

  /// The recognizer tells of its queue while the user is silent already, and again when the turn is ended.
  @Test(arguments: [[2], [4, 2], []]) func theRecognizersQueueStandsInTheMetrics(_ told: [Int]) throws {
    var rig = ConversationRig()
    rig.answersFinals = false
    rig.replies = ["Hello there."]
    rig.speak(.milliseconds(400))
    let turn = TurnID(rawValue: 1)
    if told.count > 1 { rig.give(.pieceQueued(turn, behind: told[0])) }
    rig.pause(.milliseconds(500))
    if let last = told.last { rig.give(.pieceQueued(turn, behind: last)) }
    // Of another turn.
    rig.give(.pieceQueued(TurnID(rawValue: 77), behind: 9))
    rig.give(.finalRecognized(turn, "hello"))
    rig.wait(.seconds(1))
    let metrics = rig.events.compactMap { if case .metrics(let metrics) = $0 { metrics } else { nil } }
    #expect(metrics.map(\.sttQueue) == [told.last])
  }

  @Test func readyNamesTheEngines() {
    var configuration = AgentConfiguration()
    configuration.engines = SpeechEngines(recognizer: "moonshine", detector: "silero", missing: "joe")
    let told = ConversationRig(configuration).events.compactMap {
      if case .ready(let ready) = $0 { ready } else { nil }
    }
    #expect(told.map(\.engines) == [configuration.engines] && told.first?.voice == "slt")
  }

  @Test func anInterruptCutsTheResponseAndTheHistoryToWhatWasHeard() {
    var rig = ConversationRig()
    rig.replies = [Self.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.wait(.milliseconds(1500))
    rig.orders = []
    rig.give(.eventReceived(.interrupt))
    #expect(rig.events.last == .interrupted)
    // 1500 ms less 80 ms of playout are 21 of 39 characters.
    #expect(rig.agent.history.last == Utterance(speaker: .agent, text: "This is the first", wasCut: true))
    let count = rig.audio.count
    rig.wait(.seconds(20))
    #expect(rig.audio.count == count)
    #expect(rig.count(.responseComplete) == 0)
  }

  @Test func anInterruptBeforeAnythingWasHeardLeavesNoTrace() {
    var rig = ConversationRig()
    rig.give(.eventReceived(.text("hello")))
    rig.give(.eventReceived(.interrupt))
    #expect(rig.story == [.interrupted])
    #expect(rig.orders.last == .cancelGeneration(TurnID(rawValue: 2)))
    #expect(rig.agent.history == [Utterance(speaker: .user, text: "hello")])
    // What was on its way belongs to nobody.
    rig.give(.replyGenerated(TurnID(rawValue: 2), "Hello."))
    rig.give(.replyFinished(TurnID(rawValue: 2)))
    #expect(rig.story == [.interrupted])
  }

  @Test func cancelsTheSynthesisThatRuns() {
    var rig = ConversationRig()
    rig.synthesizes = false
    rig.replies = ["Hello there."]
    rig.give(.eventReceived(.text("hello")))
    rig.give(.eventReceived(.interrupt))
    #expect(rig.orders.last == .cancelSynthesis(TurnID(rawValue: 2)))
    rig.give(.sentenceSynthesized(TurnID(rawValue: 2), sentence: 0, [1, 2, 3]))
    #expect(rig.audio.isEmpty)
  }

  @Test func anInterruptOfNothingIsLoggedAndNotAnswered() {
    var rig = ConversationRig()
    rig.give(.eventReceived(.interrupt))
    #expect(rig.story == [])
    #expect(rig.orders == [.log("interrupt, and nothing to interrupt")])
  }

  @Test func speakingOverTheAgentCutsItAndLosesNoWord() throws {
    var rig = ConversationRig()
    rig.replies = [Self.long, "Yes?"]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.stream(.milliseconds(1000))
    rig.orders = []
    let start = rig.now
    rig.transcripts = ["stop please"]
    rig.speak(.milliseconds(600))
    #expect(try #require(rig.at(.interrupted)) - start == .milliseconds(160))
    rig.pause(.milliseconds(520))
    // Every sample since the user began, and those before, went to the turn that was answered next.
    var counts: [TurnID: Int] = [:]
    for case .recognize(let samples, let turn) in rig.orders { counts[turn, default: 0] += samples.count }
    #expect(try #require(counts[TurnID(rawValue: 1)]) == 16 * 1100)
    #expect(rig.orders.contains(.endUtterance(TurnID(rawValue: 1))))
    #expect(rig.story.contains(.transcriptFinal("stop please")))
    // 1160 ms less 80 ms of playout are 16 characters.
    #expect(rig.agent.history.map(\.text) == ["tell me a story", "This is the", "stop please"])
    rig.wait(.seconds(5))
    #expect(rig.agent.history.last == Utterance(speaker: .agent, text: "Yes?"))
    #expect(rig.count(.interrupted) == 1)
    #expect(rig.count(.responseComplete) == 1)
  }

  @Test func aCoughDoesNotCutTheAgent() {
    var rig = ConversationRig()
    rig.replies = [Self.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.stream(.milliseconds(500))
    let start = rig.samplesSent
    rig.stream(.milliseconds(80))
    rig.give(.voiceDetected(isSpeech: true, atSample: start))
    rig.stream(.milliseconds(20))
    rig.give(.voiceDetected(isSpeech: false, atSample: start + 16 * 90))
    rig.stream(.seconds(12))
    #expect(rig.count(.interrupted) == 0)
    #expect(rig.count(.responseComplete) == 1)
    #expect(rig.count(.transcriptFinal("")) == 1)
  }

  @Test func aResponseIsHeldBackWhileTheUserGoesOn() {
    var rig = ConversationRig()
    rig.synthesizes = false
    rig.say("tell me", reply: "What shall I tell you?")
    // The user goes on before the first audio was made.
    rig.speak(.milliseconds(300))
    rig.synthesizes = true
    let turn = TurnID(rawValue: 1)
    rig.give(.sentenceSynthesized(turn, sentence: 0, [Int16](repeating: 1, count: 16_000)))
    rig.give(.sentenceFinished(turn, sentence: 0))
    #expect(rig.audio.isEmpty)
    var understood = rig
    // Nothing was understood: say it now.
    rig.pause(.milliseconds(520))
    #expect(!rig.audio.isEmpty)
    #expect(rig.count(.interrupted) == 0)
    // There were words: they are answered instead.
    understood.transcripts = ["a story"]
    understood.replies = ["Once."]
    understood.pause(.milliseconds(520))
    understood.wait(.seconds(3))
    #expect(understood.count(.interrupted) == 1)
    #expect(understood.count(.responseComplete) == 1)
    #expect(understood.agent.history.map(\.text) == ["tell me", "a story", "Once."])
  }

  @Test func aTypedTurnTakesThePlaceOfWhatIsBeingSaid() {
    var rig = ConversationRig()
    rig.replies = [Self.long, "Fine."]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.wait(.milliseconds(100))
    rig.speak(.milliseconds(100))
    rig.give(.eventReceived(.text("  stop that ")))
    #expect(rig.story.suffix(4) == [.interrupted, .userSpeechEnd, .transcriptFinal(""), .responseText("Fine. ")])
    #expect(rig.orders.contains(.discardUtterance(TurnID(rawValue: 1))))
    rig.wait(.seconds(5))
    #expect(rig.count(.responseComplete) == 1)
    #expect(rig.agent.history.map(\.text) == ["tell me a story", "stop that", "Fine."])
  }

  @Test func anEmptyReplyIsComplete() {
    var rig = ConversationRig()
    rig.give(.eventReceived(.text("hello")))
    rig.give(.replyFinished(TurnID(rawValue: 2)))
    #expect(rig.story == [.responseComplete])
    #expect(rig.agent.deadline == nil)
  }

  @Test func historyIsLimited() {
    var configuration = AgentConfiguration()
    configuration.historyLimit = 3
    var rig = ConversationRig(configuration)
    for n in 1...4 {
      rig.replies = ["Reply \(n)."]
      rig.give(.eventReceived(.text("\(n)")))
      rig.wait(.seconds(3))
    }
    #expect(rig.agent.history.map(\.text) == ["Reply 3.", "4", "Reply 4."])
  }

  @Test func anEndlessReplyIsCutOff() {
    var configuration = AgentConfiguration()
    configuration.maximumReplyLength = 30
    var rig = ConversationRig(configuration)
    rig.give(.eventReceived(.text("go")))
    for _ in 0..<10 { rig.give(.replyGenerated(TurnID(rawValue: 2), "ten chars ")) }
    #expect(rig.responseText.count == 30)
    #expect(rig.orders.contains(.cancelGeneration(TurnID(rawValue: 2))))
    rig.wait(.seconds(5))
    #expect(rig.count(.responseComplete) == 1)
  }

  @Test func whenTheClientLeavesEverythingEndsAndTheHistoryIsCut() {
    var rig = ConversationRig()
    rig.replies = [Self.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.wait(.milliseconds(1500))
    let count = rig.events.count
    rig.give(.clientLeft)
    #expect(rig.events.count == count)
    #expect(rig.agent.deadline == nil)
    #expect(rig.agent.history.last?.wasCut == true)
    rig.give(.sentenceSynthesized(TurnID(rawValue: 2), sentence: 1, [1, 2, 3]))
    rig.give(.clientLeft)
    #expect(rig.events.count == count)
    // And comes back.
    let history = rig.agent.history
    rig.give(.clientJoined(sessionID: "s_1", resumeToken: "next", history: history, resumed: true))
    guard case .ready(let ready)? = rig.events.last else {
      Issue.record("no ready")
      return
    }
    #expect(ready.resumed)
    #expect(rig.agent.history == history)
  }
}
