import Timeline

/// The connection as it is now.
public struct LinkState: Sendable, Equatable {
  public var id: LinkID?
  /// Nil before the first attempt.
  public var state: ConnectionChange.State?
  public var since = Timestamp.zero
  public var sessionID: String?
  public var attempt: Int?
  /// `waiting`: when the next attempt is due.
  public var nextAttempt: Timestamp?
  /// The last close code or failure, in words.
  public var lastReason: String?
  public var lastCode: Int?
  /// Who closed it last, when that is known.
  public var lastBy: Closer?
  public var rttMs: Double?
  public var missedPongs = 0
  /// Connections that were opened, and lost without our asking.
  public var opened = 0
  public var stages: [ConnectStage] = []
  /// The WebSocket subprotocol of the open connection, if the server chose one.
  public var subprotocol: String?

  mutating func observe(_ change: ConnectionChange, at now: Timestamp) {
    id = change.link
    state = change.state
    since = now
    attempt = change.attempt ?? attempt
    nextAttempt = nil
    switch change.step {
    case .waiting(let delayMs): nextAttempt = now + .recorded(milliseconds: delayMs)
    case .closed, .failed:
      lastReason = change.reason
      lastCode = change.code
      lastBy = change.by
      rttMs = nil
    case .open(let stages, let subprotocol):
      opened += 1
      (self.stages, self.subprotocol) = (stages, subprotocol)
    case .ready(let sessionID, _):
      self.sessionID = sessionID ?? self.sessionID
      attempt = nil
    case .connecting, .closing, .gaveUp: break
    }
  }

  mutating func observe(_ trip: RoundTrip) {
    if let ms = trip.ms { rttMs = ms } else { missedPongs += 1 }
  }
}

/// The playout as it is now.
public struct PlayoutState: Sendable, Equatable {
  public var depthMs = 0.0
  public var targetMs = 0.0
  public var deviceDelayMs = 0.0
  public var isPlaying = false
  public var underruns = 0
  public var flushes = 0
  public var playedMs = 0.0
  public var discardedMs = 0.0
  /// How irregularly audio arrives (RFC 3550, the sender's pace taken out); nil until it can be known.
  public var jitterMs: Double?
  /// What arrives, as detected: `mp3 44100 Hz`.
  public var format: String?
  public var undecodable = 0
}
