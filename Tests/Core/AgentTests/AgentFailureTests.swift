import Testing
import Timeline
import Wire

@testable import Agent

@Suite struct AgentFailureTests {
  private func errors(_ rig: ConversationRig) -> [ServerError] {
    rig.events.compactMap { if case .error(let error) = $0 { error } else { nil } }
  }

  @Test func aFailedModelStillSaysWhatItHad() {
    var rig = ConversationRig()
    rig.give(.eventReceived(.text("hello")))
    let turn = TurnID(rawValue: 2)
    rig.give(.replyGenerated(turn, "Half of it"))
    rig.give(.replyFailed(turn, "connection refused"))
    rig.wait(.seconds(3))
    #expect(errors(rig) == [ServerError(message: "language model: connection refused", code: "llm_failed")])
    #expect(rig.events.last == .responseComplete)
    #expect(!rig.audio.isEmpty)
  }

  @Test func aFailedSentenceIsSkipped() {
    var rig = ConversationRig()
    rig.synthesizes = false
    rig.replies = ["One is here. Two is here."]
    rig.give(.eventReceived(.text("hello")))
    let turn = TurnID(rawValue: 2)
    rig.synthesizes = true
    rig.give(.synthesisFailed(turn, sentence: 0, "no voice"))
    rig.wait(.seconds(3))
    #expect(errors(rig) == [ServerError(message: "speech synthesis: no voice", code: "tts_failed")])
    #expect(rig.events.last == .responseComplete)
    #expect(rig.audio.reduce(0) { $0 + $1.payload.bytes.count } == 2 * (12 * 16_000 / 15))
  }

  @Test(arguments: [true, false]) func aProviderThatFallsSilentEndsTheResponse(generates: Bool) {
    var rig = ConversationRig()
    rig.synthesizes = false
    if generates { rig.replies = ["Hello there."] }
    rig.give(.eventReceived(.text("hello")))
    rig.wait(.seconds(29))
    #expect(rig.agent.isResponding)
    rig.wait(.seconds(2))
    #expect(errors(rig).map(\.code) == [generates ? "tts_failed" : "llm_failed"])
    #expect(rig.events.last == .interrupted)
    #expect(rig.agent.deadline == nil)
  }

