import Findings
import Screen
import Timeline

/// Says what the linter finds: the first time of each rule whole, with what to do; later only each tenfold.
struct FindingsNarrator: Sendable {
  /// By rule: when it is worth a line again.
  private var nextCounts: [String: Int] = [:]

  /// - Parameter findings: all that there are so far.
  mutating func lines(for findings: [Finding], at now: Timestamp) -> [PlainLine] {
    findings.compactMap { finding in
      let rule = finding.rule
      let next = nextCounts[rule.id] ?? 1
      guard finding.count >= next, let last = finding.occurrences.last else { return nil }
      nextCounts[rule.id] = next * 10
      let role: Role = rule.severity == .error ? .error : rule.severity == .warning ? .warning : .text
      guard next == 1 else {
        return PlainLine("finding, \(rule.id): \(Figures.grouped(finding.count)) times so far", role, at: now)
      }
      let severity = rule.severity == .info ? "" : "\(rule.severity.rawValue), "
      return PlainLine("finding, \(severity)\(rule.id): \(last.detail). To do: \(rule.remedy)", role, at: now)
    }
  }
}
