import Timeline
import Wire

// What the operator asks for. Each command is an entry, whatever comes of it.

extension Session {
  mutating func commanded(_ command: OperatorCommand) {
    record(.operatorAct(bounded(command.act)))
    switch command {
    case .interrupt: interrupt()
    case .sendConfig(let text): sendConfig(text)
    case .sendText(let text): if sendEvent(.text(text), "text") { downlink.responses.typed(at: now) }
    case .sendToolResult(let text): sendToolResult(text)
    case .sendRaw(let frame): sendRaw(frame)
    case .setGate(let mode): changeGate { $0.setMode(mode) }
    case .setMuted(let muted): changeGate { $0.setMuted(muted) }
    case .setTalking(let talking): changeGate { $0.setTalking(talking) }
    case .say(let text): effects.append(.speak(.words(text)))
    case .play(let path, let isMixed): effects.append(.speak(.file(path: path, isMixed: isMixed)))
    case .stopSpeaking: effects.append(.stopSpeaking)
    case .listen(let pieces): effects.append(.audition(pieces))
    // These change what the operator sees, and nothing in the session.
    case .filter, .mark: break
    case .disconnect(let way): disconnect(way)
    case .reconnect: reconnect()
    case .quit: quit()
    }
  }

  /// The act without secrets, and of a bounded length. What is hidden is hidden before it is cut: half a key is a secret,
  /// too.
  private func bounded(_ act: OperatorAct) -> OperatorAct {
    OperatorAct(act.command, excerpt(hidden(act.argument, isOurs: true), 1000))
  }

  // MARK: Messages

  private mutating func sendConfig(_ text: String) {
    let settings: JSONValue
    do {
      settings = try JSONValue(parsing: text.utf8)
    } catch {
      return notice(
        .configUnreadable, .error, .config, "config was not sent: \(excerpt("\(error)"))",
        remedy: "as in {\"language\":\"en\"}")
    }
    guard case .object = settings else {
      return notice(
        .configUnreadable, .error, .config, "config was not sent: it is JSON, but no object",
        remedy: "as in {\"language\":\"en\"}")
    }
    sendEvent(.config(settings), "config")
  }

  private mutating func sendToolResult(_ text: String) {
    let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
    let named = connection?.toolCalls.first { call in words.first.map { $0 == call.id } ?? false }
    guard let call = named ?? connection?.toolCalls.first else {
      return notice(.noToolCall, .warning, .session, "no tool call waits for a result: nothing was sent")
    }
    let output = named == nil ? text : words.count > 1 ? String(words[1]) : ""
    sendEvent(.toolResult(ToolResult(id: call.id, name: call.name, output: output)), "tool result")
  }

  private mutating func sendRaw(_ frame: WireMessage) {
    guard let reading = send(frame, origin: .operator) else { return notConnected("message") }
    // However it was written, it answers a call, or is a turn.
    for case .toolResult(let result) in reading.events { connection?.toolAnswered(result.id) }
    for case .text in reading.events { downlink.responses.typed(at: now) }
  }

  /// - Returns: whether it was sent.
  @discardableResult
  private mutating func sendEvent(_ event: VoiceEvent, _ name: String) -> Bool {
    guard dialect.card.clientSays.contains(event.kind) else {
      notice(.notSayable, .warning, .session, "dialect \(dialect.name) has no \(name) message: nothing was sent")
      return false
    }
    guard isLive else {
      notConnected(name)
      return false
    }
    return say(event, origin: .operator)
  }

  mutating func notConnected(_ what: String) {
    let state =
      switch dialState {
      case .open where canSend: "the server has not said ready"
      case .open: "the connection is being closed"
      default: "there is no connection"
      }
    notice(
      .notConnected, .warning, .session, "\(what) was not sent: \(state)",
      remedy: dialState == .gaveUp ? "press r or type :reconnect to try again" : nil)
  }

  // MARK: Gate

  private mutating func changeGate(_ change: (inout UplinkGate) -> Void) {
    let before = gate.state
    change(&gate)
    guard gate.state != before else { return }
    record(.gate(gate.state))
    let flow = gate.applyChange()
    if flow.wasCut { closeUplink(flow.utterance) }
  }

  // MARK: Connection

