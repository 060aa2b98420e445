import Timeline
import Wire

// What the operator asks for. Each command is an entry, whatever comes of it.

extension Session {
  mutating func commanded(_ command: OperatorCommand) {
    var act = bounded(command.act)
    if case .mark(_, let moment?) = command { act.ageMs = max(0, (output.now - moment).milliseconds) }
    output.record(.operatorAct(act))
    switch command {
    case .interrupt: interrupt()
    case .sendConfig(let text): sendConfig(text)
    case .sendText(let text): if sendEvent(.text(text), "text") { downlink.typed(at: output.now) }
    case .sendToolResult(let text): sendToolResult(text)
    case .sendRaw(let frame): sendRaw(frame)
    case .setGate(let mode): changeGate { $0.setMode(mode) }
    case .setMuted(let muted): changeGate { $0.setMuted(muted) }
    case .setTalking(let talking): changeGate { $0.setTalking(talking) }
    case .say(let text): output.order(.speak(.words(text)))
    case .play(let path, let isMixed): output.order(.speak(.file(path: path, isMixed: isMixed)))
    case .stopSpeaking: output.order(.stopSpeaking)
    case .listen(let pieces): output.order(.audition(pieces))
    // These change what the operator sees or finds again, and nothing in the session.
    case .filter, .countFrom, .mark: break
    case .disconnect(let way): disconnect(way)
    case .reconnect: reconnect()
    case .quit: quit()
    }
  }

  /// The act without secrets, and of a bounded length. What is hidden is hidden before it is cut: half a key is a secret,
  /// too.
  private func bounded(_ act: OperatorAct) -> OperatorAct {
    OperatorAct(act.command, excerpt(output.hidden(act.argument, isOurs: true), 1000))
  }

  // MARK: Messages

  private mutating func sendConfig(_ text: String) {
    let settings: JSONValue
    do {
      settings = try JSONValue(parsing: text.utf8)
    } catch {
      return output.notice(
        .configUnreadable, .error, .config, "config was not sent: \(excerpt("\(error)"))",
        remedy: "as in {\"language\":\"en\"}")
    }
    guard case .object = settings else {
      return output.notice(
        .configUnreadable, .error, .config, "config was not sent: it is JSON, but no object",
        remedy: "as in {\"language\":\"en\"}")
    }
    sendEvent(.config(settings), "config")
  }

  private mutating func sendToolResult(_ text: String) {
    let words = text.split(maxSplits: 1, omittingEmptySubsequences: true, whereSeparator: \.isWhitespace)
    let calls = dialling.connection?.toolCalls ?? []
    let named = calls.first { call in words.first.map { $0 == call.id } ?? false }
    guard let call = named ?? calls.first else {
      return output.notice(.noToolCall, .warning, .session, "no tool call waits for a result: nothing was sent")
    }
    let answer = named == nil ? text : words.count > 1 ? String(words[1]) : ""
    sendEvent(.toolResult(ToolResult(id: call.id, name: call.name, output: answer)), "tool result")
  }

  private mutating func sendRaw(_ message: WireMessage) {
    guard let reading = dialling.connection?.send(message, origin: .operator, &output) else {
      return notConnected("message")
    }
    // However it was written, it answers a call, or is a turn.
    for case .toolResult(let result) in reading.events { dialling.connection?.toolAnswered(result.id) }
    for case .text in reading.events { downlink.typed(at: output.now) }
  }

  /// - Returns: whether it was sent.
  @discardableResult
  private mutating func sendEvent(_ event: VoiceEvent, _ name: String) -> Bool {
    let card = dialling.card
    guard card.clientSays.contains(event.kind) else {
      output.notice(
        .notSayable, .warning, .session, "dialect \(card.name) has no \(name) message: nothing was sent")
      return false
    }
    guard isLive else {
      notConnected(name)
      return false
    }
    return dialling.connection?.say(event, origin: .operator, &output) ?? false
  }

  /// The speaker is silenced before the message is sent, because the operator judges by ear. Where the server wants to
  /// know how much was heard, the message comes first, because that is known with the silence (`playoutChanged`).
  private mutating func interrupt() {
    let card = dialling.card
    let tellsHeard = isLive && card.interruption == .clientSays(truncates: true)
    if !tellsHeard { output.order(.flushPlayout) }
    defer { if tellsHeard { output.order(.flushPlayout) } }
    guard isLive else { return notConnected("interrupt") }
    let wasSaid = dialling.connection?.say(.interrupt, origin: .operator, &output) ?? false
    if case .clientSays = card.interruption {
      // The response has ended on the link: what was left of it was only here.
      guard wasSaid else { return }
    } else if !wasSaid {
      output.notice(
        .interruptNotSayable, .info, .session,
        "dialect \(card.name) cannot say interrupt: what was waiting here is gone, and what comes is dropped until it "
          + "pauses")
    }
    // With no response in progress the server has nothing to confirm, and the next audio is a new response.
    downlink.interrupted(at: output.now)
  }

