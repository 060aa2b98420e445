import Audio
import Timeline
import Wire

/// Connects, backs off, comes back with a ticket, gives up.
///
///   idle ─► connecting ─► open ─► lost ─┬─► waiting ─► connecting …
///               └─────── failed ────────┤
///                                       └─► gaveUp ─► (reconnect) ─► connecting …
///
/// `finished` can follow on any of them, and nothing follows on it.
struct Dialling: Sendable {
  /// Where the session is between its start and its end.
  enum State: Sendable {
    /// Not started.
    case idle
    case connecting(LinkID, deadline: Timestamp)
    case open(OpenConnection)
    /// The connection has gone, and what comes next is not decided: only while the other parts end what depended on it.
    case lost(Loss)
    /// Backing off.
    case waiting(until: Timestamp)
    /// Until the operator asks for another attempt.
    case gaveUp
    case finished
  }

  /// How a connection ended.
  struct Loss: Sendable {
    /// As in RFC 6455.
    var code: Int
    var reason: String
    var by: Closer
    /// What we wanted to follow, where we ended it.
    var then: OpenConnection.AfterClose?
    var wasReady: Bool
    var askedToResume: Bool
  }

  let configuration: SessionConfiguration
  /// A link in the dialect, as it is when it has just been opened.
  let freshDialect: any Dialect
  private(set) var state = State.idle
  private var random: SplitMix64
  private var lastLink = LinkID(0)
  private var backoff: Backoff
  /// Why the last attempt failed or the last connection ended, for when there is no further attempt.
  private var lastLoss = ""
  /// What became of the attempts that `backoff` counts.
  private var row = (failed: 0, ready: 0)
  /// Why there is no connection and no further attempt by itself, where that is a failure; until a connection opens.
  private(set) var loss: String?
  private var ticket: ResumeTicket?
  /// Set while connections are refused on purpose.
  private(set) var refusedUntil: Timestamp?

  init(_ configuration: SessionConfiguration, dialect: any Dialect, seed: UInt64) {
    self.configuration = configuration
    freshDialect = dialect
    random = SplitMix64(seed: seed)
    backoff = Backoff(
      base: configuration.backoffBase, ceiling: configuration.backoffCeiling, jitter: configuration.backoffJitter,
      limit: configuration.reconnectAttempts)
  }

  // MARK: What others may ask

  /// The open connection. It changes in place; it comes and goes with `state` alone.
  var connection: OpenConnection? {
    get { if case .open(let connection) = state { connection } else { nil } }
    _modify {
      var connection = takeConnection()
      let isOpen = connection != nil
      defer {
        assert((connection != nil) == isOpen, "a connection that comes or goes without a state")
        if let connection { state = .open(connection) }
      }
      yield &connection
    }
  }

  /// Not held twice while it changes: its dialect would be copied with each message.
  private mutating func takeConnection() -> OpenConnection? {
    guard case .open(let connection) = state else { return nil }
    state = .idle
    return connection
  }

  /// Of the open link; while there is none, of the next one.
  var card: DialectCard { if case .open(let connection) = state { connection.card } else { freshDialect.card } }
  var isLive: Bool { if case .open(let connection) = state { connection.isLive } else { false } }
  var canSend: Bool { if case .open(let connection) = state { connection.canSend } else { false } }
  var hasGivenUp: Bool { if case .gaveUp = state { true } else { false } }
  var isFinished: Bool { if case .finished = state { true } else { false } }
  /// Bytes that wait in the socket, as it last said.
  var socketDepth: Int { if case .open(let connection) = state { connection.reportedBacklog } else { 0 } }

  func isOpen(_ id: LinkID) -> Bool { if case .open(let connection) = state { connection.id == id } else { false } }
  func isConnecting(_ id: LinkID) -> Bool { if case .connecting(id, _) = state { true } else { false } }

  /// When one of the timers of connecting and staying connected is due; nil while it is not set.
  func moment(of timer: SessionTimer) -> Timestamp? {
    switch (timer, state) {
    case (.refusalEnd, _): refusedUntil
    case (.attemptTimeout, .connecting(_, let deadline)): deadline
    case (.nextAttempt, .waiting(let until)): until
    case (_, .open(let connection)): connection.moment(of: timer)
    default: nil
    }
  }

