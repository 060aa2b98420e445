import Findings
import Glibc
import Insight
import TestKit
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
    private var reader = DialectReader()

    mutating func read(_ entry: Entry, _ reading: Reading?) {
      insight.observe(entry, reading: reading)
      linter.observe(entry, reading: reading)
    }
    mutating func read(_ entry: Entry) { read(entry, meaning(of: entry)) }
    mutating func meaning(of entry: Entry) -> Reading? {
      guard case .message(let message) = entry.event else { return nil }
      return reader.read(message)
    }
  }

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var session = SyntheticSession()
    let entries = session.opening() + (0..<20).flatMap { _ in session.nextTurn() }
    var decoder = Readers()
    let decoded = entries.map { ($0, decoder.meaning(of: $0)) }
    let count = Double(entries.count)
    var (rates, decodingRates): ([Double], [Double]) = ([], [])
    for _ in 0..<settings.count(9, quick: 3) {
      rates.append(
        count
          / ProcessFigures.processorMilliseconds {
            var readers = Readers()
            for (entry, reading) in decoded { readers.read(entry, reading) }
            blackHole(readers.insight.turns.count)
          } * 1000)
      decodingRates.append(
        count
          / ProcessFigures.processorMilliseconds {
            var readers = Readers()
            for entry in entries { readers.read(entry) }
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

  private static func hours(_ count: Int) -> (first: Double, rest: Double) {
    var session = SyntheticSession()
    var readers = Readers()
    var marks = [ProcessFigures.resident(getpid()).own]
    for entry in session.opening() { readers.read(entry) }
    for _ in 0..<count {
      for _ in 0..<3600 / SyntheticSession.turnSeconds {
        for entry in session.nextTurn() { readers.read(entry) }
      }
      marks.append(ProcessFigures.resident(getpid()).own)
    }
    return withExtendedLifetime(readers) { (marks[1] - marks[0], marks[count] - marks[1]) }
  }
}
