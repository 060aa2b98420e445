import Testing
import Timeline
import Wire

@testable import Agent

/// Speech over a long answer, on a virtual clock: what holds it, what cuts it, and what lets it go on.
@Suite struct BargeInTests {
  static let backchannels = [
    "Mm-hmm.", "Uh-huh.", "Yeah.", "Yeah, yeah.", "Yes.", "Okay.", "OK", "Right.", "Sure.", "I see.", "Got it.",
    "Oh, wow.",
    "Really?", "That's right.",
  ]
  static let interruptions = [
    "Stop.", "Wait.", "No.", "Hold on.", "Stop it please.", "What time is it?", "Yeah, but wait.", "Okay, stop.",
    "Seven.",
    "No no no.", "Excuse me.", "Tell me a joke.", "Actually, cancel that.", "Right, what about Rome?",
    "Yes yes yes yes.",
    "Never mind.", "Sorry?", "Set a timer.", "I see a problem.", "Not that one.",
  ]

  /// What Moonshine wrote for "mm-hmm", "uh-huh" and "hmm".
  static let mishearings = ["I'm on.", "I had.", "Um,,"]

  private static func rig(_ change: (inout AgentConfiguration) -> Void = { _ in }) -> ConversationRig {
    var configuration = AgentConfiguration()
    configuration.tellsHolds = true
    change(&configuration)
    return speaking(ConversationRig(configuration))
  }

  /// A client whose playback stops at `user_speech_start`, and which cannot be told to hold.
  private static func stoppingRig(_ policy: BargeInPolicy) -> ConversationRig {
    var configuration = AgentConfiguration()
    (configuration.startIsACut, configuration.bargeIn) = (true, policy)
    return speaking(ConversationRig(configuration))
  }

  private static func speaking(_ rig: ConversationRig) -> ConversationRig {
    var rig = rig
    rig.replies = [(0..<6).map { "This is sentence number \($0) of a long answer." }.joined(separator: " ")]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.wait(.seconds(2))
    return rig
  }

  private static func interim(_ text: String, in rig: inout ConversationRig) {
    rig.give(.interimRecognized(rig.agent.listening.turn, text))
  }

  private static func audioMs(_ rig: ConversationRig) -> Int {
    rig.audio.reduce(0) { $0 + $1.payload.bytes.count / 2 } / 16
  }

  // MARK: With a hold

  @Test(arguments: backchannels) func aBackchannelLetsTheAgentGoOn(words: String) throws {
    var rig = Self.rig()
    rig.transcripts = [words]
    let onset = rig.now
    rig.speak(.milliseconds(400))
    #expect(try #require(rig.at(.responseHeld)) - onset <= .milliseconds(200))
    let held = Self.audioMs(rig)
    rig.pause(.milliseconds(520))
    #expect(rig.count(.responseHeld) == 1 && rig.count(.responseResumed) == 1 && rig.count(.interrupted) == 0)
    #expect(rig.events.contains(.transcriptFinal(words)))
    let resumed = try #require(rig.at(.responseResumed))
    #expect(rig.audio.allSatisfy { $0.at <= onset + .milliseconds(200) || $0.at >= resumed }, "audio while it was held")
    rig.wait(.seconds(40))
    #expect(rig.count(.responseComplete) == 1)
    #expect(Self.audioMs(rig) > held, "the rest is said, and nothing of it is lost")
    #expect(rig.agent.history.map(\.speaker) == [.user, .agent], "nobody waits for an answer to a backchannel")
    #expect(rig.agent.history.last?.wasCut == false)
    #expect(rig.agent.bargeIns.passed == 1 && rig.agent.bargeIns.falseStops == 1 && rig.agent.bargeIns.cuts == 0)
  }

  /// Words that ask for nothing are a sound when the voice was short, and somebody's when it was not.
  @Test(arguments: mishearings, [400, 600, 800]) func aShortSoundThatWasMisheardLetsTheAgentGoOn(
    words: String, milliseconds: Int
  ) {
    var rig = Self.rig()
    rig.transcripts = [words]
    rig.replies = ["As you like."]
    rig.speak(.milliseconds(200))
    Self.interim(words, in: &rig)
    rig.speak(.milliseconds(milliseconds - 200))
    rig.pause(.milliseconds(520))
    let isShort = milliseconds < 650
    #expect(rig.count(.responseHeld) == 1)
    #expect(rig.count(.responseResumed) == (isShort ? 1 : 0) && rig.count(.interrupted) == (isShort ? 0 : 1))
    #expect(rig.events.contains(.transcriptFinal(words)))
    rig.wait(.seconds(40))
    #expect(rig.count(.responseComplete) == 1)
    #expect(rig.agent.bargeIns.passed == (isShort ? 1 : 0))
  }

