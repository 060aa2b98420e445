import TestKit
import Threads

// The clients row: what a server carries, whatever hears, thinks and speaks for it.
//
//   CannedPipeline   providers that answer at once, in a server that is a process of its own
//   Crowd            the clients: they send audio all the time, and ask now and then
//   NodePeer         the same answers from node's `ws`

/// A thousand clients of one server on two cores, beside the same clients of a server on node's `ws`.
enum ClientsBenchmark {
  /// Of the server's process and its clients'.
  private static let cores = "0,1"

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let count = settings.count(1000, quick: 200)
    let seconds = settings.count(20, quick: 5)
    guard FileDescriptors.allow(count + 256) else { throw BenchmarkFailure("not \(count) open files: ulimit -Hn") }
    let ours = try measure(
      ChildProcess("/usr/bin/taskset", ["-c", cores, BenchmarkSettings.thisOne, "--clients-server", "\(count)"]), count,
      seconds)
    var figures = [
      Figure("\(count) clients: memory of each, joined", "kB", [ours.joined], .budget(25)),
      Figure("  after \(seconds) s of talk", "kB", [ours.talked], .budget(25)),
      Figure("  question to first audio, p50", "ms", [ours.answers.percentile(50)]),
      Figure("  p99 of \(ours.answers.count)", "ms", [ours.answers.percentile(99)], .budget(20)),
      Figure("  processor time of the server, of a core", "%", [ours.processor]),
    ]
    guard let peer = try NodePeer.start(cores: cores) else { return figures }
    let theirs = try measure(peer, count, seconds)
    let name = "node ws"
    figures += [
      Figure("  memory of each, beside node", "kB", [ours.talked], .peer(name, theirs.talked)),
      Figure(
        "  question to first audio, p50, beside node", "ms", [ours.answers.percentile(50)],
        .peer(name, theirs.answers.percentile(50))),
      Figure(
        "  p99, beside node", "ms", [ours.answers.percentile(99)], .peer(name, theirs.answers.percentile(99))),
      Figure("  processor time, beside node", "%", [ours.processor], .peer(name, theirs.processor)),
    ]
    return figures
  }

  /// What a server's process showed. Memory is its own, for each client: kilobytes (2¹⁰).
  private struct Outcome {
    var joined: Double
    var talked: Double
    /// Milliseconds.
    var answers: [Double]
    /// Percent of a core.
    var processor: Double
  }

  private static func measure(_ server: ChildProcess, _ count: Int, _ seconds: Int) throws -> Outcome {
    defer { server.terminate() }
    guard let line = server.waitForLine(where: { $0.hasPrefix("port ") }), let port = Int(line.dropFirst(5)) else {
      throw BenchmarkFailure("the server does not start: \(server.errorLines)")
    }
    func kilobytes() -> Double { ProcessFigures.resident(server.processID).own * 1024 }
    // What the first client brings is the server's: code, tables, the allocator's first pages.
    let first = try Crowd(port: port, count: 1)
    _ = try first.talk(seconds: 1)
    first.stop()
    let before = kilobytes()
    let crowd = try Crowd(port: port, count: count)
    defer { crowd.stop() }
    let joined = kilobytes()
    let (start, used) = (monotonicNanoseconds(), try ProcessFigures.runNanoseconds(server.processID))
    let answers = try crowd.talk(seconds: seconds)
    let processor =
      Double(try ProcessFigures.runNanoseconds(server.processID) - used)
      / Double(monotonicNanoseconds() - start) * 100
    return Outcome(
      joined: (joined - before) / Double(count), talked: (kilobytes() - before) / Double(count), answers: answers,
      processor: processor)
  }
}
