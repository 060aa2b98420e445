import Glibc
import TestKit
import Threads

/// From the interrupt key to the last sample that leaves the speaker: the real program, typed at on a pseudo-terminal,
/// on a virtual sound card that keeps time like a real one.
enum InterruptBenchmark {
  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    var template = Array("/tmp/sidetone-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkFailure("cannot make a directory in /tmp") }
    let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { _ = try? ChildProcess("/bin/rm", ["-r", directory]).waitUntilExit() }
    let card = try VirtualSoundCard(directory: directory)
    let program = try ProgramOnTerminal(
      settings.program, ["--input", "silence", "--output", "speaker"], awaiting: "ready",
      environment: ["ALSA_CONFIG_PATH": card.configPath])
    defer { program.stop() }
    try waitUntil("ready") { program.awaitedAt != nil }
    let count = settings.count(15, quick: 5)
    return [
      Figure(
        "key to the last sample of the speaker", "ms", try (0..<count).map { _ in try cut(program, card) }, .budget(60))
    ]
  }

  /// One answer, cut after a second. Milliseconds.
  private static func cut(_ program: ProgramOnTerminal, _ card: VirtualSoundCard) throws -> Double {
    let before = card.lastSoundNanoseconds
    program.type("wtell me a story\r")
    try waitUntil("the agent's voice", seconds: 60) { card.lastSoundNanoseconds > before }
    // In the middle of speech: a second in, and a sound within the last few milliseconds.
    let middle = monotonicNanoseconds() + 1_000_000_000
    try waitUntil("speech", seconds: 10) {
      monotonicNanoseconds() > middle && monotonicNanoseconds() - card.lastSoundNanoseconds < 15_000_000
    }
    let pressed = monotonicNanoseconds()
    program.type("i")
    try waitUntil("silence", seconds: 10) {
      monotonicNanoseconds() - max(pressed, card.lastSoundNanoseconds) > 700_000_000
    }
    return Double(max(0, card.lastSoundNanoseconds - pressed)) / 1e6
  }
}
