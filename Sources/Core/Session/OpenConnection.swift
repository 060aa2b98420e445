import Audio
import Timeline
import Wire

/// A link that is open: what was agreed on it, whether it lives, and what was said on it. Gone with it.
struct OpenConnection: Sendable {
  /// What follows a close that we began.
  enum AfterClose: Sendable, Equatable {
    case reconnect, reconnectNow, finish
  }

  /// From its opening to its end.
  enum Phase: Sendable, Equatable {
    /// The server has not said `ready`. `complaint`: when to tell that it is missing; nil once that was told.
    case greeting(complaint: Timestamp?)
    /// Audio may flow.
    case live(since: Timestamp)
    /// We began the close handshake: nothing may be sent any more. `until`: when it is cut without the server's close frame.
    case closing(until: Timestamp, then: AfterClose, readySince: Timestamp?)
  }

  /// What the server's `ready` said of audio.
  struct Agreement: Sendable {
    /// The samples a second that it takes and sends, if it said so.
    var inputRate: Int?
    var outputRate: Int?
    /// What its audio is where the message does not say it, as in `mp3`.
    var outputFormat: String?
    /// It asked for binary messages.
    var takesBinary = false
    /// What it takes audio as that does not say what it is; nil: that was never spoken of.
    var codec: WireCodec?
  }

  let id: LinkID
  /// The dialect with this link's state.
  var dialect: any Dialect
  let configuration: SessionConfiguration
  /// Whether it was opened with a resume ticket.
  let askedToResume: Bool
  private(set) var phase: Phase
  private(set) var heartbeat: Heartbeat
  private(set) var agreement = Agreement()
  /// We have asked for another codec of our audio and have no answer: binary messages, which say nothing of themselves, would
  /// be taken for either.
  private(set) var isCodecOpen = false
  /// Bytes that wait in the socket, as it last said, and what it was handed since.
  private(set) var reportedBacklog = 0
  private var handedSince = 0
  private(set) var isStalled = false
  /// The utterance of which the server was told that it began.
  private var announced: Int?
  /// When the server ends the session by itself, and when to tell of it; nil once that was told.
  private var expiry: (end: Timestamp, notice: Timestamp)?
  /// What is kept of a call, to answer it.
  struct WaitingCall: Sendable, Equatable {
    var id: String
    var name: String
  }
  /// What the agent has called and nobody has answered, oldest first.
  private(set) var toolCalls: [WaitingCall] = []
  static let toolCallLimit = 32
  /// Bytes of a call's id and name together; both go into its answer whole, or not at all.
  static let longestCall = 1024

  init(
    _ id: LinkID, dialect: any Dialect, _ configuration: SessionConfiguration, askedToResume: Bool, openedAt: Timestamp
  ) {
    self.id = id
    self.dialect = dialect
    self.configuration = configuration
    self.askedToResume = askedToResume
    heartbeat = Heartbeat(
      id, openedAt: openedAt, firstDelay: configuration.firstPingDelay, interval: configuration.pingInterval,
      timeout: configuration.pongTimeout)
    phase =
      dialect.card.needsReady
      ? .greeting(complaint: openedAt + configuration.readyTimeout) : .live(since: openedAt)
  }

  var card: DialectCard { dialect.card }

  // MARK: Phases

  /// The server takes audio.
  var isLive: Bool { if case .live = phase { true } else { false } }

  /// Messages may be sent.
  var canSend: Bool { if case .closing = phase { false } else { true } }

  /// Since when audio may flow, or might if it were not being closed.
  var readySince: Timestamp? {
    switch phase {
    case .greeting: nil
    case .live(let since): since
    case .closing(_, _, let readySince): readySince
    }
  }

  /// What follows the close that is under way; nil: none is.
  var afterClose: AfterClose? { if case .closing(_, let then, _) = phase { then } else { nil } }

  /// The server has said `ready`, for the first time.
  mutating func becameReady(_ agreement: Agreement, at now: Timestamp) {
    self.agreement = agreement
    switch phase {
    case .greeting: phase = .live(since: now)
    case .closing(let until, let then, nil): phase = .closing(until: until, then: then, readySince: now)
    case .live, .closing: assertionFailure("ready twice")
    }
  }

  /// We began the close handshake, or what follows it has changed.
  mutating func close(until: Timestamp, then: AfterClose) {
    phase = .closing(until: until, then: then, readySince: readySince)
  }

  /// How long the server's close frame is waited for. Who quits waits for a goodbye, but not for a server that is gone.
  func closeTimeout(_ then: AfterClose) -> Duration {
    then == .finish ? configuration.quitTimeout : configuration.closeTimeout
  }

  mutating func setStalled(_ isStalled: Bool) { self.isStalled = isStalled }

  // MARK: Codec

  /// What our audio is coded as.
  var uplinkCodec: WireCodec { agreement.codec ?? .pcm16 }

