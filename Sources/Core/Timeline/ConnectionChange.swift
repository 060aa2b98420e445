/// A step in a connection's life.
public struct ConnectionChange: Sendable, Equatable {
  /// What has happened to the connection.
  public enum Step: Sendable, Equatable {
    /// An attempt begins.
    case connecting
    /// `stages`: from the attempt's start, in order; each counts from the end of the one before. `subprotocol`: the one
    /// that the server chose, if it did.
    case open(stages: [ConnectStage] = [], subprotocol: String? = nil)
    /// `sessionID`: the server's name for the session; `resumed`: whether the conversation goes on. Nil where the server
    /// does not say.
    case ready(sessionID: String? = nil, resumed: Bool? = nil)
    /// The close handshake was begun by this side.
    case closing(code: Int, reason: String = "")
    /// `code` as in RFC 6455 section 7.4 (1005 none given, 1006 no close frame); `by`: who closed, when that is known.
    case closed(code: Int, reason: String = "", by: Closer? = nil)
    /// It never opened. `reason`: with what to do about it where that is known; `by`: who refused, when that is known.
    case failed(reason: String, by: Closer? = nil)
    /// The next attempt, the `attempt`th, begins in so many milliseconds.
    case waiting(delayMs: Double)
    /// No attempt will be made unless the operator asks for it.
    case gaveUp(reason: String)
  }

  /// Where the connection is after a step.
  public enum State: String, Sendable, Codable {
    case connecting, open, ready, closing, closed, failed, waiting, gaveUp
  }

  public var link: LinkID
  /// Which attempt in a row, from 1; nil where the step does not tell.
  public var attempt: Int?
  public var step: Step

  public init(_ link: LinkID, _ step: Step, attempt: Int? = nil) {
    self.link = link
    self.step = step
    self.attempt = attempt
  }
}

extension ConnectionChange {
  public var state: State {
    switch step {
    case .connecting: .connecting
    case .open: .open
    case .ready: .ready
    case .closing: .closing
    case .closed: .closed
    case .failed: .failed
    case .waiting: .waiting
    case .gaveUp: .gaveUp
    }
  }

  /// Why, in words; nil for a step that has no reason.
  public var reason: String? {
    get {
      switch step {
      case .closing(_, let reason), .closed(_, let reason, _), .failed(let reason, _), .gaveUp(let reason): reason
      case .connecting, .open, .ready, .waiting: nil
      }
    }
    set {
      guard let newValue else { return }
      switch step {
      case .closing(let code, _): step = .closing(code: code, reason: newValue)
      case .closed(let code, _, let by): step = .closed(code: code, reason: newValue, by: by)
      case .failed(_, let by): step = .failed(reason: newValue, by: by)
      case .gaveUp: step = .gaveUp(reason: newValue)
      case .connecting, .open, .ready, .waiting: break
      }
    }
  }

  /// The close code of a step that has one.
  public var code: Int? {
    switch step {
    case .closing(let code, _), .closed(let code, _, _): code
    default: nil
    }
  }

  /// Who closed or refused, where that is known.
  public var by: Closer? {
    switch step {
    case .closed(_, _, let by), .failed(_, let by): by
    default: nil
    }
  }
}

/// Who ended a connection, or refused one.
public enum Closer: String, Sendable, Codable {
  case client, server
  /// Neither: it was lost between them.
  case network

  public init(_ side: Side) { self = side == .client ? .client : .server }
}

/// One stage of connecting.
public struct ConnectStage: Sendable, Equatable, Codable {
  public var name: StageName
  public var ms: Double
  public init(_ name: StageName, ms: Double) {
    self.name = name
    self.ms = ms
  }
}

/// One flat object: `link`, `state`, `attempt`, and the fields of that state.
extension ConnectionChange: Codable {
  private enum Key: String, CodingKey {
    case link, state, attempt, delayMs, code, reason, by, sessionID, resumed, stages, subprotocol
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Key.self)
    func reason() throws -> String { try fields.decodeIfPresent(String.self, forKey: .reason) ?? "" }
    let step: Step =
      switch try fields.decode(State.self, forKey: .state) {
      case .connecting: .connecting
      case .open:
        .open(
          stages: try fields.decodeIfPresent([ConnectStage].self, forKey: .stages) ?? [],
          subprotocol: try fields.decodeIfPresent(String.self, forKey: .subprotocol))
      case .ready:
        .ready(
          sessionID: try fields.decodeIfPresent(String.self, forKey: .sessionID),
          resumed: try fields.decodeIfPresent(Bool.self, forKey: .resumed))
      // 1005 and 1006 never stand in a frame, and say that there was no code: RFC 6455 section 7.4.1.
      case .closing: .closing(code: try fields.decodeIfPresent(Int.self, forKey: .code) ?? 1005, reason: try reason())
      case .closed:
        .closed(
          code: try fields.decodeIfPresent(Int.self, forKey: .code) ?? 1006, reason: try reason(),
          by: try fields.decodeIfPresent(Closer.self, forKey: .by))
      case .failed: .failed(reason: try reason(), by: try fields.decodeIfPresent(Closer.self, forKey: .by))
      case .waiting: .waiting(delayMs: try fields.decodeIfPresent(Double.self, forKey: .delayMs) ?? 0)
      case .gaveUp: .gaveUp(reason: try reason())
      }
    self.init(
      try fields.decode(LinkID.self, forKey: .link), step,
      attempt: try fields.decodeIfPresent(Int.self, forKey: .attempt))
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Key.self)
    try fields.encode(link, forKey: .link)
    try fields.encode(state, forKey: .state)
    try fields.encodeIfPresent(attempt, forKey: .attempt)
    try fields.encodeIfPresent(code, forKey: .code)
    try fields.encodeIfPresent(reason, forKey: .reason)
    try fields.encodeIfPresent(by, forKey: .by)
    switch step {
    case .open(let stages, let subprotocol):
      try fields.encode(stages, forKey: .stages)
      try fields.encodeIfPresent(subprotocol, forKey: .subprotocol)
    case .ready(let sessionID, let resumed):
      try fields.encodeIfPresent(sessionID, forKey: .sessionID)
      try fields.encodeIfPresent(resumed, forKey: .resumed)
    case .waiting(let delayMs): try fields.encode(delayMs, forKey: .delayMs)
    case .connecting, .closing, .closed, .failed, .gaveUp: break
    }
  }
}
