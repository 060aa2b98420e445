import Audio
import Timeline
import Wire

/// The client's machine. A value: whoever owns it calls `handle` with facts in the order in which they happened, carries
/// out the effects in order, and calls again with `.deadlinePassed` at `deadline`.
public struct Session: Sendable {
  /// Where the session is between its start and its end.
  enum DialState: Sendable, Equatable {
    /// Not started.
    case idle
    case connecting(LinkID, deadline: Timestamp)
    /// Exactly while `connection` is there.
    case open
    /// Backing off.
    case waiting(until: Timestamp)
    /// Until the operator asks for another attempt.
    case gaveUp
    case finished
  }

  let configuration: SessionConfiguration
  /// A link in the dialect, as it is when it has just been opened.
  let freshDialect: any Dialect
  /// The link of the open connection; of the one before, while there is none.
  var dialect: any Dialect

  var random: SplitMix64
  /// Time of the input at hand; never goes back.
  var now = Timestamp.zero
  /// What the input at hand leads to.
  var effects: [SessionEffect] = []

  var dialState = DialState.idle
  var connection: OpenConnection?
  var lastConnection = LinkID(0)
  var backoff: Backoff
  /// Why the last attempt failed or the last connection ended, for when there is no further attempt.
  var lastLoss = ""
  /// What became of the attempts that `backoff` counts.
  var row = (failed: 0, ready: 0)
  /// Why the session has no connection and will make no further attempt by itself, where that is a failure.
  public internal(set) var loss: String?
  var ticket: ResumeTicket?
  /// Tokens that the server gave and keys that were sent to it, the newest last.
  var tokens: [String] = []
  /// What must not reach an entry, wherever it stands.
  var secrets: [String] { configuration.secrets + tokens }
  /// Set while connections are refused on purpose.
  var refusedUntil: Timestamp?

  var gate: UplinkGate
  var uplink: UplinkQueue
  var uplinkReporter: QueueReporter
  var socketReporter: QueueReporter
  var downlink: Downlink
  var limiter = NoticeLimiter()

  /// What the gate's detector and the server's may differ by about where speech ended.
  static let marginOfSilence = Duration.milliseconds(200)

  /// - Parameters:
  ///   - dialect: a link that has just been opened; each connection gets a copy.
  ///   - seed: of the random numbers (the jitter of reconnects). The same seed and inputs give the same effects.
  public init(_ configuration: SessionConfiguration, dialect: any Dialect, seed: UInt64) {
    let configuration = configuration.bounded
    self.configuration = configuration
    freshDialect = dialect
    self.dialect = dialect
    downlink = Downlink(dialect.card, timeout: configuration.interruptTimeout, pause: configuration.responsePause)
    random = SplitMix64(seed: seed)
    backoff = Backoff(
      base: configuration.backoffBase, ceiling: configuration.backoffCeiling, jitter: configuration.backoffJitter,
      limit: configuration.reconnectAttempts)
    var hangover = configuration.hangover
    // The server's detector counts samples: it must be given the silence that ends a turn.
    if case .byAudio(let silence) = dialect.card.turns { hangover = max(hangover, silence + Self.marginOfSilence) }
    gate = UplinkGate(
      mode: configuration.gateMode, rate: configuration.inputRate, preRoll: configuration.preRoll,
      hangover: hangover, settings: configuration.voiceActivity)
    uplink = UplinkQueue(
      capacity: configuration.uplinkCapacity, chunkSampleCount: configuration.chunkSampleCount,
      rate: configuration.inputRate)
    uplinkReporter = QueueReporter(name: .uplink, capacity: configuration.uplinkCapacity, unit: .frames)
    socketReporter = QueueReporter(name: .socket, capacity: nil, unit: .bytes)
  }

  /// Takes in what happened and returns what is to be done, in order.
  public mutating func handle(_ input: SessionInput, at time: Timestamp) -> [SessionEffect] {
    guard dialState != .finished else { return [] }
    now = max(now, time)
    process(input)
    pump()
    reportQueues()
    var result: [SessionEffect] = []
    swap(&result, &effects)
    return result
  }

  private mutating func process(_ input: SessionInput) {
    switch input {
    case .started: start()
    case .connectionOpened(let id, let stages, let subprotocol): connectionOpened(id, stages, subprotocol: subprotocol)
    case .connectionFailed(let id, let reason, let isPermanent, let retryAfter):
      connectionFailed(id, reason, isPermanent, retryAfter: retryAfter)
    case .connectionClosed(let id, let code, let reason, let by): connectionClosed(id, code, reason, by)
    case .messageReceived(let id, let frame): messageReceived(id, frame)
    case .pongReceived(let id, let payload): pongReceived(id, payload)
    case .socketBacklogChanged(let id, let byteCount): socketBacklogChanged(id, byteCount)
    case .micFrameCaptured(let samples, let isSynthetic, let capturedAt):
      micFrameCaptured(samples, isSynthetic, age: max(.zero, now - (capturedAt ?? now)))
    case .playoutChanged(let change): playoutChanged(change)
    case .commanded(let command): commanded(command)
    case .deadlinePassed: deadlinePassed()
    }
  }

