import Agent
import Testing
import Timeline
import Wire

@testable import Runtime

@Suite struct ResumeTests {
  @Test func theConversationGoesOnWhereItWas() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let first = try #require(await rig.ready(1))
    #expect(!first.resumed)
    rig.send(.config(.object(["endpointing": .string("snappy"), "mood": .string("good")])), on: 1)
    rig.send(.text("my name is Ada"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    rig.client.abort(LinkID(1))

    try rig.connect(2, resume: first.ticket)
    let second = try #require(await rig.ready(2))
    #expect(second.resumed)
    #expect(second.sessionID == first.sessionID)
    rig.send(.config(.object([:])), on: 2)
    rig.send(.text("what did I just say"), on: 2)
    #expect(await rig.hears(.responseComplete, on: 2))
    let asked = rig.script.state.withLock { $0.asked }
    #expect(
      asked.last == [
        Utterance(speaker: .user, text: "my name is Ada"), Utterance(speaker: .agent, text: "You said my name is Ada."),
        Utterance(speaker: .user, text: "what did I just say"),
      ])
    let settings = rig.heard(2).compactMap { if case .configApplied(let settings) = $0 { settings } else { nil } }
    #expect(settings.first?["mood"] == .string("good"))
    #expect(settings.first?["endpointing"] == .string("snappy"))
    // Late results of an earlier connection can only be told from new ones if no turn has the number of another.
    let turns = rig.script.state.withLock { $0.turns }
    #expect(turns.count == 2 && turns[1] > turns[0])
  }

  @Test func aTimerRunsOnWhileTheClientIsAway() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    let tell = try #require(rig.script.state.withLock { $0.tell })
    tell(.schedule(id: 1, after: .milliseconds(300), text: "Your tea is ready."))
    tell(.schedule(id: 2, after: .milliseconds(300), text: "Your eggs are ready."))
    rig.client.close(LinkID(1), code: 1001, reason: "")
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client left") } })
    // Neither client nor connection: what the language model says now still reaches the conversation.
    tell(.unschedule(id: 2))
    tell(.schedule(id: 3, after: .milliseconds(310), text: "The oven is hot."))

