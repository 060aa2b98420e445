import Audio
import Timeline
import Wire

// Microphone to socket.
//
//   mic frame ─► gate ─► queue of chunks ─► (ready, not paused, socket not full) ─► audio messages

extension Session {
  /// - Parameter age: how long ago the last sample was captured.
  mutating func micFrameCaptured(_ samples: [Int16], _ isSynthetic: Bool, age: Duration) {
    guard !samples.isEmpty else { return }
    let mark = effects.count
    let rate = configuration.inputRate
    var hasPassed = false
    // Slices of the detector's own frame length: how the driver cuts the audio makes no difference.
    for start in stride(from: 0, to: samples.count, by: max(1, rate / 100)) {
      let end = min(start + max(1, rate / 100), samples.count)
      let after = Duration.samples(samples.count - end, rate: rate) + age
      let passage = gate.process(Array(samples[start..<end]), isSynthetic: isSynthetic, isLive: isLive)
      for edge in passage.edges {
        record(.voiceEdge(VoiceEdge(isStart: edge.isStart, sinceMs: (edge.ago + after).milliseconds)))
        downlink.responses.voiceEdge(isStart: edge.isStart)
      }
      hasPassed = hasPassed || !passage.samples.isEmpty
      enqueue(passage.samples, utterance: passage.utterance, end: now - after)
      if passage.wasCut {
        closeUplink(passage.utterance)
      } else if passage.hasEnded {
        uplink.flush()
      }
      pump()
    }
    // The frame comes before what it led to, but only now is it known what became of it.
    effects.insert(.record(.micFrame(micFrame(samples, isSynthetic, age, hasPassed))), at: mark)
  }

  private func micFrame(_ samples: [Int16], _ isSynthetic: Bool, _ age: Duration, _ hasPassed: Bool) -> MicFrame {
    let level = Level(of: samples)
    let fate: MicFrame.Fate =
      if gate.state.muted, !hasPassed {
        .muted
      } else if !isLive || gate.state.pausedByServer {
        .held
      } else {
        hasPassed ? .sent : .gated
      }
    return MicFrame(
      sampleCount: samples.count, rate: configuration.inputRate, rmsDB: level.rmsDB, peakDB: level.peakDB,
      peaks: peaks(of: samples, window: configuration.inputRate / 200), fate: fate,
      vadLevelDB: gate.detector.levelDB, vadThresholdDB: gate.detector.thresholdDB,
      isSpeech: gate.detector.isSpeech, isSynthetic: isSynthetic, clipped: level.clipped,
      ageMs: age > .zero ? age.milliseconds : nil)
  }

  private mutating func enqueue(_ samples: [Int16], utterance: Int?, end: Timestamp) {
    let before = uplink.dropped
    uplink.append(samples, utterance: utterance, end: end)
    if uplink.dropped > before {
      limitedNotice(
        .uplinkFull, .warning, .session,
        "the uplink queue is full (\(uplink.capacity) chunks): the oldest audio is dropped")
    }
  }

  /// The operator cut the flow in the middle of something: the rest of the chunk, and enough silence for the server to
  /// see the end of the utterance by itself.
  mutating func closeUplink(_ utterance: Int?) {
    // A client that ends the turns itself needs no silence for it.
    guard dialect.card.turns != .byClient else { return uplink.flush() }
    let rate = configuration.inputRate
    let silence = configuration.closingSilence
    let count = Int(silence.nanoseconds / 1000 * Int64(rate) / 1_000_000)
    enqueue(Array(repeating: 0, count: count), utterance: utterance, end: now + silence)
    uplink.flush()
  }

  /// Sends what may be sent.
  mutating func pump() {
    guard isLive, !gate.state.pausedByServer else { return }
    while let backlog = connection?.backlog, backlog < configuration.socketHighWater, let chunk = uplink.popFirst() {
      announce(chunk.utterance)
      let payload = AudioPayload(
        bytes: dialect.card.uplink.preferred.bytes(of: chunk.samples), rate: rateToDeclare, sequence: chunk.sequence,
        sentAtMs: chunk.startedAt.milliseconds.rounded())
      let capturedAt = chunk.startedAt + .samples(chunk.samples.count, rate: configuration.inputRate)
      // Silence that closes an utterance is sent before its time.
      let waitedMs = max(0, (now - capturedAt).milliseconds)
      if sendsBinaryAudio {
        send(.binary(payload.bytes), waitedMs: waitedMs)
      } else {
        say(.audio(payload), waitedMs: waitedMs)
      }
    }
    // At once, not with the first whole chunk; and the end not before the last one.
    if uplink.count == 0 { announce(gate.utterance) }
  }

