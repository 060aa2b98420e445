import Timeline
import Wire

// Connecting, staying connected, coming back.
//
//   idle ─► connecting ─► open ─► (ready) ─► closed ─┬─► waiting ─► connecting …
//               └────────► failed ───────────────────┤
//                                                    └─► gaveUp ─► (reconnect) ─► connecting …

extension Session {
  mutating func start() {
    guard dialState == .idle else { return }
    record(.gate(gate.state))
    attempt()
  }

  func isCurrent(_ id: LinkID) -> Bool { connection?.id == id }

  /// Whether messages may be sent.
  var canSend: Bool { connection != nil && connection?.closing == nil }

  // MARK: Attempts

  mutating func attempt() {
    let number = backoff.beginAttempt()
    if number == 1 { row = (0, 0) }
    let id = LinkID(lastConnection.rawValue + 1)
    lastConnection = id
    record(.connection(ConnectionChange(id, .connecting, attempt: number)))
    if refusedUntil.map({ $0 > now }) ?? false {
      return attemptFailed(id, "refused on purpose", isPermanent: false, by: .client)
    }
    dialState = .connecting(id, deadline: now + configuration.connectTimeout)
    effects.append(.connect(id, resume: freshDialect.card.resume == .query ? ticket : nil))
  }

  mutating func connectionFailed(
    _ id: LinkID, _ reason: String, _ isPermanent: Bool, retryAfter: Duration?
  ) {
    if isCurrent(id) { return lost(code: 1006, reason: reason, by: .network) }
    guard case .connecting(id, _) = dialState else { return }
    attemptFailed(id, quote(reason, 1000), isPermanent: isPermanent, retryAfter: retryAfter)
  }

  mutating func attemptFailed(
    _ id: LinkID, _ reason: String, isPermanent: Bool, by: Closer? = nil, retryAfter: Duration? = nil
  ) {
    let reason = hidden(reason)
    record(.connection(ConnectionChange(id, .failed(reason: reason, by: by))))
    lastLoss = reason
    row.failed += 1
    guard isPermanent else { return retry(after: retryAfter) }
    if ticket != nil {
      dropTicket()
      retry()
    } else {
      giveUp(reason)
    }
  }

  /// Waits for the next attempt, or gives up when there is none left.
  /// - Parameter wish: how long the server asked to be left alone, if it did.
  mutating func retry(after wish: Duration? = nil) {
    let least = min(wish ?? .zero, configuration.longestRetryAfter)
    guard let delay = backoff.nextDelay(&random, atLeast: least) else {
      let count = attemptsInWords
      return giveUp(lastLoss.isEmpty ? count : "\(count), the last: \(lastLoss)")
    }
    dialState = .waiting(until: now + delay)
    record(
      .connection(
        ConnectionChange(lastConnection, .waiting(delayMs: delay.milliseconds), attempt: backoff.attempt + 1)))
  }

  /// How many attempts of this row led nowhere, and how many led to a session that did not last.
  private var attemptsInWords: String {
    let failed = "\(row.failed) attempt\(row.failed == 1 ? "" : "s") in a row failed"
    guard row.ready > 0 else { return failed }
    let lost =
      "\(row.ready) connection\(row.ready == 1 ? " was" : "s were") lost within \(seconds(configuration.steadyAfter))"
    return row.failed == 0 ? lost : "\(failed), and \(lost)"
  }

  mutating func giveUp(_ reason: String, _ severity: Notice.Severity = .error) {
    dialState = .gaveUp
    // Whoever is told goodbye has lost nothing.
    loss = severity == .error ? reason : nil
    uplink.dropAll()
    record(.connection(ConnectionChange(lastConnection, .gaveUp(reason: reason))))
    notice(.gaveUp, severity, .session, "no connection: \(reason)", remedy: "press r or type :reconnect to try again")
  }

  /// The server does not want the conversation back: the next attempt begins a new one.
  private mutating func dropTicket() {
    ticket = nil
    notice(
      .resumeRefused, .warning, .session, "the earlier conversation could not be resumed; a new one will be begun")
  }