  private mutating func notConnected(_ what: String) {
    let state =
      switch dialling.state {
      case .open where dialling.canSend: "the server has not said ready"
      case .open: "the connection is being closed"
      default: "there is no connection"
      }
    output.notice(
      .notConnected, .warning, .session, "\(what) was not sent: \(state)",
      remedy: hasGivenUp ? "press r or type :reconnect to try again" : nil)
  }

  private mutating func changeGate(_ change: (inout UplinkGate) -> Void) {
    uplink.change(on: dialling.connection, &output, change)
  }

  // MARK: Connection

  private mutating func disconnect(_ way: OperatorCommand.Disconnect) {
    switch way {
    case .close(let code, let reason): disconnect(code: code, reason: reason)
    case .abort: cut("aborted by the operator")
    case .stall: if dialling.canSend { dialling.toggleStall(&output) } else { notConnected("stall") }
    case .refuse(let duration): refuse(duration)
    }
  }

  private mutating func disconnect(code: Int, reason: String) {
    // RFC 6455 section 7.4: 1004 to 1006 and 1015 are never sent, 1016 to 2999 are nobody's.
    guard [1000, 1001, 1002, 1003].contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code) else {
      return output.notice(
        .closeCodeInvalid, .error, .session, "\(code) is not a code that a close frame may carry",
        remedy: "take 1000 to 1003, 1007 to 1014 or 3000 to 4999")
    }
    guard reason.utf8.count <= 123 else {
      return output.notice(
        .closeReasonTooLong, .error, .session,
        "the reason is \(reason.utf8.count) bytes long: a close frame takes 123")
    }
    guard dialling.canSend else { return notConnected("close") }
    dialling.close(code: code, reason: reason, then: .reconnect, &output)
  }

  /// Drops the connection or the attempt, and goes on as after any loss; `reconnect` may have waited for the end.
  private mutating func cut(_ reason: String) {
    switch dialling.state {
    case .open: abort(reason, by: .client, then: .reconnect)
    case .connecting: dial { $0.breakOff(reason, &$1) }
    default: notConnected("abort")
    }
  }

  private mutating func refuse(_ duration: Duration) {
    let duration = min(max(duration, .zero), SessionConfiguration.longestDuration)
    guard duration > .zero else {
      return output.notice(
        .refuseNeedsTime, .error, .session, "refuse needs a time", remedy: "as in :disconnect refuse 10")
    }
    dialling.refuse(duration, &output)
    switch dialling.state {
    case .open, .connecting: cut("refused on purpose")
    default: break
    }
  }

  private mutating func reconnect() {
    switch dialling.state {
    case .waiting: dial { $0.attemptAnew(&$1) }
    case .gaveUp:
      // What was said to a dead line is no turn of the conversation that begins now.
      uplink.dropAll()
      dial { $0.attemptAnew(&$1) }
    case .open(let open):
      guard case .closing(let until, let then, _) = open.phase else {
        return dialling.close(code: 1000, reason: "reconnect", then: .reconnectNow, &output)
      }
      // It closes already; only what follows changes. Once quit, always quit.
      if then == .reconnect { dialling.connection?.close(until: until, then: .reconnectNow) }
    case .connecting: output.notice(.alreadyConnecting, .info, .session, "already connecting")
    case .idle, .lost, .finished: break
    }
  }

  private mutating func quit() {
    let reason = "quit by the operator"
    switch dialling.state {
    case .open(let open):
      guard case .closing(let until, let then, _) = open.phase else {
        output.order(.flushPlayout)
        return dialling.close(code: 1000, reason: "", then: .finish, &output)
      }
      // It closes already: who asks a second time does not want to wait.
      dialling.connection?.close(until: min(until, output.now + open.closeTimeout(.finish)), then: .finish)
      if then == .finish { abort(reason, by: .client) }
    case .connecting(let id, _):
      output.order(.abort(id))
      output.record(.connection(ConnectionChange(id, .failed(reason: reason))))
      dialling.finish(reason, &output)
    default: dialling.finish(reason, &output)
    }
  }
}
