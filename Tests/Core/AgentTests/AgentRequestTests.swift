import Testing
import Timeline
import Wire

@testable import Agent

/// What clients ask for whose protocol has words for it.
@Suite struct AgentRequestTests {
  private static let tools = JSONValue.array([
    .object([
      "type": .string("function"), "name": .string("get_weather"),
      "parameters": .object([
        "type": .string("object"),
        "properties": .object([
          "city": .object(["type": .string("string")]), "days": .object(["type": .string("integer")]),
          "deep": .object(["type": .string("object")]),
        ]), "required": .array([.string("city"), .string("days"), .string("deep")]),
      ]),
    ]),
    .object(["type": .string("function"), "name": .string("turnOnLights")]),
  ])

  private func rig(_ settings: [String: JSONValue] = [:], callsTools: Bool = false) -> ConversationRig {
    var configuration = AgentConfiguration()
    configuration.tellsStarts = true
    configuration.callsTools = callsTools
    configuration.foreignVoices = ["marin"]
    var rig = ConversationRig(configuration)
    if !settings.isEmpty { rig.give(.eventReceived(.config(.object(settings)))) }
    rig.sent = []
    return rig
  }

  @Test func aClientThatEndsTheTurnsIsNotAnsweredUntilItAsks() {
    var rig = rig(["turn_detection": .null])
    rig.transcripts = ["what time is it"]
    rig.replies = ["It is noon."]
    rig.speak(.milliseconds(800))
    // However long a pause is, the turn goes on.
    rig.pause(.seconds(3))
    #expect(rig.story == [.userSpeechStart])
    rig.give(.eventReceived(.turnEnd))
    #expect(rig.story.suffix(2) == [.userSpeechEnd, .transcriptFinal("what time is it")])
    rig.wait(.seconds(2))
    #expect(!rig.agent.isResponding)
    rig.give(.eventReceived(.responseRequest(.object([:]))))
    rig.wait(.seconds(5))
    #expect(rig.responseText == "It is noon. " && rig.events.last == .responseComplete)
    #expect(rig.count(.responseStarted) == 1)
  }