  // MARK: Opening

  mutating func connectionOpened(_ id: LinkID, _ stages: [ConnectStage], subprotocol: String?) {
    guard case .connecting(id, _) = dialState else { return }
    dialState = .open
    loss = nil
    dialect = freshDialect
    let card = dialect.card
    connection = OpenConnection(
      id: id, askedToResume: ticket != nil,
      heartbeat: Heartbeat(
        id, openedAt: now, firstDelay: configuration.firstPingDelay, interval: configuration.pingInterval,
        timeout: configuration.pongTimeout),
      readyDeadline: card.needsReady ? now + configuration.readyTimeout : nil)
    // A server may choose the entry that is the key.
    let shown = subprotocol.map { hidden(SubprotocolSecrets.hidden($0)) }
    record(.connection(ConnectionChange(id, .open(stages: stages, subprotocol: shown))))
    if !card.needsReady {
      connection?.readySince = now
      record(.connection(ConnectionChange(id, .ready())))
    }
    if card.readiness != .greeting { sayOpening() }
  }

  mutating func readyReceived(_ ready: Ready) {
    guard let current = connection else { return }
    if let token = ready.resumeToken, !token.isEmpty, !ready.sessionID.isEmpty {
      ticket = ResumeTicket(sessionID: ready.sessionID, token: token)
    } else if current.readySince == nil {
      ticket = nil
    }
    guard current.readySince == nil else { return }
    let now = now
    connection?.readySince = now
    connection?.readyDeadline = nil
    connection?.serverInputRate = ready.inputRate
    connection?.serverOutputRate = ready.outputRate
    connection?.serverOutputFormat = ready.outputFormat.map { excerpt($0, 40) }
    connection?.serverTakesBinary = ready.inputIsBinary == true
    record(
      .connection(
        ConnectionChange(current.id, .ready(sessionID: quote(ready.sessionID), resumed: ready.resumed))))
    if current.askedToResume, !ready.resumed {
      notice(
        .resumeIgnored, .warning, .session, "the server began a new conversation instead of resuming the earlier one")
    }
    if dialect.card.readiness == .greeting { sayOpening() }
    if let asked = configuration.asksForAudio, ready.outputFormat == nil, ready.outputIsBinary == nil {
      notice(
        .formNotConfirmed, .warning, .session,
        "the server does not say that it sends audio as \(excerpt(asked, 40))",
        remedy: "what it sends is played as it comes; its ready would say audio.out.format")
    }
    if let rate = ready.inputRate, rate != configuration.inputRate {
      notice(
        .rateMismatch, .warning, .session,
        "the server wants \(rate) Hz and is sent \(configuration.inputRate) Hz",
        remedy: "each audio message says its rate: the server has to look at it")
    }
  }

  // MARK: Closing

  mutating func connectionClosed(_ id: LinkID, _ code: Int, _ reason: String, _ by: Closer) {
    if case .connecting(id, _) = dialState {
      return attemptFailed(id, "closed with \(code) before it opened: \(quote(reason))", isPermanent: false)
    }
    guard isCurrent(id) else { return }
    lost(code: code, reason: reason, by: by)
  }

  /// Begins the close handshake.
  mutating func close(code: Int, reason: String, then: OpenConnection.AfterClose) {
    guard let id = connection?.id else { return }
    unstall()
    // Who quits waits for a goodbye, but not for a server that is gone.
    let timeout = then == .finish ? configuration.quitTimeout : configuration.closeTimeout
    let deadline = now + timeout
    connection?.closing = (deadline, then)
    record(.connection(ConnectionChange(id, .closing(code: code, reason: hidden(reason, isOurs: true)))))
    effects.append(.close(id, code: code, reason: reason))
  }

  /// Cuts the connection, without waiting for anybody.
  mutating func abort(_ reason: String, by: Closer) {
    guard let id = connection?.id else { return }
    effects.append(.abort(id))
    lost(code: 1006, reason: reason, by: by)
  }