  /// Messages with audio say what it is coded as, where they can.
  var namesUplinkCodec: Bool { agreement.codec != nil || isCodecOpen }

  /// The server has told its settings.
  /// - Returns: the codec that our audio has from now on, where they say it.
  mutating func settingsApplied(_ settings: JSONValue) -> WireCodec? {
    isCodecOpen = false
    guard let codec = WireCodec(naming: settings["audio"]?["in"]?["format"]?.stringValue) else { return nil }
    agreement.codec = codec
    agreement.inputRate = agreement.inputRate.map { _ in codec.rate(of: card.uplink.preferred.rate) }
    return codec
  }

  // MARK: Socket

  mutating func backlogChanged(_ byteCount: Int) {
    reportedBacklog = max(byteCount, 0)
    handedSince = 0
  }

  /// The socket takes more at this moment.
  var hasRoom: Bool { reportedBacklog + handedSince < configuration.socketHighWater }

  // MARK: Tool calls

  /// - Returns: what was forgotten for want of room, in words.
  mutating func toolCalled(_ call: ToolCall) -> String? {
    let bytes = call.id.utf8.count + call.name.utf8.count
    guard bytes <= Self.longestCall else {
      return "a tool call cannot be answered from here: its id and name have \(bytes) bytes, "
        + "more than \(Self.longestCall)"
    }
    toolCalls.append(WaitingCall(id: call.id, name: call.name))
    guard toolCalls.count > Self.toolCallLimit else { return nil }
    toolCalls.removeFirst()
    return "more than \(Self.toolCallLimit) tool calls wait for a result: the oldest cannot be answered any more"
  }
  mutating func toolAnswered(_ id: String) { toolCalls.removeAll { $0.id == id } }

  // MARK: Messages

  /// Says an event, if the dialect has words for it.
  /// - Parameters:
  ///   - origin: who asked for it.
  ///   - waitedMs: of microphone audio, since its last sample was captured.
  /// - Returns: whether anything was said.
  @discardableResult
  mutating func say(
    _ event: VoiceEvent, of ref: WireRef? = nil, origin: Message.Origin = .driver, waitedMs: Double? = nil,
    _ out: inout SessionOutput
  ) -> Bool {
    guard canSend, card.clientSays.contains(event.kind) else { return false }
    let messages = dialect.say(.event(event, of: ref), as: .client, at: out.now)
    for message in messages { send(message, origin: origin, waitedMs: waitedMs, &out) }
    if case .toolResult(let result) = event, !messages.isEmpty { toolAnswered(result.id) }
    return !messages.isEmpty
  }

  /// The first words on a new connection.
  /// - Parameter ticket: what brings an earlier conversation back, if there is one.
  mutating func sayOpening(_ ticket: ResumeTicket?, _ out: inout SessionOutput) {
    let token = card.resume == .opening ? ticket?.token : nil
    out.remember(secret: token)
    for message in dialect.say(.opening(resume: token), as: .client, at: out.now) { send(message, &out) }
  }

  /// Says what manners demand: echoes of pings, keepalives.
  mutating func payWhatIsOwed(_ out: inout SessionOutput) {
    guard canSend else { return }
    for message in dialect.owes(as: .client, at: out.now) { send(message, &out) }
  }

  /// Tells the server which utterance it is about to hear. What was told is kept with the connection, so that drops and
  /// reconnects cannot leave an edge without its partner.
  mutating func announce(_ utterance: Int?, _ out: inout SessionOutput) {
    guard announced != utterance else { return }
    if announced != nil {
      say(.speechEnd, &out)
      if card.turns == .byClient { say(.turnEnd, &out) }
    }
    if utterance != nil { say(.speechStart, &out) }
    announced = utterance
  }

  /// Sends a message, if one may be sent.
  /// - Parameters:
  ///   - origin: who asked for it.
  ///   - waitedMs: of microphone audio, since its last sample was captured.
  /// - Returns: what it means; nil when it was not sent.
  @discardableResult
  mutating func send(
    _ message: WireMessage, origin: Message.Origin = .driver, waitedMs: Double? = nil, _ out: inout SessionOutput
  ) -> Reading? {
    guard canSend else { return nil }
    let before = dialect(before: message)
    let reading = dialect.read(message, from: .client)
    for case .config(let wanted) in reading.events where wanted["audio"]?["in"] != nil { isCodecOpen = true }
    record(.toServer, message, reading, origin: origin, before: before, waitedMs: waitedMs, &out)
    out.order(.send(id, message))
    handedSince += message.payload.count
    return reading
  }

  /// The server has sent a message: it is read and recorded.
  mutating func received(_ message: WireMessage, _ out: inout SessionOutput) -> Reading {
    heartbeat.heard(out.now)
    let before = dialect(before: message)
    let reading = dialect.read(message, from: .server)
    for event in reading.events {
      switch event {
      case .ready(let ready): out.remember(secret: ready.resumeToken)
      case .resumeToken(let token): out.remember(secret: token)
      default: break
      }
    }
    record(.toClient, message, reading, origin: .peer, before: before, &out)
    return reading
  }