    try rig.connect(2, resume: ticket)
    #expect(try #require(await rig.ready(2)).resumed)
    #expect(await rig.hears(.responseComplete, on: 2, times: 2))
    let said = rig.heard(2).compactMap { if case .responseText(let text) = $0 { text } else { nil } }
    #expect(said == ["Your tea is ready.", "The oven is hot."])
  }

  @Test func aClientThatComesBackTakesOverFromItsStalledConnection() async throws {
    let rig = try ServerRig { $0.maximumClients = 1 }
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    // For the server it stays alive: nothing tells it otherwise. And it fills the only place there is.
    rig.client.setStalled(LinkID(1), true)

    try rig.connect(2, resume: ticket)
    #expect(try #require(await rig.ready(2)).resumed)
    rig.send(.text("and again"), on: 2)
    #expect(await rig.hears(.responseComplete, on: 2))
    #expect(rig.script.state.withLock { $0.asked.last?.count } == 3)
    rig.client.setStalled(LinkID(1), false)
    #expect(await eventually { rig.isOver(1) })
    #expect(rig.ending(1)?.code == VoiceServer.takenOverCode)
    #expect(rig.ending(1)?.reason == "taken over by a newer connection")
    // The end of the old connection is not the end of the new one's conversation.
    rig.send(.text("still there?"), on: 2)
    #expect(await rig.hears(.responseComplete, on: 2, times: 2))
  }

  @Test func aResponseThatWasUnderWayIsOver() async throws {
    let script = ScriptedProviders { _ in "This answer is long enough that nobody hears it whole in this test." }
    let rig = try ServerRig(script)
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.text("go on"), on: 1)
    #expect(await eventually { rig.heard(1).contains { if case .audio = $0 { true } else { false } } })
    try rig.connect(2, resume: ticket)
    #expect(try #require(await rig.ready(2)).resumed)
    rig.send(.config(.object([:])), on: 2)
    #expect(await eventually { rig.heard(2).contains { if case .configApplied = $0 { true } else { false } } })
    #expect(!rig.heard(2).contains { if case .audio = $0 { true } else { false } })
  }

  @Test(arguments: ["", "wrong"]) func aWrongTokenBeginsANewConversation(token: String) async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let first = try #require(await rig.ready(1))
    try rig.connect(2, resume: (first.sessionID, token))
    let second = try #require(await rig.ready(2))
    #expect(!second.resumed)
    #expect(second.sessionID != first.sessionID)
    #expect(!rig.isOver(1))
  }

  @Test func aConversationIsForgottenInTheEnd() async throws {
    let rig = try ServerRig { $0.conversationLifetime = .milliseconds(100) }
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    rig.client.abort(LinkID(1))
    // By itself, at its time: nobody has to come for it.
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("conversation forgotten") } })
    try rig.connect(2, resume: ticket)
    #expect(try #require(await rig.ready(2)).resumed == false)
  }

  @Test func aConversationInWhichNothingWasSaidIsNotKept() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.client.abort(LinkID(1))
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("conversation forgotten: nothing was said") } })
    #expect(rig.script.state.withLock { $0.stopped } == 1)
    try rig.connect(2, resume: ticket)
    #expect(try #require(await rig.ready(2)).resumed == false)
  }

  @Test func aHundredEmptySessionsPushNobodyOut() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.text("my name is Ada"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    rig.client.abort(LinkID(1))
    for id in 2...101 {
      try rig.connect(id)
      _ = try #require(await rig.ready(id))
      rig.client.abort(LinkID(id))
      // Its place is free again.
      #expect(await eventually { rig.server.connectionCount == 0 })
    }
    try rig.connect(200, resume: ticket)
    #expect(try #require(await rig.ready(200)).resumed)
  }

  @Test func whoGuessesResumeTokensWaitsAndIsInTheLog() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    try rig.guess(2...4, at: ticket.session)
    for id in 2...4 {
      // What is said while it waits is not lost.
      #expect(await eventually { rig.all(id).contains { if case .opened = $0 { true } else { false } } })
      rig.send(.text("hello"), on: id)
    }
    for id in 2...4 {
      #expect(try #require(await rig.ready(id)).resumed == false)
      #expect(await rig.hears(.responseComplete, on: id))
    }
    func told() -> [String] { rig.log.all.filter { $0.hasPrefix("a conversation is not resumed") } }
    #expect(await eventually { told().count == 3 })
    let lines = told()
    #expect(lines.contains { $0.contains("waits=250.0 ms") } && lines.contains { $0.contains("waits=1000.0 ms") })
    #expect(!lines.joined().contains("guess 2"))
    // Nobody else waits, and the one whose session was guessed is still there.
    rig.send(.text("still there?"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
  }

  @Test func whoSharesAnAddressWithGuessersComesBackAllTheSame() async throws {
    let rig = try ServerRig { $0.maximumClients = 32 }
    defer { rig.stop() }
    try rig.connect(1)
    let ticket = try #require(await rig.ready(1)).ticket
    rig.send(.text("hello"), on: 1)
    #expect(await rig.hears(.responseComplete, on: 1))
    rig.client.abort(LinkID(1))
    try rig.guess(2...12, at: ticket.session)
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("a client waits before") } })
    try rig.connect(20, resume: ticket)
    #expect(try #require(await rig.ready(20)).resumed)
  }

  @Test func theBareDialectKeepsNothing() async throws {
    let rig = try ServerRig { $0.dialect = "pcm" }
    defer { rig.stop() }
    try rig.connect(1)
    #expect(await eventually { rig.log.all.contains { $0.hasPrefix("client joined") } })
    rig.client.abort(LinkID(1))
    #expect(await eventually { rig.script.state.withLock { $0.stopped } == 1 })
  }
}

extension ServerRig {
  /// Connects with resume tokens that nobody was given.
  fileprivate func guess(_ ids: ClosedRange<Int>, at session: String) throws {
    for id in ids { try connect(id, resume: (session, "guess \(id)")) }
  }
}

@Suite struct ConversationsTests {
  private let now = Timestamp(milliseconds: 0)

  private func conversation(_ number: Int, address: String = "10.0.0.1") -> Conversation {
    Conversation(
      sessionID: "s_\(number)", token: "t_\(number)", address: address, agent: Agent(AgentConfiguration()),
      replier: ScriptedProviders().providers.replier { _ in })
  }
  private func line(_ number: Int) -> ClientLine {
    let providers = ScriptedProviders().providers
    return ClientLine(
      .init(number), VoiceDialect(), inputRate: 16_000, recognizer: { providers.recognizer { _ in } },
      synthesizer: { providers.synthesizer(16_000) { _ in } })
  }