  // MARK: Timers

  /// When to call `handle(.deadlinePassed, …)` next; nil when nothing is due by itself.
  public var deadline: Timestamp? {
    guard dialState != .finished else { return nil }
    let lineDeadline: Timestamp? =
      switch dialState {
      case .connecting(_, let deadline): deadline
      case .waiting(let until): until
      default: nil
      }
    return [
      lineDeadline, connection?.deadline, canSend ? dialect.deadline : nil, refusedUntil, downlink.deadline,
      uplinkReporter.deadline(depth: uplink.count, dropped: uplink.dropped, now: now),
      socketReporter.deadline(depth: connection?.reportedBacklog ?? 0, dropped: 0, now: now),
    ].compactMap { $0 }.min()
  }

  private mutating func deadlinePassed() {
    // Each step moves its own deadline on; a handful of them can be due together.
    for _ in 0..<32 {
      guard let deadline, deadline <= now else { return }
      refusalMayEnd()
      connectionDeadlinePassed()
      payWhatIsOwed()
      downlinkDeadlinePassed()
      reportQueues()
    }
  }

  // MARK: What others may ask

  /// The server takes audio.
  public var isLive: Bool { connection?.readySince != nil && connection?.closing == nil }
  /// Nothing will happen before the operator says `reconnect`.
  public var hasGivenUp: Bool { dialState == .gaveUp }
  public var isFinished: Bool { dialState == .finished }
  /// The server has begun a response and not ended it.
  public var isResponding: Bool { !downlink.responses.openResponses.isEmpty }
  /// The playout has audio of a response.
  public var isAgentAudible: Bool { downlink.isAudible }
  /// Chunks of audio waiting to be sent.
  public var uplinkDepth: Int { uplink.count }
  /// Speech goes through the gate at this moment, its hangover included.
  public var isUtteranceOpen: Bool { gate.utterance != nil }
  /// What the microphone hears goes on the uplink at this moment.
  public var isSendingAudio: Bool { gate.isPassing }
  public var gateState: Gate { gate.state }

  // MARK: Entries

  mutating func record(_ event: Entry.Event) { effects.append(.record(event)) }

  mutating func notice(
    _ id: NoticeID, _ severity: Notice.Severity, _ source: NoticeSource, _ text: String, remedy: String? = nil
  ) {
    record(.notice(Notice(id, severity, source, hidden(text), remedy: remedy)))
  }

  /// A text without secrets.
  func hidden(_ text: String, isOurs: Bool = false) -> String {
    Redaction.hideSecrets(in: text, literals: secrets, isOurs: isOurs)
  }

  /// The first characters of a text that a peer chose. Cut after its secrets were taken out: half a key is a secret, too.
  func quote(_ text: String, _ limit: Int = 160) -> String { excerpt(hidden(text), limit) }

  /// For what a peer can repeat at will.
  /// - Parameter detail: what tells one notice of this kind from another.
  mutating func limitedNotice(
    _ id: NoticeID, of detail: String = "", _ severity: Notice.Severity, _ source: NoticeSource, _ text: String,
    remedy: String? = nil
  ) {
    guard let count = limiter.count("\(id) \(excerpt(detail, 40))", at: now) else { return }
    notice(id, severity, source, count == 1 ? text : "\(text) (\(count) times)", remedy: remedy)
  }

  mutating func reportQueues() {
    guard dialState != .finished else { return }
    if let depth = uplinkReporter.report(depth: uplink.count, dropped: uplink.dropped, now: now) {
      record(.queue(depth))
    }
    if let depth = socketReporter.report(depth: connection?.reportedBacklog ?? 0, dropped: 0, now: now) {
      record(.queue(depth))
    }
  }
}

/// The first characters of a text that a peer chose.
func excerpt(_ text: String, _ limit: Int = 160) -> String {
  guard text.utf8.count > limit else { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit))) + "…"
}

/// As in `10 s` or `2.5 s`.
func seconds(_ duration: Duration) -> String {
  let tenths = (min(max(duration, .zero), SessionConfiguration.longestDuration).nanoseconds + 50_000_000) / 100_000_000
  return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
}
