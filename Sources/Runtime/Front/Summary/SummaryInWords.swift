import Findings
import Insight

/// What there is to say of one source, in a few lines of words. The numbers are those of the table of figures.
///
/// Only what there is something to say about gets a line.
struct SummaryInWords {
  private let insight: Insight
  private let found: [Finding]

  init(_ insight: Insight, _ findings: [Finding]) { (self.insight, found) = (insight, findings) }

  /// Without line breaks. Parts of them may be a peer's words.
  var lines: [String] {
    [responses, wordless, bargeIns, playout, uplink, wire, connection].compactMap(\.self) + findings
  }

  private func number(_ figure: Figure) -> String { figure.text(in: insight).number }
  private func text(_ figure: Figure) -> String { "\(figure.text(in: insight))" }
  /// As in `3 turns`.
  private func count(_ figure: Figure, _ thing: String) -> String { NumberText.count(whole(figure), thing) }
  private func whole(_ figure: Figure) -> Int { Int(saturating: figure.value(in: insight) ?? 0) }

  /// As in `p50 640, p95 910 ms`; nil where there is nothing that they are of.
  private func percentiles(_ figures: [(String, Figure)]) -> String? {
    guard let last = figures.last, last.1.value(in: insight) != nil else { return nil }
    return figures.map { "\($0.0) \(number($0.1))" }.joined(separator: ", ") + " \(last.1.text(in: insight).unit)"
  }

  private var responses: String? {
    let marks: [(Figure, Turn.Mark)] = [
      (.turnsInterrupted, .interrupted), (.turnsWithoutFinal, .noFinal), (.turnsOverlapped, .overlapped),
      (.turnsLost, .lost),
    ]
    let aside = marks.filter { whole($0.0) > 0 }.map { "\(number($0.0)) \($0.1.rawValue)" }
    var parts: [String] = []
    let times: [(String, Figure)] = [
      ("p50", .responseTimeP50), ("p90", .responseTimeP90), ("p95", .responseTimeP95), ("p99", .responseTimeP99),
    ]
    if let times = percentiles(times) {
      let heard = insight.vantage == .ear ? "heard" : "at the wire"
      parts.append("\(count(.responseCount, "turn")), \(heard) after \(times)")
    }
    if let worst = insight.latency.worst {
      let part = worst.biggestPart.map { ", \(FigureText($0.duration.milliseconds, .ms)) of it \($0.name)" } ?? ""
      parts.append("worst \(text(.responseTimeMax)) in turn \(worst.turn)\(part)")
    }
    if !aside.isEmpty { parts.append("not counted: \(aside.joined(separator: ", "))") }
    return parts.isEmpty ? nil : "responses: " + parts.joined(separator: "; ")
  }

  /// Answers of which no words came.
  private var wordless: String? {
    guard whole(.answersWithoutText) > 0 else { return nil }
    return "without text: \(count(.answersWithoutText, "answer")), the agent spoke for \(text(.spokenWithoutText))"
  }

  private var bargeIns: String? {
    let verdicts: [(Figure, BargeIn.Verdict)] = [
      (.bargeIns, .genuine), (.bargeInsTooShort, .tooShort), (.bargeInsEcho, .echo),
    ]
    let counts = verdicts.filter { whole($0.0) > 0 }.map { "\(number($0.0)) \($0.1.rawValue)" }
    guard !counts.isEmpty else { return nil }
    let times = percentiles([("p50", .stopTimeP50), ("p95", .stopTimeP95)]).map { "; silent after \($0)" } ?? ""
    return "barge-ins: " + counts.joined(separator: ", ") + times
  }

  private var playout: String? {
    guard whole(.chunks) > 0 else { return nil }
    return "playout: \(text(.played)) played, \(text(.discarded)) discarded; \(count(.underruns, "underrun")), "
      + "\(text(.concealed)) of silence in answers; jitter \(text(.jitter)), "
      + "\(number(.lateChunks)) of \(number(.chunks)) late"
  }

  private var uplink: String? {
    guard whole(.uplinkChunks) > 0 else { return nil }
    let waits = percentiles([("p50", .uplinkWaitP50), ("p95", .uplinkWaitP95)]).map { "; sent after \($0)" } ?? ""
    return "uplink: \(text(.uplinkSent)) sent in \(number(.uplinkChunks)), \(number(.uplinkDropped)) dropped\(waits)"
  }

  /// Codecs, where they save anything.
  private var wire: String? {
    let ways = [
      Insight.coding(insight.uplink.wire, insight.uplinkSaving).map { "\(text(.uplinkWireRate)) up (\($0))" },
      Insight.coding(insight.delivery.wire, insight.downlinkSaving).map { "\(text(.downlinkWireRate)) down (\($0))" },
    ].compactMap(\.self)
    return ways.isEmpty ? nil : "wire: " + ways.joined(separator: ", ")
  }

  private var connection: String? {
    var parts: [String] = []
    if Figure.connectTimeP50.value(in: insight) != nil { parts.append("ready after \(text(.connectTimeP50))") }
    let trips = percentiles([("p50", .roundTripP50), ("p95", .roundTripP95)])
    if let trips { parts.append("round trip \(trips)") }
    if whole(.missedPongs) > 0 { parts.append("\(count(.missedPongs, "pong")) missed") }
    if whole(.outages) > 0 {
      let isBack = Figure.recoveryTimeP50.value(in: insight) != nil
      parts.append("lost \(number(.outages))×" + (isBack ? ", back after \(text(.recoveryTimeP50))" : ""))
    }
    return parts.isEmpty ? nil : "connection: " + parts.joined(separator: "; ")
  }

  private var findings: [String] {
    found.map { finding in
      "finding: \(finding.rule.severity.rawValue) \(finding.rule.id) ×\(finding.count): "
        + (finding.occurrences.last?.detail ?? finding.rule.title)
    }
  }
}
