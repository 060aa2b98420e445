import Timeline
import Wire

/// The client's machine. A value: whoever owns it calls `handle` with facts in the order in which they happened, carries
/// out the effects in order, and calls again with `.deadlinePassed` at `deadline`.
///
///   Dialling ── connects, backs off, resumes; holds the open connection
///   Uplink ──── microphone to wire
///   Downlink ── responses to playout
///
/// What one part must hear of another goes through here. `SessionTimer` lists what the session does by itself.
public struct Session: Sendable {
  var dialling: Dialling
  var uplink: Uplink
  var downlink: Downlink
  /// What the input at hand leads to.
  var output: SessionOutput

  /// - Parameters:
  ///   - dialect: a link that has just been opened; each connection gets a copy.
  ///   - seed: of the random numbers (the jitter of reconnects). The same seed and inputs give the same effects.
  public init(_ configuration: SessionConfiguration, dialect: any Dialect, seed: UInt64) {
    let configuration = configuration.bounded
    dialling = Dialling(configuration, dialect: dialect, seed: seed)
    uplink = Uplink(configuration, dialect.card)
    downlink = Downlink(configuration, dialect.card)
    output = SessionOutput(secrets: configuration.secrets)
  }

  /// Takes in what happened and returns what is to be done, in order.
  public mutating func handle(_ input: SessionInput, at time: Timestamp) -> [SessionEffect] {
    guard !isFinished else { return [] }
    output.begin(at: time)
    process(input)
    if !isFinished {
      uplink.pump(to: &dialling.connection, &output)
      uplink.report(socketDepth: dialling.socketDepth, &output)
    }
    assert(brokenInvariant == nil, "after \(input): \(brokenInvariant ?? "")")
    return output.end()
  }

  private mutating func process(_ input: SessionInput) {
    switch input {
    case .started: start()
    case .connectionOpened(let id, let stages, let subprotocol):
      dialling.opened(id, stages, subprotocol: subprotocol, &output)
    case .connectionFailed(let id, let reason, let isPermanent, let retryAfter):
      connectionFailed(id, reason, isPermanent: isPermanent, retryAfter: retryAfter)
    case .connectionClosed(let id, let code, let reason, let by): connectionClosed(id, code, reason, by)
    case .messageReceived(let id, let message): messageReceived(id, message)
    case .pongReceived(let id, let payload):
      if dialling.isOpen(id) { dialling.connection?.pongArrived(payload, &output) }
    case .socketBacklogChanged(let id, let byteCount):
      if dialling.isOpen(id) { dialling.connection?.backlogChanged(byteCount) }
    case .micFrameCaptured(let samples, let isSynthetic, let capturedAt, let probabilities):
      micFrameCaptured(
        samples, isSynthetic: isSynthetic, capturedAt: capturedAt ?? output.now, probabilities: probabilities)
    case .audioEncoded(let id, let messages):
      uplink.encoded(messages, for: id, on: &dialling.connection, &output)
    case .playoutChanged(let change):
      guard let heard = downlink.playoutChanged(change) else { return }
      dialling.connection?.say(.heard(heard), of: heard.of, &output)
    case .commanded(let command): commanded(command)
    case .deadlinePassed: deadlinePassed()
    }
  }

  private mutating func micFrameCaptured(
    _ samples: [Int16], isSynthetic: Bool, capturedAt: Timestamp, probabilities: [Float]?
  ) {
    guard !samples.isEmpty else { return }
    let age = max(.zero, output.now - capturedAt)
    let edges = uplink.captured(
      samples, isSynthetic: isSynthetic, probabilities: probabilities, age: age, on: &dialling.connection, &output)
    for edge in edges { downlink.voiceEdge(isStart: edge.isStart) }
  }

  // MARK: What others may ask

  /// What the microphone hears goes on the uplink at this moment.
  public var isSendingAudio: Bool { uplink.isPassing }
  /// Why the session has no connection and will make no further attempt by itself, where that is a failure.
  public var loss: String? { dialling.loss }

  /// The server takes audio.
  var isLive: Bool { dialling.isLive }
  /// Nothing will happen before the operator says `reconnect`.
  var hasGivenUp: Bool { dialling.hasGivenUp }
  var isFinished: Bool { dialling.isFinished }

  /// The first rule that does not hold; nil: all do. To be asked between inputs.
  var brokenInvariant: String? {
    let goesOn = deadline != nil
    switch dialling.state {
    case .lost: return "a connection that was lost is followed by an attempt, a wait or the end"
    case .connecting where dialling.refusedUntil.map({ $0 > output.now }) ?? false:
      return "no attempt reaches the network while connections are refused"
    case .connecting, .open, .waiting: if !goesOn { return "who has not given up goes on without being asked" }
    case .finished: if goesOn { return "nothing happens after the end" }
    case .idle, .gaveUp: break
    }
    guard case .open = dialling.state else {
      if uplink.state.pausedByServer { return "only a server that is connected pauses the uplink" }
      return downlink.isResponding ? "only a server that is connected responds" : nil
    }
    return loss == nil ? nil : "who is connected has lost nothing"
  }
}
