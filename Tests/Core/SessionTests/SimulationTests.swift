import Session
import TestKit
import Testing
import Timeline
import Wire

/// A session and a server on one virtual clock, with a line between them that delays and breaks.
private struct Simulation {
  enum Event {
    case toServer(LinkID, WireMessage)
    case toClient(LinkID, WireMessage)
    case opened(LinkID)
    case failed(LinkID)
    case cut
    case mic(loud: Bool)
    case drained(LinkID, Int)
    case pong(LinkID, [UInt8])
  }

  var clock = VirtualClock<Event>()
  var session: Session
  var random: SeededGenerator
  var effects: [SessionEffect] = []
  /// The connection the server sees; nil after a cut.
  var served: LinkID?
  /// What the server remembers: tokens and the user's words.
  var token: String?
  var words: [String] = []
  var resumptions = 0
  var heardSequences: [Int] = []
  var openUtterances = 0
  let failureRate: Double

  init(seed: UInt64, failureRate: Double) {
    session = Session(SessionConfiguration(), dialect: VoiceDialect(), seed: seed)
    random = SeededGenerator(seed: seed)
    self.failureRate = failureRate
  }

  mutating func run(until end: Timestamp) {
    while true {
      let limit = min(session.deadline ?? end, end)
      if let event = clock.next(until: max(limit, clock.now)) {
        happen(event)
      } else if clock.now >= end {
        return
      } else {
        give(.deadlinePassed)
      }
    }
  }

  private mutating func delay() -> Duration { .microseconds(Int64.random(in: 500...30_000, using: &random)) }

  mutating func give(_ input: SessionInput) {
    for effect in session.handle(input, at: clock.now) {
      effects.append(effect)
      switch effect {
      case .connect(let id, let resume): connect(id, resume)
      // In order, as TCP is: the same delay for all.
      case .send(let id, let frame): clock.schedule(.toServer(id, frame), after: .milliseconds(15))
      case .ping(let id, let payload): if served == id { clock.schedule(.pong(id, payload), after: .milliseconds(30)) }
      case .close(let id, let code, _): give(.connectionClosed(id, code: code, reason: "", by: .client))
      case .abort(let id): if served == id { served = nil }
      default: break
      }
    }
  }

  private mutating func connect(_ id: LinkID, _ resume: ResumeTicket?) {
    guard Double.random(in: 0..<1, using: &random) >= failureRate else {
      return clock.schedule(.failed(id), after: delay())
    }
    let isKnown = resume != nil && resume?.token == token
    if isKnown { resumptions += 1 } else { words = [] }
    token = "token-number-\(id.rawValue)"
    served = id
    openUtterances = 0
    clock.schedule(.opened(id), after: .milliseconds(10))
    say(id, .ready(Ready(sessionID: "s_1", resumeToken: token, resumed: isKnown)))
  }

  private mutating func say(_ id: LinkID, _ event: VoiceEvent) {
    clock.schedule(.toClient(id, VoiceDialect().encode(event, from: .server)!), after: .milliseconds(15))
  }

  private mutating func happen(_ event: Event) {
    switch event {
    case .opened(let id): give(.connectionOpened(id, stages: []))
    case .failed(let id): give(.connectionFailed(id, reason: "refused", isPermanent: false))
    // What was under way on a connection that broke is lost.
    case .toServer(let id, let frame): if served == id { serve(id, frame) }
    case .toClient(let id, let frame): if served == id { give(.messageReceived(id, frame)) }
    case .pong(let id, let payload): if served == id { give(.pongReceived(id, payload: payload)) }
    case .drained(let id, let count): give(.socketBacklogChanged(id, byteCount: count))
    case .mic(let loud):
      let sample: Int16 = loud ? 9000 : 0
      give(.micFrameCaptured((0..<320).map { $0 / 10 % 2 == 0 ? sample : -sample }, isSynthetic: false))
      if let served { clock.schedule(.drained(served, 0), after: .milliseconds(1)) }
    case .cut:
      guard let id = served else { return }
      served = nil
      give(.connectionClosed(id, code: 1006, reason: "reset", by: .network))
    }
  }

