import Session
import Timeline
import Wire

/// A session and a server in one simulated time, with a line between them that delays, refuses and breaks.
///
///   session ─► effects ─► calendar ─► server
///      ▲                     │           │
///      └────── inputs ◄──────┴─ answers ◄┘
///
/// The same seed and the same events give the same run.
public struct SimulatedPair<Server: SimulatedServer> {
  /// How the line behaves.
  public struct Line: Sendable {
    /// How many of the attempts to connect fail, from 0 to 1.
    public var failureRate = 0.0
    /// From an attempt to the open connection.
    public var opening: Duration = .milliseconds(10)
    /// From one side to the other, the same for all messages: in order, as TCP is.
    public var oneWay: Duration = .milliseconds(15)
    public init() {}
  }

  private enum Event {
    case opened(LinkID)
    case failed(LinkID)
    case toServer(LinkID, WireMessage)
    case toClient(LinkID, SimulatedAct)
    case pong(LinkID, [UInt8])
    case drained(LinkID)
    case input(SessionInput)
    case cut
  }

  public private(set) var session: Session
  public private(set) var server: Server
  /// Everything that the session asked for.
  public private(set) var effects: [SessionEffect] = []
  public var random: SeededGenerator
  private var clock = VirtualClock<Event>()
  private let line: Line
  /// The connection that the server sees; nil after a cut.
  private var served: LinkID?

  public init(
    _ configuration: SessionConfiguration = SessionConfiguration(), dialect: any Dialect = VoiceDialect(),
    server: Server, line: Line = Line(), seed: UInt64 = 1
  ) {
    session = Session(configuration, dialect: dialect, seed: seed)
    self.server = server
    self.line = line
    random = SeededGenerator(seed: seed)
  }

  /// The simulated time.
  public var now: Timestamp { clock.now }

  /// Something happens to the session, so much later.
  public mutating func schedule(_ input: SessionInput, after delay: Duration) {
    clock.schedule(.input(input), after: delay)
  }

  /// The connection breaks, if there is one then; what is under way on it is lost.
  public mutating func scheduleCut(after delay: Duration) { clock.schedule(.cut, after: delay) }

  /// Lets everything happen up to this moment. Timers run at their moments.
  public mutating func run(until end: Timestamp) {
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

  /// Something happens to the session now.
  public mutating func give(_ input: SessionInput) {
    for effect in session.handle(input, at: clock.now) {
      effects.append(effect)
      switch effect {
      case .connect(let id, let resume): connect(id, resume)
      case .send(let id, let message):
        clock.schedule(.toServer(id, message), after: line.oneWay)
        clock.schedule(.drained(id), after: .milliseconds(1))
      case .ping(let id, let payload): clock.schedule(.pong(id, payload), after: line.oneWay + line.oneWay)
      case .close(let id, let code, _):
        served = nil
        give(.connectionClosed(id, code: code, reason: "", by: .client))
      case .abort(let id): if served == id { served = nil }
      default: break
      }
    }
  }

  private mutating func connect(_ id: LinkID, _ resume: ResumeTicket?) {
    guard Double.random(in: 0..<1, using: &random) >= line.failureRate else {
      return clock.schedule(.failed(id), after: .microseconds(Int64.random(in: 500...30_000, using: &random)))
    }
    served = id
    clock.schedule(.opened(id), after: line.opening)
    answer(server.connected(resume: resume, at: clock.now), on: id)
  }

  private mutating func answer(_ answers: [SimulatedAnswer], on id: LinkID) {
    for answer in answers { clock.schedule(.toClient(id, answer.act), after: line.oneWay + answer.delay) }
  }

  private mutating func happen(_ event: Event) {
    switch event {
    case .opened(let id): if served == id { give(.connectionOpened(id, stages: [])) }
    case .failed(let id): give(.connectionFailed(id, reason: "refused", isPermanent: false))
    case .toServer(let id, let message): if served == id { answer(server.received(message, at: clock.now), on: id) }
    case .toClient(let id, .send(let message)): if served == id { give(.messageReceived(id, message)) }
    case .toClient(let id, .close(let code, let reason)):
      guard served == id else { return }
      served = nil
      give(.connectionClosed(id, code: code, reason: reason, by: .server))
    case .pong(let id, let payload): if served == id { give(.pongReceived(id, payload: payload)) }
    case .drained(let id): if served == id { give(.socketBacklogChanged(id, byteCount: 0)) }
    case .input(let input): give(input)
    case .cut:
      guard let id = served else { return }
      served = nil
      give(.connectionClosed(id, code: 1006, reason: "reset", by: .network))
    }
  }
}

/// A server for a simulation.
public protocol SimulatedServer {
  /// A client has connected.
  /// - Parameter resume: what it wants to go on with.
  mutating func connected(resume: ResumeTicket?, at now: Timestamp) -> [SimulatedAnswer]
  /// A message of the client has arrived.
  mutating func received(_ message: WireMessage, at now: Timestamp) -> [SimulatedAnswer]
}

/// What a simulated server does.
public enum SimulatedAct: Sendable, Equatable {
  case send(WireMessage)
  case close(code: Int, reason: String)
}

/// An act, and how long after its cause it is done.
public struct SimulatedAnswer: Sendable, Equatable {
  public var act: SimulatedAct
  public var delay: Duration
  public init(_ act: SimulatedAct, after delay: Duration = .zero) {
    self.act = act
    self.delay = delay
  }
}

extension ScriptedPeer: SimulatedServer {
  public mutating func connected(resume: ResumeTicket?, at now: Timestamp) -> [SimulatedAnswer] {
    answers(connected(), at: now)
  }
  public mutating func received(_ message: WireMessage, at now: Timestamp) -> [SimulatedAnswer] {
    answers(received(message), at: now)
  }
  private mutating func answers(_ steps: [Step], at now: Timestamp) -> [SimulatedAnswer] {
    steps.flatMap { step -> [SimulatedAnswer] in
      if case .close(let code, let reason) = step.act {
        return [SimulatedAnswer(.close(code: code, reason: reason), after: step.delay)]
      }
      return messages(of: step.act, at: now).map { SimulatedAnswer(.send($0), after: step.delay) }
    }
  }
}
