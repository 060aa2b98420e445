import Glibc
import Threads

/// A live session over a link that cannot carry what a fast terminal would be sent: what is drawn must be the present,
/// not a queue of the past, and keys must work.
enum SlowLinkBenchmark {
  /// A third of what a live session sends to a fast terminal.
  private static let bytesPerSecond = 8_000

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let server = try ScriptedVoiceServer()
    defer { server.stop() }
    server.setTalking(true)
    let program = try ProgramOnTerminal(
      settings.program, ["connect", server.url, "--input", "silence", "--output", "null"], awaiting: "playing",
      bytesPerSecond: bytesPerSecond)
    defer { program.stop() }
    try waitUntil("the agent's voice", seconds: 120) { program.awaitedAt != nil }
    sleep(5)
    var waiting: [Double] = []
    for _ in 0..<50 {
      waiting.append(Double(program.waitingBytes))
      usleep(20_000)
    }
    let waits = try TypedLetters.milliseconds(program, count: settings.count(30, quick: 10))
    return [
      Figure("key to screen over 8 kB/s, p50", "ms", [waits.percentile(50)]),
      Figure("  the longest of \(waits.count) keys", "ms", [waits.percentile(100)], .budget(1000)),
      Figure("  drawn and not yet on the screen, p95", "B", [waiting.percentile(95)]),
    ]
  }
}