  private mutating func serve(_ id: LinkID, _ frame: WireMessage) {
    for event in VoiceDialect().decode(frame, from: .client) {
      switch event {
      case .audio(let payload): heardSequences.append(payload.sequence ?? -1)
      case .speechStart: openUtterances += 1
      case .speechEnd:
        openUtterances -= 1
        words.append("turn")
        say(id, .transcriptFinal("turn"))
        say(id, .responseText("You said \(words.count)"))
        for _ in 0..<5 { say(id, .audio(AudioPayload(bytes: Array(repeating: 0, count: 640)))) }
        say(id, .responseComplete)
      default: break
      }
      #expect((0...1).contains(openUtterances))
    }
  }
}

/// Random numbers of the simulations: the same seed, the same run.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed &* 2 &+ 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

@Suite struct SimulationTests {
  /// 2 minutes of talking over a line that is cut every few seconds and often refuses.
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func theConversationSurvivesALineThatBreaks(seed: UInt64) {
    var simulation = Simulation(seed: seed, failureRate: 0.3)
    for n in 0..<6000 {
      // 1.2 s of speech, 1.8 s of silence.
      simulation.clock.schedule(.mic(loud: n % 150 < 60), after: .milliseconds(20 * n))
    }
    var cut = Duration.seconds(7)
    while cut < .seconds(110) {
      simulation.clock.schedule(.cut, after: cut)
      cut += .milliseconds(Int64.random(in: 6000...20_000, using: &simulation.random))
    }
    simulation.give(.started)
    simulation.run(until: Timestamp(milliseconds: 130_000))

    #expect(simulation.session.isLive)
    #expect(simulation.resumptions >= 4)
    // Every connection after the first resumed, so nothing was forgotten.
    let turns = simulation.words.count
    #expect(turns >= 20, "\(turns) turns of 40")
    let sequences = simulation.heardSequences
    #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 }, "audio out of order")
    let made = (sequences.last ?? 0) + 1
    let sent = simulation.effects.sentAudio.count
    let dropped = simulation.effects.queues.last { $0.name == .uplink }?.dropped ?? 0
    #expect(made == sent + dropped, "made \(made), sent \(sent), dropped \(dropped)")
    #expect(simulation.effects.plays.count > 50)
  }

  @Test func theSameSeedIsTheSameSession() {
    func run() -> [SessionEffect] {
      var simulation = Simulation(seed: 9, failureRate: 0.5)
      for n in 0..<500 { simulation.clock.schedule(.mic(loud: n % 100 < 50), after: .milliseconds(20 * n)) }
      for n in 1..<10 { simulation.clock.schedule(.cut, after: .seconds(n)) }
      simulation.give(.started)
      simulation.run(until: Timestamp(milliseconds: 10_000))
      return simulation.effects
    }
    #expect(run() == run())
  }

  @Test func aScriptedPeerHoldsAConversation() {
    var peer = ScriptedPeer(rules: [
      .init([.init(.say(.responseText("Hi"))), .init(.say(.responseComplete), after: .milliseconds(5))]) {
        $0 == .text("hello")
      },
      .init(uses: 1, [.init(.sayRaw(.string("{")))]) { $0 == .interrupt },
    ])
    var rig = Rig()
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    for step in peer.connected() { peer.messages(of: step.act).forEach { rig.input(.messageReceived(first, $0)) } }
    #expect(rig.session.isLive)
    for frame in rig.command(.sendText("hello")).sent {
      let steps = peer.received(frame)
      #expect(steps.map(\.delay) == [.zero, .milliseconds(5)])
      for step in steps { peer.messages(of: step.act).forEach { rig.input(.messageReceived(first, $0)) } }
    }
    #expect(rig.all.contains(.endPlay(ResponseID(1))))
    for frame in rig.command(.interrupt).sent + rig.command(.interrupt).sent {
      for step in peer.received(frame) {
        peer.messages(of: step.act).forEach { rig.input(.messageReceived(first, $0)) }
      }
    }
    #expect(rig.all.notices.count == 1)
    #expect(peer.heard == [.text("hello"), .interrupt, .interrupt])
  }
}
