import Timeline
import Wire

// Socket to playout.
//
//   message ─► entry ─► events ─┬─► audio ─► ResponseTable: of a response that was cut? ─► play
//                               ├─► ready, pause, resume ─► connection, gate
//                               └─► errors, unknown, malformed ─► notices

extension Session {
  mutating func messageReceived(_ id: LinkID, _ frame: WireMessage) {
    guard isCurrent(id) else { return }
    downlinkDeadlinePassed()
    connection?.heartbeat.heard(now)
    let before = dialect(before: frame)
    let reading = dialect.read(frame, from: .server)
    for event in reading.events {
      switch event {
      case .ready(let ready): remember(secret: ready.resumeToken)
      case .resumeToken(let token): remember(secret: token)
      default: break
      }
    }
    recordMessage(id, .toClient, frame, reading, origin: .peer, before: before)
    for event in reading.events { eventReceived(event, of: reading.of) }
    payWhatIsOwed()
  }

  /// - Parameter secret: what the server gave, or what was sent to it: an error may repeat it.
  mutating func remember(secret: String?) {
    guard let secret, !secret.isEmpty, !tokens.contains(secret) else { return }
    // A server may rotate tokens; old ones still open the conversation on some.
    if tokens.count == 16 { tokens.removeFirst() }
    tokens.append(secret)
  }

  /// - Parameter ref: what the message is about, if it says so.
  private mutating func eventReceived(_ event: VoiceEvent, of ref: WireRef?) {
    let place = self.place(event, of: ref)
    switch event {
    case .ready(let ready):
      ignored(ready.ignored)
      readyReceived(ready)
    case .audio(let payload): audioReceived(payload, place, of: ref)
    case .interrupted:
      // After our own interrupt the playout is empty already.
      if case .answered = place {} else { effects.append(.flushPlayout) }
    case .responseText, .responseComplete, .transcriptFinal: break
    case .pause: setPaused(true)
    case .resume: setPaused(false)
    case .error(let error):
      let code = error.code.map { " [\(quote($0, 40))]" } ?? ""
      limitedNotice(
        .serverError, of: error.code ?? error.message, error.isFatal ? .error : .warning, .server,
        quote(error.message) + code)
    case .unknown(let type):
      limitedNotice(
        .unknownMessage, of: type, .info, .protocol,
        "a message of a type that dialect \(dialect.name) does not know: \(quote(type, 60))")
    case .malformed(let what, let reason):
      limitedNotice(
        .malformedMessage, of: what, .warning, .protocol, "malformed \(quote(what, 60)): \(quote(reason))")
    case .resumeToken(let token): ticket = ResumeTicket(sessionID: ticket?.sessionID ?? "", token: token)
    case .userSpeechStart:
      // What was sent whole may still be playing.
      let cuts = dialect.card.speechStartCuts && downlink.isAudible
      if case .ended = place { effects.append(.flushPlayout) } else if cuts { effects.append(.flushPlayout) }
    case .expiry(let expiry): expiryTold(expiry)
    case .userSpeechEnd, .transcriptInterim, .metrics, .configApplied, .responseStarted, .responseCorrected: break
    case .toolCall(let call):
      if let loss = connection?.toolCalled(call) { limitedNotice(.toolCallForgotten, .warning, .session, loss) }
    case .toolCallsCancelled(let ids): ids.forEach { connection?.toolAnswered($0) }
    case .toolResult(let result): connection?.toolAnswered(result.id)
    case .usage, .rateLimits: break
    // The dialect echoes pings itself.
    case .ping, .pong, .mark, .dtmf: break
    // A client's events cannot come from a server.
    case .interrupt, .config, .speechStart, .speechEnd, .text, .heard, .turnEnd, .audioDiscarded, .responseRequest:
      break
    }
  }

  /// Where the event belongs; responses that ended with it have no more audio to come.
  private mutating func place(_ event: VoiceEvent, of ref: WireRef?) -> ResponseTable.Place {
    let before = downlink.responses.openResponses
    let wasDropping = downlink.responses.isDropping
    let place = downlink.responses.place(event, of: ref, at: now)
    let isFlushed = event == .interrupted || event == .userSpeechStart
    if !isFlushed, !before.isEmpty {
      let open = downlink.responses.openResponses
      effects += before.filter { !open.contains($0) }.map { .endPlay($0) }
    }
    if case .answered = place { tellUnplayed() }
    if wasDropping, !downlink.responses.isDropping { tellUnplayed() }
    return place
  }

