import Glibc
import TestKit
import Threads

/// Programs that people leave open in a terminal all day, to be measured in the same run and in the same way.
enum NeighbourProgram {
  /// btop with its own settings: the whole screen each two seconds.
  /// - Returns: percent of a core in each round; nil where it is not installed.
  static func btop(_ seconds: Double, _ rounds: Int) throws -> [Double]? {
    guard let path = installed("btop") else { return nil }
    let program = try ProgramOnTerminal(path, ["--utf-force"], awaiting: "cpu")
    defer { program.stop() }
    try waitUntil("btop") { program.awaitedAt != nil }
    sleep(3)
    return try (0..<rounds).map { _ in try ProcessFigures.processorPercent(program.processID, seconds: seconds) }
  }

  /// cava, a spectrum of sound, at 30 frames a second, listening to speech from a pipe.
  /// - Returns: percent of a core in each round; nil where it is not installed.
  static func cava(_ seconds: Double, _ rounds: Int) throws -> [Double]? {
    guard let path = installed("cava") else { return nil }
    let sound = try SoundPipe()
    defer { sound.stop() }
    let program = try ProgramOnTerminal(path, ["-p", sound.configurationPath])
    defer { program.stop() }
    try waitUntil("cava") { program.drawnBytes > 1000 }
    sleep(3)
    return try (0..<rounds).map { _ in try ProcessFigures.processorPercent(program.processID, seconds: seconds) }
  }

  private static func installed(_ name: String) -> String? {
    let path = "/usr/bin/\(name)"
    if access(path, X_OK) == 0 { return path }
    progress("\(name) is not installed, so nothing is measured beside it: make bench-deps")
    return nil
  }
}

/// A named pipe with speech in real time, and cava's settings for it, in a directory of their own.
private final class SoundPipe: Sendable {
  let configurationPath: String
  private let directory: String
  private let pipe: Int32
  private let isStopping = Locked<Bool>(false)
  private let thread = Locked<NamedThread?>(nil)

  init() throws {
    var template = Array("/tmp/sidetone-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkFailure("cannot make a directory in /tmp") }
    directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    configurationPath = directory + "/config"
    let pipePath = directory + "/sound"
    mkfifo(pipePath, 0o600)
    // For both directions, so that nobody waits for the other end.
    pipe = open(pipePath, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let text = """
      [general]
      framerate = 30
      [input]
      method = fifo
      source = \(pipePath)
      sample_rate = 44100
      [output]
      method = ncurses

      """
    let file = open(configurationPath, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard pipe >= 0, file >= 0 else { throw BenchmarkFailure("cannot write to \(directory)") }
    _ = write(file, text, text.utf8.count)
    close(file)
    let started = NamedThread("sound") { self.speak() }
    thread.withLock { $0 = started }
  }

  func stop() {
    isStopping.withLock { $0 = true }
    thread.withLock { $0 }?.join()
    close(pipe)
    _ = try? ChildProcess("/bin/rm", ["-r", directory]).waitUntilExit()
  }

  private func speak() {
    let rate = 44_100
    let stereo = littleEndian(Signals.speech(rate: rate, count: rate * 5, levelDB: -12).flatMap { [$0, $0] })
    let portion = rate / 50 * 4
    var (next, due) = (0, monotonicNanoseconds())
    while !isStopping.withLock({ $0 }) {
      due += 20_000_000
      sleepUntil(due)
      // A full pipe: cava does not listen yet.
      stereo[next..<next + portion].withUnsafeBytes { _ = write(pipe, $0.baseAddress, $0.count) }
      next = next + 2 * portion <= stereo.count ? next + portion : 0
    }
  }
}