  @Test func theAgentsAudioIsMadeIntoTheFormOfTheLink() {
    let line = line(1)
    let pcm = [UInt8](repeating: 0x11, count: 3_200)
    #expect(line.converted(pcm, from: 16_000, to: WireAudioForm(.pcm16, rate: 16_000, .base64)) == pcm)
    #expect(line.converted(pcm, from: 8_000, to: WireAudioForm(.mulaw, rate: 8_000, .base64)).count == 1_600)
    // 100 ms at 24 kHz, less what the resampler holds back.
    let faster = line.converted(pcm, from: 16_000, to: WireAudioForm(.pcm16, rate: 24_000, .base64))
    #expect((4_000...4_800).contains(faster.count) && faster.count % 2 == 0)
  }

  @Test func itIsFoundByItsSessionAndTokenOnly() {
    var conversations = Conversations(lifetime: .seconds(300))
    let one = conversation(1)
    #expect(conversations.connect(one, to: line(7)) == nil)
    #expect(conversations.find("s_1", token: "t_1") === one)
    #expect(conversations.find("s_1", token: "t_2") == nil)
    #expect(conversations.find("s_2", token: "t_1") == nil)
    #expect(conversations[.init(7)] === one)
    #expect(conversations.connectedCount == 1)
  }

  @Test func aNewLineReplacesTheOld() {
    var conversations = Conversations(lifetime: .seconds(300))
    let one = conversation(1)
    _ = conversations.connect(one, to: line(7))
    #expect(conversations.connect(one, to: line(8))?.id == .init(7))
    #expect(conversations[.init(7)] == nil)
    #expect(conversations[.init(8)] === one)
    #expect(conversations.connectedCount == 1)
  }

  @Test func itWaitsForItsLifetimeAndNotLonger() {
    var conversations = Conversations(lifetime: .seconds(300))
    let one = conversation(1)
    _ = conversations.connect(one, to: line(7))
    #expect(one.keptUntil == nil)
    conversations.disconnect(one, at: now)
    #expect(one.keptUntil == now + .seconds(300))
    #expect(conversations.removeExpired(at: now + .milliseconds(299_999)).isEmpty)
    #expect(conversations.find("s_1", token: "t_1") != nil)
    #expect(conversations.removeExpired(at: now + .seconds(300)).map(\.sessionID) == ["s_1"])
    #expect(conversations.find("s_1", token: "t_1") == nil)
  }

  @Test func whoIsConnectedNeverExpires() {
    var conversations = Conversations(lifetime: .seconds(300))
    let one = conversation(1)
    _ = conversations.connect(one, to: line(7))
    conversations.disconnect(one, at: now)
    _ = conversations.connect(one, to: line(8))
    #expect(conversations.removeExpired(at: now + .seconds(3000)).isEmpty)
  }

  @Test func tooManyThatWaitCostTheOldest() {
    var conversations = Conversations(lifetime: .seconds(300))
    for number in 0..<Conversations.waitingLimit + 2 {
      let one = conversation(number)
      _ = conversations.connect(one, to: line(number))
      conversations.disconnect(one, at: now + .milliseconds(Int64(number)))
    }
    #expect(conversations.removeExpired(at: now + .seconds(1)).map(\.sessionID) == ["s_0", "s_1"])
    #expect(conversations.all.count == Conversations.waitingLimit)
  }

  @Test func whoFillsTheListPushesOutTheirOwn() {
    var conversations = Conversations(lifetime: .seconds(300))
    let stranger = conversation(0, address: "10.0.0.9")
    _ = conversations.connect(stranger, to: line(0))
    conversations.disconnect(stranger, at: now)
    for number in 1...3 * Conversations.waitingLimit {
      let one = conversation(number, address: "10.0.0.1")
      _ = conversations.connect(one, to: line(number))
      conversations.disconnect(one, at: now + .milliseconds(Int64(number)))
      #expect(!conversations.removeExpired(at: now + .seconds(1)).contains { $0 === stranger })
    }
    #expect(conversations.find("s_0", token: "t_0") === stranger)
    #expect(conversations.all.count == Conversations.waitingLimit)
  }
}
