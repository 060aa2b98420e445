import Audio
import Timeline
import Wire

/// From the microphone to the wire.
///
///   mic frame ─► gate ─► queue of chunks ─► (live, not paused, socket not full) ─┬───────────────────► audio messages
///                                                                                └► encoder, one by one ─┘
struct Uplink: Sendable {
  /// What the gate's detector and the server's may differ by about where speech ended.
  private static let marginOfSilence = Duration.milliseconds(200)

  private let configuration: SessionConfiguration
  /// Who ends the user's turns on a link that has just been opened.
  private let turnsOfNextLink: DialectCard.Turns
  private var gate: UplinkGate
  private var queue: UplinkQueue
  private var queueReporter: QueueReporter
  private var socketReporter: QueueReporter
  /// A chunk that is being encoded for a link. Those behind it wait, and so does what is said of its utterance.
  private var encoding: (link: LinkID, chunk: UplinkQueue.Chunk)?

  /// - Parameter card: of a link that has just been opened.
  init(_ configuration: SessionConfiguration, _ card: DialectCard) {
    self.configuration = configuration
    turnsOfNextLink = card.turns
    gate = UplinkGate(
      mode: configuration.gateMode, rate: configuration.inputRate, preRoll: configuration.preRoll,
      hangover: Self.silence(configuration.hangover, for: card.turns), settings: configuration.voiceActivity)
    queue = UplinkQueue(
      capacity: configuration.uplinkCapacity, chunkSampleCount: configuration.chunkSampleCount,
      rate: configuration.inputRate)
    queueReporter = QueueReporter(name: .uplink, capacity: configuration.uplinkCapacity, unit: .frames)
    socketReporter = QueueReporter(name: .socket, capacity: nil, unit: .bytes)
  }

  /// The silence after speech. A server's detector that counts samples must be given what ends a turn.
  private static func silence(_ own: Duration, for turns: DialectCard.Turns) -> Duration {
    if case .byAudio(let silence) = turns { max(own, silence + marginOfSilence) } else { own }
  }

  /// What the operator and the server have set.
  var state: Gate { gate.state }
  /// Chunks of audio waiting to be sent.
  var depth: Int { queue.count }
  /// What the microphone hears goes out at this moment.
  var isPassing: Bool { gate.isPassing }

  // MARK: Microphone

  /// The microphone has captured samples.
  /// - Parameters:
  ///   - probabilities: what the speech model says of its blocks; nil where there is none.
  ///   - age: how long ago the last one was captured.
  /// - Returns: the edges of speech in them, in order.
  mutating func captured(
    _ samples: [Int16], isSynthetic: Bool, probabilities: [Float]?, age: Duration,
    on connection: inout OpenConnection?, _ out: inout SessionOutput
  ) -> [MicrophoneDetector.Edge] {
    gate.take(probabilities)
    // What ends a turn may have been agreed on with the server.
    gate.setHangover(Self.silence(configuration.hangover, for: connection?.card.turns ?? turnsOfNextLink))
    let rate = configuration.inputRate
    let isLive = connection?.isLive ?? false
    // Slices of the detector's own frame length: how the driver cuts the audio makes no difference.
    let length = max(1, rate / 100)
    var passages: [(slice: UplinkGate.Slice, after: Duration)] = []
    for start in stride(from: 0, to: samples.count, by: length) {
      let end = min(start + length, samples.count)
      let slice = gate.process(Array(samples[start..<end]), isSynthetic: isSynthetic, isLive: isLive)
      passages.append((slice, Duration.samples(samples.count - end, rate: rate) + age))
    }
    let hasPassed = passages.contains { !$0.slice.samples.isEmpty }
    out.record(.micFrame(frame(samples, isSynthetic, age, fate: fate(hasPassed: hasPassed, isLive: isLive))))
    for (slice, after) in passages {
      for edge in slice.edges {
        out.record(.voiceEdge(VoiceEdge(isStart: edge.isStart, sinceMs: (edge.ago + after).milliseconds)))
      }
      enqueue(slice.samples, utterance: slice.utterance, end: out.now - after, &out)
      if slice.wasCut {
        closeUtterance(slice.utterance, on: connection, &out)
      } else if slice.hasEnded {
        queue.flush()
      }
      pump(to: &connection, current: slice.hasEnded ? nil : slice.utterance, &out)
    }
    return passages.flatMap { $0.slice.edges }
  }

