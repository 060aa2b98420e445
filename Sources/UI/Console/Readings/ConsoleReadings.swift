import Insight
import Screen
import Timeline
import Wire

// Readings: what the console knows from entries, as one value.
//
//   entries ─► ConsoleReadings.observe ─► insight, pane states, log, settings, problem
//                    │
//                    └─► EntryNews: what of it is to be drawn, and how soon
//
// What the operator has chosen (panes, focus, overlays, the input line) is the console's, and follows from no entry. Where
// a pane keeps both, its state holds both.

/// All that the console knows from entries. A value: a copy is what it knew at that moment.
public struct ConsoleReadings: Sendable {
  /// Sources whose conversation is followed; those after them are in the log only.
  static let sourceLimit = 8

  private let options: ConsoleOptions
  /// What is known of the source that the panes show.
  var shown: SourceView
  /// What is known of the others.
  var others: [SourceView] = []
  /// Passes what the source does that the console commands.
  private(set) var sources = SourceGate()
  /// Read the messages, once for all the panes.
  private(set) var readers: SourceReaders
  /// What was sent to the server as settings, and what it answered.
  var settings = ServerSettings()
  /// The log of all sources.
  var log: LogPane
  /// What went wrong last and was not put away.
  var problem: Problem?
  /// The session's end, once it has ended.
  var ended: SessionEnded?
  /// The index of the entry to come; nil before the first.
  private(set) var nextIndex: Int?

  /// Of no entry so far.
  public init(_ options: ConsoleOptions) {
    self.options = options
    shown = SourceView(options)
    readers = SourceReaders(options.dialect, among: options.dialects)
    log = LogPane(limits: options.limits)
  }

  /// - Parameter entry: whose index it is that tells of it; nil for what no entry tells.
  mutating func raise(_ problem: Problem, entry: Int? = nil) {
    var problem = problem
    problem.entry = entry
    problem.text = problem.text.cut(toBytes: Notice.longestText)
    // A piece of news is no error that came before.
    problem.count = (self.problem.map { $0.severity == .info ? 0 : $0.count } ?? 0) + 1
    self.problem = problem
  }

  /// The same without the payloads of messages, which are large and can be read again.
  func withoutPayloads() -> ConsoleReadings {
    var copy = self
    copy.log.store.forgetPayloads()
    return copy
  }

  /// Shows another source, if it is known.
  mutating func show(_ source: SourceID) {
    if let i = others.firstIndex(where: { $0.source == source }) { swap(&shown, &others[i]) }
  }

  /// Takes what is known at another moment of a recording, and keeps what the operator has chosen.
  mutating func takeReadings(of other: ConsoleReadings) {
    let former = [shown] + others
    let (chosen, formerLog) = (shown.source, log)
    self = other
    log = formerLog
    log.takeReadings(of: other.log)
    if let chosen { show(chosen) }
    shown.keepChoices(of: former)
    for i in others.indices { others[i].keepChoices(of: former) }
  }
}

/// What the panes know of one source of the timeline: its conversation, and how far it is scrolled.
struct SourceView: Sendable {
  /// Whose entries are observed; nil until there is one.
  var source: SourceID?
  var insight: Insight
  /// What the panes keep of it.
  var states: PaneStates

  init(_ options: ConsoleOptions, of source: SourceID? = nil) {
    self.source = source
    insight = Insight(dialect: options.dialect, among: options.dialects, of: source)
    states = PaneStates(options.keys.table.panes, PaneSetup(options: options, source: source))
  }

  /// Keeps what the operator has chosen of the same source before.
  fileprivate mutating func keepChoices(of former: [SourceView]) {
    // A source that has not begun yet had the first one's place.
    guard
      var states = (former.first { $0.source == source } ?? former.first { source == nil || $0.source == nil })?.states
    else { return }
    states.takeReadings(of: self.states)
    self.states = states
  }

  /// - Returns: whether a figure changed that a pane shows.
  fileprivate mutating func observe(_ entry: Entry, _ reading: Reading?) -> Bool {
    insight.observe(entry, reading: reading)
    return states.observe(entry, reading)
  }
}

/// What an entry has changed of what is drawn.
struct EntryNews: Sendable {
  enum Change: Sendable {
    /// Meters and waveforms.
    case sound
    /// A number, which may wait.
    case figure
    /// What is to be seen at once.
    case all
  }
  var change = Change.all
  /// A figure changed, too.
  var hasFigure = false
  /// The source that the console commands has done it, or the program.
  var isDriven = false
  /// The server has told which settings are in force.
  var hasSettings = false
}

extension ConsoleReadings {
  /// Takes the next entry.
  mutating func observe(_ entry: Entry) -> EntryNews {
    var news = EntryNews()
    countGap(before: entry)
    let reading = readers.observe(entry)
    news.isDriven = sources.admits(entry)
    forViews(of: entry) { view in
      if view.observe(entry, reading) { news.hasFigure = true }
    }
    if news.isDriven, let reading { news.hasSettings = settings.observe(reading.events) }
    let isOnlyCounted = log.store.append(entry, reading)
    switch entry.event {
    case .micFrame, .playout: news.change = .sound
    case .queue: news.change = .figure
    // What follows is about the source that the console commands.
    case _ where !news.isDriven: break
    case .notice(let notice) where notice.severity == .error:
      raise(
        Problem(severity: .error, source: notice.source.rawValue, text: notice.text, remedy: notice.remedy),
        entry: entry.index)
    // Nobody is to be recorded unknowingly.
    case .notice(let notice) where notice.id == .captureIntroduced && problem == nil:
      raise(
        Problem(severity: .info, source: notice.source.rawValue, text: notice.text, remedy: nil), entry: entry.index)
    case .message(let message):
      if message.way == .toClient, case .error(let error)? = reading?.events.first {
        let code = error.code.map { "\($0): " } ?? ""
        raise(Problem(severity: .error, source: "server", text: code + error.message, remedy: nil), entry: entry.index)
      }
      // Audio messages come as often as frames, and change one number.
      if isOnlyCounted { news.change = .figure }
    case .connection(let change) where change.state == .ready:
      // What kept the connection down is over; what the server or a device complained about may not be.
      if problem?.source == "session" { problem = nil }
    case .sessionEnded(let end): ended = end
    default: break
    }
    return news
  }

  /// Entries are numbered without gaps, so a gap is what was lost on the way here.
  private mutating func countGap(before entry: Entry) {
    if let nextIndex, entry.index > nextIndex {
      let count = entry.index.subtracting(nextIndex)
      shown.states[BuffersPane.self].lost(count)
      log.store.appendGap(count, at: entry.at)
    }
    nextIndex = entry.index.adding(1)
  }

  /// Calls `observe` with what is known of the entry's source. An entry of the program is everybody's.
  private mutating func forViews(of entry: Entry, _ observe: (inout SourceView) -> Void) {
    if shown.source == nil, entry.source != .program { shown.source = entry.source }
    if entry.source == .program || entry.source == shown.source { observe(&shown) }
    guard entry.source != shown.source else { return }
    if entry.source != .program, !others.contains(where: { $0.source == entry.source }) {
      guard others.count + 1 < Self.sourceLimit else { return }
      others.append(SourceView(options, of: entry.source))
      // What was said of the session before holds for it, too.
      if let start = shown.insight.start {
        let begin = Entry(index: 0, at: .zero, event: .sessionStarted(start))
        _ = others[others.count - 1].observe(begin, nil)
      }
    }
    for i in others.indices where entry.source == .program || others[i].source == entry.source { observe(&others[i]) }
  }
}
