import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Sessions in words, on a pipe and on a terminal.
  @Suite struct Plain {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private static let plain = ["--plain", "--input", "silence", "--output", "null"]

    /// Runs with lines typed beforehand, as a pipe has them.
    private func run(_ lines: String, _ arguments: [String] = Self.plain) throws -> Program.Outcome {
      let typed = folder.file("typed.txt")
      try Data(lines.utf8).write(to: URL(fileURLWithPath: typed))
      return try Program.run(arguments, inputFile: typed, timeout: 120)
    }

    @Test func aPipeTypesAndReads() throws {
      let outcome = try run("say what time is it\nwait\nstatus\nbogus\nquit\n")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let lines = outcome.output
      let told = [
        "connected, session ", "you: what time is it", "agent: ", "connected, ws://", "there is no command bogus",
      ]
      var rest = lines[...]
      for beginning in told {
        let at = try #require(rest.firstIndex { $0.hasPrefix(beginning) }, "\(beginning) in \(lines)")
        rest = rest[(at + 1)...]
      }
      #expect(lines.contains { $0.hasPrefix("answer heard after ") })
      #expect(lines.contains { $0.hasPrefix("1 turn, response time p50 ") }, "\(lines)")
      // Words only: no cursor, no colours, no levels.
      #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
      // A busy machine makes the server hold the microphone back, any number of times.
      #expect(lines.count { !$0.hasPrefix("the server ") } < 26, "\(lines)")
    }

    @Test func theEndOfTheInputWaitsForTheAnswer() throws {
      let outcome = try run("say repeat after me good morning", Self.plain + ["--colour", "256"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains { $0.contains("agent: good morning") }, "\(outcome.output)")
      // Asked for, so there are colours.
      #expect(outcome.output.contains { $0.hasPrefix("\u{1B}[") && $0.hasSuffix("\u{1B}[0m") })
    }

    @Test func aTerminalInterruptsAndStops() throws {
      let terminal = try TmuxTerminal(
        "'\(Program.path)' \(Self.plain.joined(separator: " "))", environment: Program.environment)
      try terminal.wait(forText: "connected, session", within: 60)
      #expect(!terminal.isOnAlternateScreen && terminal.isCursorVisible && !terminal.reportsMouse)
      try terminal.type("say tell me a story\n")
      try terminal.wait(forText: "answer heard after", within: 60)
      try terminal.type(":interrupt\n")
      try terminal.wait(forText: "did: interrupt")
      try terminal.wait(forText: "agent cut after", within: 60)
      try terminal.type("abort\n")
      try terminal.wait(for: "a new connection", within: 60) {
        $0.components(separatedBy: "connected, session").count > 2
      }
      try terminal.keys("C-c")
      try terminal.wait(forText: "session over")
      try terminal.wait(for: "the shell") { $0.contains("[exit 0]") && $0.contains("icanon echo") }
    }

    @Test func aRecordingIsToldAtOnceOrAtItsPace() throws {
      let log = folder.file("log.jsonl")
      let live = try run("say what time is it\nwait\nquit\n", Self.plain + ["--log", log])
      #expect(live.status == 0, "\(live.errors)")
      let fast = try Program.run(["replay", "--plain", "--fast", log])
      #expect(fast.status == 0, "\(fast.errors)")
      // The same story, but for what answers typed lines, with times before it.
      let time = #/^\d\d:\d\d:\d\d /#
      #expect(fast.output.allSatisfy { $0.prefixMatch(of: time) != nil }, "\(fast.output)")
      #expect(fast.output.map { $0.replacing(time, with: "") } == live.output)

      let recording = try Recording(file: log)
      let seconds = recording.seconds(recording.entries.last?.at ?? .zero)
      let typed = folder.file("typed.txt")
      try Data("status\ninterrupt\nwait\nstatus\n".utf8).write(to: URL(fileURLWithPath: typed))
      let start = Date()
      let paced = try Program.run(["replay", "--plain", log], inputFile: typed, timeout: 120)
      #expect(Date().timeIntervalSince(start) >= seconds)
      #expect(paced.status == 0, "\(paced.errors)")
      let answers = ["0 turns, no response time yet", "interrupt is for a live session, and this is a recording"]
      for line in answers + live.output { #expect(paced.output.contains(line), "\(line) in \(paced.output)") }
      #expect(paced.output.suffix(3).contains { $0.hasPrefix("1 turn, response time p50 ") }, "\(paced.output)")

      let outcome = try Program.run(["replay", "--fast", log])
      #expect(outcome.status == 64 && outcome.errors.contains("--fast needs --plain"))
    }

    @Test func aServerThatIsNotThereIsNamedAndGivenUp() throws {
      let outcome = try run("", ["connect", "ws://127.0.0.1:9/voice"] + Self.plain + ["--duration", "3s"])
      #expect(outcome.status == 69 && !outcome.errors.isEmpty)
      #expect(outcome.output.contains { $0.hasPrefix("connection failed, ") }, "\(outcome.output)")
    }
  }
}