  // MARK: Attempts

  mutating func attempt(_ out: inout SessionOutput) {
    let number = backoff.beginAttempt()
    if number == 1 { row = (0, 0) }
    let id = LinkID(lastLink.rawValue + 1)
    lastLink = id
    out.record(.connection(ConnectionChange(id, .connecting, attempt: number)))
    if refusedUntil.map({ $0 > out.now }) ?? false {
      return failed(id, "refused on purpose", isPermanent: false, by: .client, &out)
    }
    state = .connecting(id, deadline: out.now + configuration.connectTimeout)
    out.order(.connect(id, resume: freshDialect.card.resume == .query ? ticket : nil))
  }

  /// Tries anew, as if nothing had failed before.
  mutating func attemptAnew(_ out: inout SessionOutput) {
    backoff.reset()
    attempt(&out)
  }

  /// The attempt under way has failed.
  /// - Parameters:
  ///   - isPermanent: trying again cannot help.
  ///   - retryAfter: how long the server asked to be left alone, if it did.
  mutating func failed(
    _ id: LinkID, _ reason: String, isPermanent: Bool, by: Closer? = nil, retryAfter: Duration? = nil,
    _ out: inout SessionOutput
  ) {
    let reason = out.hidden(reason)
    out.record(.connection(ConnectionChange(id, .failed(reason: reason, by: by))))
    lastLoss = reason
    row.failed += 1
    guard isPermanent else { return retry(after: retryAfter, &out) }
    if ticket != nil {
      dropTicket(&out)
      retry(&out)
    } else {
      giveUp(reason, &out)
    }
  }

  mutating func attemptTimedOut(_ out: inout SessionOutput) {
    guard case .connecting(let id, _) = state else { return }
    out.order(.abort(id))
    failed(id, "no answer within \(seconds(configuration.connectTimeout))", isPermanent: false, &out)
  }

  /// The operator breaks off the attempt under way; others follow.
  mutating func breakOff(_ reason: String, _ out: inout SessionOutput) {
    guard case .connecting(let id, _) = state else { return }
    out.order(.abort(id))
    backoff.reset()
    failed(id, reason, isPermanent: false, &out)
  }

  /// Waits for the next attempt, or gives up when there is none left.
  /// - Parameter wish: how long the server asked to be left alone, if it did.
  private mutating func retry(after wish: Duration? = nil, _ out: inout SessionOutput) {
    let least = min(wish ?? .zero, configuration.longestRetryAfter)
    guard let delay = backoff.nextDelay(&random, atLeast: least) else {
      let count = attemptsInWords
      return giveUp(lastLoss.isEmpty ? count : "\(count), the last: \(lastLoss)", &out)
    }
    state = .waiting(until: out.now + delay)
    out.record(
      .connection(ConnectionChange(lastLink, .waiting(delayMs: delay.milliseconds), attempt: backoff.attempt + 1)))
  }

  /// How many attempts of this row led nowhere, and how many led to a session that did not last.
  private var attemptsInWords: String {
    let failed = "\(row.failed) attempt\(row.failed == 1 ? "" : "s") in a row failed"
    guard row.ready > 0 else { return failed }
    let lost =
      "\(row.ready) connection\(row.ready == 1 ? " was" : "s were") lost within \(seconds(configuration.steadyAfter))"
    return row.failed == 0 ? lost : "\(failed), and \(lost)"
  }

  private mutating func giveUp(
    _ reason: String, as severity: Notice.Severity = .error, _ out: inout SessionOutput
  ) {
    state = .gaveUp
    // Whoever is told goodbye has lost nothing.
    loss = severity == .error ? reason : nil
    out.record(.connection(ConnectionChange(lastLink, .gaveUp(reason: reason))))
    out.notice(
      .gaveUp, severity, .session, "no connection: \(reason)", remedy: "press r or type :reconnect to try again")
  }

