import Testing
import Timeline
import Wire

@testable import Agent

/// Clients that send too much, or nothing at all.
@Suite struct AgentFloodTests {
  private func errors(_ rig: ConversationRig, _ code: String) -> [String] {
    rig.events.compactMap { if case .error(let error) = $0, error.code == code { error.message } else { nil } }
  }

  @Test func aThousandInterruptsOfNothingAreNotAnswered() {
    var rig = ConversationRig()
    for _ in 0..<1000 { rig.give(.eventReceived(.interrupt)) }
    #expect(rig.story.isEmpty)
    rig.give(.eventReceived(.text("hello")))
    for _ in 0..<1000 { rig.give(.eventReceived(.interrupt)) }
    #expect(rig.count(.interrupted) == 1)
  }

  @Test func aFloodOfTypedTurnsIsTakenInPart() {
    var rig = ConversationRig()
    for number in 0..<1000 { rig.give(.eventReceived(.text("turn \(number)"))) }
    let begun = rig.orders.count { if case .generate = $0 { true } else { false } }
    #expect(begun == 20)
    // One cut for each turn that another took the place of, and errors that are themselves limited and counted.
    #expect(rig.count(.interrupted) == 19)
    #expect(errors(rig, "too_fast").count == 8)
    rig.wait(.seconds(2))
    rig.give(.eventReceived(.text("and now?")))
    #expect(rig.agent.history.contains { $0.text == "and now?" })
    rig.give(.eventReceived(.unknown(type: "x")))
    #expect(errors(rig, "unknown_type").last?.contains("972 errors before it were not sent") == true)
  }

  @Test func aFloodOfSettingsIsAnsweredInPart() {
    var rig = ConversationRig()
    for number in 0..<1000 { rig.give(.eventReceived(.config(.object(["mood": .number(Double(number))])))) }
    let answers = rig.events.count { if case .configApplied = $0 { true } else { false } }
    #expect(answers == 20)
    #expect(errors(rig, "too_fast").count == 8)
    #expect(rig.agent.settings.others["mood"] == .number(19))
    rig.wait(.seconds(1))
    rig.give(.eventReceived(.config(.object(["mood": .number(-1)]))))
    #expect(rig.agent.settings.others["mood"] == .number(-1))
  }

  // MARK: Idle clients

  private static let limit = Duration.seconds(600)

  private func rig() -> ConversationRig {
    var configuration = AgentConfiguration()
    configuration.idleLimit = Self.limit
    return ConversationRig(configuration)
  }
  private func dismissals(_ rig: ConversationRig) -> [String] {
    rig.orders.compactMap { if case .dismiss(let why) = $0 { why } else { nil } }
  }

  @Test func whoSaysNothingIsDismissedOnce() {
    var rig = rig()
    #expect(rig.agent.deadline == rig.now + Self.limit)
    rig.wait(Self.limit - .milliseconds(1))
    #expect(dismissals(rig).isEmpty)
    rig.wait(.milliseconds(1))
    #expect(dismissals(rig) == ["idle: nothing was said, typed or set for 600 s"])
    #expect(rig.agent.deadline == nil)
    rig.wait(Self.limit * 3)
    #expect(dismissals(rig).count == 1)
  }

  @Test func withoutALimitNobodyIsDismissed() {
    var rig = ConversationRig()
    rig.wait(.seconds(100_000))
    #expect(dismissals(rig).isEmpty)
  }

  @Test(arguments: [
    (AgentInput.eventReceived(.text("hello")), true), (.eventReceived(.interrupt), true),
    (.eventReceived(.config(.object([:]))), true), (.voiceDetected(isSpeech: true, atSample: 100), true),
    (.announcementDue("Tea."), true), (.audioReceived([Int16](repeating: 0, count: 320)), false),
    (.eventReceived(.unknown(type: "ping")), false), (.eventReceived(.malformed(what: "x", reason: "y")), false),
    (.eventReceived(.speechStart), false),
  ]) func whatCountsAsActivity(input: AgentInput, counts: Bool) {
    var rig = rig()
    rig.wait(Self.limit - .seconds(1))
    rig.give(input)
    rig.wait(.seconds(2))
    #expect(dismissals(rig).isEmpty == counts)
  }

  @Test func whoIsSpokenToIsNotIdleUntilTheAnswerIsOver() throws {
    var rig = rig()
    rig.replies = [String(repeating: "One more sentence for you. ", count: 600)]
    rig.give(.eventReceived(.text("tell me everything")))
    rig.wait(.seconds(900))
    // 16 200 characters at 15 a second.
    #expect(rig.agent.isResponding)
    #expect(dismissals(rig).isEmpty)
    rig.wait(.seconds(300))
    #expect(rig.count(.responseComplete) == 1)
    let end = try #require(rig.at(.responseComplete))
    #expect(dismissals(rig).isEmpty)
    #expect(try #require(rig.agent.deadline) == end + Self.limit)
  }

  @Test func whoComesBackBeginsAnew() {
    var rig = rig()
    rig.wait(Self.limit)
    rig.give(.clientLeft)
    rig.give(.clientJoined(sessionID: "s_1", resumeToken: "secret", history: [], resumed: true))
    rig.wait(Self.limit - .seconds(1))
    #expect(dismissals(rig).count == 1)
    rig.wait(.seconds(1))
    #expect(dismissals(rig).count == 2)
  }

  @Test func onlyWhatWasSaidOrRunsIsWorthKeeping() {
    var rig = rig()
    #expect(!rig.agent.isWorthKeeping)
    rig.give(.eventReceived(.config(.object(["mood": .string("good")]))))
    #expect(!rig.agent.isWorthKeeping)
    rig.give(.announcementScheduled(id: 1, after: .seconds(60), text: "Tea."))
    #expect(rig.agent.isWorthKeeping)
    rig.give(.announcementCancelled(id: 1))
    #expect(!rig.agent.isWorthKeeping)
    rig.give(.eventReceived(.text("hello")))
    #expect(rig.agent.isWorthKeeping)
  }
}
