import Console
import Glibc
import Screen
import Timeline

/// A protocol log of a million messages: what it takes in memory, and whether scrolling and filtering stay instant.
/// The peer keeps the same lines as an array of strings, and looks for a word in each of them in one go.
enum LogBenchmark {
  /// What a frame of 60 a second may take: nothing that is done between two frames takes longer.
  private static let frameMs = 1000.0 / 60

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let count = settings.count(1_000_000, quick: 200_000)
    let before = ProcessFigures.resident(getpid()).own
    var console = Console(ConsoleOptions())
    _ = console.update(.event(.resized(Size(width: 120, height: 40))))
    let filling = milliseconds { fill(&console, count) }
    let memory = ProcessFigures.resident(getpid()).own - before
    let lines = (0..<count).map(Self.text)
    var (words, patterns, fields, peers): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
    var (slices, frames, scrolls): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<settings.count(5, quick: 3) {
      words.append(filter(&console, "needle", &slices))
      patterns.append(filter(&console, "/need[l]e \\d+$/", &slices))
      fields.append(filter(&console, "dir:in size>1k not type:tool", &slices))
      frames.append(milliseconds { _ = console.view(Size(width: 120, height: 40)) })
      _ = console.update(.event(.key(Key(.escape))))
      for key in [Key(.home), Key(.pageDown), Key(.end), Key(.pageUp), Key(.up)] {
        scrolls.append(milliseconds { _ = console.update(.event(.key(key))) })
        scrolls.append(milliseconds { _ = console.view(Size(width: 120, height: 40)) })
      }
      var found = 0
      peers.append(milliseconds { found = lines.count { $0.contains("needle") } })
      guard found == (count + 999) / 1000 else { throw BenchmarkFailure("the peer found \(found) lines") }
    }
    let peer = peers.percentile(50)
    return [
      Figure("taking a message in", "µs", [filling * 1000 / Double(count)]),
      Figure("\(count) messages in memory", "MB", [memory], .budget(150)),
      Figure("filtering all by a word", "ms", words, .peer("contains on an array", peer)),
      Figure("filtering all by a regex", "ms", patterns, .peer("contains on an array", peer)),
      Figure("filtering all by fields", "ms", fields, .peer("contains on an array", peer)),
      Figure("a stretch between two frames, p99", "ms", [slices.percentile(99)], .budget(frameMs)),
      Figure("  the longest", "ms", [slices.max() ?? 0]),
      Figure("a frame of the filtered log", "ms", frames, .budget(frameMs)),
      Figure("scrolling: the longest step", "ms", [scrolls.max() ?? 0], .budget(frameMs)),
    ]
  }

  private static func text(_ i: Int) -> String {
    "\(i % 1000 == 0 ? "needle" : "nothing") number \(i) of a long session, in words of usual length \(i)"
  }

  /// Each message is a row of its own: the worst case, for audio gathers in rows of many.
  private static func fill(_ console: inout Console, _ count: Int) {
    var batch: [Entry] = []
    for i in 0..<count {
      let json = #"{"type":"tool","text":"\#(text(i))"}"#
      let message = Message(
        link: LinkID(1), way: i % 2 == 0 ? .toClient : .toServer, kind: .text, payload: Array(json.utf8))
      batch.append(Entry(index: i, at: Timestamp(milliseconds: Double(i)), event: .message(message)))
      if batch.count == 1000 {
        _ = console.update(.entries(batch))
        batch = []
      }
    }
    _ = console.update(.entries(batch))
  }

  /// Milliseconds of work until every row is decided, and of each stretch of it.
  private static func filter(_ console: inout Console, _ text: String, _ slices: inout [Double]) -> Double {
    _ = console.update(.event(.key(.char("/"))))
    _ = console.update(.event(.key(.control("u"))))
    _ = console.update(.event(.paste(text)))
    var all = 0.0
    func stretch(_ input: ConsoleInput) {
      let took = milliseconds { _ = console.update(input) }
      slices.append(took)
      all += took
    }
    stretch(.event(.key(Key(.enter))))
    while console.demand.isWorking { stretch(.tick(.zero)) }
    return all
  }
}