  private func fate(hasPassed: Bool, isLive: Bool) -> MicFrame.Fate {
    if gate.state.muted, !hasPassed { return .muted }
    if !isLive || gate.state.pausedByServer { return .held }
    return hasPassed ? .sent : .gated
  }

  private func frame(_ samples: [Int16], _ isSynthetic: Bool, _ age: Duration, fate: MicFrame.Fate) -> MicFrame {
    let level = Level(of: samples)
    return MicFrame(
      sampleCount: samples.count, rate: configuration.inputRate, rmsDB: level.rmsDB, peakDB: level.peakDB,
      peaks: peaks(of: samples, window: configuration.inputRate / 200), fate: fate,
      vadLevelDB: gate.detector.energy.levelDB, vadThresholdDB: gate.detector.energy.thresholdDB,
      vadProbability: gate.detector.probability.map(Self.told), isSpeech: gate.detector.isSpeech,
      isSynthetic: isSynthetic, clipped: level.clipped,
      ageMs: age > .zero ? age.milliseconds : nil)
  }

  /// In thousandths, because more digits of a probability mean nothing in a recording. 0 where the model gave NaN.
  private static func told(_ probability: SpeechProbability) -> SpeechProbability {
    let value = probability.value >= 0 ? (min(probability.value, 1) * 1_000).rounded() / 1_000 : 0
    return SpeechProbability(value: value, threshold: probability.threshold)
  }

  // MARK: Gate

  /// The operator changes the gate.
  mutating func change(
    on connection: OpenConnection?, _ out: inout SessionOutput, _ change: (inout UplinkGate) -> Void
  ) {
    let before = gate.state
    change(&gate)
    guard gate.state != before else { return }
    out.record(.gate(gate.state))
    let flow = gate.applyChange()
    if flow.wasCut { closeUtterance(flow.utterance, on: connection, &out) }
  }

  /// The server wants no audio for now, or wants it again.
  mutating func setPaused(_ paused: Bool, _ out: inout SessionOutput) {
    guard gate.state.pausedByServer != paused else { return }
    gate.setPaused(paused)
    out.record(.gate(gate.state))
  }

  // MARK: Queue

  private mutating func enqueue(_ samples: [Int16], utterance: Int?, end: Timestamp, _ out: inout SessionOutput) {
    let before = queue.dropped
    queue.append(samples, utterance: utterance, end: end)
    if queue.dropped > before {
      out.limitedNotice(
        .uplinkFull, .warning, .session,
        "the uplink queue is full (\(queue.capacity) chunks): the oldest audio is dropped")
    }
  }

  /// The operator cut the flow in the middle of something: the rest of the chunk, and enough silence for the server to
  /// see the end of the utterance by itself.
  private mutating func closeUtterance(
    _ utterance: Int?, on connection: OpenConnection?, _ out: inout SessionOutput
  ) {
    // A client that ends the turns itself needs no silence for it.
    let turns = connection?.card.turns ?? turnsOfNextLink
    if turns != .byClient {
      let rate = configuration.inputRate
      let silence = Self.silence(configuration.closingSilence, for: turns)
      let count = Int(silence.nanoseconds / 1000 * Int64(rate) / 1_000_000)
      enqueue(Array(repeating: 0, count: count), utterance: utterance, end: out.now + silence, &out)
    }
    queue.flush()
  }

  /// Gives up what waits: nobody will hear it.
  mutating func dropAll() { queue.dropAll() }

  /// Sends what may be sent.
  mutating func pump(to connection: inout OpenConnection?, _ out: inout SessionOutput) {
    pump(to: &connection, current: gate.utterance, &out)
  }