  @Test func aRequestWaitsForTheWordsThatAreOnTheirWay() {
    var rig = rig(["turn_detection": .null])
    rig.answersFinals = false
    rig.replies = ["It is noon."]
    rig.speak(.milliseconds(800))
    rig.give(.eventReceived(.turnEnd))
    rig.give(.eventReceived(.responseRequest(.object([:]))))
    #expect(!rig.agent.isResponding)
    guard case .endUtterance(let turn)? = rig.orders.last(where: { if case .endUtterance = $0 { true } else { false } })
    else { return #expect(Bool(false)) }
    rig.give(.finalRecognized(turn, "what time is it"))
    rig.wait(.seconds(5))
    #expect(rig.count(.responseStarted) == 1 && rig.responseText == "It is noon. ")
    #expect(rig.agent.history.map(\.text) == ["what time is it", "It is noon."])
  }

  /// Asked for, an answer comes also when nothing was understood.
  @Test func aRequestAfterSilenceIsAnswered() {
    var rig = rig(["turn_detection": .null])
    rig.replies = ["Say it again."]
    rig.stream(.milliseconds(500))
    rig.give(.eventReceived(.turnEnd))
    rig.give(.eventReceived(.responseRequest(.object([:]))))
    rig.wait(.seconds(5))
    #expect(rig.responseText == "Say it again. ")
    // With nothing sent since, there is no turn to end.
    let orders = rig.orders.count
    rig.give(.eventReceived(.turnEnd))
    #expect(rig.orders.count == orders)
  }

  @Test func aTurnThatIsNotToBeAnsweredByItself() {
    var rig = rig(["create_response": .bool(false), "interrupt_response": .bool(false)])
    rig.say("hello", reply: "Hi.")
    rig.wait(.seconds(3))
    #expect(rig.story.last == .transcriptFinal("hello"))
    rig.replies = [AgentRespondingTests.long]
    rig.give(.eventReceived(.responseRequest(.object([:]))))
    rig.wait(.milliseconds(500))
    // Speech over the answer leaves it alone.
    rig.transcripts = ["and more"]
    rig.speak(.milliseconds(800))
    rig.pause(.milliseconds(700))
    #expect(rig.count(.interrupted) == 0 && rig.agent.isResponding)
    rig.give(.eventReceived(.config(.object(["create_response": .string("yes")]))))
    #expect(rig.events.contains { if case .error(let error) = $0 { error.code == "bad_config" } else { false } })
  }

  @Test func discardedAudioLeavesNothing() {
    var rig = rig()
    rig.speak(.milliseconds(400))
    rig.give(.eventReceived(.audioDiscarded))
    rig.wait(.seconds(3))
    #expect(rig.story == [.userSpeechStart])
    rig.isVoiced = false
    rig.say("hello", reply: "Hi.")
    rig.wait(.seconds(3))
    #expect(rig.story.contains(.transcriptFinal("hello")))
  }

  @Test func whatWasHeardIsWhatIsRemembered() {
    var rig = rig()
    rig.replies = [AgentRespondingTests.long]
    rig.give(.eventReceived(.text("tell me a story")))
    rig.wait(.seconds(4))
    rig.give(.eventReceived(.interrupt))
    let ref = WireRef(item: "i")!
    // 15 characters a second: 30 of them.
    rig.give(.eventReceived(.heard(HeardAudio(of: ref, ms: 2000))))
    #expect(rig.agent.history.last == Utterance(speaker: .agent, text: "This is the first sentence of", wasCut: true))
    // Once: a second word about it is about nothing.
    rig.give(.eventReceived(.heard(HeardAudio(of: ref, ms: 0))))
    #expect(rig.agent.history.last?.text == "This is the first sentence of")
    rig.replies = ["It is noon."]
    rig.give(.eventReceived(.text("what time is it")))
    rig.wait(.seconds(3))
    rig.give(.eventReceived(.heard(HeardAudio(of: ref, ms: 0))))
    #expect(rig.agent.history.last?.text == "what time is it")
  }

  @Test func aToolIsCalledByItsWordsAndItsResultIsSpoken() throws {
    var rig = rig(["tools": Self.tools], callsTools: true)
    rig.say("what is the weather in berlin for 3 days", reply: "I do not know.")
    rig.wait(.seconds(1))
    let call = try #require(rig.events.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }.first)
    #expect(call.name == "get_weather" && call.arguments == #"{"city":"Berlin","days":3}"#)
    #expect(rig.story.suffix(3) == [.responseStarted, .toolCall(call), .responseComplete])
    rig.give(
      .eventReceived(
        .toolResult(ToolResult(id: call.id, name: "get_weather", output: #"{"weather":"snow","degrees":-4}"#))))
    rig.wait(.seconds(1))
    #expect(!rig.agent.isResponding)
    rig.give(.eventReceived(.responseRequest(.object([:]))))
    rig.wait(.seconds(10))
    #expect(rig.responseText == "The weather says: degrees -4, weather snow.")
    #expect(rig.events.last == .responseComplete)
    // A name in another style; and a turn that names none.
    rig.give(.eventReceived(.text("please turn on the lights")))
    #expect(rig.events.contains { if case .toolCall(let call) = $0 { call.name == "turnOnLights" } else { false } })
    rig.replies = ["Hi."]
    rig.give(.eventReceived(.text("hello")))
    rig.wait(.seconds(3))
    #expect(rig.responseText.hasSuffix("Hi. "))
  }

  @Test func toolsAreNotCalledByWhoDoesNotCallThem() {
    var rig = rig(["tools": Self.tools])
    rig.say("what is the weather", reply: "I do not know.")
    rig.wait(.seconds(3))
    #expect(rig.responseText == "I do not know. ")
  }

  @Test func voicesOfTheVendorAreEchoed() {
    var rig = rig(["voice": .string("marin")])
    rig.give(.eventReceived(.config(.object([:]))))
    guard case .configApplied(let settings)? = rig.events.last else { return #expect(Bool(false)) }
    #expect(settings["voice"] == .string("marin") && rig.agent.settings.voice == "slt")
    rig.give(.eventReceived(.config(.object(["voice": .string("rms")]))))
    guard case .configApplied(let changed)? = rig.events.last else { return #expect(Bool(false)) }
    #expect(changed["voice"] == .string("rms"))
  }
}