  /// The server does not want the conversation back: the next attempt begins a new one.
  private mutating func dropTicket(_ out: inout SessionOutput) {
    ticket = nil
    out.notice(
      .resumeRefused, .warning, .session, "the earlier conversation could not be resumed; a new one will be begun")
  }

  // MARK: Opening

  mutating func opened(_ id: LinkID, _ stages: [ConnectStage], subprotocol: String?, _ out: inout SessionOutput) {
    guard isConnecting(id) else { return }
    loss = nil
    var connection = OpenConnection(
      id, dialect: freshDialect, configuration, askedToResume: ticket != nil, openedAt: out.now)
    // A server may choose the entry that is the key.
    let shown = subprotocol.map { out.hidden(SubprotocolSecrets.hidden($0)) }
    out.record(.connection(ConnectionChange(id, .open(stages: stages, subprotocol: shown))))
    if connection.isLive { out.record(.connection(ConnectionChange(id, .ready()))) }
    if connection.card.readiness != .greeting { connection.sayOpening(ticket, &out) }
    state = .open(connection)
  }

  mutating func readyReceived(_ ready: Ready, _ out: inout SessionOutput) {
    guard case .open(let opened) = state else { return }
    let isFirst = opened.readySince == nil
    if let token = ready.resumeToken, !token.isEmpty, !ready.sessionID.isEmpty {
      ticket = ResumeTicket(sessionID: ready.sessionID, token: token)
    } else if isFirst, !ready.resumed {
      // Who was taken back without a new token can come back with the old one.
      ticket = nil
    }
    guard isFirst else { return }
    let agreement = OpenConnection.Agreement(
      inputRate: ready.inputRate, outputRate: ready.outputRate,
      outputFormat: ready.outputFormat.map { excerpt($0, 40) }, takesBinary: ready.inputIsBinary == true,
      codec: WireCodec(naming: ready.inputFormat))
    connection?.becameReady(agreement, at: out.now)
    out.record(
      .connection(
        ConnectionChange(opened.id, .ready(sessionID: out.quote(ready.sessionID), resumed: ready.resumed))))
    if let other = ready.otherDialect {
      out.notice(
        .otherDialect, .info, .session,
        "the server speaks \(other), not \(opened.card.name): the session goes on in it",
        remedy: "--dialect \(other) says so from the start")
    }
    if opened.askedToResume, !ready.resumed {
      out.notice(
        .resumeIgnored, .warning, .session, "the server began a new conversation instead of resuming the earlier one")
    }
    if opened.card.readiness == .greeting {
      let ticket = ticket
      connection?.sayOpening(ticket, &out)
    }
    tellCodecs(ready, &out)
    if let asked = configuration.asksForAudio, ready.outputFormat == nil, ready.outputIsBinary == nil {
      out.notice(
        .formNotConfirmed, .warning, .session,
        "the server does not say that it sends audio as \(excerpt(asked, 40))",
        remedy: "what it sends is played as it comes; its ready would say audio.out.format")
    }
    let rateSent = (connection?.uplinkCodec ?? .pcm16).rate(of: configuration.inputRate)
    if let rate = ready.inputRate, rate != rateSent {
      out.notice(
        .rateMismatch, .warning, .session,
        "the server wants \(rate) Hz and is sent \(rateSent) Hz",
        remedy: "each audio message says its rate: the server has to look at it")
    }
  }

  /// The codec that was wished for, and what the server says to it.
  private func tellCodecs(_ ready: Ready, _ out: inout SessionOutput) {
    let wish = configuration.codec
    guard wish != .pcm16 else { return }
    let takes = WireCodec(naming: ready.inputFormat) ?? .pcm16
    let sends = ready.outputFormat.map { excerpt($0, 40) } ?? WireCodec.pcm16.rawValue
    let isSent = configuration.asksForAudio != nil || WireCodec(naming: sends) == wish
    guard takes != wish || !isSent else { return }
    out.notice(
      .codecNotTaken, .warning, .session,
      "the server does not say that it speaks \(wish.rawValue) both ways: your audio goes out as \(takes.rawValue), and the "
        + "agent's comes as \(sends)",
      remedy: "its ready would say audio.in.format and audio.out.format; docs/protocol.md, section 5")
  }

