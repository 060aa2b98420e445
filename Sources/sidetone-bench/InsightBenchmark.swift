import Findings
import Glibc
import Insight
import Timeline
import Wire

/// Entries a second through Insight and the linter, and what eight hours of them leave in memory.
///
/// The rate is that of the processor's time: a machine that others use is slower, but does not count as that.
///
/// Messages are decoded beforehand, as in the console, where the log needs their meaning as well; with decoding is told
/// beside it.
enum InsightBenchmark {
  private struct Readers {
    var insight = Insight()
    var linter = FindingsLinter()

    mutating func read(_ entry: Entry, _ meaning: [VoiceEvent]?) {
      insight.observe(entry, meaning: meaning)
      linter.observe(entry, meaning: meaning)
    }
  }

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var session = SyntheticSession()
    let entries = session.opening() + (0..<20).flatMap { _ in session.nextTurn() }
    let decoded = entries.map { ($0, meaning(of: $0)) }
    let count = Double(entries.count)
    var (rates, decodingRates): ([Double], [Double]) = ([], [])
    for _ in 0..<settings.count(9, quick: 3) {
      rates.append(
        count
          / ProcessFigures.processorMilliseconds {
            var readers = Readers()
            for (entry, meaning) in decoded { readers.read(entry, meaning) }
            blackHole(readers.insight.turns.count)
          } * 1000)
      decodingRates.append(
        count
          / ProcessFigures.processorMilliseconds {
            var readers = Readers()
            for entry in entries { readers.read(entry, meaning(of: entry)) }
            blackHole(readers.insight.turns.count)
          } * 1000)
    }
    let (first, rest) = hours(settings.isQuick ? 2 : 8)
    return [
      Figure("entries of all kinds through insight and findings", "/s", rates, .floor(500_000)),
      Figure("  with the decoding of their messages", "/s", decodingRates),
      Figure("the first hour adds to memory", "MB", [first]),
      Figure("the \(settings.isQuick ? "second hour" : "seven hours after it") add", "MB", [rest], .budget(8)),
    ]
  }

  private static func meaning(of entry: Entry) -> [VoiceEvent]? {
    guard case .message(let message) = entry.event else { return nil }
    return message.meaning(in: VoiceDialect())
  }

  private static func hours(_ count: Int) -> (first: Double, rest: Double) {
    var session = SyntheticSession()
    var readers = Readers()
    var marks = [ProcessFigures.resident(getpid()).own]
    for entry in session.opening() { readers.read(entry, meaning(of: entry)) }
    for _ in 0..<count {
      for _ in 0..<3600 / SyntheticSession.turnSeconds {
        for entry in session.nextTurn() { readers.read(entry, meaning(of: entry)) }
      }
      marks.append(ProcessFigures.resident(getpid()).own)
    }
    return withExtendedLifetime(readers) { (marks[1] - marks[0], marks[count] - marks[1]) }
  }
}