  private mutating func audioReceived(_ payload: AudioPayload, _ place: ResponseTable.Place, of ref: WireRef?) {
    guard let response = place.id else {
      downlink.unplayed.messageCount += 1
      downlink.unplayed.byteCount += payload.bytes.count
      return
    }
    ignored(payload.ignored)
    var payload = payload
    payload.rate = payload.rate ?? connection?.serverOutputRate
    payload.format = payload.format ?? connection?.serverOutputFormat
    // Two at a time can be told apart only by their names.
    if ref?.response != nil {
      effects += downlink.responses.openResponses.filter { $0 != response }.map { .expectMore($0) }
    }
    if dialect.card.interruption == .clientSays(truncates: true), let ref {
      downlink.items.received(payload, of: ref, response: response, rate: dialect.card.downlink.preferred.rate)
    }
    effects.append(.play(payload, response: response))
  }

  /// A number that was left out of a message, because it makes no sense.
  private mutating func ignored(_ what: String?) {
    guard let what else { return }
    limitedNotice(
      .numberIgnored, of: what, .warning, .protocol,
      "a number that makes no sense was ignored: \(excerpt(what, 60))")
  }

  /// No more audio will come for the responses in progress; what is there is played to its end.
  mutating func endResponses() {
    effects += downlink.responses.connectionLost().map { .endPlay($0) }
    tellUnplayed()
  }

  /// Says what was not played.
  private mutating func tellUnplayed() {
    let unplayed = downlink.unplayed
    guard unplayed.messageCount > 0 else { return }
    downlink.unplayed = Downlink.Unplayed()
    notice(
      .lateAudioDropped, .info, .session,
      "\(unplayed.messageCount) audio message\(unplayed.messageCount == 1 ? "" : "s") (\(unplayed.byteCount) bytes) "
        + "that came after the interrupt were not played")
  }

  mutating func downlinkDeadlinePassed() {
    while let expiry = downlink.responses.expire(at: now) {
      switch expiry {
      case .paused(let response): effects.append(.endPlay(response))
      case .interrupt:
        notice(
          .interruptUnconfirmed, .warning, .session,
          "the server has not confirmed the interrupt within \(seconds(configuration.interruptTimeout)); "
            + "its audio is played again",
          remedy: "the server should answer interrupt with interrupted, or end the response with response_complete")
        tellUnplayed()
      }
    }
  }

  // MARK: Our own interrupt

  /// The speaker is silenced before the message is sent, because the operator judges by ear. Where the server wants to know how much was heard, the
  /// message comes first, because that is known with the silence (`playoutChanged`).
  mutating func interrupt() {
    let tellsHeard = isLive && dialect.card.interruption == .clientSays(truncates: true)
    if !tellsHeard { effects.append(.flushPlayout) }
    defer { if tellsHeard { effects.append(.flushPlayout) } }
    guard isLive else { return notConnected("interrupt") }
    let wasSaid = say(.interrupt, origin: .operator)
    if case .clientSays = dialect.card.interruption {
      // The response has ended on the link: what was left of it was only here.
      guard wasSaid else { return }
    } else if !wasSaid {
      notice(
        .interruptNotSayable, .info, .session,
        "dialect \(dialect.name) cannot say interrupt: what was waiting here is gone, and what comes is dropped until it "
          + "pauses")
    }
    // With no response in progress the server has nothing to confirm, and the next audio is a new response.
    downlink.responses.interrupted(at: now)
  }

  // MARK: What was heard

  mutating func playoutChanged(_ change: PlayoutChange) {
    downlink.playoutChanged(change)
    guard change.kind == .flushed, let response = change.response, let playedMs = change.playedMs else { return }
    guard let heard = downlink.items.heard(of: response, playedMs: playedMs) else { return }
    say(.heard(heard), of: heard.of)
  }

  // MARK: The session's end

  /// The server has said when the session will end.
  private mutating func expiryTold(_ expiry: SessionExpiry) {
    var left: Double
    switch expiry {
    case .inSeconds(let seconds): left = seconds
    case .at(let moment):
      guard let zero = configuration.wallClockMilliseconds else { return }
      left = moment - Double(zero) / 1000 - now.milliseconds / 1000
    }
    guard left.isFinite else { return }
    left = min(max(left, 0), SessionConfiguration.longestDuration.milliseconds / 1000)
    let end = now + .milliseconds(Int64(left * 1000))
    let told = max(now, end - configuration.expiryNotice)
    connection?.expiry = (end, told)
    expiryMayBeNear()
  }

  /// Tells of the session's end while there is still time.
  mutating func expiryMayBeNear() {
    guard let expiry = connection?.expiry, let notice = expiry.notice, notice <= now else { return }
    connection?.expiry?.notice = nil
    self.notice(
      .expiryNear, .warning, .session,
      "the server ends this session in \(seconds(max(.zero, expiry.end - now)))",
      remedy: "press r or type :reconnect to begin another one before")
  }
}
