import Audio
import DequeModule
import Timeline
import Wire

// Insight: turns, latencies, transcript and buffers, derived from timeline entries alone.
//
//   Entry ─► Insight.observe ─┬─► turns ─► waterfall, claims, ledger, LatencySummary   the same figures live,
//                             ├─► transcript                                            replayed, headless
//                             ├─► BargeInStopwatch
//                             ├─► DeliveryFigures, UplinkFigures, ConnectionFigures
//                             └─► link, buffers, devices
//
// It reads nothing else, so it works on any server and on a replayed timeline.

/// What can be known from a timeline. A value: observe entries in order, read the properties.
public struct Insight: Sendable {
  /// How many turns and transcript lines are kept; older ones are forgotten.
  public static let turnLimit = 500
  public static let lineLimit = 5_000
  /// Bytes of all the transcript's texts: eight times what that many usual lines have.
  public static let transcriptByteLimit = 4 << 20

  /// How many of the operator's acts are kept: more than were ever seen within a turn or a waveform.
  public static let actLimit = 256

  /// How many names of queues and of faults are kept. Sessions have a handful; a recording may hold any number.
  static let nameLimit = 32

  /// A server that is slower to tell of speech that has ended already tells of other speech.
  static let latestWord = Duration.seconds(1)
  /// Longer than any usual endpointing.
  static let longestBreath = Duration.seconds(2)
  /// What begins later after the end of speech, without a transcript of it, is no answer to it.
  static let longestThought = Duration.seconds(10)

  /// The turns, oldest first. The last one may be going on.
  public internal(set) var turns: Deque<Turn> = []
  /// What was said, both sides, oldest first.
  public internal(set) var transcript: Deque<TranscriptLine> = []
  /// How many of its oldest lines were forgotten, because there was no room for all.
  public internal(set) var forgottenLines = 0
  /// The connection as it is now.
  public internal(set) var link = LinkState()
  /// The playout as it is now.
  public internal(set) var playout = PlayoutState()
  /// How the capture of the session goes; nil where the timeline tells of none.
  public internal(set) var capture: CaptureStanding?
  /// The last depth of each queue, by name, in order of appearance.
  public internal(set) var queues: [QueueDepth] = []
  /// The last state of the microphone and the speaker.
  public internal(set) var devices: [DeviceChange.Role: DeviceChange] = [:]
  /// The uplink's gate as it is now.
  public internal(set) var gate = Gate(mode: .gate)
  /// The echo canceller as it is now; nil where there is none.
  public internal(set) var echo: EchoState?
  /// What is being spoken into the microphone path, and since when.
  public internal(set) var injection: (speech: Injection, since: Timestamp)?
  /// What the operator did last, the newest at the end.
  public internal(set) var acts: Deque<TimedAct> = []
  /// The start entry, once it was seen.
  public internal(set) var start: SessionStarted?
  /// What the server says of what it hears with; nil where it says nothing.
  public internal(set) var engines: SpeechEngines?
  /// The voice of the answers by the server's last word; nil where it says nothing.
  public internal(set) var voice: String?
  /// What was told at the start of engines that are missing; see `missingEngines`.
  var engineNotice: (text: String, remedy: String?)?
  /// The most pieces of speech that stood before a turn's last one at the server's recogniser.
  public internal(set) var longestSTTQueue = 0
  /// From a sentence to its first audio, by the server's word.
  public internal(set) var firstAudioClaims = DurationHistogram()
  /// Characters of all responses that were sent to a service that speaks, and those of them that were not heard, by the
  /// server's word.
  public internal(set) var voiceCharacters: (sent: Int, unheard: Int) = (0, 0)
  /// The source that is observed, once it has told of itself.
  public internal(set) var source: Source?
  /// Faults in force, by name.
  public internal(set) var faults: [FaultName: FaultChange] = [:]
  /// How the operator disconnected last, in words, as in `close 1000`.
  public internal(set) var lastDisconnect: String?
  /// Messages seen each way, and their payload bytes.
  public internal(set) var sent = Traffic()
  public internal(set) var received = Traffic()
  /// Words that the user said over an answer that went on, and that were not answered: see `TranscriptLine.aside`.
  public internal(set) var asideCount = 0
  /// The turns' response times over the session.
  public internal(set) var latency = LatencySummary()
  /// Attempts to cut the agent off.
  public internal(set) var bargeIns = BargeInStopwatch()
  /// How the agent's audio arrives and is played.
  public internal(set) var delivery = DeliveryFigures()
  /// How the user's audio gets away.
  public internal(set) var uplink = UplinkFigures()
  /// How the connection holds.
  public internal(set) var connection = ConnectionFigures()

