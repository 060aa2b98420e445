import Insight
import Screen
import Timeline
import Wire

/// What all turns come to, a row each: the session's and the last turns' percentiles, barge-ins, what the server claims.
struct LatencyFigures {
  /// How far the sliding window looks back, in turns.
  static let windowLength = 20

  private let insight: Insight
  private let width: Int

  init(_ insight: Insight, width: Int) { (self.insight, self.width) = (insight, width) }

  /// `session 24  p50 604  p90 … p99 903 ms  worst 903 #7 tts  3 aside: 2 cut, 1 no final`
  var session: StyledText {
    var flow = FigureFlow()
    let times: [Figure] = [.responseTimeP50, .responseTimeP90, .responseTimeP95, .responseTimeP99]
    add(insight.latency.percentiles == nil ? [] : times.map { $0.text(in: insight) }, to: &flow)
    if let worst = insight.latency.worst { flow.add(Self.worst(worst)) }
    let aside = aside
    if !aside.isEmpty { flow.add(StyledText(aside, .warning)) }
    return flow.line(width: width, lead: Self.lead("session", Figure.responseCount.text(in: insight)))
  }

  /// The same of the last turns.
  var window: StyledText {
    let window = insight.latency(ofLast: Self.windowLength)
    var flow = FigureFlow()
    let times = window.percentiles.map { [$0.p50, $0.p90, $0.p95, $0.p99] } ?? []
    add(times.map { FigureText($0, .ms) }, to: &flow)
    if let worst = window.worst { flow.add(Self.worst(worst)) }
    if window.excludedCount > 0 { flow.add(StyledText("\(window.excludedCount) aside", .warning)) }
    let count = FigureText(Double(window.count), .count)
    return flow.line(width: width, lead: Self.lead("last \(Self.windowLength)", count))
  }

  /// `barge-in 4  stop p50 212  p95 380 ms  last 206 ms by key  stale 120 came, 60 heard  1 too short`
  var bargeIns: StyledText {
    let watch = insight.bargeIns
    var flow = FigureFlow()
    if watch.stopTimes.count > 0 {
      let (p50, p95) = (Figure.stopTimeP50.text(in: insight), Figure.stopTimeP95.text(in: insight))
      flow.add(
        StyledText("stop p50 ", .dim) + StyledText(p50.number, .text, .bold) + StyledText("  p95 ", .dim)
          + StyledText(p95.number, .text, .bold) + StyledText(" \(p95.unit)", .dim))
    }
    if let last = watch.all.last(where: { $0.verdict == .genuine }) { Self.add(last, to: &flow) }
    for (figure, word) in [(Figure.bargeInsTooShort, "too short"), (.bargeInsEcho, "echo")] {
      if let count = some(figure) { flow.add(StyledText("\(count) \(word)", .warning)) }
    }
    if let count = some(.bargeInsWithoutEffect) { flow.add(StyledText("\(count) without effect", .dim)) }
    if let count = some(.falseStops) { flow.add(StyledText("\(count) false stops", .dim)) }
    return flow.line(width: width, lead: Self.lead("barge-in", Figure.bargeIns.text(in: insight)))
  }

  /// `server: stt 380  llm 90  tts 12 ! 36 measured  ms`; what is disputed says what was measured.
  static func claims(_ turn: Turn, width: Int) -> StyledText {
    var flow = FigureFlow()
    for claim in turn.claimedStages { flow.add(text(claim, of: turn)) }
    flow.add(StyledText("ms", .dim))
    let long = flow.line(width: .max, lead: StyledText("turn \(turn.number), says the server: ", .dim))
    return long.columns <= width ? long : flow.line(width: width, lead: StyledText("server: ", .dim))
  }

