import Console
import Glibc

/// What is resident: the real program after some turns, and what an hour of entries adds to the console's memory.
enum MemoryBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let growth = try hourOfEntries()
    let (alone, embedded) = (try afterTurns(settings, isEmbedded: false), try afterTurns(settings, isEmbedded: true))
    return [
      Figure("an hour of entries in the console's model", "MB", [growth]),
      Figure("console, after a minute of audio", "MB", [alone.all]),
      Figure("  of that, own and not of files", "MB", [alone.own]),
      Figure("console and an hour", "MB", [alone.all + growth], .budget(150)),
      Figure("console and embedded server, after turns", "MB", [embedded.all]),
      Figure("  of that, own and not of files", "MB", [embedded.own]),
      Figure("console, embedded server and an hour", "MB", [embedded.all + growth], .budget(150)),
    ]
  }

  private static func hourOfEntries() throws -> Double {
    var session = SyntheticSession()
    var console = Console(ConsoleOptions())
    _ = console.update(.entries(session.opening()))
    let before = ProcessFigures.resident(getpid()).own
    for _ in 0..<3600 / SyntheticSession.turnSeconds { _ = console.update(.entries(session.nextTurn())) }
    let after = ProcessFigures.resident(getpid()).own
    return withExtendedLifetime(console) { after - before }
  }

  private static func afterTurns(_ settings: BenchmarkSettings, isEmbedded: Bool) throws -> (all: Double, own: Double) {
    let server = try ScriptedVoiceServer()
    defer { server.stop() }
    server.setTalking(true)
    let program = try ProgramOnTerminal(
      settings.program, (isEmbedded ? [] : ["connect", server.url]) + ["--input", "silence", "--output", "null"],
      awaiting: "ready")
    defer { program.stop() }
    try waitUntil("ready") { program.awaitedAt != nil }
    if isEmbedded {
      for text in ["what time is it", "turn on the light in the kitchen", "what is two plus two"] {
        program.expect("response_complete")
        program.type("s\(text)\r")
        try waitUntil("an answer to \"\(text)\"", seconds: 60) { program.awaitedAt != nil }
      }
    } else {
      sleep(settings.isQuick ? 10 : 60)
    }
    return ProcessFigures.resident(program.processID)
  }
}