  /// Where the source stands.
  public internal(set) var vantage = Vantage.ear

  /// Bytes of the transcript's texts.
  var transcriptBytes = 0
  /// Which source it observes.
  var sources: SourceGate
  var reader: DialectReader
  /// Which response a message belongs to, as the session saw it.
  var responses: ResponseTable
  var nextTurn = 1
  /// Edges of the user's speech that no turn has taken yet: our detector's (back-dated), and the server's word.
  var speechStart: Timestamp?
  var clientSpeechEnd: Timestamp?
  var serverSpeechEnd: Timestamp?
  /// The last speech that our own detector heard; without an end while it goes on. `isTold`: the server has spoken of it.
  var ownSpeech: (start: Timestamp, end: Timestamp?, isTold: Bool)?
  /// Somebody tells when the user speaks: our own detector, or the server.
  var knowsSpeech = false
  /// The server's word of the end, whether or not it counts as that.
  var endpointed: Timestamp?
  /// Samples a second of the agent's audio and of the user's, where messages do not say.
  public internal(set) var outputRate: Int
  public internal(set) var inputRate: Int
  var sentLength = AudioLength()
  var receivedLength = AudioLength()
  var answerText = AnswerText()
  var echoWitness = EchoWitness()
  /// How fast the agent speaks, learned from answers that were heard whole.
  var speechRate = SpeechRate()
  /// The number of the turn over whose answer the speech began that no final has come of yet.
  var speechOver: Int?
  /// The last words over an answer, while they may still become a turn.
  var openAside: OpenAside?
  /// Since when the server holds its answer.
  var heldSince: Timestamp?
  /// The answer was resumed before the final came of the speech over it: how long it had been held, in milliseconds.
  var passedHoldMs: Double?
  /// When the connection was lost that the last `link` line of the transcript tells of, while there is no other.
  var lostAt: Timestamp?
  /// The operator is leaving: the connection that ends now is not lost.
  var isQuitting = false

  /// - Parameters:
  ///   - dialect: how messages are read, until a `sessionStarted` or `sourceStarted` entry names another.
  ///   - dialects: where the name is looked up.
  ///   - source: whose entries are observed; nil for the first source that has any.
  public init(
    dialect: any Dialect = VoiceDialect(), among dialects: DialectTable = .builtIn, of source: SourceID? = nil
  ) {
    sources = SourceGate(source)
    reader = DialectReader(dialect, among: dialects)
    responses = ResponseTable(dialect.card)
    outputRate = dialect.card.downlink.preferred.rate
    inputRate = dialect.card.uplink.preferred.rate
  }

  /// Takes the next entry.
  /// - Parameter reading: of a message, where the caller has read it already; then of all messages.
  public mutating func observe(_ entry: Entry, reading: Reading? = nil) {
    guard sources.admits(entry) else { return }
    expireResponses(at: entry.at)
    switch entry.event {
    case .sessionStarted(let started):
      start = started
      reader.started(started)
      responses = ResponseTable(reader.card)
      inputRate = started.inputRate
      outputRate = reader.card.downlink.preferred.rate
    case .sourceStarted(let source):
      self.source = source
      vantage = Vantage(of: source)
      reader.started(source)
      responses = ResponseTable(reader.card)
      inputRate = source.inputRate ?? reader.card.uplink.preferred.rate
      outputRate = reader.card.downlink.preferred.rate
    case .connection(let change): observe(change, at: entry.at)
    case .message(let message): observe(message, reading: reading, at: entry.at)
    case .roundTrip(let trip):
      link.observe(trip)
      connection.answered(trip)
    case .micFrame(let frame): observe(frame, at: entry.at)
    case .voiceEdge(let edge): observe(edge, at: entry.at)
    case .gate(let state): gate = state
    case .echo(let state): echo = state
    case .playout(let block): observe(block, at: entry.at)
    case .playoutChange(let change): observe(change, at: entry.at)
    case .queue(let depth):
      if let i = queues.firstIndex(where: { $0.name == depth.name }) {
        queues[i] = depth
      } else if queues.count < Self.nameLimit {
        queues.append(depth)
      }
      uplink.queued(depth)
      connection.queued(depth, chunkMs: uplink.chunkMs, at: entry.at)
    case .operatorAct(let act): observe(act, at: entry.at)
    case .injection(let change): injection = change.state == .started ? (change, entry.at) : nil
    case .fault(let fault):
      guard faults[fault.name] != nil || faults.count < Self.nameLimit else { break }
      faults[fault.name] = fault.active ? fault : nil
    case .device(let change):
      devices[change.role] = change
      delivery.device(change)
    case .notice(let notice):
      // The microphone's detector may lack one too, which says nothing of the server.
      if notice.id == .engineMissing, notice.source == .server { note(missing: notice) }
      capture = CaptureStanding(notice.id) ?? capture
      if notice.severity != .info {
        append(.notice, notice.text + (notice.remedy.map { " – \($0)" } ?? ""), at: entry.at)
      }
    case .sessionEnded: bargeIns.nextExchange()
    case .delivery, .unknown: break
    }
  }

