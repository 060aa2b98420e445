import Timeline
import Wire

// Socket to playout.
//
//   message ─► entry ─► events ─┬─► audio ─► (a leftover of a cut response?) ─► play
//                               ├─► ready, pause, resume ─► connection, gate
//                               └─► errors, unknown, malformed ─► notices

extension Session {
  mutating func messageReceived(_ id: ConnectionID, _ frame: Frame) {
    guard isCurrent(id) else { return }
    connection?.heartbeat.heard(now)
    let events = dialect.decode(frame, from: .server)
    for case .ready(let ready) in events { remember(secret: ready.resumeToken) }
    recordMessage(id, .received, frame, meaning: events)
    for event in events { eventReceived(event) }
  }

  private mutating func remember(secret: String?) {
    guard let secret, !secret.isEmpty, !secrets.contains(secret) else { return }
    // A server may rotate tokens; old ones still open the conversation on some.
    if secrets.count == 8 { secrets.removeFirst() }
    secrets.append(secret)
  }

  private mutating func eventReceived(_ event: VoiceEvent) {
    switch event {
    case .ready(let ready):
      ignored(ready.ignored)
      readyReceived(ready)
    case .audio(let payload): audioReceived(payload)
    case .responseText: if downlink.leftover == nil { _ = downlink.current() }
    case .responseComplete:
      leftoverEnded()
      endResponse()
    case .interrupted: interrupted()
    // A new turn: what comes now is its response, whether or not the interrupt was confirmed.
    case .transcriptFinal: leftoverEnded()
    case .pause: setPaused(true)
    case .resume: setPaused(false)
    case .error(let error):
      let code = error.code.map { " [\(excerpt($0, 40))]" } ?? ""
      limitedNotice(
        "error \(excerpt(error.code ?? error.message, 40))", error.isFatal ? .error : .warning, "server",
        excerpt(error.message) + code)
    case .unknown(let type):
      limitedNotice(
        "unknown \(excerpt(type, 40))", .info, "protocol",
        "a message of a type that dialect \(dialect.name) does not know: \(excerpt(type, 60))")
    case .malformed(let what, let reason):
      limitedNotice(
        "malformed \(excerpt(what, 40))", .warning, "protocol", "malformed \(excerpt(what, 60)): \(excerpt(reason))")
    case .userSpeechStart, .userSpeechEnd, .transcriptInterim, .metrics, .configApplied: break
    // A client's events cannot come from a server.
    case .interrupt, .config, .speechStart, .speechEnd, .text: break
    }
  }

  private mutating func audioReceived(_ payload: AudioPayload) {
    if downlink.leftover != nil {
      downlink.leftover?.messageCount += 1
      downlink.leftover?.byteCount += payload.bytes.count
      return
    }
    ignored(payload.ignored)
    var payload = payload
    payload.rate = payload.rate ?? connection?.serverOutputRate
    payload.format = payload.format ?? connection?.serverOutputFormat
    effects.append(.play(payload, response: downlink.current()))
    if !dialect.marksResponseEnd { downlink.pauseDeadline = now + configuration.responsePause }
  }

  /// A number that was left out of a message, because it makes no sense.
  private mutating func ignored(_ what: String?) {
    guard let what else { return }
    limitedNotice(
      "ignored \(excerpt(what, 40))", .warning, "protocol",
      "a number that makes no sense was ignored: \(excerpt(what, 60))")
  }

  private mutating func interrupted() {
    // After our own interrupt the playout is empty already.
    if downlink.leftover == nil { effects.append(.flushPlayout) }
    leftoverEnded()
    downlink.response = nil
  }

  /// No more audio will come for the response in progress; what is there is played to its end.
  mutating func endResponse() {
    downlink.pauseDeadline = nil
    leftoverEnded()
    guard let response = downlink.response else { return }
    downlink.response = nil
    effects.append(.endPlay(response))
  }

  /// What comes from now on is worth playing again. Says what was not played.
  private mutating func leftoverEnded() {
    guard let leftover = downlink.leftover else { return }
    downlink.leftover = nil
    guard leftover.messageCount > 0 else { return }
    notice(
      .info, "session",
      "\(leftover.messageCount) audio message\(leftover.messageCount == 1 ? "" : "s") (\(leftover.byteCount) bytes) "
        + "that came after the interrupt were not played")
  }

  mutating func downlinkDeadlinePassed() {
    if let deadline = downlink.leftover?.deadline, deadline <= now {
      notice(
        .warning, "session",
        "the server has not confirmed the interrupt within \(seconds(configuration.interruptTimeout)); "
          + "its audio is played again",
        remedy: "the server should answer interrupt with interrupted, or end the response with response_complete")
      leftoverEnded()
    }
    if let deadline = downlink.pauseDeadline, deadline <= now { endResponse() }
  }

  // MARK: Our own interrupt

  /// Silence first, then the message: the ear is the judge.
  mutating func interrupt() {
    effects.append(.flushPlayout)
    guard let frame = dialect.encode(.interrupt, from: .client) else {
      return notice(
        .info, "session", "dialect \(dialect.name) cannot say interrupt: only what was waiting here is gone")
    }
    guard isLive else { return notConnected("interrupt") }
    send(frame)
    // With no response in progress the server has nothing to confirm, and the next audio is a new response.
    guard downlink.response != nil else { return }
    downlink.response = nil
    downlink.leftover = Downlink.Leftover(deadline: now + configuration.interruptTimeout)
  }
}
