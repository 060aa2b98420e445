import Insight
import Timeline

/// What is left to say of a session on one line, when its screen has gone.
public struct SessionSummary: Sendable, CustomStringConvertible {
  private let insight: Insight
  private let duration: Duration
  private let logPath: String?
  private let capturePath: String?

  /// - Parameters:
  ///   - duration: from the program's start.
  ///   - capturePath: where the session was captured; nil where nothing was.
  public init(_ insight: Insight, duration: Duration, logPath: String?, capturePath: String? = nil) {
    self.capturePath = capturePath
    self.insight = insight
    self.duration = duration
    self.logPath = logPath
  }

  /// As in `3 turns in 00:02:07, response time p50 640 ms, p95 910 ms; timeline in a.jsonl`.
  public var description: String {
    let turns = Int(saturating: Figure.turns.value(in: insight) ?? 0)
    var text = "\(turns == 0 ? "no turns" : NumberText.count(turns, "turn")) in \(clock)"
    if Figure.responseCount.value(in: insight) != 0 {
      let (p50, p95) = (Figure.responseTimeP50.text(in: insight), Figure.responseTimeP95.text(in: insight))
      text += ", response time p50 \(p50), p95 \(p95)"
    }
    if let logPath { text += "; timeline in \(logPath)" }
    if let capturePath { text += "; to see it again: \(ReplayHint.command(capturePath))" }
    return text
  }

  private var clock: String {
    let seconds = max(0, duration.components.seconds)
    return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }
      .joined(separator: ":")
  }
}