  @Test func badMessagesAreAnsweredAndChangeNothing() {
    var rig = ConversationRig()
    rig.replies = [AgentRespondingTests.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.give(.eventReceived(.malformed(what: "text frame", reason: "not valid JSON")))
    rig.give(.eventReceived(.unknown(type: "dance")))
    rig.give(.eventReceived(.responseComplete))
    rig.give(.eventReceived(.text("   ")))
    #expect(errors(rig).map(\.code) == ["malformed", "unknown_type", "unexpected", "bad_text"])
    #expect(errors(rig).allSatisfy { !$0.isFatal })
    #expect(rig.agent.isResponding)
    rig.wait(.seconds(20))
    #expect(rig.events.last == .responseComplete)
  }

  @Test func aFloodOfBadMessagesIsNotAnsweredByAFlood() {
    var rig = ConversationRig()
    for _ in 0..<1000 { rig.give(.eventReceived(.unknown(type: "x"))) }
    #expect(errors(rig).count == 8)
    rig.now += .seconds(1)
    rig.give(.eventReceived(.unknown(type: "x")))
    #expect(errors(rig).last?.message == "unknown message type \"x\" (992 errors before it were not sent)")
    #expect(rig.orders == [.log("errors come too fast; not all are sent")])
  }

  // MARK: Settings

  @Test func settingsAreAppliedAndEchoed() {
    var rig = ConversationRig()
    rig.give(
      .eventReceived(
        .config(
          .object(["language": .string("de"), "endpointing": .number(420), "favourite": .array([.number(1)])]))))
    #expect(
      rig.story == [
        .configApplied(
          .object([
            "language": .string("de"), "voice": .string("slt"), "endpointing": .number(420),
            "favourite": .array([.number(1)]),
          ]))
      ])
    rig.replies = ["Ja."]
    rig.give(.eventReceived(.text("hallo")))
    let orders = rig.orders.filter {
      switch $0 {
      case .generate, .synthesize: true
      default: false
      }
    }
    let turn = TurnID(rawValue: 2)
    #expect(
      orders == [
        .generate(turn, history: [Utterance(speaker: .user, text: "hallo")], language: "de"),
        .synthesize(turn, sentence: 0, text: "Ja.", voice: "slt", language: "de"),
      ])
  }

  @Test(arguments: [
    ("language", JSONValue.number(3)), ("language", .string("--help")), ("language", .string("")),
    ("voice", .string("../slt")), ("voice", .string("-w")), ("voice", .null), ("endpointing", .string("soon")),
    ("endpointing", .number(5)), ("endpointing", .number(.infinity)),
    ("extra", .string(String(repeating: "x", count: 20_000))),
  ])
  func aBadSettingIsNamedAndTheOthersApply(key: String, value: JSONValue) throws {
    var rig = ConversationRig()
    let other = key == "language" ? "voice" : "language"
    rig.give(.eventReceived(.config(.object([key: value, other: .string("fr")]))))
    #expect(errors(rig).map(\.code) == ["bad_config"])
    #expect(try #require(errors(rig).first).message.hasPrefix(key + ":"))
    guard case .configApplied(let settings)? = rig.events.last else {
      Issue.record("no config_applied")
      return
    }
    #expect(settings[other] == .string("fr"))
    #expect(settings[key] != value || value == .null)
  }

  @Test func onlyKnownVoicesWhenTheyAreListed() {
    var configuration = AgentConfiguration()
    configuration.voices = ["slt", "rms"]
    var rig = ConversationRig(configuration)
    rig.give(.eventReceived(.config(.object(["voice": .string("bob")]))))
    #expect(errors(rig).map(\.message) == ["voice: unknown \"bob\"; known: rms, slt"])
    rig.give(.eventReceived(.config(.object(["voice": .string("rms")]))))
    #expect(rig.agent.settings.voice == "rms")
  }

  @Test func snappyEndpointingTakesTheQuickVoiceUnlessOneIsNamed() {
    var configuration = AgentConfiguration()
    (configuration.voice, configuration.quickVoice) = ("joe", "slt")
    var rig = ConversationRig(configuration)
    func voiceAfter(_ settings: [String: JSONValue]) -> JSONValue? {
      rig.give(.eventReceived(.config(.object(settings))))
      rig.wait(.seconds(1))
      guard case .configApplied(let applied)? = rig.events.last else { return nil }
      return applied["voice"]
    }
    #expect(rig.agent.settings.voice == "joe")
    #expect(voiceAfter(["endpointing": .string("snappy")]) == .string("slt"))
    #expect(voiceAfter(["endpointing": .string("default")]) == .string("joe"))
    #expect(voiceAfter(["endpointing": .number(200), "voice": .string("joe")]) == .string("joe"))
  }

  @Test func aVoiceThatCannotSpeakIsReplacedAndTheClientIsTold() throws {
    var configuration = AgentConfiguration()
    configuration.voice = "joe"
    var rig = ConversationRig(configuration)
    rig.replies = ["Yes. It is.", "No."]
    rig.synthesizes = false
    rig.give(.eventReceived(.text("well")))
    rig.give(.voiceSubstituted("joe", by: "slt", "damaged: repair it"))
    #expect(errors(rig).map(\.code) == ["voice_unavailable"])
    #expect(try #require(errors(rig).first).message == "the voice joe cannot speak, slt does: damaged: repair it")
    guard case .configApplied(let settings)? = rig.events.last else { return #expect(Bool(false)) }
    #expect(settings["voice"] == .string("slt"))
    rig.give(.sentenceSynthesized(TurnID(rawValue: 2), sentence: 0, [Int16](repeating: 1, count: 1600)))
    let metrics = rig.events.compactMap { event in if case .metrics(let metrics) = event { metrics } else { nil } }
    #expect(metrics.map(\.voice) == ["slt"])
  }

  /// The other model gets the whole time, and what it says is the answer.
  @Test func anotherLanguageModelAnswersAndTheClientIsTold() {
    var configuration = AgentConfiguration()
    configuration.replyTimeout = .seconds(12)
    var rig = ConversationRig(configuration)
    rig.give(.eventReceived(.text("well")))
    let turn = TurnID(rawValue: 2)
    rig.wait(.seconds(10))
    rig.give(.replySubstituted(turn, by: "builtin", "api.example.org: it is silent"))
    #expect(errors(rig).map(\.code) == ["llm_unavailable"])
    #expect(errors(rig).first?.message == "builtin answers: api.example.org: it is silent")
    rig.wait(.seconds(10))
    rig.give(.replyGenerated(turn, "Yes."))
    rig.give(.replyFinished(turn))
    rig.wait(.seconds(5))
    #expect(errors(rig).count == 1 && rig.count(.responseComplete) == 1)
    // Of a turn that is over.
    rig.give(.replySubstituted(turn, by: "builtin", "late"))
    #expect(errors(rig).count == 1)
    rig.give(.eventReceived(.text("and now")))
    rig.wait(.seconds(12))
    #expect(errors(rig).last?.message == "language model: nothing within 12 s")
  }

  @Test func aServiceThatFailedIsLeftAloneForHalfAMinute() {
    var rest = ServiceRest()
    let now = Timestamp(milliseconds: 1000)
    #expect(!rest.isOn(at: now))
    rest.failed(at: now)
    #expect(rest.isOn(at: now + .seconds(29)) && !rest.isOn(at: now + .seconds(30)))
    rest.worked()
    #expect(!rest.isOn(at: now + .seconds(1)))
  }

  @Test func aLanguageWithoutVoicesSaysNone() {
    var configuration = AgentConfiguration()
    configuration.language = "de"
    let rig = ConversationRig(configuration)
    guard case .ready(let ready)? = rig.events.first else { return #expect(Bool(false)) }
    #expect(ready.voice == nil)
  }

  // MARK: Announcements

  @Test func aTimerIsAnnouncedAsAResponseOfItsOwn() throws {
    var rig = ConversationRig()
    let start = rig.now
    rig.give(.announcementScheduled(id: 1, after: .seconds(10), text: "Time is up."))
    rig.wait(.seconds(20))
    #expect(rig.story == [.responseText("Time is up."), .responseComplete])
    #expect(try #require(rig.at(.responseText("Time is up."))) - start == .seconds(10))
    #expect(rig.agent.history == [Utterance(speaker: .agent, text: "Time is up.")])
  }

  @Test func aCancelledTimerIsSilent() {
    var rig = ConversationRig()
    rig.give(.announcementScheduled(id: 1, after: .seconds(10), text: "Time is up."))
    rig.give(.announcementScheduled(id: 2, after: .seconds(5), text: "Two."))
    rig.give(.announcementCancelled(id: 1))
    rig.wait(.seconds(20))
    #expect(rig.story == [.responseText("Two."), .responseComplete])
  }

  @Test func anAnnouncementWaitsUntilNobodySpeaks() {
    var rig = ConversationRig()
    rig.speak(.milliseconds(300))
    rig.give(.announcementDue("Ding."))
    #expect(!rig.agent.isResponding)
    rig.say("hello", reply: "Hi.")
    rig.stream(.seconds(4))
    #expect(
      rig.story.suffix(4) == [.responseText("Hi. "), .responseComplete, .responseText("Ding."), .responseComplete])
  }

  @Test func anAnnouncementThatRanOutMeanwhileWaitsForTheClientToComeBack() {
    var rig = ConversationRig()
    rig.give(.announcementScheduled(id: 1, after: .seconds(3), text: "Ding."))
    rig.give(.clientLeft)
    rig.wait(.seconds(10))
    #expect(rig.responseText.isEmpty)
    rig.give(.clientJoined(sessionID: "s", resumeToken: "t", history: [], resumed: true))
    rig.wait(.seconds(3))
    #expect(rig.story == [.responseText("Ding."), .responseComplete])
  }
}
