import DequeModule
import Timeline
import Wire

// Findings: a linter for voice protocols, fed by timeline entries alone.
//
//   Entry ─► FindingsLinter ─► detectors that care for its kind ─► Evidence ─► Finding (rule, count, entries)
//                                   │
//                                   └── one for each row of FindingTable; docs/findings.md is made from it too
//
// Detectors are small, see each entry once and keep little: memory does not grow with the session.

/// What a rule has found: how often, and the last occurrences with their entries.
public struct Finding: Sendable, Equatable {
  /// One time that a rule fired.
  public struct Occurrence: Sendable, Equatable {
    public var at: Timestamp
    /// Indexes of the entries that show it, oldest first.
    public var entries: [Int]
    /// What it was this time, with its figures.
    public var detail: String
    public init(at: Timestamp, entries: [Int], detail: String) {
      self.at = at
      self.entries = entries
      self.detail = detail
    }
  }

  /// How many occurrences are kept; older ones are only counted.
  public static let occurrenceLimit = 50

  public var rule: FindingRule
  public internal(set) var count = 0
  /// The last ones, oldest first.
  public internal(set) var occurrences: Deque<Occurrence> = []

  init(rule: FindingRule) { self.rule = rule }

  mutating func add(_ occurrence: Occurrence) {
    count += 1
    occurrences.append(occurrence)
    if occurrences.count > Self.occurrenceLimit { occurrences.removeFirst() }
  }

  public static func == (a: Finding, b: Finding) -> Bool {
    a.rule.id == b.rule.id && a.count == b.count && a.occurrences == b.occurrences
  }
}

/// Watches a timeline for what is wrong. A value: observe entries in order, read the findings.
public struct FindingsLinter: Sendable {
  private var detectors: [any Detector] = []
  private var rules: [FindingRule] = []
  /// Which detectors care for an interest, by its bit.
  private var audiences: [[Int]] = []
  private var byRule: [Finding?] = []
  private var gate: SourceGate
  private var context: SessionContext
  /// The session was to hear a microphone, be it there or not.
  private var isMicrophoneWanted = false
  private var reader: DialectReader
  private var receivedAudio = AudioLength()
  private var sentAudio = AudioLength()
  private var responses: ResponseTable

  /// - Parameters:
  ///   - dialect: how messages are read, until a `sessionStarted` or `sourceStarted` entry names another.
  ///   - silenced: ids of rules that are left out. Unknown ones mean nothing.
  ///   - dialects: where the name is looked up.
  ///   - source: whose entries are looked at; nil for the first source that has any.
  public init(
    dialect: any Dialect = VoiceDialect(), silenced: Set<String> = [], among dialects: DialectTable = .builtIn,
    of source: SourceID? = nil
  ) {
    gate = SourceGate(source)
    reader = DialectReader(dialect, among: dialects)
    responses = ResponseTable(dialect.card)
    context = SessionContext(dialect.card)
    for rule in FindingTable.all where !silenced.contains(rule.id) {
      rules.append(rule)
      detectors.append(rule.detector.init())
    }
    byRule = Array(repeating: nil, count: rules.count)
    audiences = Interests.allBits.map { bit in
      detectors.indices.filter { type(of: detectors[$0]).interests.contains(bit) }
    }
  }

  /// What was found so far, in the table's order.
  public var findings: [Finding] { byRule.compactMap(\.self) }

  /// Occurrences by severity, for a count that is always on the screen.
  public private(set) var counts: [Notice.Severity: Int] = [:]

  /// Takes the next entry.
  /// - Parameter reading: of a message, where the caller has read it already; then of all messages.
  /// - Returns: whether something was found.
  @discardableResult
  public mutating func observe(_ entry: Entry, reading: Reading? = nil) -> Bool {
    guard gate.admits(entry) else { return false }
    var said: Reading?
    switch entry.event {
    case .sessionStarted(let started):
      reader.started(started)
      responses = ResponseTable(reader.card)
      context = SessionContext(reader.card)
      context.inputRate = started.inputRate
      isMicrophoneWanted = started.input.hasPrefix("mic")
      context.hearsMicrophone = isMicrophoneWanted
    case .sourceStarted(let source):
      reader.started(source)
      responses = ResponseTable(reader.card)
      context = SessionContext(reader.card)
      context.inputRate = source.inputRate ?? reader.card.uplink.preferred.rate
    case .device(let change) where change.role == .mic:
      // Silence stands in for a device that is not there.
      context.hearsMicrophone = isMicrophoneWanted && !change.state.isMissing
    case .message(let message):
      said = reading ?? reader.read(message)
      if case .ready(let ready)? = said?.events.first { context.declaredOutputRate = ready.outputRate }
    default: break
    }
    let events = said?.events ?? []
    let interest = Interests.of(entry.event, isAudio: said?.isAudio ?? false)
    var read = ReadEntry(
      index: entry.index, at: entry.at, event: entry.event, meaning: events, about: said?.of, context: context)
    if let audio = read.audio, let message = read.message {
      read.arrival =
        message.way == .toClient
        ? receivedAudio.read(audio, rate: context.outputRate) : sentAudio.read(audio, rate: context.inputRate)
    } else if case .playoutChange(let change) = entry.event {
      read.discoveries = receivedAudio.detected(change)
    }
    place(&read)
    var hasFound = false
    for i in audiences[interest.bit] {
      guard let evidence = detectors[i].observe(read) else { continue }
      hasFound = true
      add(evidence, of: i, at: entry.at)
    }
    return hasFound
  }

  /// Finds the responses that an entry is about.
  private mutating func place(_ read: inout ReadEntry) {
    let now = read.at
    switch read.event {
    case .message(let message) where message.way == .toClient:
      let about = read.about
      read.places = read.meaning.map { responses.place($0, of: about, at: now) }
    case .message: for case .text in read.meaning { responses.typed(at: now) }
    case .operatorAct(let act) where act.command == .interrupt: read.cutResponse = responses.interrupted(at: now)
    case .voiceEdge(let edge): responses.voiceEdge(isStart: edge.isStart)
    case .connection(let change) where change.state == .closed: responses.connectionLost()
    default: break
    }
  }

  private mutating func add(_ evidence: Evidence, of i: Int, at now: Timestamp) {
    // In place: held twice, all that was found before would be copied.
    if byRule[i] == nil { byRule[i] = Finding(rule: rules[i]) }
    byRule[i]?.add(Finding.Occurrence(at: now, entries: evidence.entries, detail: evidence.detail))
    counts[rules[i].severity, default: 0] += 1
  }
}
