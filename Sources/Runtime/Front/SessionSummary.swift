import Insight

/// What is left to say of a session on one line, when its screen has gone.
public struct SessionSummary: Sendable, CustomStringConvertible {
  private let turnCount: Int
  private let p50: Double?
  private let p95: Double?
  private let duration: Duration
  private let logPath: String?

  /// - Parameter duration: from the program's start.
  public init(_ insight: Insight, duration: Duration, logPath: String?) {
    turnCount = insight.turns.last?.number ?? 0
    (p50, p95) = (insight.latency.p50, insight.latency.p95)
    self.duration = duration
    self.logPath = logPath
  }

  /// As in `3 turns in 00:02:07, response time p50 640 ms, p95 910 ms; timeline in a.jsonl`.
  public var description: String {
    let count = turnCount == 0 ? "no turns" : turnCount == 1 ? "1 turn" : "\(turnCount) turns"
    var text = "\(count) in \(clock)"
    if let p50, let p95 { text += ", response time p50 \(Int(p50)) ms, p95 \(Int(p95)) ms" }
    if let logPath { text += "; timeline in \(logPath)" }
    return text
  }

  private var clock: String {
    let seconds = max(0, duration.components.seconds)
    return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
      .joined(separator: ":")
  }
}