  private mutating func observe(_ change: ConnectionChange, at now: Timestamp) {
    markBreak(change, at: now)
    link.observe(change, at: now)
    connection.changed(change, isLeaving: isQuitting, at: now)
    if change.state == .open {
      uplink.connectionChanged()
      delivery.connectionChanged()
    }
    guard change.state == .closed || change.state == .failed else { return }
    delivery.responsePaused()
    responses.connectionLost()
    _ = responses.takeAbandoned()
    (speechOver, openAside, heldSince, passedHoldMs) = (nil, nil, nil, nil)
    bargeIns.nextExchange()
    for i in turns.indices where !turns[i].isOver { endTurn(i, .connectionLost, at: now) }
  }

  private mutating func observe(_ edge: VoiceEdge, at now: Timestamp) {
    let moment = now - .recorded(milliseconds: edge.sinceMs)
    responses.voiceEdge(isStart: edge.isStart)
    knowsSpeech = true
    if edge.isStart {
      speechStarted(at: moment)
      bargeIns.onsetHeard(at: moment)
      clientSpeechEnd = nil
      ownSpeech = (moment, nil, false)
    } else {
      bargeIns.speechEnded(at: moment, isEcho: echoWitness.isEcho)
      speechEnded(at: moment)
      ownSpeech?.end = moment
    }
  }

  private mutating func observe(_ act: OperatorAct, at now: Timestamp) {
    let moment = act.ageMs.map { now - .recorded(milliseconds: $0) } ?? now
    acts.append(TimedAct(at: moment, act: act))
    if acts.count > Self.actLimit { acts.removeFirst() }
    if act.command == .disconnect { lastDisconnect = act.argument }
    if act.command == .quit { isQuitting = true }
    if act.command == .moment { append(.notice, act.argument.isEmpty ? "marked" : "marked: \(act.argument)", at: now) }
    guard act.command == .interrupt else { return }
    // An answer that was sent whole may still be heard.
    let heard = playout.isPlaying ? turns.lastIndex { $0.firstSound != nil } : nil
    let cut = [heard, runningAnswer].compactMap(\.self)
    for i in cut { turns[i].interruptRequested = now }
    if let first = cut.first { bargeIns.keyPressed(at: now, turn: turns[first].number) }
    // Where the connection is not on the timeline, it is taken to be there.
    if link.state == nil || link.state == .ready { responses.interrupted(at: now) }
  }
}

extension Insight {
  /// Response times of the last turns.
  /// - Parameter count: how many turns to look back, marked ones included.
  public func latency(ofLast count: Int) -> LatencyWindow {
    LatencyWindow(turns.filter { $0.responseTime != nil || !$0.marks.isEmpty }.suffix(count))
  }
}

/// How the capture of a session goes.
public enum CaptureStanding: Sendable, Equatable {
  case recording
  /// It cannot be written now.
  case failing

  /// Nil for a notice that tells nothing of it.
  init?(_ id: NoticeID) {
    switch id {
    case .captureBegan, .captureIntroduced, .captureGoesOn: self = .recording
    case .captureFailed: self = .failing
    default: return nil
    }
  }
}

/// What the operator did, and when.
public struct TimedAct: Sendable, Equatable {
  public var at: Timestamp
  public var act: OperatorAct
  public init(at: Timestamp, act: OperatorAct) {
    self.at = at
    self.act = act
  }
}

/// Messages one way.
public struct Traffic: Sendable, Equatable {
  public var messages = 0
  public var bytes = 0
  public init() {}

  mutating func add(_ message: Message) {
    messages += 1
    bytes += message.payload.count
  }
}
