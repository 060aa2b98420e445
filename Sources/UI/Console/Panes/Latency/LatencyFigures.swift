import Insight
import Screen
import Timeline

/// What all turns come to, a row each: the session's and the last turns' percentiles, barge-ins, what the server claims.
struct LatencyFigures {
  /// How far the sliding window looks back, in turns.
  static let windowLength = 20

  private let insight: Insight
  private let width: Int

  init(_ insight: Insight, width: Int) { (self.insight, self.width) = (insight, width) }

  /// `session 24  p50 604  p90 … p99 903 ms  worst 903 #7 tts  3 aside: 2 cut, 1 no final`
  var session: StyledText {
    let latency = insight.latency
    var flow = FigureFlow()
    add(latency.percentiles, to: &flow)
    if let worst = latency.worst { flow.add(Self.worst(worst)) }
    let aside = Self.aside(latency.excluded)
    if !aside.isEmpty { flow.add(StyledText(aside, .warning)) }
    return flow.line(width: width, lead: Self.lead("session", latency.count))
  }

  /// The same of the last turns.
  var window: StyledText {
    let window = insight.latency(ofLast: Self.windowLength)
    var flow = FigureFlow()
    add(window.percentiles, to: &flow)
    if let worst = window.worst { flow.add(Self.worst(worst)) }
    if window.excludedCount > 0 { flow.add(StyledText("\(window.excludedCount) aside", .warning)) }
    return flow.line(width: width, lead: Self.lead("last \(Self.windowLength)", window.count))
  }

  /// `barge-in 4  stop p50 212  p95 380 ms  last 206 ms by key  stale 120 came, 60 heard  1 too short`
  var bargeIns: StyledText {
    let watch = insight.bargeIns
    let genuine = watch.counts[.genuine] ?? 0
    var flow = FigureFlow()
    if let p50 = watch.stopTimes.p50, let p95 = watch.stopTimes.p95 {
      flow.add(
        StyledText("stop p50 ", .dim) + StyledText(Figures.milliseconds(p50), .text, .bold) + StyledText("  p95 ", .dim)
          + StyledText(Figures.milliseconds(p95), .text, .bold) + StyledText(" ms", .dim))
    }
    if let last = watch.all.last(where: { $0.verdict == .genuine }) { Self.add(last, to: &flow) }
    for (verdict, word) in [(BargeIn.Verdict.tooShort, "too short"), (.echo, "echo")] {
      if let count = watch.counts[verdict], count > 0 { flow.add(StyledText("\(count) \(word)", .warning)) }
    }
    if watch.ignored > 0 { flow.add(StyledText("\(watch.ignored) without effect", .dim)) }
    return flow.line(width: width, lead: Self.lead("barge-in", genuine))
  }

  /// `server: stt 380  llm 90  tts 12 ! 36 measured  ms`; what is disputed says what was measured.
  static func claims(_ turn: Turn, width: Int) -> StyledText {
    var flow = FigureFlow()
    for claim in turn.claimedStages { flow.add(text(claim)) }
    flow.add(StyledText("ms", .dim))
    let long = flow.line(width: .max, lead: StyledText("turn \(turn.number), says the server: ", .dim))
    return long.columns <= width ? long : flow.line(width: width, lead: StyledText("server: ", .dim))
  }

  /// `tts 12 ! 36 measured`
  static func text(_ claim: ClaimedStage) -> StyledText {
    var text = StyledText("\(claim.name) ", .dim) + StyledText(Figures.milliseconds(claim.claimedMs), .server)
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

  private static func lead(_ name: String, _ count: Int) -> StyledText {
    StyledText(name.padded(to: 9), .dim)
      + StyledText(Figures.grouped(count).padded(to: leadColumns - 9), .text, .bold)
  }

  private func add(_ percentiles: Percentiles?, to flow: inout FigureFlow) {
    guard let percentiles else { return flow.add(StyledText("no undisturbed turn", .dim)) }
    let all = [("p50", percentiles.p50), ("p90", percentiles.p90), ("p95", percentiles.p95), ("p99", percentiles.p99)]
    var text = StyledText()
    // The two that stand in the frame, too, are left out first.
    for (name, ms) in width >= 64 ? all : [all[1], all[3]] {
      if !text.isEmpty { text.append("  ") }
      text += StyledText("\(name) ", .dim) + StyledText(Figures.milliseconds(ms), .text, .bold)
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

  private static func aside(_ counts: [Turn.Mark: Int]) -> String {
    let words: [(Turn.Mark, String)] = [
      (.interrupted, "cut"), (.overlapped, "spoken over"), (.noFinal, "no final"), (.lost, "lost"),
    ]
    let parts = words.compactMap { mark, word in counts[mark].map { "\($0) \(word)" } }
    return parts.isEmpty ? "" : "aside: " + parts.joined(separator: ", ")
  }
}
