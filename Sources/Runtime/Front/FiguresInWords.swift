import Findings
import Insight
import Timeline

/// What a session without a screen says of itself at its end, in a few lines of words: a reader of the timeline.
///
/// Only what there is something to say about gets a line.
public struct FiguresInWords: Sendable {
  private var insight = Insight()
  private var linter: FindingsLinter

  /// - Parameter silenced: ids of rules that are left out.
  public init(silenced: Set<String> = []) { linter = FindingsLinter(silenced: silenced) }

  /// Takes the next entry.
  public mutating func observe(_ entry: Entry) {
    insight.observe(entry)
    linter.observe(entry)
  }

  /// The lines, without line breaks. Parts of them may be a peer's words.
  public var lines: [String] {
    [responses, wordless, bargeIns, playout, uplink, connection].compactMap(\.self) + findings
  }

  private var responses: String? {
    let latency = insight.latency
    guard latency.count > 0 || !latency.excluded.isEmpty else { return nil }
    var parts: [String] = []
    if let times = latency.percentiles {
      parts.append(
        "\(latency.count) turn\(latency.count == 1 ? "" : "s"), \(insight.vantage == .ear ? "heard" : "at the wire") after p50 \(ms(times.p50)), p90 \(ms(times.p90)), "
          + "p95 \(ms(times.p95)), p99 \(ms(times.p99)) ms")
    }
    if let worst = latency.worst {
      let part = worst.biggestPart.map { ", \(ms($0.duration.milliseconds)) of it \($0.name)" } ?? ""
      parts.append("worst \(ms(worst.ms)) ms in turn \(worst.turn)\(part)")
    }
    let aside = Turn.Mark.allCases.compactMap { mark in latency.excluded[mark].map { "\($0) \(mark.rawValue)" } }
    if !aside.isEmpty { parts.append("not counted: \(aside.joined(separator: ", "))") }
    return "responses: " + parts.joined(separator: "; ")
  }

  /// Answers of which no words came.
  private var wordless: String? {
    let spoken = insight.transcript.compactMap(\.spokenMs)
    guard !spoken.isEmpty else { return nil }
    let count = "\(spoken.count) answer\(spoken.count == 1 ? "" : "s")"
    return "without text: \(count), the agent spoke for \(ms(spoken.reduce(0, +))) ms"
  }

  private var bargeIns: String? {
    let stopwatch = insight.bargeIns
    let counts = BargeIn.Verdict.allCases.compactMap { verdict in
      stopwatch.counts[verdict].flatMap { $0 > 0 ? "\($0) \(verdict.rawValue)" : nil }
    }
    guard !counts.isEmpty else { return nil }
    let times = stopwatch.stopTimes.percentiles.map { "; silent after p50 \(ms($0.p50)), p95 \(ms($0.p95)) ms" } ?? ""
    return "barge-ins: " + counts.joined(separator: ", ") + times
  }

  private var playout: String? {
    let delivery = insight.delivery
    guard delivery.chunks > 0 else { return nil }
    return "playout: \(ms(insight.playout.playedMs)) ms played, \(ms(insight.playout.discardedMs)) discarded; "
      + "\(delivery.underruns) underrun\(delivery.underruns == 1 ? "" : "s"), \(ms(delivery.concealedMs)) ms of silence "
      + "in answers; jitter \(ms(delivery.jitterMs)) ms, \(delivery.lateChunks) of \(delivery.chunks) late"
  }

  private var uplink: String? {
    let uplink = insight.uplink
    guard uplink.chunks > 0 else { return nil }
    let waits = uplink.waits.percentiles.map { "; sent after p50 \(ms($0.p50)), p95 \(ms($0.p95)) ms" } ?? ""
    return "uplink: \(ms(uplink.sentMs)) ms sent in \(uplink.chunks), \(uplink.dropped) dropped\(waits)"
  }

  private var connection: String? {
    let connection = insight.connection
    var parts: [String] = []
    if let times = connection.connectTimes.p50 { parts.append("ready after \(ms(times)) ms") }
    if let trips = connection.roundTrips.percentiles {
      parts.append("round trip p50 \(ms(trips.p50)), p95 \(ms(trips.p95)) ms")
    }
    if connection.missedPongs > 0 { parts.append("\(connection.missedPongs) pongs missed") }
    let lost = connection.outages.count
    if lost > 0 {
      let recovery = connection.recoveryTimes.p50.map { ", back after \(ms($0)) ms" } ?? ""
      parts.append("lost \(lost)×\(recovery)")
    }
    return parts.isEmpty ? nil : "connection: " + parts.joined(separator: "; ")
  }

  private var findings: [String] {
    linter.findings.map { finding in
      "finding: \(finding.rule.severity.rawValue) \(finding.rule.id) ×\(finding.count): "
        + (finding.occurrences.last?.detail ?? finding.rule.title)
    }
  }

  private func ms(_ value: Double) -> String {
    // A recording may hold any number, and none at all.
    let tenths = Int(saturating: (min(max(value, 0), 1e12) * 10).rounded())
    return value < 10 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10)" : "\((tenths + 5) / 10)"
  }
}