  /// The connection has gone; what now?
  mutating func lost(code: Int, reason: String, by: Closer) {
    guard let old = connection else { return }
    // What we closed with is what the operator wrote.
    let reason = excerpt(hidden(reason, isOurs: by == .client), 400)
    unstall(tellSocket: false)
    connection = nil
    dialState = .gaveUp
    record(.connection(ConnectionChange(old.id, .closed(code: code, reason: reason, by: by))))
    lastLoss = "closed with \(code)\(reason.isEmpty ? "" : " (\(reason))")"
    setPaused(false)
    endResponses()
    if old.readySince.map({ now - $0 >= configuration.steadyAfter }) ?? false { backoff.reset() }
    switch old.closing?.then {
    case .finish: finish("quit by the operator")
    case .reconnectNow:
      backoff.reset()
      attempt()
    case .reconnect:
      backoff.reset()
      retry()
    case nil:
      if code == 1000, by == .server {
        return giveUp("the server ended the session\(reason.isEmpty ? "" : ": \(reason)")", .info)
      }
      if old.readySince == nil { row.failed += 1 } else { row.ready += 1 }
      let isRejection = code == 1008 || code >= 3000
      if isRejection, old.askedToResume, old.readySince == nil { dropTicket() }
      retry()
    }
  }

  mutating func finish(_ reason: String) {
    let loss = loss
    dialState = .finished
    connection = nil
    effects += [.flushPlayout, .finish(reason: loss ?? reason, orderly: loss == nil)]
  }

  // MARK: Timers

  mutating func pongReceived(_ id: LinkID, _ payload: [UInt8]) {
    let now = now
    guard isCurrent(id), let roundTrip = connection?.heartbeat.pongArrived(payload, now) else { return }
    record(.roundTrip(RoundTrip(link: id, ms: roundTrip.milliseconds)))
  }

  mutating func connectionDeadlinePassed() {
    switch dialState {
    case .waiting(let until) where until <= now: attempt()
    case .connecting(let id, let deadline) where deadline <= now:
      effects.append(.abort(id))
      attemptFailed(id, "no answer within \(seconds(configuration.connectTimeout))", isPermanent: false)
    case .open: openDeadlinePassed()
    default: break
    }
  }

  private mutating func openDeadlinePassed() {
    guard let current = connection else { return }
    if let closing = current.closing {
      guard closing.deadline <= now else { return }
      let timeout = closing.then == .finish ? configuration.quitTimeout : configuration.closeTimeout
      return abort("no close frame within \(seconds(timeout))", by: .network)
    }
    expiryMayBeNear()
    if let deadline = current.readyDeadline, deadline <= now {
      connection?.readyDeadline = nil
      notice(
        .notReady, .warning, .session,
        "no ready message within \(seconds(configuration.readyTimeout)); audio is held back",
        remedy: dialect.card.readyAdvice)
    }
    let now = now
    switch connection?.heartbeat.step(now) {
    case .ping(let payload): effects.append(.ping(current.id, payload: payload))
    case .late:
      record(.roundTrip(RoundTrip(link: current.id, ms: nil)))
      let timeout = seconds(configuration.pongTimeout)
      notice(
        .pongLate, .warning, .session,
        "no pong within \(timeout), though messages come: the server does not read, or its pong stands behind what it "
          + "sends; the connection ends when there is none in another \(timeout)")
    case .dead(let sinceLate):
      let timeout = configuration.pongTimeout
      let reason =
        sinceLate
        ? "no pong within \(seconds(timeout + timeout)), though messages came: the server sends and does not read"
        : "no pong within \(seconds(timeout))"
      // A late one was counted when it was late.
      if !sinceLate { record(.roundTrip(RoundTrip(link: current.id, ms: nil))) }
      notice(.connectionDead, .warning, .session, "the connection is dead: \(reason)")
      abort(reason, by: .network)
    case nil: break
    }
  }
}
