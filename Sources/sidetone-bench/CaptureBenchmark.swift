import Capture
import Captures
import Filter
import FoundationEssentials
import Glibc
import Runtime
import Store
import TestKit
import Threads
import Timeline

/// What it costs to keep a session in a capture, whether a flood of messages is kept whole, and how long it takes to look
/// through a million of them. The peers append the same messages to a file of JSON lines, and look through it with grep.
enum CaptureBenchmark {
  /// As many as no conversation has: a hundred each way is one with audio.
  private static let flood = 20_000

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var template = Array("/tmp/sidetone-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkFailure("cannot make a folder in /tmp") }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try writing(folder, settings) + flooding(folder, settings) + showing(folder, settings)
  }

  private static func capture(_ path: String) -> CaptureFileWriter {
    CaptureFileWriter(path: path, header: CaptureHeader(programVersion: "bench", wallClockMilliseconds: 0))
  }

  // MARK: Writing

  /// The messages of some turns, numbered anew.
  private static func messages() -> [Entry] {
    var session = SyntheticSession()
    let turns = (0..<10).flatMap { _ in session.nextTurn() }
    let messages = turns.filter { if case .message = $0.event { true } else { false } }
    return messages.enumerated().map { Entry(index: $0, at: $1.at, event: $1.event) }
  }

  private static func writing(_ folder: String, _ settings: BenchmarkSettings) throws -> [Figure] {
    let entries = messages()
    let count = Double(entries.count)
    var (ours, plain): ([Double], [Double]) = ([], [])
    var (calls, plainCalls): ([Double], [Double]) = ([], [])
    var sizes: (Double, Double) = (0, 0)
    for _ in 0..<settings.count(9, quick: 3) {
      let start = processorNanoseconds()
      let writer = capture(folder + "/a.sidetone")
      calls.append(milliseconds { for entry in entries { writer.write(entry) } } * 1e6 / count)
      writer.close()
      ours.append((processorNanoseconds() - start) / count / 1000)
      guard writer.status.kept.entries == entries.count else { throw BenchmarkFailure("\(writer.status)") }
      let plainStart = processorNanoseconds()
      let lines = try TimelineWriter(path: folder + "/a.jsonl")
      plainCalls.append(milliseconds { for entry in entries { lines.write(entry) } } * 1e6 / count)
      lines.close()
      plain.append((processorNanoseconds() - plainStart) / count / 1000)
      guard lines.status.lost == 0 else { throw BenchmarkFailure("\(lines.lossText ?? "")") }
      sizes = (byteCount(folder + "/a.sidetone") / count, byteCount(folder + "/a.jsonl") / count)
    }
    let peer = "JSON lines"
    return [
      Figure("recording a message, processor", "µs", ours, .peer(peer, plain.percentile(50))),
      Figure("  of that, the session's thread", "ns", calls, .peer(peer, plainCalls.percentile(50))),
      Figure("  on the disk", "B", [sizes.0], .peer(peer, sizes.1)),
    ]
  }

  /// So many messages in each second, in steps of a millisecond.
  private static func flooding(_ folder: String, _ settings: BenchmarkSettings) throws -> [Figure] {
    let seconds = settings.count(60, quick: 3)
    let entries = messages()
    let writer = capture(folder + "/flood.sidetone")
    let (start, used) = (monotonicNanoseconds(), processorNanoseconds())
    var (written, longest) = (0, 0.0)
    while written < seconds * flood {
      let due = Int((monotonicNanoseconds() - start) / 1000) * flood / 1_000_000
      while written < min(due, seconds * flood) {
        var entry = entries[written % entries.count]
        (entry.index, entry.at) = (written, Timestamp(nanoseconds: Int64(written) * 1_000_000_000 / Int64(flood)))
        longest = max(longest, milliseconds { writer.write(entry) })
        written += 1
      }
      usleep(1000)
    }
    let elapsed = Double(monotonicNanoseconds() - start) / 1e9
    let waiting = Double(writer.status.waitingByteCount) / 1e6
    writer.close()
    // With what was still to be written.
    let whole = Double(monotonicNanoseconds() - start) / 1e9
    let status = writer.status
    let source = try CaptureFileReader(path: writer.path)
    guard try source.extent().last?.index == written - 1 || status.lost.entries > 0 else {
      throw BenchmarkFailure("the file does not hold what was written: \(status)")
    }
    return [
      Figure(
        "\(flood) messages/s for \(seconds) s: written a second", "", [Double(written) / elapsed],
        .floor(0.98 * Double(flood))),
      Figure("  lost", "", [Double(status.lost.entries)], .budget(0)),
      Figure("  waiting at the end", "MB", [waiting]),
      Figure("  processor", "%", [(processorNanoseconds() - used) / 1e7 / whole]),
      Figure("  the longest that the session's thread was held up", "ms", [longest]),
    ]
  }

