import Audio
import AudioCodecs
import Glibc
import TestKit

/// What the console itself takes of a core at 120×40: live with audio both ways, and idle.
///
/// The server is this process, so that the figures hold the console alone: screen, session, socket, audio paths.
enum ProcessorBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let seconds = Double(settings.count(10, quick: 4))
    let rounds = settings.count(3, quick: 1)
    let isLive = try live(seconds, rounds)
    let isIdle = try idle(settings, ["connect"], seconds, rounds)
    var figures = [
      Figure("console live, audio both ways", "%", isLive, .budget(2)),
      Figure("console connected, nobody speaks", "%", isIdle, .budget(0.3)),
      Figure("console and embedded server, nobody speaks", "%", try idle(settings, [], seconds, rounds), .budget(0.3)),
    ]
    if let cava = try NeighbourProgram.cava(seconds, rounds) {
      figures.append(Figure("console live, beside cava", "%", isLive, .peer("cava, 30 frames/s,", cava.percentile(50))))
    }
    let (cold, warm) = (
      CacheProbe.nanosecondsPerLine(afterSleeping: 10_000), CacheProbe.nanosecondsPerLine(afterSleeping: 0)
    )
    figures.append(Figure("  the machine: a cache line after 10 ms", "ns", [cold], .peer("without a pause", warm)))
    if let btop = try NeighbourProgram.btop(seconds, rounds) {
      figures.append(Figure("console idle, beside btop", "%", isIdle, .peer("btop", btop.percentile(50))))
    }
    return figures
    func live(_ seconds: Double, _ rounds: Int) throws -> [Double] {
      let server = try ScriptedVoiceServer()
      defer { server.stop() }
      server.setTalking(true)
      let recording = try TemporaryWAV(
        Signals.speech(rate: 16_000, count: 16_000 * Int(seconds * Double(rounds) + 15), levelDB: -23))
      defer { recording.remove() }
      let program = try ProgramOnTerminal(
        settings.program,
        ["connect", server.url, "--input", "file:\(recording.path)", "--output", "null", "--vad", "open"],
        awaiting: "playing")
      defer { program.stop() }
      try waitUntil("the agent's voice") { program.awaitedAt != nil }
      sleep(2)
      return try (0..<rounds).map { _ in try ProcessFigures.processorPercent(program.processID, seconds: seconds) }
    }
  }

  private static func idle(
    _ settings: BenchmarkSettings, _ command: [String], _ seconds: Double, _ rounds: Int
  ) throws -> [Double] {
    let server = try ScriptedVoiceServer()
    defer { server.stop() }
    let program = try ProgramOnTerminal(
      settings.program, command + (command.isEmpty ? [] : [server.url]) + ["--input", "silence", "--output", "null"],
      awaiting: "ready")
    defer { program.stop() }
    try waitUntil("ready") { program.awaitedAt != nil }
    // The models are loaded, and the embedded server waits.
    sleep(3)
    return try (0..<rounds).map { _ in try ProcessFigures.processorPercent(program.processID, seconds: seconds) }
  }
}