  /// - Parameter current: the utterance that passes now.
  private mutating func pump(
    to connection: inout OpenConnection?, current: Int?, _ out: inout SessionOutput
  ) {
    guard let link = connection?.id, let codec = connection?.uplinkCodec, connection?.isLive == true,
      !gate.state.pausedByServer
    else { return }
    // What was being encoded for another link is lost with it.
    if encoding?.link != link { encoding = nil }
    while encoding == nil, connection?.hasRoom == true, let chunk = queue.popFirst() {
      connection?.announce(chunk.utterance, &out)
      guard codec != .pcm16 else {
        connection?.sendAudio(chunk, &out)
        continue
      }
      encoding = (link, chunk)
      out.order(.encode(link, chunk.samples, as: codec, isLast: chunk.isLast))
    }
    // At once, not with the first whole chunk; and the end not before the last one.
    if queue.count == 0, encoding == nil { connection?.announce(current, &out) }
  }

  /// The chunk that was given to the encoder has become messages, or waits in it for the next one.
  mutating func encoded(
    _ messages: [[UInt8]], for link: LinkID, on connection: inout OpenConnection?, _ out: inout SessionOutput
  ) {
    guard let (wanted, chunk) = encoding, wanted == link else { return }
    encoding = nil
    guard connection?.id == link else { return }
    for (i, bytes) in messages.enumerated() {
      // The number is the chunk's, and no message has another's.
      connection?.sendAudio(chunk, as: bytes, sequence: i == 0 ? chunk.sequence : nil, &out)
    }
  }

  /// What the server takes the audio as is known, or has changed.
  mutating func codecAgreed(_ codec: WireCodec) {
    let rate = configuration.inputRate
    queue.setChunk(codec.frame.map { Int($0 * rate / .seconds(1)) } ?? configuration.chunkSampleCount)
  }

  // MARK: Depths

  /// When the depth of the queue or of the socket is to be recorded; nil while it has not changed.
  func moment(of timer: SessionTimer, socketDepth: Int, now: Timestamp) -> Timestamp? {
    switch timer {
    case .uplinkDepth: queueReporter.deadline(depth: queue.count, dropped: queue.dropped, now: now)
    case .socketDepth: socketReporter.deadline(depth: socketDepth, dropped: 0, now: now)
    default: nil
    }
  }

  /// Records the depths that have changed and are due.
  mutating func report(socketDepth: Int, _ out: inout SessionOutput) {
    if let depth = queueReporter.report(depth: queue.count, dropped: queue.dropped, now: out.now) {
      out.record(.queue(depth))
    }
    if let depth = socketReporter.report(depth: socketDepth, dropped: 0, now: out.now) { out.record(.queue(depth)) }
  }
}

extension OpenConnection {
  /// Sends a chunk of microphone audio, in the form that the card and the server want.
  fileprivate mutating func sendAudio(_ chunk: UplinkQueue.Chunk, _ out: inout SessionOutput) {
    sendAudio(chunk, as: card.uplink.preferred.bytes(of: chunk.samples), sequence: chunk.sequence, &out)
  }

  /// - Parameter bytes: of a message with audio of the chunk, as the link's codec has it.
  fileprivate mutating func sendAudio(
    _ chunk: UplinkQueue.Chunk, as bytes: [UInt8], sequence: Int?, _ out: inout SessionOutput
  ) {
    let card = card
    let codec = uplinkCodec
    let rate = codec.rate(of: configuration.inputRate)
    // Said where the server would guess wrong.
    let isExpected = rate == agreement.inputRate ?? codec.rate(of: card.uplink.preferred.rate)
    let payload = AudioPayload(
      bytes: bytes, format: namesUplinkCodec ? codec.rawValue : nil, rate: isExpected ? nil : rate, sequence: sequence,
      sentAtMs: chunk.startedAt.milliseconds.rounded())
    let capturedAt = chunk.startedAt + .samples(chunk.samples.count, rate: configuration.inputRate)
    // Silence that closes an utterance is sent before its time.
    let waitedMs = max(0, (out.now - capturedAt).milliseconds)
    // Wanted here, or agreed on with the server.
    if card.uplink.has(.binary), configuration.prefersBinaryAudio || agreement.takesBinary, !isCodecOpen {
      send(.binary(payload.bytes), waitedMs: waitedMs, &out)
    } else {
      say(.audio(payload), waitedMs: waitedMs, &out)
    }
  }
}
