import Testing
import Timeline
import Wire

@testable import Agent

@Suite struct AgentListeningTests {
  @Test func greetsWithItsRatesAndTheTokenToComeBack() {
    let rig = ConversationRig()
    #expect(
      rig.events == [
        .ready(
          Ready(
            sessionID: "s_1", protocolName: "voice/1", inputRate: 16_000, outputRate: 16_000, outputFormat: "pcm16",
            resumeToken: "secret", voice: "slt"))
      ])
    #expect(rig.agent.deadline == nil)
  }

  @Test func everySampleGoesToTheRecognizerOfItsTurn() {
    var rig = ConversationRig()
    rig.transcripts = ["hello"]
    rig.replies = ["Hi."]
    rig.stream(.milliseconds(100))
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(600))
    var counts: [Int: Int] = [:]
    for case .recognize(let samples, let turn) in rig.orders { counts[turn.rawValue, default: 0] += samples.count }
    #expect(counts == [1: 16 * 1000, 2: 16 * 100])
  }

  @Test func endsAnUtteranceAfterHalfASecondOfSilence() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    let silent = rig.now
    rig.pause(.milliseconds(600))
    #expect(rig.story == [.userSpeechStart, .userSpeechEnd, .transcriptFinal("")])
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(500))
  }

  @Test func snappyEndsItAfter300Milliseconds() throws {
    var rig = ConversationRig()
    rig.give(.eventReceived(.config(.object(["endpointing": .string("snappy")]))))
    rig.speak(.milliseconds(800))
    let silent = rig.now
    rig.pause(.milliseconds(400))
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(300))
  }

  @Test func aRecognizerMayFindTheTurnOverSooner() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    // Not while somebody speaks.
    rig.give(.turnFoundOver(TurnID(rawValue: 1)))
    rig.speak(.milliseconds(200))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.pause(.milliseconds(300))
    rig.give(.turnFoundOver(TurnID(rawValue: 9)))
    rig.pause(.milliseconds(20))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.give(.turnFoundOver(TurnID(rawValue: 1)))
    #expect(rig.count(.userSpeechEnd) == 1)
    #expect(rig.orders.contains(.endUtterance(TurnID(rawValue: 1))))
  }

  @Test func whatIsFoundOverEndsAtTheNextSilence() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    rig.give(.turnFoundOver(TurnID(rawValue: 1)))
    let silent = rig.now
    rig.pause(.milliseconds(400))
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(200))
  }

  @Test func aTurnIsNotLostWhenAnotherRecognizerTakesOver() {
    var rig = ConversationRig()
    rig.transcripts = ["hello"]
    rig.replies = ["Hi."]
    rig.speak(.milliseconds(800))
    rig.give(.recognizerSubstituted(by: "PocketSphinx", "Deepgram at host: not authorized (HTTP 401)"))
    rig.pause(.milliseconds(600))
    #expect(
      rig.story.prefix(4) == [
        .userSpeechStart,
        .error(
          ServerError(
            message:
              "speech recognition: Deepgram at host: not authorized (HTTP 401); PocketSphinx hears instead",
            code: "stt_unavailable")),
        .userSpeechEnd, .transcriptFinal("hello"),
      ])
  }

  /// The account of a turn names who heard it, which is not always who was asked.
  @Test func whoHasHeardATurnIsNamed() {
    var configuration = AgentConfiguration()
    configuration.engines = SpeechEngines(recognizer: "deepgram")
    configuration.model = "llama3.2"
    var rig = ConversationRig(configuration)
    func names(after input: AgentInput? = nil) -> [String?] {
      if let input { rig.give(input) }
      rig.say("what time is it", reply: "Noon.")
      rig.wait(.seconds(2))
      for case .metrics(let metrics) in rig.events.reversed() { return [metrics.recognizer, metrics.model] }
      return []
    }
    #expect(names() == ["deepgram", "llama3.2"])
    #expect(names(after: .recognizerSubstituted(by: "Moonshine", "it has gone")) == ["Moonshine", "llama3.2"])
    #expect(names(after: .recognizerRestored) == ["deepgram", "llama3.2"])
  }

  @Test func aShortPauseEndsNothing() {
    var rig = ConversationRig()
    rig.speak(.milliseconds(400))
    // And 80 ms more until the detector notices.
    rig.pause(.milliseconds(400))
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(600))
    #expect(rig.count(.userSpeechStart) == 1)
    #expect(rig.count(.userSpeechEnd) == 1)
  }

  @Test func silenceIsMeasuredInWallTimeWhenTheClientsGateCloses() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    let silent = rig.now
    rig.pause(.milliseconds(300))
    rig.wait(.seconds(2))
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(500))
    #expect(rig.agent.deadline == nil)
  }

  @Test func aClientThatStopsInMidSpeechIsEndedAndTheDetectorBroughtToRest() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    let stopped = rig.now
    rig.orders = []
    rig.wait(.seconds(2))
    #expect(try #require(rig.at(.userSpeechEnd)) - stopped == .milliseconds(500))
    // The final comes first; the silence that the client did not send belongs to the next turn.
    #expect(
      rig.orders == [
        .endUtterance(TurnID(rawValue: 1)), .recognize([Int16](repeating: 0, count: 9600), TurnID(rawValue: 2)),
      ])
    // The positions of later audio count the padding.
    rig.samplesSent += 9600
    rig.speak(.milliseconds(300))
    #expect(rig.count(.userSpeechStart) == 2)
  }

  @Test func largePiecesOfAudioDoNotEndAnUtteranceEarly() {
    // 512 ms in a message: between two messages there is a silence of its own.
    var rig = ConversationRig()
    rig.isVoiced = true
    rig.stream(.milliseconds(512), piece: .milliseconds(512))
    rig.give(.voiceDetected(isSpeech: true, atSample: 0))
    rig.stream(.milliseconds(512), piece: .milliseconds(512))
    rig.give(.voiceDetected(isSpeech: false, atSample: 16 * 700))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.stream(.milliseconds(512), piece: .milliseconds(512))
    #expect(rig.count(.userSpeechEnd) == 1)
  }

  @Test func audioThatTheRecognizerHasNotSeenIsNoSilence() {
    var rig = ConversationRig()
    rig.speak(.milliseconds(400))
    rig.give(.recognizerBacklogChanged(.milliseconds(420)))
    rig.pause(.milliseconds(700))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.give(.recognizerBacklogChanged(.zero))
    #expect(rig.count(.userSpeechEnd) == 1)
  }

  @Test func speechThatTheRecognizerHasNotSeenYetIsNoBargeIn() {
    // A cough at the beginning of a message of half a second.
    var rig = ConversationRig()
    rig.replies = [AgentRespondingTests.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.stream(.milliseconds(512), piece: .milliseconds(512))
    rig.give(.recognizerBacklogChanged(.milliseconds(400)))
    rig.give(.voiceDetected(isSpeech: true, atSample: 0))
    #expect(rig.count(.interrupted) == 0)
    rig.give(.voiceDetected(isSpeech: false, atSample: 16 * 100))
    rig.give(.recognizerBacklogChanged(.zero))
    #expect(rig.count(.interrupted) == 0)
  }

  @Test func theClientsHintKeepsTheEndpointSilence() throws {
    var rig = ConversationRig()
    rig.speak(.milliseconds(800))
    let silent = rig.now
    rig.pause(.milliseconds(300))
    rig.give(.eventReceived(.speechEnd))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.wait(.seconds(1))
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(500))
  }

  @Test func aTrustedHintEndsAtOnceWhenTheDetectorAgrees() throws {
    var configuration = AgentConfiguration()
    configuration.trustsClientEnd = true
    var rig = ConversationRig(configuration)
    rig.speak(.milliseconds(800))
    rig.give(.eventReceived(.speechEnd))
    #expect(rig.count(.userSpeechEnd) == 0, "the detector still hears speech")
    let silent = rig.now
    rig.pause(.milliseconds(220))
    #expect(try #require(rig.at(.userSpeechEnd)) - silent == .milliseconds(200))
  }

  @Test func anEndlessUtteranceIsEndedByForceAndGoesOnAsTheNext() {
    var rig = ConversationRig()
    rig.speak(.seconds(26))
    #expect(rig.story == [.userSpeechStart, .userSpeechEnd, .userSpeechStart, .transcriptFinal("")])
  }

  @Test func interimsAreSentWhenTheyChange() {
    var rig = ConversationRig()
    let turn = TurnID(rawValue: 1)
    rig.give(.interimRecognized(turn, "before speech"))
    rig.speak(.milliseconds(400))
    for text in ["what", "what", "what time"] { rig.give(.interimRecognized(turn, text)) }
    rig.give(.interimRecognized(TurnID(rawValue: 9), "of another turn"))
    #expect(rig.story == [.userSpeechStart, .transcriptInterim("what"), .transcriptInterim("what time")])
  }

  @Test func whatAnInterimShowedDoesNotDisappear() {
    var rig = ConversationRig()
    let turn = TurnID(rawValue: 1)
    rig.speak(.milliseconds(400))
    for text in ["turn of the", "turn", "", "turn off the", "turn off the light"] {
      rig.give(.interimRecognized(turn, text))
    }
    let shown = ["turn of the", "turn off the", "turn off the light"]
    #expect(rig.story == [.userSpeechStart] + shown.map { .transcriptInterim($0) })
  }

  @Test func pausesAndResumesTheClient() {
    var rig = ConversationRig()
    for milliseconds in [2900, 3001, 3500, 300, 249, 100] {
      rig.give(.recognizerBacklogChanged(.milliseconds(milliseconds)))
    }
    #expect(rig.story == [.pause, .resume])
  }

  @Test func aClientThatWePausedIsNotSilent() {
    var rig = ConversationRig()
    rig.speak(.milliseconds(400))
    rig.give(.recognizerBacklogChanged(.seconds(4)))
    rig.wait(.seconds(5))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.give(.recognizerBacklogChanged(.zero))
    rig.wait(.milliseconds(490))
    #expect(rig.count(.userSpeechEnd) == 0)
    rig.wait(.milliseconds(20))
    #expect(rig.count(.userSpeechEnd) == 1)
  }

  @Test func aRecognizerThatNeverAnswersIsReported() {
    var rig = ConversationRig()
    rig.answersFinals = false
    rig.speak(.milliseconds(400))
    rig.pause(.milliseconds(600))
    rig.wait(.seconds(31))
    #expect(
      rig.story == [
        .userSpeechStart, .userSpeechEnd,
        .error(ServerError(message: "speech recognition: no transcript within 30 s", code: "stt_failed")),
        .transcriptFinal(""),
      ])
  }

  @Test func aFailedRecognizerEndsTheUtteranceAndTheSessionGoesOn() {
    var rig = ConversationRig()
    rig.speak(.milliseconds(400))
    rig.give(.recognizerFailed("no model"))
    #expect(
      rig.story == [
        .userSpeechStart, .error(ServerError(message: "speech recognition: no model", code: "stt_failed")),
        .userSpeechEnd, .transcriptFinal(""),
      ])
    rig.give(.eventReceived(.text("hello")))
    #expect(rig.agent.isResponding)
  }

  @Test func nothingHappensBeforeAClientHasJoined() {
    var rig = ConversationRig(join: false)
    rig.speak(.milliseconds(400))
    rig.give(.eventReceived(.interrupt))
    rig.give(.recognizerBacklogChanged(.seconds(4)))
    rig.give(.deadlinePassed)
    #expect(rig.events.isEmpty)
    #expect(rig.orders.isEmpty)
  }
}
