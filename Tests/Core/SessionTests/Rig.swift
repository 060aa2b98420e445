import Audio
import TestKit
import Testing
import Timeline
import Wire

@testable import Session

// What the tests of Session share: a session driven by hand on virtual time.

let first = LinkID(1)
let second = LinkID(2)

/// A session, its time and everything it asked for.
struct Rig {
  var session: Session
  var now = Timestamp.zero
  /// Every effect so far.
  var all: [SessionEffect] = []

  init(
    _ dialect: any Dialect = VoiceDialect(), seed: UInt64 = 1, _ change: (inout SessionConfiguration) -> Void = { _ in }
  ) {
    var configuration = SessionConfiguration()
    configuration.backoffJitter = 0
    change(&configuration)
    session = Session(configuration, dialect: dialect, seed: seed)
  }

  @discardableResult
  mutating func input(_ input: SessionInput) -> [SessionEffect] {
    let effects = session.handle(input, at: now)
    all += effects
    return effects
  }

  @discardableResult
  mutating func command(_ command: OperatorCommand) -> [SessionEffect] { input(.commanded(command)) }

  /// The server says something on the current connection.
  @discardableResult
  mutating func hear(_ event: VoiceEvent, on id: LinkID = first) -> [SessionEffect] {
    input(.messageReceived(id, VoiceDialect().encode(event, from: .server)!))
  }

  /// Lets time pass; timers run at their moments.
  @discardableResult
  mutating func advance(_ duration: Duration) -> [SessionEffect] {
    let end = now + duration
    var effects: [SessionEffect] = []
    while let deadline = session.deadline, deadline <= end {
      now = max(now, deadline)
      effects += input(.deadlinePassed)
    }
    now = end
    return effects
  }

  /// Lets time pass up to the next attempt to connect, a minute at most.
  @discardableResult
  mutating func untilConnect() -> [SessionEffect] {
    var effects: [SessionEffect] = []
    let end = now + .seconds(60)
    while effects.connects.isEmpty, let deadline = session.deadline, deadline <= end {
      effects += advance(deadline - now)
    }
    return effects
  }

  /// Started, opened and ready.
  static func live(
    _ dialect: any Dialect = VoiceDialect(), resume: Bool = false,
    _ change: (inout SessionConfiguration) -> Void = { _ in }
  ) -> Rig {
    var rig = Rig(dialect, change)
    rig.input(.started)
    rig.input(.connectionOpened(first, stages: []))
    if dialect.card.needsReady { rig.hear(.ready(ready(resume: resume))) }
    return rig
  }

  /// 20 ms frames in real time: words, that is a loud square wave with a gap of one frame in every 400 ms (what goes on
  /// for seconds without any gap is noise to the detector), or digital silence.
  @discardableResult
  mutating func speak(_ duration: Duration, loud: Bool = true, isSynthetic: Bool = false) -> [SessionEffect] {
    let frame = (0..<320).map { Int16($0 / 20 % 2 == 0 ? 8000 : -8000) }
    let silence = [Int16](repeating: 0, count: 320)
    var effects: [SessionEffect] = []
    for i in 0..<Int(duration.milliseconds / 20) {
      effects += advance(.milliseconds(20))
      let isWord = loud && i % 20 != 15
      effects += input(.micFrameCaptured(isWord ? frame : silence, isSynthetic: isSynthetic))
    }
    return effects
  }

  @discardableResult
  mutating func stayQuiet(_ duration: Duration) -> [SessionEffect] { speak(duration, loud: false) }
}

func ready(resume: Bool = false, resumed: Bool = false) -> Ready {
  Ready(sessionID: "s_1", resumeToken: resume ? "tok-0123456789abcdef" : nil, resumed: resumed)
}

extension [SessionEffect] {
  var entries: [Entry.Event] { compactMap { if case .record(let event) = $0 { event } else { nil } } }
  var connections: [ConnectionChange] { entries.compactMap { if case .connection(let it) = $0 { it } else { nil } } }
  var states: [ConnectionChange.State] { connections.map(\.state) }
  var notices: [Notice] { entries.compactMap { if case .notice(let it) = $0 { it } else { nil } } }
  var acts: [OperatorAct] { entries.compactMap { if case .operatorAct(let it) = $0 { it } else { nil } } }
  var faults: [FaultChange] { entries.compactMap { if case .fault(let it) = $0 { it } else { nil } } }
  var micFrames: [MicFrame] { entries.compactMap { if case .micFrame(let it) = $0 { it } else { nil } } }
  var edges: [VoiceEdge] { entries.compactMap { if case .voiceEdge(let it) = $0 { it } else { nil } } }
  var messages: [Message] { entries.compactMap { if case .message(let it) = $0 { it } else { nil } } }
  var gates: [Gate] { entries.compactMap { if case .gate(let it) = $0 { it } else { nil } } }
  var queues: [QueueDepth] { entries.compactMap { if case .queue(let it) = $0 { it } else { nil } } }
  var roundTrips: [RoundTrip] { entries.compactMap { if case .roundTrip(let it) = $0 { it } else { nil } } }
  var sent: [WireMessage] { compactMap { if case .send(_, let frame) = $0 { frame } else { nil } } }
  var sentEvents: [VoiceEvent] { sent.flatMap { VoiceDialect().decode($0, from: .client) } }
  var sentAudio: [AudioPayload] { sentEvents.compactMap { if case .audio(let it) = $0 { it } else { nil } } }
  /// Types of what was sent, with runs of audio as one.
  var conversation: [String] {
    var names: [String] = []
    for frame in sent {
      let name = VoiceDialect().typeName(of: frame)
      if name != "audio" || names.last != "audio" { names.append(name) }
    }
    return names
  }
  var connects: [(id: LinkID, resume: ResumeTicket?)] {
    compactMap { if case .connect(let id, let resume) = $0 { (id, resume) } else { nil } }
  }
  var plays: [ResponseID] { compactMap { if case .play(_, let response) = $0 { response } else { nil } } }
  var pings: [[UInt8]] { compactMap { if case .ping(_, let payload) = $0 { payload } else { nil } } }
}

extension SessionEffect {
  var isMessageRecord: Bool { if case .record(.message) = self { true } else { false } }
}