  /// Tells the server which utterance it is about to hear. What was told is kept with the connection, so that drops and
  /// reconnects cannot leave an edge without its partner.
  private mutating func announce(_ utterance: Int?) {
    guard let announced = connection.map(\.announced), announced != utterance else { return }
    if announced != nil {
      say(.speechEnd)
      if dialect.card.turns == .byClient { say(.turnEnd) }
    }
    if utterance != nil { say(.speechStart) }
    connection?.announced = utterance
  }

  /// Whether audio goes out as binary messages: wanted here, or agreed on with the server.
  private var sendsBinaryAudio: Bool {
    dialect.card.uplink.has(.binary) && (configuration.prefersBinaryAudio || connection?.serverTakesBinary == true)
  }

  /// Our samples a second, where the server would guess wrong.
  private var rateToDeclare: Int? {
    let expected = connection?.serverInputRate ?? dialect.card.uplink.preferred.rate
    return configuration.inputRate == expected ? nil : configuration.inputRate
  }

  /// Says an event, if there is a connection and the dialect has words for it.
  /// - Parameters:
  ///   - origin: who asked for it.
  ///   - waitedMs: of microphone audio, since its last sample was captured.
  /// - Returns: whether anything was said.
  @discardableResult
  mutating func say(
    _ event: VoiceEvent, of ref: WireRef? = nil, origin: Message.Origin = .driver, waitedMs: Double? = nil
  ) -> Bool {
    guard canSend, dialect.card.clientSays.contains(event.kind) else { return false }
    let messages = dialect.say(.event(event, of: ref), as: .client, at: now)
    for message in messages { send(message, origin: origin, waitedMs: waitedMs) }
    if case .toolResult(let result) = event, !messages.isEmpty { connection?.toolAnswered(result.id) }
    return !messages.isEmpty
  }

  /// The first words on a new connection.
  mutating func sayOpening() {
    let token = dialect.card.resume == .opening ? ticket?.token : nil
    remember(secret: token)
    for message in dialect.say(.opening(resume: token), as: .client, at: now) { send(message) }
  }

  /// What manners demand: echoes of pings, keepalives.
  mutating func payWhatIsOwed() {
    guard canSend else { return }
    for message in dialect.owes(as: .client, at: now) { send(message) }
  }

  /// Sends a message, if there is a connection to send it on.
  /// - Parameters:
  ///   - origin: who asked for it.
  ///   - waitedMs: of microphone audio, since its last sample was captured.
  /// - Returns: what it means; nil when it was not sent.
  @discardableResult
  mutating func send(
    _ message: WireMessage, origin: Message.Origin = .driver, waitedMs: Double? = nil
  ) -> Reading? {
    guard canSend, let id = connection?.id else { return nil }
    let before = dialect(before: message)
    let reading = dialect.read(message, from: .client)
    recordMessage(id, .toServer, message, reading, origin: origin, before: before, waitedMs: waitedMs)
    effects.append(.send(id, message))
    connection?.handedSince += message.payload.count
    return reading
  }

  /// The dialect as it is before it reads a message, in case the message is to be read once more without its secrets. Of
  /// audio, which has none, no copy is held: with one, all the link's state would be copied when it changes.
  func dialect(before message: WireMessage) -> (any Dialect)? { message.isLikelyAudio ? nil : dialect }

  mutating func socketBacklogChanged(_ id: LinkID, _ byteCount: Int) {
    guard isCurrent(id) else { return }
    connection?.reportedBacklog = max(byteCount, 0)
    connection?.handedSince = 0
  }

  /// - Parameter before: the dialect before it has read the message.
  mutating func recordMessage(
    _ id: LinkID, _ way: Way, _ frame: WireMessage, _ reading: Reading, origin: Message.Origin,
    before: (any Dialect)?, waitedMs: Double? = nil
  ) {
    let isOurs = way == .toServer
    let payload =
      frame.isText
      ? Redaction.hideSecrets(in: frame.payload, literals: secrets, isOurs: isOurs)
      : Redaction.hideSecrets(inBinary: frame.payload, literals: secrets, isOurs: isOurs)
    // An error may repeat what was sent.
    if isOurs, payload != frame.payload {
      Redaction.secrets(in: frame.payload, isOurs: true).forEach { remember(secret: $0) }
    }
    var message = Message(
      link: id, way: way, kind: frame.isText ? .text : .binary, payload: payload, origin: origin,
      waitedMs: waitedMs)
    var reading = reading
    if payload != frame.payload {
      // Where a secret was taken out, the meaning holds it still: readers are told what is left.
      var link = before ?? dialect
      reading = link.read(message.wire, from: isOurs ? .client : .server)
    }
    message.reading = KnownMeaning(reading, dialect: dialect.name)
    record(.message(message))
  }

  mutating func setPaused(_ paused: Bool) {
    guard gate.state.pausedByServer != paused else { return }
    gate.setPaused(paused)
    record(.gate(gate.state))
  }
}
