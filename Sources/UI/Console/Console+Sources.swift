import Insight
import Timeline
import Wire

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
}

// Which source the panes show, where the timeline has several. The log shows them all.
extension Console {
  /// Sources whose conversation is followed; those after them are in the log only.
  static let sourceLimit = 8

  // What the panes show. Read in place: these are large, and some are asked with every frame.
  public internal(set) var insight: Insight {
    _read { yield shown.insight }
    _modify { yield &shown.insight }
  }
  var mic: MicPane {
    _read { yield shown.states[MicPane.self] }
    _modify { yield &shown.states[MicPane.self] }
  }
  var agent: AgentPane {
    _read { yield shown.states[AgentPane.self] }
    _modify { yield &shown.states[AgentPane.self] }
  }
  var latency: LatencyPane {
    _read { yield shown.states[LatencyPane.self] }
    _modify { yield &shown.states[LatencyPane.self] }
  }
  var transcript: TranscriptPane {
    _read { yield shown.states[TranscriptPane.self] }
    _modify { yield &shown.states[TranscriptPane.self] }
  }
  var buffers: BuffersPane {
    _read { yield shown.states[BuffersPane.self] }
    _modify { yield &shown.states[BuffersPane.self] }
  }
  var findings: FindingsPane {
    _read { yield shown.states[FindingsPane.self] }
    _modify { yield &shown.states[FindingsPane.self] }
  }

  /// The source that the console commands: the first that there was.
  var driven: SourceID? { sources.source }

  /// What is known of the source that the console commands, whichever is shown.
  var drivenInsight: Insight { others.first { $0.source == driven }?.insight ?? insight }

  /// The card of the dialect that the console speaks.
  var drivenCard: DialectCard { readers[driven ?? .first].card }

  /// The card of the dialect that the shown source speaks.
  var shownCard: DialectCard { readers[shown.source ?? .first].card }

  /// Every source that can be shown, in order.
  var followedSources: [SourceID] { (others.compactMap(\.source) + [shown.source].compactMap(\.self)).sorted() }

  /// Calls `observe` with what is known of the entry's source in the place of what is shown. An entry of the program is
  /// everybody's.
  mutating func forSource(of entry: Entry, _ observe: (inout Console) -> Void) {
    if shown.source == nil, entry.source != .program { shown.source = entry.source }
    if entry.source == .program || entry.source == shown.source { observe(&self) }
    guard entry.source != shown.source else { return }
    if entry.source != .program, !others.contains(where: { $0.source == entry.source }) {
      guard others.count + 1 < Self.sourceLimit else { return }
      others.append(SourceView(options, of: entry.source))
      // What was said of the session before holds for it, too.
      if let start = insight.start {
        let begin = Entry(index: 0, at: .zero, event: .sessionStarted(start))
        others[others.count - 1].insight.observe(begin)
        _ = others[others.count - 1].states.observe(begin, nil)
      }
    }
    for i in others.indices where entry.source == .program || others[i].source == entry.source {
      swap(&shown, &others[i])
      observe(&self)
      swap(&shown, &others[i])
    }
  }

  /// - Parameter name: of the source to show; empty for the next one.
  mutating func showSource(_ name: String) throws(CommandFault) {
    let all = followedSources
    guard let at = all.firstIndex(where: { $0 == shown.source }), all.count > 1 || !name.isEmpty else {
      throw CommandFault(reason: "there is one source, and it is shown")
    }
    let names = log.store.sources
    guard let wanted = name.isEmpty ? all[(at + 1) % all.count] : all.first(where: { names[$0] == name }) else {
      throw CommandFault(reason: "no source \"\(name)\"; there are \(Words.list(all.map { names[$0] }))")
    }
    if let i = others.firstIndex(where: { $0.source == wanted }) { swap(&shown, &others[i]) }
    tell("the panes show \(names[wanted])")
  }

  /// Which of how many sources is shown, as in `stt 2/3`; nil where there is one.
  var shownSourceText: String? {
    let all = followedSources
    guard all.count > 1, let source = shown.source, let at = all.firstIndex(of: source) else { return nil }
    return "\(log.store.sources[source]) \(at + 1)/\(all.count)"
  }
}
