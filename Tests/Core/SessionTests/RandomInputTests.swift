import TestKit
import Testing
import Timeline
import Wire

@testable import Session

/// Any inputs in any order: what must hold all the same.
@Suite struct RandomInputTests {
  @Test(arguments: 0..<24 as Range<UInt64>)
  func invariantsHold(seed: UInt64) {
    var random = SeededGenerator(seed: seed + 77)
    var configuration = SessionConfiguration()
    configuration.uplinkCapacity = 10
    configuration.gateMode = Gate.Mode.allCases.randomElement(using: &random)!
    configuration.prefersBinaryAudio = Bool.random(using: &random)
    let dialect: any Dialect = seed % 3 == 0 ? PCMDialect() : VoiceDialect()
    var session = Session(configuration, dialect: dialect, seed: seed)
    var world = World()
    var now = Timestamp.zero
    for _ in 0..<1500 {
      var input = world.randomInput(&random)
      if Bool.random(using: &random), let deadline = session.deadline {
        now = max(now, deadline)
        input = .deadlinePassed
      } else {
        now += .milliseconds(Int64.random(in: 0...300, using: &random))
      }
      world.learn(input)
      let effects = session.handle(input, at: now)
      world.check(effects, after: input)
      #expect(session.brokenInvariant == nil, "after \(input)")
      if case .deadlinePassed = input, let deadline = session.deadline {
        #expect(deadline > now, "a deadline in the past after it was handled")
      }
      #expect(session.uplink.depth <= 10)
      if session.isFinished {
        #expect(session.deadline == nil)
        break
      }
    }
    #expect(world.messagesRecorded == world.messagesExpected)
  }
}

/// What a driver would know, and what it would complain about.
private struct World {
  var attempted: LinkID?
  var open: LinkID?
  var highest = 0
  var messagesRecorded = 0
  var messagesExpected = 0
  var isFinished = false

  /// Follows what an honest or a confused driver tells.
  mutating func learn(_ input: SessionInput) {
    switch input {
    case .connectionOpened(let id, _, _):
      if id == attempted {
        open = id
        attempted = nil
      }
    case .connectionFailed(let id, _, _, _), .connectionClosed(let id, _, _, _):
      if id == attempted { attempted = nil }
      if id == open { open = nil }
    case .messageReceived(let id, _): if id == open { messagesExpected += 1 }
    default: break
    }
  }

  mutating func check(_ effects: [SessionEffect], after input: SessionInput) {
    var recordedSent: [[UInt8]] = []
    for effect in effects {
      #expect(!isFinished, "an effect after the end: \(effect)")
      switch effect {
      case .connect(let id, _):
        #expect(open == nil && attempted == nil, "a second connection after \(input)")
        #expect(id.rawValue > highest)
        (attempted, highest) = (id, id.rawValue)
      case .send(let id, let frame):
        #expect(open == id, "sent on a connection that is not open after \(input)")
        #expect(recordedSent.popLast() == frame.payload, "sent without an entry before it")
        messagesExpected += 1
      case .ping(let id, _), .close(let id, _, _), .setStalled(let id, _): #expect(open == id)
      case .abort(let id):
        #expect(open == id || attempted == id)
        (open, attempted) = (nil, nil)
      case .record(.message(let message)):
        messagesRecorded += 1
        if message.way == .toServer { recordedSent.append(message.payload) }
      case .record(.connection(let change)):
        // A refused attempt takes a number without an effect.
        highest = max(highest, change.state == .failed ? change.link.rawValue : highest)
      case .finish: isFinished = true
      default: break
      }
    }
    #expect(recordedSent.isEmpty)
  }

  func randomInput(_ random: inout SeededGenerator) -> SessionInput {
    let known = attempted ?? open ?? LinkID(1)
    // Mostly the right one, sometimes an old or an impossible one.
    let id = Int.random(in: 0..<8, using: &random) > 0 ? known : LinkID(Int.random(in: -1...9, using: &random))
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return .started
    case 1...3: return .connectionOpened(id, stages: [])
    case 4: return .connectionFailed(id, reason: "x", isPermanent: Int.random(in: 0..<6, using: &random) == 0)
    case 5:
      let code = [1000, 1001, 1006, 1008, 1011, 4000].randomElement(using: &random)!
      return .connectionClosed(id, code: code, reason: "r", by: .server)
    case 6...10: return .messageReceived(id, randomFrame(&random))
    case 11: return .pongReceived(id, payload: [1])
    case 12: return .socketBacklogChanged(id, byteCount: Int.random(in: -5...400_000, using: &random))
    case 13: return .playoutChanged(PlayoutChange(nil, .started))
    case 14...16:
      let amplitude = Int16(Bool.random(using: &random) ? 9000 : 0)
      let count = [0, 1, 159, 320, 4001].randomElement(using: &random)!
      return .micFrameCaptured(
        (0..<count).map { $0 / 8 % 2 == 0 ? amplitude : -amplitude }, isSynthetic: Bool.random(using: &random))
    case 17...18: return .commanded(randomCommand(&random))
    default: return .deadlinePassed
    }
  }

  private func randomFrame(_ random: inout SeededGenerator) -> WireMessage {
    let events: [VoiceEvent] = [
      .ready(Ready(sessionID: "s", resumeToken: "0123456789abcdef")), .responseText("a"), .responseComplete,
      .interrupted, .pause, .resume, .error(ServerError(message: "e")), .transcriptFinal("t"),
      .audio(AudioPayload(bytes: [1, 2])),
    ]
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      return .text((0..<Int.random(in: 0..<40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    case 1: return .binary([1, 2, 3])
    default: return VoiceDialect().encode(events.randomElement(using: &random)!, from: .server)!
    }
  }

  private func randomCommand(_ random: inout SeededGenerator) -> OperatorCommand {
    let usual: [OperatorCommand] = [
      .interrupt, .sendConfig("{}"), .sendConfig("x"), .sendText("t"), .sendRaw(.binary([1])), .setGate(.open),
      .setGate(.gate), .setGate(.ptt), .setMuted(true), .setMuted(false), .setTalking(true), .setTalking(false),
      .disconnect(.close(code: 1000, reason: "")), .disconnect(.close(code: 7, reason: "")), .disconnect(.abort),
      .disconnect(.stall), .disconnect(.refuse(.seconds(3))), .disconnect(.refuse(.seconds(Int64.max))), .reconnect,
    ]
    return Int.random(in: 0..<150, using: &random) == 0 ? .quit : usual.randomElement(using: &random)!
  }
}
