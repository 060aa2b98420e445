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
        "uplink full", .warning, "session",
        "the uplink queue is full (\(uplink.capacity) chunks): the oldest audio is dropped")
    }
  }

  /// The operator cut the flow in the middle of something: the rest of the chunk, and enough silence for the server to
  /// see the end of the utterance by itself.
  mutating func closeUplink(_ utterance: Int?) {
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
        bytes: littleEndianBytes(of: chunk.samples), rate: rateToDeclare, sequence: chunk.sequence,
        sentAtMs: chunk.startedAt.milliseconds.rounded())
      let capturedAt = chunk.startedAt + .samples(chunk.samples.count, rate: configuration.inputRate)
      // Silence that closes an utterance is sent before its time.
      let waitedMs = max(0, (now - capturedAt).milliseconds)
      if sendsBinaryAudio {
        send(.binary(payload.bytes), waitedMs: waitedMs)
      } else if let frame = dialect.encode(.audio(payload), from: .client) {
        send(frame, waitedMs: waitedMs, meaning: [.audio(payload)])
      }
    }
    // At once, not with the first whole chunk; and the end not before the last one.
    if uplink.count == 0 { announce(gate.utterance) }
  }

  /// Tells the server which utterance it is about to hear. What was told is kept with the connection, so that drops and
  /// reconnects cannot leave an edge without its partner.
  private mutating func announce(_ utterance: Int?) {
    guard let announced = connection.map(\.announced), announced != utterance else { return }
    if announced != nil, let frame = dialect.encode(.speechEnd, from: .client) { send(frame) }
    if utterance != nil, let frame = dialect.encode(.speechStart, from: .client) { send(frame) }
    connection?.announced = utterance
  }

  /// Whether audio goes out as binary messages: wanted here, or agreed on with the server.
  private var sendsBinaryAudio: Bool {
    hasBinaryAudio && (configuration.prefersBinaryAudio || connection?.serverTakesBinary == true)
  }

  /// Our samples a second, where the server would guess wrong.
  private var rateToDeclare: Int? {
    configuration.inputRate == connection?.serverInputRate ?? 16_000 ? nil : configuration.inputRate
  }

  /// Sends a message, if there is a connection to send it on.
  /// - Parameters:
  ///   - waitedMs: of microphone audio, since its last sample was captured.
  ///   - meaning: what the dialect makes of it, where that is known.
  mutating func send(_ frame: Frame, waitedMs: Double? = nil, meaning: [VoiceEvent]? = nil) {
    guard canSend, let id = connection?.id else { return }
    recordMessage(id, .toServer, frame, waitedMs: waitedMs, meaning: meaning)
    effects.append(.send(id, frame))
    connection?.handedSince += frame.payload.count
  }

  mutating func socketBacklogChanged(_ id: LinkID, _ byteCount: Int) {
    guard isCurrent(id) else { return }
    connection?.reportedBacklog = max(byteCount, 0)
    connection?.handedSince = 0
  }

  mutating func recordMessage(
    _ id: LinkID, _ way: Way, _ frame: Frame, waitedMs: Double? = nil, meaning: [VoiceEvent]? = nil
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
      link: id, way: way, kind: frame.isText ? .text : .binary, payload: payload, waitedMs: waitedMs)
    // Where a secret was taken out, the meaning holds it still: readers decode what is left.
    if let meaning, payload == frame.payload { message.reading = KnownMeaning(meaning, dialect: dialect.name) }
    record(.message(message))
  }

  mutating func setPaused(_ paused: Bool) {
    guard gate.state.pausedByServer != paused else { return }
    gate.setPaused(paused)
    record(.gate(gate.state))
  }
}

private func littleEndianBytes(of samples: [Int16]) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(samples.count * 2)
  for sample in samples {
    bytes.append(UInt8(truncatingIfNeeded: sample))
    bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
  }
  return bytes
}
