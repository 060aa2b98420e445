import Glibc
import Threads

/// From `exec` to the first screen on the terminal, with the embedded server; the speech models load behind it.
enum StartBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var (frames, ready): ([Double], [Double]) = ([], [])
    // The first start reads the program from the disk; that is the disk's speed.
    for i in 0...settings.count(15, quick: 5) {
      let program = try ProgramOnTerminal(
        settings.program, ["--input", "silence", "--output", "null"], awaiting: "transcript")
      defer { program.stop() }
      try waitUntil("the first frame") { program.awaitedAt != nil }
      let frame = Double((program.awaitedAt ?? 0) - program.started) / 1e6
      let live = Double(try program.wait(for: "ready") - program.started) / 1e6
      if i > 0 {
        frames.append(frame)
        ready.append(live)
      }
    }
    return [
      Figure("exec to first frame", "ms", frames, .budget(50)),
      Figure("exec to session ready", "ms", ready),
    ]
  }
}
