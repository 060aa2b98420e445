import Foundation
import TestKit
import Testing

extension EndToEnd {
  /// Servers that send as much as TCP takes: keys are answered all the same, and memory stays bounded.
  @Suite struct Flood {
    private final class Server {
      private let process: ChildProcess
      private let port: Substring

      init() throws {
        process = try PeerLibrary.python.run("flood_server")
        guard let line = process.waitForLine(where: { $0.hasPrefix("port ") }) else {
          throw TestFailure("no server: \(process.errorLines)")
        }
        port = line.dropFirst(5)
      }
      deinit { process.kill() }

      func url(_ path: String) -> String { "ws://127.0.0.1:\(port)/\(path)" }
    }

    /// The most memory that a process has held so far, in megabytes.
    private static func peakMegabytes(_ id: Int32) throws -> Int {
      let status = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      guard let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
        throw TestFailure("no VmHWM in \(status)")
      }
      return kilobytes * 1024 / 1_000_000
    }

    private static func turn(_ screen: String) -> Int {
      let strip = ScreenText(screen).strip.split(separator: " ")
      return strip.firstIndex(of: "turn").flatMap { $0 + 1 < strip.count ? Int(strip[$0 + 1]) : nil } ?? 0
    }

    @Test func aKeyIsAnsweredInAFloodOfTurns() throws {
      let server = try Server()
      let console = try ConsoleScreen(["connect", server.url("turns")] + ConsoleScreen.silent, columns: 160)
      let terminal = console.terminal
      try terminal.wait(for: "the flood", within: 60) { Self.turn($0) > 500 }
      var delays: [Double] = []
      for round in 0..<10 {
        let turn = Self.turn(terminal.screen())
        let start = Date()
        try terminal.keys("z")
        try terminal.wait(for: "the answer to a key", within: 60) {
          ScreenText($0).strip.contains(" zoom ") == (round % 2 == 0)
        }
        delays.append(Date().timeIntervalSince(start) * 1000)
        try terminal.wait(for: "the flood to go on", within: 60) { Self.turn($0) > turn }
      }
      delays.sort()
      print("a key was answered after \(delays.map { Int($0) }) ms, tmux and this test among them")
      // Half of them: a busy machine takes its time, and tmux is asked every 20 ms.
      #expect(delays[delays.count / 2] < 1000, "\(delays)")
      try console.quit()
    }

    /// What floods, and megabytes in which it is borne. To keep all of it would take more.
    private static let floods = [("answer/20", 100), ("types/60000", 160)]

    @Test(arguments: floods) func theConsoleStaysWithinItsMemory(flood: String, limit: Int) throws {
      let server = try Server()
      let console = try ConsoleScreen(["connect", server.url(flood)] + ConsoleScreen.silent)
      try console.wait(for: "that was all of it", in: "transcript", within: 400)
      let peak = try Self.peakMegabytes(try #require(try console.terminal.processID()))
      print("\(flood): the console has held \(peak) MB")
      #expect((1..<limit).contains(peak), "\(peak) MB")
      try console.quit()
    }

    @Test(arguments: floods) func wordsStayWithinTheirMemory(flood: String, limit: Int) throws {
      let server = try Server()
      let words = try ChildProcess(
        Program.path, ["connect", server.url(flood), "--plain"] + ConsoleScreen.silent,
        environment: Program.environment)
      defer { words.kill() }
      #expect(words.waitForLine(timeout: 400) { $0 == "you: that was all of it" } != nil, "\(words.lines.suffix(20))")
      let peak = try Self.peakMegabytes(words.processID)
      print("\(flood): words have held \(peak) MB")
      #expect((1..<limit).contains(peak), "\(peak) MB")
    }
  }
}