  // MARK: Looking through

  private static func text(_ i: Int) -> String {
    "\(i % 1000 == 0 ? "needle" : "nothing") number \(i) of a long session, in words of usual length \(i)"
  }

  private static func showing(_ folder: String, _ settings: BenchmarkSettings) throws -> [Figure] {
    let count = settings.count(1_000_000, quick: 100_000)
    let (path, lines) = (folder + "/m.sidetone", folder + "/m.jsonl")
    let writer = capture(path)
    let plain = try TimelineWriter(path: lines)
    for i in 0..<count {
      let json = #"{"type":"tool","text":"\#(text(i))"}"#
      let entry = Entry(
        index: i, at: Timestamp(milliseconds: Double(i)),
        event: .message(
          Message(link: LinkID(1), way: i % 2 == 0 ? .toClient : .toServer, kind: .text, payload: Array(json.utf8))))
      // As fast as they are taken.
      while writer.status.waitingByteCount > 32 << 20 || plain.status.depth > 60_000 { usleep(1000) }
      writer.write(entry)
      plain.write(entry)
    }
    writer.close()
    plain.close()
    let wanted = (count + 999) / 1000
    var figures: [Figure] = []
    let null = open("/dev/null", O_WRONLY)
    defer { close(null) }
    var options = ShowRun.Options()
    options.filter = try Filter(parsing: "needle")
    for (name, file) in [("a capture", path), ("JSON lines", lines)] {
      var (opening, seeking, showing, greps): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
      for _ in 0..<settings.count(3, quick: 1) {
        var source: (any RecordedLines)?
        opening.append(
          try milliseconds {
            source = try Recordings.open(file)
            blackHole(try source?.entries(from: .min, limit: 100))
          })
        guard let source else { continue }
        blackHole(try source.extent())
        for place in [0.9, 0.1, 0.5, 0.7, 0.3] {
          seeking.append(
            try milliseconds {
              let index = try source.firstIndex(at: Timestamp(milliseconds: Double(count) * place))
              blackHole(try source.entries(from: index ?? 0, limit: 100))
            })
        }
        var shown = 0
        showing.append(try milliseconds { shown = try ShowRun(source, options).run(null).shown } / 1000)
        guard shown == wanted else { throw BenchmarkFailure("\(shown) of \(wanted) were shown") }
        greps.append(
          try milliseconds { _ = try ChildProcess("/usr/bin/grep", ["-c", "needle", lines]).waitUntilExit() } / 1000)
      }
      figures += [
        Figure("\(name) of \(count): opened, first page", "ms", opening, .budget(300)),
        Figure("  elsewhere, longest", "ms", [seeking.max() ?? 0], .budget(150)),
        Figure("  shown by a word", "s", showing, .peer("grep", greps.percentile(50))),
      ]
    }
    figures.append(Figure("memory after all of it", "MB", [ProcessFigures.resident(getpid()).own]))
    return figures
  }

  private static func byteCount(_ path: String) -> Double {
    var status = stat()
    return stat(path, &status) == 0 ? Double(status.st_size) : .nan
  }

  /// What all threads of this process have run so far.
  private static func processorNanoseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
  }
}
