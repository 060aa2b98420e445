import TestKit
import Testing
import Timeline
import Wire

@testable import Session

/// A server that remembers a conversation by its token, and answers each of the user's turns.
private struct RememberingServer: SimulatedServer {
  private var connectionCount = 0
  private var token: String?
  private(set) var words: [String] = []
  private(set) var resumptions = 0
  private(set) var heardSequences: [Int] = []
  private var openUtterances = 0

  mutating func connected(resume: ResumeTicket?, at now: Timestamp) -> [SimulatedAnswer] {
    let isKnown = resume != nil && resume?.token == token
    if isKnown { resumptions += 1 } else { words = [] }
    connectionCount += 1
    token = "token-number-\(connectionCount)"
    openUtterances = 0
    return [say(.ready(Ready(sessionID: "s_1", resumeToken: token, resumed: isKnown)))]
  }

  mutating func received(_ message: WireMessage, at now: Timestamp) -> [SimulatedAnswer] {
    var answers: [SimulatedAnswer] = []
    for event in VoiceDialect().decode(message, from: .client) {
      switch event {
      case .audio(let payload): heardSequences.append(payload.sequence ?? -1)
      case .speechStart: openUtterances += 1
      case .speechEnd:
        openUtterances -= 1
        words.append("turn")
        answers += [say(.transcriptFinal("turn")), say(.responseText("You said \(words.count)"))]
        for _ in 0..<5 { answers.append(say(.audio(AudioPayload(bytes: Array(repeating: 0, count: 640))))) }
        answers.append(say(.responseComplete))
      default: break
      }
      #expect((0...1).contains(openUtterances))
    }
    return answers
  }

  private func say(_ event: VoiceEvent) -> SimulatedAnswer {
    SimulatedAnswer(.send(VoiceDialect().encode(event, from: .server)!))
  }
}

@Suite struct SimulationTests {
  private func pair(seed: UInt64, failureRate: Double) -> SimulatedPair<RememberingServer> {
    var line = SimulatedPair<RememberingServer>.Line()
    line.failureRate = failureRate
    return SimulatedPair(server: RememberingServer(), line: line, seed: seed)
  }

  private func mic(isLoud: Bool) -> SessionInput {
    let sample: Int16 = isLoud ? 9000 : 0
    return .micFrameCaptured((0..<320).map { $0 / 10 % 2 == 0 ? sample : -sample }, isSynthetic: false)
  }

  /// 2 minutes of talking over a line that is cut every few seconds and often refuses. Of such lines about three in ten
  /// refuse so often in a row that the session rightly gives up; these four do not.
  @Test(arguments: [1, 2, 3, 6] as [UInt64])
  func theConversationSurvivesALineThatBreaks(seed: UInt64) {
    var simulation = pair(seed: seed, failureRate: 0.3)
    for n in 0..<6000 {
      // 1.2 s of speech, 1.8 s of silence.
      simulation.schedule(mic(isLoud: n % 150 < 60), after: .milliseconds(20 * n))
    }
    var cut = Duration.seconds(7)
    while cut < .seconds(110) {
      simulation.scheduleCut(after: cut)
      cut += .milliseconds(Int64.random(in: 6000...20_000, using: &simulation.random))
    }
    simulation.give(.started)
    simulation.run(until: Timestamp(milliseconds: 130_000))

    #expect(simulation.session.isLive)
    #expect(simulation.server.resumptions >= 4)
    // Every connection after the first resumed, so nothing was forgotten.
    let turns = simulation.server.words.count
    #expect(turns >= 20, "\(turns) turns of 40")
    let sequences = simulation.server.heardSequences
    #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }, "audio out of order")
    let made = (sequences.last ?? 0) + 1
    let sent = simulation.effects.sentAudio.count
    let dropped = simulation.effects.queues.last { $0.name == .uplink }?.dropped ?? 0
    #expect(made == sent + dropped, "made \(made), sent \(sent), dropped \(dropped)")
    #expect(simulation.effects.plays.count > 50)
  }

  @Test func theSameSeedIsTheSameSession() {
    func run() -> [SessionEffect] {
      var simulation = pair(seed: 9, failureRate: 0.5)
      for n in 0..<500 { simulation.schedule(mic(isLoud: n % 100 < 50), after: .milliseconds(20 * n)) }
      for n in 1..<10 { simulation.scheduleCut(after: .seconds(n)) }
      simulation.give(.started)
      simulation.run(until: Timestamp(milliseconds: 10_000))
      return simulation.effects
    }
    #expect(run() == run())
  }

  @Test func aScriptedPeerHoldsAConversation() {
    let peer = ScriptedPeer(rules: [
      .init([.init(.say(.responseText("Hi"))), .init(.say(.responseComplete), after: .milliseconds(5))]) {
        $0 == .text("hello")
      },
      .init(uses: 1, [.init(.sayRaw(.string("{")))]) { $0 == .interrupt },
    ])
    var reader = peer
    let steps = reader.received(VoiceDialect().encode(.text("hello"), from: .client)!)
    #expect(steps.map(\.delay) == [.zero, .milliseconds(5)])
    var pair = SimulatedPair(server: peer)
    pair.give(.started)
    pair.run(until: Timestamp(milliseconds: 100))
    #expect(pair.session.isLive)
    pair.give(.commanded(.sendText("hello")))
    // 15 ms each way and the peer's own 5.
    pair.run(until: Timestamp(milliseconds: 134))
    #expect(!pair.effects.contains(.endPlay(ResponseID(1))))
    pair.run(until: Timestamp(milliseconds: 200))
    #expect(pair.effects.contains(.endPlay(ResponseID(1))))
    for _ in 0..<2 { pair.give(.commanded(.interrupt)) }
    pair.run(until: Timestamp(milliseconds: 300))
    #expect(pair.effects.notices.count == 1)
    #expect(pair.server.heard == [.text("hello"), .interrupt, .interrupt])
  }

  @Test func aPeerThatClosesIsTheEnd() {
    let goodbye = ScriptedPeer.Rule([.init(.close(code: 1000, reason: "bye"))]) { $0 == .text("goodbye") }
    var pair = SimulatedPair(server: ScriptedPeer(rules: [goodbye]))
    pair.give(.started)
    pair.schedule(.commanded(.sendText("goodbye")), after: .milliseconds(100))
    pair.run(until: Timestamp(milliseconds: 200))
    #expect(pair.effects.states == [.connecting, .open, .ready, .closed, .gaveUp])
  }
}