  /// `stt 380 by deepgram behind 2`, `stt 300 280 early`, `llm 0 310 ahead`, `tts 12 by joe ! 36 measured`,
  /// `tts 212 by anna 40/93 unheard`
  /// - Parameter named: the stages of which it is said who did the work.
  static func text(_ claim: ClaimedStage, of turn: Turn, named: Set<String> = ["tts"]) -> StyledText {
    var text = StyledText("\(claim.name) ", .dim) + StyledText(Figures.milliseconds(claim.claimedMs), .server)
    if named.contains(claim.name), let provider = turn.claims?.provider(of: claim.name) {
      text += StyledText(" by ", .dim) + StyledText(Truncation.tail(provider, to: 12), .server)
    }
    if claim.name == "stt", let queue = turn.claims?.sttQueue, queue > 0 {
      text += StyledText(" behind ", .dim) + StyledText(Figures.grouped(queue), .server)
    }
    if let gain = turn.claimedGains.first(where: { $0.stage == claim.name }) {
      text += StyledText(" \(Figures.milliseconds(gain.claimedMs))", .server)
      text += StyledText(claim.name == "stt" ? " early" : " ahead", .dim)
      if gain.isDisputed { text += StyledText("!", .warning) }
    }
    if claim.name == "tts", let unheard = turn.claims?.ttsUnheard, unheard > 0, let sent = turn.claims?.ttsCharacters {
      text += StyledText(" \(Figures.grouped(unheard))/\(Figures.grouped(sent)) unheard", .warning)
    }
    if claim.isDisputed, let measured = claim.measuredMs {
      text += StyledText(" ! \(Figures.milliseconds(measured)) measured", .warning)
    }
    return text
  }

  /// `last 212 ms by key  stale 120 came, 60 heard`; of one that is still heard, that it is.
  private static func add(_ bargeIn: BargeIn, to flow: inout FigureFlow) {
    let stop = bargeIn.stopTime.map { "\(Figures.milliseconds($0.milliseconds)) ms" } ?? "still heard"
    flow.add("last", stop, bargeIn.trigger == .key ? "by key" : "by voice")
    if bargeIn.staleReceivedMs > 0 || bargeIn.staleHeardMs > 0 {
      let came = "\(Figures.milliseconds(bargeIn.staleReceivedMs)) came"
      flow.add("stale", "\(came), \(Figures.milliseconds(bargeIn.staleHeardMs))", "heard")
    }
  }

  private static let leadColumns = 13

  private static func lead(_ name: String, _ count: FigureText) -> StyledText {
    StyledText(name.padded(to: 9), .dim) + StyledText(count.number.padded(to: leadColumns - 9), .text, .bold)
  }

  /// A count in words, where there is any.
  private func some(_ figure: Figure) -> String? {
    figure.value(in: insight) ?? 0 > 0 ? figure.text(in: insight).number : nil
  }

  /// - Parameter times: p50, p90, p95 and p99; empty where there are none.
  private func add(_ times: [FigureText], to flow: inout FigureFlow) {
    guard times.count == 4 else { return flow.add(StyledText("no undisturbed turn", .dim)) }
    let all = Array(zip(["p50", "p90", "p95", "p99"], times))
    var text = StyledText()
    // The two that stand in the frame, too, are left out first.
    for (name, time) in width >= 64 ? all : [all[1], all[3]] {
      if !text.isEmpty { text.append("  ") }
      text += StyledText("\(name) ", .dim) + StyledText(time.number, .text, .bold)
    }
    flow.add(text + StyledText(" ms", .dim))
  }

  private static func worst(_ worst: WorstTurn) -> StyledText {
    var text =
      StyledText("worst ", .dim) + StyledText(Figures.milliseconds(worst.ms), worst.ms >= 1500 ? .warning : .text)
    text += StyledText(" turn \(worst.turn)", .dim)
    if let part = worst.biggestPart {
      text += StyledText(" \(part.name)", Style(TurnStage(rawValue: part.name)?.role ?? .text))
    }
    return text
  }

  private var aside: String {
    let words: [(Figure, String)] = [
      (.turnsInterrupted, "cut"), (.turnsOverlapped, "spoken over"), (.turnsWithoutFinal, "no final"),
      (.turnsLost, "lost"),
    ]
    let parts = words.compactMap { figure, word in some(figure).map { "\($0) \(word)" } }
    return parts.isEmpty ? "" : "aside: " + parts.joined(separator: ", ")
  }
}

extension ServerMetrics {
  /// What did the work of a stage, if the server says so.
  fileprivate func provider(of stage: String) -> String? {
    switch stage {
    case "stt": recognizer
    case "llm": model
    case "tts": voice
    default: nil
    }
  }
}