  /// The dialect as it is before it reads a message, in case the message is to be read once more without its secrets. Of
  /// audio, which has none, no copy is held: with one, all the link's state would be copied when it changes.
  private func dialect(before message: WireMessage) -> (any Dialect)? { message.isLikelyAudio ? nil : dialect }

  /// - Parameter before: the dialect before it has read the message.
  private func record(
    _ way: Way, _ message: WireMessage, _ reading: Reading, origin: Message.Origin, before: (any Dialect)?,
    waitedMs: Double? = nil, _ out: inout SessionOutput
  ) {
    let isOurs = way == .toServer
    let payload = out.hidden(message, isOurs: isOurs)
    // An error may repeat what was sent.
    if isOurs, payload != message.payload {
      Redaction.secrets(in: message.payload, isOurs: true).forEach { out.remember(secret: $0) }
    }
    var entry = Message(
      link: id, way: way, kind: message.isText ? .text : .binary, payload: payload, origin: origin, waitedMs: waitedMs)
    var reading = reading
    if payload != message.payload {
      // Where a secret was taken out, the meaning holds it still: readers are told what is left.
      var link = before ?? dialect
      reading = link.read(entry.wire, from: isOurs ? .client : .server)
    }
    entry.reading = KnownMeaning(reading, dialect: dialect.name)
    out.record(.message(entry))
  }

  // MARK: Timers

  /// When one of the connection's timers is due; nil while it is not set.
  func moment(of timer: SessionTimer) -> Timestamp? {
    switch (timer, phase) {
    case (.closeTimeout, .closing(let until, _, _)): until
    case (_, .closing): nil
    case (.readyTimeout, .greeting(let complaint)): complaint
    case (.expiryNotice, _): expiry?.notice
    case (.heartbeat, _): heartbeat.deadline
    case (.manners, _): dialect.deadline
    default: nil
    }
  }

  /// Tells that the server's `ready` is missing.
  mutating func readyIsMissing(_ out: inout SessionOutput) {
    phase = .greeting(complaint: nil)
    out.notice(
      .notReady, .warning, .session,
      "no ready message within \(seconds(configuration.readyTimeout)); audio is held back", remedy: card.readyAdvice)
  }

  mutating func pongArrived(_ payload: [UInt8], _ out: inout SessionOutput) {
    guard let roundTrip = heartbeat.pongArrived(payload, out.now) else { return }
    out.record(.roundTrip(RoundTrip(link: id, ms: roundTrip.milliseconds)))
  }

  /// Pings, or tells that the pong is late.
  /// - Returns: why the connection is dead; nil: it lives.
  mutating func beat(_ out: inout SessionOutput) -> String? {
    let timeout = configuration.pongTimeout
    switch heartbeat.step(out.now) {
    case nil: return nil
    case .ping(let payload):
      out.order(.ping(id, payload: payload))
      return nil
    case .late:
      out.record(.roundTrip(RoundTrip(link: id, ms: nil)))
      out.notice(
        .pongLate, .warning, .session,
        "no pong within \(seconds(timeout)), though messages come: the server does not read, or its pong stands behind "
          + "what it sends; the connection ends when there is none in another \(seconds(timeout))")
      return nil
    case .dead(let sinceLate):
      let reason =
        sinceLate
        ? "no pong within \(seconds(timeout + timeout)), though messages came: the server sends and does not read"
        : "no pong within \(seconds(timeout))"
      // A late one was counted when it was late.
      if !sinceLate { out.record(.roundTrip(RoundTrip(link: id, ms: nil))) }
      out.notice(.connectionDead, .warning, .session, "the connection is dead: \(reason)")
      return reason
    }
  }

  /// The server has said when the session will end.
  mutating func expiryTold(_ expiry: SessionExpiry, _ out: inout SessionOutput) {
    var left: Double
    switch expiry {
    case .inSeconds(let seconds): left = seconds
    case .at(let moment):
      guard let zero = configuration.wallClockMilliseconds else { return }
      left = moment - Double(zero) / 1000 - out.now.milliseconds / 1000
    }
    guard left.isFinite else { return }
    left = min(max(left, 0), SessionConfiguration.longestDuration.milliseconds / 1000)
    let end = out.now + .milliseconds(Int64(left * 1000))
    self.expiry = (end, max(out.now, end - configuration.expiryNotice))
    expiryMayBeNear(&out)
  }

  /// Tells of the session's end while there is still time.
  mutating func expiryMayBeNear(_ out: inout SessionOutput) {
    guard let expiry, expiry.notice <= out.now else { return }
    self.expiry = nil
    out.notice(
      .expiryNear, .warning, .session, "the server ends this session in \(seconds(max(.zero, expiry.end - out.now)))",
      remedy: "press r or type :reconnect to begin another one before")
  }
}
