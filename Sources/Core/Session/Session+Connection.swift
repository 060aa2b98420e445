import Timeline
import Wire

// What comes and goes with the connection, and which parts hear of it.

extension Session {
  mutating func start() {
    guard case .idle = dialling.state else { return }
    output.record(.gate(uplink.state))
    dial { $0.attempt(&$1) }
  }

  /// Lets dialling go on. Where it gives up, what waits to be sent is dropped: nobody will hear it.
  mutating func dial(_ step: (inout Dialling, inout SessionOutput) -> Void) {
    let hadGivenUp = dialling.hasGivenUp
    step(&dialling, &output)
    if dialling.hasGivenUp, !hadGivenUp { uplink.dropAll() }
  }

  mutating func connectionFailed(_ id: LinkID, _ reason: String, isPermanent: Bool, retryAfter: Duration?) {
    if dialling.isOpen(id) { return lost(code: 1006, reason: reason, by: .network) }
    guard dialling.isConnecting(id) else { return }
    let reason = output.quote(reason, 1000)
    dial { $0.failed(id, reason, isPermanent: isPermanent, retryAfter: retryAfter, &$1) }
  }

  mutating func connectionClosed(_ id: LinkID, _ code: Int, _ reason: String, _ by: Closer) {
    if dialling.isOpen(id) { return lost(code: code, reason: reason, by: by) }
    guard dialling.isConnecting(id) else { return }
    let reason = "closed with \(code) before it opened: \(output.quote(reason))"
    dial { $0.failed(id, reason, isPermanent: false, &$1) }
  }

  /// Cuts the connection, without waiting for anybody.
  /// - Parameter wish: what is to follow, unless a close of ours that is under way says it.
  mutating func abort(_ reason: String, by: Closer, then wish: OpenConnection.AfterClose? = nil) {
    guard let id = dialling.connection?.id else { return }
    output.order(.abort(id))
    lost(code: 1006, reason: reason, by: by, then: wish)
  }

  mutating func closeTimedOut() {
    guard let open = dialling.connection, let then = open.afterClose else { return }
    abort("no close frame within \(seconds(open.closeTimeout(then)))", by: .network)
  }

  /// The connection has gone; what now?
  private mutating func lost(
    code: Int, reason: String, by: Closer, then wish: OpenConnection.AfterClose? = nil
  ) {
    dialling.lost(code: code, reason: reason, by: by, then: wish, &output)
    uplink.setPaused(false, &output)
    downlink.connectionLost(&output)
    dial { $0.goOn(&$1) }
  }

  // MARK: What the server says

  mutating func messageReceived(_ id: LinkID, _ message: WireMessage) {
    guard dialling.isOpen(id) else { return }
    downlink.expire(&output)
    guard let reading = dialling.connection?.received(message, &output) else { return }
    for event in reading.events { eventReceived(event, of: reading.of) }
    dialling.connection?.payWhatIsOwed(&output)
  }

  /// - Parameter ref: what the message is about, if it says so.
  private mutating func eventReceived(_ event: VoiceEvent, of ref: WireRef?) {
    let place = downlink.place(event, of: ref, &output)
    switch event {
    case .ready(let ready):
      output.ignored(ready.ignored)
      dialling.readyReceived(ready, &output)
      if let codec = dialling.connection?.uplinkCodec { uplink.codecAgreed(codec) }
    case .configApplied(let settings):
      if let codec = dialling.connection?.settingsApplied(settings) { uplink.codecAgreed(codec) }
    case .audio(let payload): downlink.audioReceived(payload, place, of: ref, on: dialling.connection, &output)
    case .interrupted:
      // After our own interrupt the playout is empty already, and nothing is to be held.
      if case .answered = place { downlink.resumed(&output) } else { output.order(.flushPlayout) }
      downlink.isHeld = false
    case .responseHeld: downlink.held(&output)
    case .responseResumed: downlink.resumed(&output)
    case .pause: uplink.setPaused(true, &output)
    case .resume: uplink.setPaused(false, &output)
    case .error(let error):
      let code = error.code.map { " [\(output.quote($0, 40))]" } ?? ""
      output.limitedNotice(
        .serverError, of: error.code ?? error.message, error.isFatal ? .error : .warning, .server,
        output.quote(error.message) + code)
    case .unknown(let type):
      output.limitedNotice(
        .unknownMessage, of: type, .info, .protocol,
        "a message of a type that dialect \(dialling.card.name) does not know: \(output.quote(type, 60))")
    case .malformed(let what, let reason):
      output.limitedNotice(
        .malformedMessage, of: what, .warning, .protocol,
        "malformed \(output.quote(what, 60)): \(output.quote(reason))")
    case .resumeToken(let token): dialling.tokenReceived(token)
    case .userSpeechStart:
      // What was sent whole may still be playing.
      let cuts = dialling.card.speechStartCuts && downlink.isAudible
      if case .ended = place { output.order(.flushPlayout) } else if cuts { output.order(.flushPlayout) }
    case .expiry(let expiry): dialling.connection?.expiryTold(expiry, &output)
    case .toolCall(let call):
      if let loss = dialling.connection?.toolCalled(call) {
        output.limitedNotice(.toolCallForgotten, .warning, .session, loss)
      }
    case .toolCallsCancelled(let ids): ids.forEach { dialling.connection?.toolAnswered($0) }
    case .toolResult(let result): dialling.connection?.toolAnswered(result.id)
    // Nothing follows on them here. The dialect echoes pings itself.
    case .responseText, .responseComplete, .transcriptFinal, .userSpeechEnd, .transcriptInterim, .metrics,
      .responseStarted, .responseCorrected, .usage, .rateLimits, .ping, .pong, .mark, .dtmf:
      break
    // A client's events cannot come from a server.
    case .interrupt, .config, .speechStart, .speechEnd, .text, .heard, .turnEnd, .audioDiscarded, .responseRequest:
      break
    }
  }
}
