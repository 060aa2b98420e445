import Console
import FoundationEssentials
import TestKit
import Timeline
import Wire

/// Messages a second through everything that reads them on the way to the screen: the session's decoding, Insight and
/// the console's log. The peer only parses the same bytes with `JSONDecoder`, once.
enum MessageBenchmark {
  /// What a plain client would read of a message.
  private struct Plain: Decodable {
    var type: String?
    var data: String?
    var audio: String?
    var text: String?
  }

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var session = SyntheticSession()
    let opening = session.opening()
    let turns = (0..<6).map { _ in session.nextTurn() }
    let messages = turns.map { $0.filter { if case .message = $0.event { true } else { false } } }
    let count = Double(messages.reduce(0) { $0 + $1.count })
    var (ours, plain, everything): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<settings.count(9, quick: 3) {
      plain.append(count / milliseconds { for turn in messages { parse(turn) } } * 1000)
      ours.append(count / milliseconds { read(opening, messages, decoding: true) } * 1000)
      let entries = Double(turns.reduce(0) { $0 + $1.count })
      everything.append(entries / milliseconds { read(opening, turns, decoding: false) } * 1000)
    }
    let live = 100.0
    return [
      Figure(
        "messages through decode, insight and log", "/s", ours,
        .peer("JSONDecoder alone", plain.percentile(50))),
      Figure("entries of all kinds through the console", "/s", everything),
      Figure("  a live session's 200 entries/s, of a core", "%", everything.map { 2 * live / $0 * 100 }),
    ]
  }

  private static func parse(_ entries: [Entry]) {
    for case .message(let message) in entries.map(\.event) where message.kind == .text {
      blackHole(try? JSONDecoder().decode(Plain.self, from: Data(message.payload)))
    }
  }

  private static func read(_ opening: [Entry], _ turns: [[Entry]], decoding: Bool) {
    let dialect = VoiceDialect()
    var console = Console(ConsoleOptions())
    _ = console.update(.entries(opening))
    for turn in turns {
      if decoding {
        for case .message(let message) in turn.map(\.event) where message.way == .toClient {
          blackHole(dialect.decode(.text(message.payload), from: .server))
        }
      }
      _ = console.update(.entries(turn))
    }
    blackHole(console.insight.turns.count)
  }
}

/// Keeps the optimiser from leaving out what is measured.
@inline(never)
func blackHole<T>(_ value: T) {}
