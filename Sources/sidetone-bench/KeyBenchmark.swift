import Glibc
import Threads

/// From a key to what it changes on the screen, in the middle of a live session with audio both ways.
enum KeyBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let server = try ScriptedVoiceServer()
    defer { server.stop() }
    server.setTalking(true)
    let program = try ProgramOnTerminal(
      settings.program, ["connect", server.url, "--input", "silence", "--output", "null"], awaiting: "playing")
    defer { program.stop() }
    try waitUntil("the agent's voice") { program.awaitedAt != nil }
    let waits = try TypedLetters.milliseconds(program, count: settings.count(400, quick: 100))
    return [
      Figure("key to screen, live, p50", "ms", [waits.percentile(50)]),
      Figure("  p99 of \(waits.count) keys", "ms", [waits.percentile(99)], .budget(16)),
    ]
  }
}

/// Letters typed into the console's input line, one at a time, each taken back before the next.
enum TypedLetters {
  /// Letters that nothing else on the screen has.
  private static let letters = ["\u{0416}", "\u{042E}"]

  /// Milliseconds from each letter to its appearance. The keys come at odd moments between frames.
  static func milliseconds(_ program: ProgramOnTerminal, count: Int) throws -> [Double] {
    program.type("s")
    usleep(300_000)
    var waits: [Double] = []
    for i in 0..<count {
      let letter = letters[i % letters.count]
      program.expect(letter)
      let pressed = monotonicNanoseconds()
      program.type(letter)
      try waitUntil("\(letter) on the screen", seconds: 60) { program.awaitedAt != nil }
      waits.append(Double((program.awaitedAt ?? pressed) - pressed) / 1e6)
      program.type("\u{7F}")
      usleep(UInt32(40_000 + i * 7919 % 50_000))
    }
    program.type("\u{1B}")
    return waits
  }
}
