import Timeline
import Wire

/// The agent's responses: which audio is played, which is dropped, when one has ended, and what was heard of it.
///
///   event ─► ResponseTable: of a response that was cut? ─┬─► play
///                                                        └─► counted, and told once the server has confirmed the cut
struct Downlink: Sendable {
  /// Audio of a response that was cut, which came all the same and was not played.
  private struct Unplayed: Sendable {
    var messageCount = 0
    var byteCount = 0
  }

  private let configuration: SessionConfiguration
  /// Which response a message belongs to, and whether it is still wanted.
  private var responses: ResponseTable
  /// Since it was last told.
  private var unplayed = Unplayed()
  /// The playout has audio of a response.
  private(set) var isAudible = false
  /// The server holds the response until it knows what the user says.
  var isHeld = false
  /// Where the server wants to know how much was heard.
  private var items = ItemLedger()

  /// - Parameter card: of a link that has just been opened.
  init(_ configuration: SessionConfiguration, _ card: DialectCard) {
    self.configuration = configuration
    responses = ResponseTable(card, timeout: configuration.interruptTimeout, pause: configuration.responsePause)
  }

  /// The server has begun a response and not ended it.
  var isResponding: Bool { !responses.openResponses.isEmpty }

  var deadline: Timestamp? { responses.deadline }

  // MARK: What the server says

  /// Where an event belongs; responses that ended with it have no more audio to come.
  /// - Parameter ref: what its message is about, if it says so.
  mutating func place(_ event: VoiceEvent, of ref: WireRef?, _ out: inout SessionOutput) -> ResponseTable.Place {
    let before = responses.openResponses
    let wasDropping = responses.isDropping
    let place = responses.place(event, of: ref, at: out.now)
    let isFlushed = event == .interrupted || event == .userSpeechStart
    if !isFlushed, !before.isEmpty {
      let open = responses.openResponses
      for response in before where !open.contains(response) { out.order(.endPlay(response)) }
    }
    if case .answered = place { tellUnplayed(&out) }
    if wasDropping, !responses.isDropping { tellUnplayed(&out) }
    return place
  }

  /// Audio came on the connection.
  mutating func audioReceived(
    _ payload: AudioPayload, _ place: ResponseTable.Place, of ref: WireRef?, on connection: OpenConnection?,
    _ out: inout SessionOutput
  ) {
    guard let response = place.id, let connection else {
      unplayed.messageCount += 1
      unplayed.byteCount += payload.bytes.count
      return
    }
    out.ignored(payload.ignored)
    var payload = payload
    payload.rate = payload.rate ?? connection.agreement.outputRate
    payload.format = payload.format ?? connection.agreement.outputFormat
    // Two at a time can be told apart only by their names.
    if ref?.response != nil {
      for other in responses.openResponses where other != response { out.order(.expectMore(other)) }
    }
    if connection.card.interruption == .clientSays(truncates: true), let ref {
      items.received(payload, of: ref, response: response, rate: connection.card.downlink.preferred.rate)
    }
    out.order(.play(payload, response: response))
  }

  /// The server waits for the user's words: what has come is not to be heard meanwhile.
  mutating func held(_ out: inout SessionOutput) {
    guard isResponding || isAudible else { return }
    isHeld = true
    out.order(.holdPlayout)
  }

  /// What was held is to be heard.
  mutating func resumed(_ out: inout SessionOutput) {
    guard isHeld else { return }
    isHeld = false
    out.order(.resumePlayout)
  }

  // MARK: What is done here

  /// The operator cut the response in progress.
  mutating func interrupted(at now: Timestamp) { responses.interrupted(at: now) }

  /// A typed turn was sent.
  mutating func typed(at now: Timestamp) { responses.typed(at: now) }

  /// The user began or ended to speak.
  mutating func voiceEdge(isStart: Bool) { responses.voiceEdge(isStart: isStart) }

  /// The playout tells what it does.
  /// - Returns: what was heard of a response that was flushed, where the server wants to know it.
  mutating func playoutChanged(_ change: PlayoutChange) -> HeardAudio? {
    switch change.kind {
    case .started, .recovered: isAudible = true
    case .underrun, .flushed, .finished: isAudible = false
    // What is held is still to be heard.
    case .held, .resumed, .format, .undecodable, .decoded: break
    }
    guard change.kind == .flushed, let response = change.response, let playedMs = change.playedMs else { return nil }
    return items.heard(of: response, playedMs: playedMs)
  }

  // MARK: Ends

  /// No more audio will come for the responses in progress; what is there is played to its end.
  mutating func connectionLost(_ out: inout SessionOutput) {
    resumed(&out)
    for response in responses.connectionLost() { out.order(.endPlay(response)) }
    tellUnplayed(&out)
  }

  /// Ends what time has ended.
  mutating func expire(_ out: inout SessionOutput) {
    while let expiry = responses.expire(at: out.now) {
      switch expiry {
      case .paused(let response): out.order(.endPlay(response))
      case .interrupt:
        out.notice(
          .interruptUnconfirmed, .warning, .session,
          "the server has not confirmed the interrupt within \(seconds(configuration.interruptTimeout)); "
            + "its audio is played again",
          remedy: "the server should answer interrupt with interrupted, or end the response with response_complete")
        tellUnplayed(&out)
      }
    }
  }

  /// Says what was not played.
  private mutating func tellUnplayed(_ out: inout SessionOutput) {
    let unplayed = unplayed
    guard unplayed.messageCount > 0 else { return }
    self.unplayed = Unplayed()
    out.notice(
      .lateAudioDropped, .info, .session,
      "\(unplayed.messageCount) audio message\(unplayed.messageCount == 1 ? "" : "s") (\(unplayed.byteCount) bytes) "
        + "that came after the interrupt were not played")
  }
}