  private mutating func disconnect(_ way: OperatorCommand.Disconnect) {
    switch way {
    case .close(let code, let reason): disconnect(code: code, reason: reason)
    case .abort: cut("aborted by the operator")
    case .stall: toggleStall()
    case .refuse(let duration): refuse(duration)
    }
  }

  private mutating func disconnect(code: Int, reason: String) {
    // RFC 6455 section 7.4: 1004 to 1006 and 1015 are never sent, 1016 to 2999 are nobody's.
    guard [1000, 1001, 1002, 1003].contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code) else {
      return notice(
        .closeCodeInvalid, .error, .session, "\(code) is not a code that a close frame may carry",
        remedy: "take 1000 to 1003, 1007 to 1014 or 3000 to 4999")
    }
    guard reason.utf8.count <= 123 else {
      return notice(
        .closeReasonTooLong, .error, .session,
        "the reason is \(reason.utf8.count) bytes long: a close frame takes 123")
    }
    guard canSend else { return notConnected("close") }
    close(code: code, reason: reason, then: .reconnect)
  }

  /// Drops the connection or the attempt, and goes on as after any loss; `reconnect` may have waited for the end.
  private mutating func cut(_ reason: String) {
    switch dialState {
    case .open:
      let then = connection?.closing?.then
      let now = now
      if then == nil { connection?.closing = (now, .reconnect) }
      abort(reason, by: .client)
    case .connecting(let id, _):
      effects.append(.abort(id))
      backoff.reset()
      attemptFailed(id, reason, isPermanent: false)
    default: notConnected("abort")
    }
  }

  private mutating func toggleStall() {
    guard canSend, let id = connection?.id else { return notConnected("stall") }
    if connection?.isStalled == true { return unstall() }
    connection?.isStalled = true
    record(.fault(FaultChange(.stall, active: true)))
    effects.append(.setStalled(id, true))
  }

  mutating func unstall(tellSocket: Bool = true) {
    guard let id = connection?.id, connection?.isStalled == true else { return }
    connection?.isStalled = false
    record(.fault(FaultChange(.stall, active: false)))
    if tellSocket { effects.append(.setStalled(id, false)) }
  }

  private mutating func refuse(_ duration: Duration) {
    let duration = min(max(duration, .zero), SessionConfiguration.longestDuration)
    guard duration > .zero else {
      return notice(.refuseNeedsTime, .error, .session, "refuse needs a time", remedy: "as in :disconnect refuse 10")
    }
    refusedUntil = now + duration
    record(.fault(FaultChange(.refuse, active: true, durationMs: duration.milliseconds)))
    switch dialState {
    case .open, .connecting: cut("refused on purpose")
    default: break
    }
  }

  mutating func refusalMayEnd() {
    guard let until = refusedUntil, until <= now else { return }
    refusedUntil = nil
    record(.fault(FaultChange(.refuse, active: false)))
  }

  private mutating func reconnect() {
    switch dialState {
    case .waiting, .gaveUp:
      // What was said to a dead line is no turn of the conversation that begins now.
      if dialState == .gaveUp { uplink.dropAll() }
      backoff.reset()
      attempt()
    case .open where canSend: close(code: 1000, reason: "reconnect", then: .reconnectNow)
    case .open:
      // It closes already; only what follows changes. Once quit, always quit.
      if connection?.closing?.then == .reconnect { connection?.closing?.then = .reconnectNow }
    case .connecting: notice(.alreadyConnecting, .info, .session, "already connecting")
    case .idle, .finished: break
    }
  }

  private mutating func quit() {
    switch dialState {
    case .open where canSend:
      effects.append(.flushPlayout)
      close(code: 1000, reason: "", then: .finish)
    case .open:
      // It closes already: who asks a second time does not want to wait.
      let isImpatient = connection?.closing?.then == .finish
      connection?.closing?.then = .finish
      if let deadline = connection?.closing.map({ min($0.deadline, now + configuration.quitTimeout) }) {
        connection?.closing?.deadline = deadline
      }
      if isImpatient { abort("quit by the operator", by: .client) }
    case .connecting(let id, _):
      effects.append(.abort(id))
      record(.connection(ConnectionChange(id, .failed(reason: "quit by the operator"))))
      finish("quit by the operator")
    default: finish("quit by the operator")
    }
  }
}
