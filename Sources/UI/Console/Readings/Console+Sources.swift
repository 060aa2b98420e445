import Insight
import Timeline
import Wire

// Which source the panes show, where the timeline has several. The log shows them all.
extension Console {
  /// What is known of the source that the panes show.
  var shown: SourceView {
    get { readings.shown }
    _modify { yield &readings.shown }
  }
  /// What is known of the others.
  var others: [SourceView] {
    get { readings.others }
    _modify { yield &readings.others }
  }
  var log: LogPane {
    get { readings.log }
    _modify { yield &readings.log }
  }
  var settings: ServerSettings { readings.settings }
  var problem: Problem? {
    get { readings.problem }
    set { readings.problem = newValue }
  }
  var ended: SessionEnded? { readings.ended }
  var readers: SourceReaders { readings.readers }

  // What the panes show. Read in place: these are large, and some are asked with every frame.
  public internal(set) var insight: Insight {
    _read { yield readings.shown.insight }
    _modify { yield &readings.shown.insight }
  }
  var mic: MicPane {
    _read { yield readings.shown.states[MicPane.self] }
    _modify { yield &readings.shown.states[MicPane.self] }
  }
  var agent: AgentPane {
    _read { yield readings.shown.states[AgentPane.self] }
    _modify { yield &readings.shown.states[AgentPane.self] }
  }
  var latency: LatencyPane {
    _read { yield readings.shown.states[LatencyPane.self] }
    _modify { yield &readings.shown.states[LatencyPane.self] }
  }
  var transcript: TranscriptPane {
    _read { yield readings.shown.states[TranscriptPane.self] }
    _modify { yield &readings.shown.states[TranscriptPane.self] }
  }
  var buffers: BuffersPane {
    _read { yield readings.shown.states[BuffersPane.self] }
    _modify { yield &readings.shown.states[BuffersPane.self] }
  }
  var findings: FindingsPane {
    _read { yield readings.shown.states[FindingsPane.self] }
    _modify { yield &readings.shown.states[FindingsPane.self] }
  }

  /// The source that the console commands: the first that there was.
  var driven: SourceID? { readings.sources.source }

  /// What is known of the source that the console commands, whichever is shown.
  var drivenInsight: Insight { others.first { $0.source == driven }?.insight ?? insight }

  /// The card of the dialect that the console speaks.
  var drivenCard: DialectCard { readers[driven ?? .first].card }

  /// The card of the dialect that the shown source speaks.
  var shownCard: DialectCard { readers[shown.source ?? .first].card }

  /// Every source that can be shown, in order.
  var followedSources: [SourceID] { (others.compactMap(\.source) + [shown.source].compactMap(\.self)).sorted() }

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
    readings.show(wanted)
    tell("the panes show \(names[wanted])")
  }

  /// Which of how many sources is shown, as in `stt 2/3`; nil where there is one.
  var shownSourceText: String? {
    let all = followedSources
    guard all.count > 1, let source = shown.source, let at = all.firstIndex(of: source) else { return nil }
    return "\(log.store.sources[source]) \(at + 1)/\(all.count)"
  }
}