  /// The server has given another token for the same conversation.
  mutating func tokenReceived(_ token: String) {
    ticket = ResumeTicket(sessionID: ticket?.sessionID ?? "", token: token)
  }

  // MARK: Closing

  /// Begins the close handshake.
  mutating func close(
    code: Int, reason: String, then: OpenConnection.AfterClose, _ out: inout SessionOutput
  ) {
    guard case .open(let open) = state, open.canSend else { return }
    unstall(&out)
    connection?.close(until: out.now + open.closeTimeout(then), then: then)
    out.record(.connection(ConnectionChange(open.id, .closing(code: code, reason: out.hidden(reason, isOurs: true)))))
    out.order(.close(open.id, code: code, reason: reason))
  }

  /// The connection has gone. `goOn` comes next, once the other parts have ended what depended on it.
  /// - Parameter wish: what is to follow, unless a close of ours that is under way says it.
  mutating func lost(
    code: Int, reason: String, by: Closer, then wish: OpenConnection.AfterClose?, _ out: inout SessionOutput
  ) {
    guard case .open(let old) = state else { return }
    // What we closed with is what the operator wrote.
    let reason = excerpt(out.hidden(reason, isOurs: by == .client), 400)
    if old.isStalled { out.record(.fault(FaultChange(.stall, active: false))) }
    out.record(.connection(ConnectionChange(old.id, .closed(code: code, reason: reason, by: by))))
    lastLoss = "closed with \(code)\(reason.isEmpty ? "" : " (\(reason))")"
    if old.readySince.map({ out.now - $0 >= configuration.steadyAfter }) ?? false { backoff.reset() }
    state = .lost(
      Loss(
        code: code, reason: reason, by: by, then: old.afterClose ?? wish, wasReady: old.readySince != nil,
        askedToResume: old.askedToResume))
  }

  /// What follows on a loss.
  mutating func goOn(_ out: inout SessionOutput) {
    guard case .lost(let loss) = state else { return }
    switch loss.then {
    case .finish: return finish("quit by the operator", &out)
    case .reconnectNow: return attemptAnew(&out)
    case .reconnect: backoff.reset()
    case nil:
      if loss.code == 1000, loss.by == .server {
        return giveUp("the server ended the session\(loss.reason.isEmpty ? "" : ": \(loss.reason)")", as: .info, &out)
      }
      if loss.wasReady { row.ready += 1 } else { row.failed += 1 }
      let isRejection = loss.code == 1008 || loss.code >= 3000
      if isRejection, loss.askedToResume, !loss.wasReady { dropTicket(&out) }
    }
    retry(&out)
  }

  /// The session is over.
  mutating func finish(_ reason: String, _ out: inout SessionOutput) {
    state = .finished
    out.order(.flushPlayout)
    out.order(.finish(reason: loss ?? reason, orderly: loss == nil))
  }

  // MARK: Disturbances

  /// Neither reads nor writes, or does so again.
  mutating func toggleStall(_ out: inout SessionOutput) {
    guard case .open(let open) = state, open.canSend else { return }
    if open.isStalled { return unstall(&out) }
    connection?.setStalled(true)
    out.record(.fault(FaultChange(.stall, active: true)))
    out.order(.setStalled(open.id, true))
  }

  private mutating func unstall(_ out: inout SessionOutput) {
    guard case .open(let open) = state, open.isStalled else { return }
    connection?.setStalled(false)
    out.record(.fault(FaultChange(.stall, active: false)))
    out.order(.setStalled(open.id, false))
  }

  /// Attempts fail for this long.
  mutating func refuse(_ duration: Duration, _ out: inout SessionOutput) {
    refusedUntil = out.now + duration
    out.record(.fault(FaultChange(.refuse, active: true, durationMs: duration.milliseconds)))
  }

  mutating func refusalEnded(_ out: inout SessionOutput) {
    refusedUntil = nil
    out.record(.fault(FaultChange(.refuse, active: false)))
  }
}