  @Test func nothingOfAHeldResponseIsLost() {
    var plain = Self.rig()
    plain.wait(.seconds(40))
    var rig = Self.rig()
    rig.transcripts = ["mm-hmm"]
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(520))
    rig.wait(.seconds(40))
    #expect(rig.audio.map(\.payload.bytes) == plain.audio.map(\.payload.bytes))
  }

  @Test func theHeldTimeIsNoTimeOfHearing() throws {
    var rig = Self.rig()
    rig.answersFinals = false
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(520))
    let held = try #require(rig.at(.responseHeld))
    rig.wait(.seconds(1))
    rig.give(.eventReceived(.interrupt))
    // 15 characters a second until the hold, less 80 ms of playout.
    let first = try #require(rig.audio.first?.at)
    let heard = try #require(rig.agent.history.last?.text.count)
    #expect(abs(Double(heard) - (held - first - .milliseconds(80)).milliseconds * 0.015) < 12)
  }

  @Test(arguments: 0..<14) func aNoiseLetsTheAgentGoOn(offset: Int) {
    var rig = Self.rig()
    rig.stream(.milliseconds(offset * 37 + 20))
    rig.speak(.milliseconds(250))
    rig.pause(.milliseconds(520))
    rig.wait(.seconds(40))
    #expect(rig.count(.interrupted) == 0 && rig.count(.responseComplete) == 1)
    #expect(rig.count(.responseHeld) == rig.count(.responseResumed))
    #expect(rig.events.contains(.transcriptFinal("")))
  }

  @Test(arguments: interruptions) func aRealInterruptionStopsTheAgent(words: String) throws {
    var rig = Self.rig()
    rig.transcripts = [words]
    rig.replies = ["As you like."]
    let onset = rig.now
    rig.speak(.milliseconds(450))
    let stopped = try #require(rig.at(.responseHeld))
    #expect(stopped - onset <= .milliseconds(200))
    rig.pause(.milliseconds(520))
    #expect(rig.count(.interrupted) == 1 && rig.count(.responseResumed) == 0)
    #expect(!rig.audio.contains { $0.at > stopped && $0.at < rig.at(.interrupted)! })
    rig.wait(.seconds(10))
    #expect(rig.responseText.hasSuffix("As you like. "))
    #expect(rig.agent.bargeIns.cuts == 1 && rig.agent.bargeIns.passed == 0)
  }

  @Test func anInterimWithWordsCutsAtOnce() {
    var rig = Self.rig()
    rig.speak(.milliseconds(300))
    Self.interim("Yeah", in: &rig)
    #expect(rig.count(.interrupted) == 0)
    Self.interim("Yeah, but wait", in: &rig)
    #expect(rig.count(.interrupted) == 1)
  }

  @Test func anInterimOfAgreementGoesOnAsSoonAsTheVoiceIsOver() throws {
    var rig = Self.rig()
    rig.transcripts = ["Mm-hmm."]
    rig.speak(.milliseconds(400))
    Self.interim("Mm-hmm.", in: &rig)
    let silent = rig.now
    rig.pause(.milliseconds(520))
    #expect(try #require(rig.at(.responseResumed)) - silent <= .milliseconds(220))
    #expect(rig.count(.responseHeld) == 1, "it is not held again by the same utterance")
    #expect(rig.count(.interrupted) == 0)
  }

  @Test func wordsAfterAnAgreementThatHasPassedCut() {
    var rig = Self.rig()
    rig.transcripts = ["Mm-hmm. Stop there please."]
    rig.replies = ["All right."]
    rig.speak(.milliseconds(400))
    Self.interim("Mm-hmm.", in: &rig)
    rig.pause(.milliseconds(240))
    #expect(rig.count(.responseResumed) == 1)
    rig.speak(.milliseconds(500))
    rig.pause(.milliseconds(520))
    #expect(rig.count(.interrupted) == 1)
  }

  @Test func voiceThatGoesOnCuts() throws {
    var rig = Self.rig()
    let onset = rig.now
    rig.speak(.milliseconds(1000))
    let cut = try #require(rig.at(.interrupted)) - onset
    #expect(cut >= .milliseconds(900) && cut <= .milliseconds(940))
  }

  @Test func anAgreementThatGoesOnCuts() throws {
    var rig = Self.rig()
    let onset = rig.now
    rig.speak(.milliseconds(700))
    Self.interim("yeah", in: &rig)
    rig.stream(.seconds(1))
    let cut = try #require(rig.at(.interrupted)) - onset
    #expect(cut >= .milliseconds(1500) && cut <= .milliseconds(1540))
  }

  @Test func yesIsAnAnswerWhenTheQuestionHasEnded() {
    var rig = Self.rig()
    rig.wait(.seconds(40))
    #expect(rig.count(.responseComplete) == 1)
    rig.say("Yes.", reply: "Good.")
    rig.wait(.seconds(5))
    #expect(rig.responseText.hasSuffix("Good. "))
    #expect(rig.count(.responseHeld) == 0)
  }

  @Test(arguments: [("Shall I go on?", true), ("I shall go on.", false)])
  func yesOverTheLastWordsAnswersAQuestionAlone(said: String, isAnswered: Bool) {
    var configuration = AgentConfiguration()
    configuration.tellsHolds = true
    var rig = ConversationRig(configuration)
    rig.replies = [said]
    rig.give(.eventReceived(.text("hello")))
    rig.wait(.milliseconds(300))
    rig.transcripts = ["Yes."]
    rig.replies = ["Good."]
    rig.speak(.milliseconds(300))
    rig.pause(.milliseconds(520))
    rig.wait(.seconds(5))
    #expect(rig.responseText.hasSuffix("Good. ") == isAnswered)
  }

  @Test func aHoldThatNothingDecidesEndsByItself() throws {
    var rig = Self.rig()
    rig.answersFinals = false
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(520))
    rig.wait(.seconds(4))
    let held = try #require(rig.at(.responseHeld))
    #expect(try #require(rig.at(.responseResumed)) - held == .milliseconds(2500))
    // The words cut all the same when they come.
    rig.give(.finalRecognized(rig.agent.listening.awaited[0].turn, "Stop."))
    #expect(rig.count(.interrupted) == 1)
  }

  @Test func aRecognizerThatFailsEndsTheHold() {
    var rig = Self.rig()
    rig.speak(.milliseconds(300))
    rig.give(.recognizerFailed("no model"))
    #expect(rig.count(.responseResumed) == 1 && rig.count(.interrupted) == 0)
  }

  @Test func audioThatIsTakenBackEndsTheHold() {
    var rig = Self.rig()
    rig.speak(.milliseconds(300))
    rig.give(.eventReceived(.audioDiscarded))
    #expect(rig.count(.responseResumed) == 1)
  }

  @Test func aDisconnectWhileHeldLeavesNothingBehind() {
    var rig = Self.rig()
    rig.speak(.milliseconds(300))
    rig.give(.clientLeft)
    #expect(rig.agent.deadline == nil && rig.agent.hold == nil)
    #expect(rig.count(.responseResumed) == 0)
    rig.give(.clientJoined(sessionID: "s", resumeToken: "t", history: rig.agent.history, resumed: true))
    rig.samplesSent = 0
    rig.isVoiced = false
    rig.say("hello", reply: "Hi.")
    rig.wait(.seconds(3))
    #expect(rig.responseText.hasSuffix("Hi. "))
  }

  @Test(arguments: [VoiceEvent.text("stop"), .interrupt]) func aTypedTurnOrAnInterruptWhileHeldCuts(event: VoiceEvent) {
    var rig = Self.rig()
    rig.replies = ["All right."]
    rig.speak(.milliseconds(300))
    rig.give(.eventReceived(event))
    #expect(rig.count(.interrupted) == 1 && rig.count(.responseResumed) == 0 && rig.agent.hold == nil)
    rig.pause(.milliseconds(520))
    rig.wait(.seconds(5))
    #expect(rig.count(.interrupted) + rig.count(.responseComplete) == (event == .interrupt ? 1 : 2))
  }

  // MARK: The other policies, and changes

  @Test func voiceCutsAsSoonAsThereIsEnoughOfIt() throws {
    var rig = Self.rig { $0.bargeIn = .voice }
    let onset = rig.now
    rig.transcripts = ["Mm-hmm."]
    rig.speak(.milliseconds(400))
    #expect(try #require(rig.at(.interrupted)) - onset <= .milliseconds(200))
    #expect(rig.count(.responseHeld) == 0)
  }

  @Test func offAnswersWhenTheResponseHasEnded() {
    var rig = Self.rig { $0.bargeIn = .off }
    for words in ["Stop.", "What time is it?"] {
      rig.transcripts = [words]
      rig.speak(.milliseconds(1200))
      rig.pause(.milliseconds(520))
    }
    #expect(rig.count(.interrupted) == 0 && rig.count(.responseHeld) == 0)
    #expect(rig.events.contains(.transcriptFinal("Stop.")))
    rig.replies = ["It is noon."]
    rig.wait(.seconds(60))
    #expect(rig.count(.responseComplete) == 2 && rig.count(.interrupted) == 0)
    #expect(rig.responseText.hasSuffix("It is noon. "))
    #expect(rig.agent.history.map(\.speaker) == [.user, .agent, .user, .user, .agent])
    #expect(rig.agent.history.map(\.text).suffix(3) == ["Stop.", "What time is it?", "It is noon."])
  }

  @Test func offAnInterruptEndsTheResponseAndWhatWasSaidIsAnswered() {
    var rig = Self.rig { $0.bargeIn = .off }
    rig.transcripts = ["What time is it?"]
    rig.speak(.milliseconds(600))
    rig.pause(.milliseconds(520))
    rig.replies = ["It is noon."]
    rig.give(.eventReceived(.interrupt))
    rig.wait(.seconds(5))
    #expect(rig.responseText.hasSuffix("It is noon. "))
  }

  @Test func offATypedTurnComesBehindWhatWasSaid() {
    var rig = Self.rig { $0.bargeIn = .off }
    rig.transcripts = ["What time is it?"]
    rig.speak(.milliseconds(600))
    rig.pause(.milliseconds(520))
    rig.replies = ["Both."]
    rig.give(.eventReceived(.text("and the date")))
    rig.wait(.seconds(5))
    #expect(rig.agent.history.map(\.text).suffix(3) == ["What time is it?", "and the date", "Both."])
    #expect(rig.count(.responseComplete) == 1)
  }

  @Test(arguments: [("voice", VoiceEvent.interrupted), ("off", .responseResumed)])
  func aChangeWhileHeldIsInForceAtOnce(policy: String, event: VoiceEvent) {
    var rig = Self.rig()
    rig.speak(.milliseconds(300))
    #expect(rig.count(.responseHeld) == 1)
    rig.give(.eventReceived(.config(.object(["barge_in": .string(policy)]))))
    #expect(rig.events.last == event)
    #expect(rig.agent.settings.json["barge_in"] == .string(policy))
  }

  @Test func theSettingIsToldAndChecked() {
    var rig = Self.rig()
    rig.give(.eventReceived(.config(.object([:]))))
    #expect(rig.agent.settings.json["barge_in"] == .string("words"))
    rig.give(.eventReceived(.config(.object(["barge_in": .string("never")]))))
    #expect(
      rig.events.contains(
        .error(
          ServerError(message: #"barge_in: must be "words", "voice" or "off""#, code: "bad_config"))))
    #expect(rig.agent.settings.bargeIn == .words)
    // Who cannot hold has voice, and is told of the setting once somebody has chosen it.
    var other = ConversationRig()
    #expect(other.agent.settings.bargeIn == .voice && other.agent.settings.json["barge_in"] == nil)
    other.give(.eventReceived(.config(.object(["barge_in": .string("words")]))))
    #expect(other.agent.settings.json["barge_in"] == .string("words"))
  }

  @Test func theDialectSaysWhetherAClientCanHold() {
    #expect(AgentConfiguration().adapted(to: VoiceDialect.card).tellsHolds)
    let other = AgentConfiguration().adapted(to: OpenAIDialect.card)
    #expect(!other.tellsHolds && other.startIsACut)
  }

  // MARK: Clients that cannot hold

  @Test(arguments: backchannels) func aBackchannelIsNotToldToAClientThatWouldStop(words: String) {
    var rig = Self.stoppingRig(.words)
    rig.transcripts = [words]
    let before = rig.story
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(520))
    #expect(rig.story == before)
    rig.wait(.seconds(40))
    #expect(rig.count(.responseComplete) == 1 && rig.count(.interrupted) == 0)
    #expect(rig.agent.history.map(\.speaker) == [.user, .agent])
  }

  @Test(arguments: 0..<14) func aNoiseIsNotToldToAClientThatWouldStop(offset: Int) {
    var rig = Self.stoppingRig(.words)
    rig.stream(.milliseconds(offset * 37 + 20))
    let before = rig.story
    rig.speak(.milliseconds(250))
    rig.pause(.milliseconds(520))
    #expect(rig.story == before)
  }

  @Test func aRealInterruptionIsToldWhenItIsKnown() throws {
    var rig = Self.stoppingRig(.words)
    rig.transcripts = ["Wait a moment."]
    rig.replies = ["Yes?"]
    let before = rig.story.count
    let onset = rig.now
    rig.speak(.milliseconds(500))
    Self.interim("wait", in: &rig)
    rig.pause(.milliseconds(520))
    #expect(
      rig.story.dropFirst(before).prefix(5) == [
        .userSpeechStart, .transcriptInterim("wait"), .interrupted, .userSpeechEnd, .transcriptFinal("Wait a moment."),
      ])
    #expect(try #require(rig.at(.interrupted)) - onset == .milliseconds(500))
  }

  @Test func voiceThatGoesOnIsAnInterruptionSooner() throws {
    var rig = Self.stoppingRig(.words)
    let onset = rig.now
    rig.speak(.milliseconds(1000))
    let cut = try #require(rig.at(.interrupted)) - onset
    #expect(cut >= .milliseconds(700) && cut <= .milliseconds(740))
  }

  @Test func aShortInterruptionIsToldWithItsWords() {
    var rig = Self.stoppingRig(.words)
    rig.transcripts = ["Stop."]
    rig.replies = ["All right."]
    let before = rig.story.count
    rig.speak(.milliseconds(350))
    rig.pause(.milliseconds(520))
    #expect(
      rig.story.dropFirst(before).prefix(4) == [
        .userSpeechStart, .interrupted, .userSpeechEnd, .transcriptFinal("Stop."),
      ])
    rig.wait(.seconds(5))
    #expect(rig.responseText.hasSuffix("All right. "))
  }

  @Test func speechThatOutlastsTheResponseIsToldWhenItEnds() {
    var rig = Self.stoppingRig(.off)
    rig.speak(.seconds(22))
    #expect(rig.count(.responseComplete) == 1)
    let story = rig.story
    #expect(story.firstIndex(of: .userSpeechStart)! > story.firstIndex(of: .responseComplete)!)
  }

  @Test func offTellsWhatWasSaidBehindTheResponse() {
    var rig = Self.stoppingRig(.off)
    rig.transcripts = ["Stop."]
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(520))
    rig.replies = ["All right."]
    rig.wait(.seconds(60))
    let told = rig.story.drop { $0 != .responseComplete }.prefix(4)
    #expect(told == [.responseComplete, .userSpeechStart, .userSpeechEnd, .transcriptFinal("Stop.")])
    #expect(rig.responseText.hasSuffix("All right. "))
    #expect(rig.count(.responseComplete) == 2 && rig.count(.interrupted) == 0)
  }

  // MARK: Words of agreement

  @Test(
    arguments: backchannels + [
      "mm", "Hmm.", "Ah, okay.", "yes, yes, yes", "Oh really?", "Good.", "Alright.", "All right!",
    ])
  func isAgreement(text: String) { #expect(Backchannel.reading(of: text) == .agreement) }

  @Test(arguments: interruptions + ["Uh-uh no", "nope", "one", "3", "yeah no", "go", "hello"])
  func isNoAgreement(text: String) { #expect(Backchannel.reading(of: text) == .words) }

  @Test(arguments: Self.mishearings + ["um", "Uh-uh.", "ok google"]) func isUnclear(text: String) {
    #expect(Backchannel.reading(of: text) == .unclear)
  }

  @Test(arguments: ["", " ", "…", "."]) func isNothing(text: String) {
    #expect(Backchannel.reading(of: text) == .nothing)
  }
}
