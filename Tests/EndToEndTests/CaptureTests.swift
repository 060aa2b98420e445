import Foundation
import TestKit
import Testing

extension FirstLane {
  /// What the real program keeps of its sessions, as SQLite's own program reads it.
  @Suite struct Captures {
    private let folder: TestFolder
    /// Captures are on, as they are without a configuration.
    private var environment: [String: String] {
      ["XDG_CONFIG_HOME": folder.file("none"), "XDG_STATE_HOME": folder.path]
    }
    private var place: String { folder.file("sidetone/captures") }

    init() throws { folder = try TestFolder() }

    private var files: [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).sorted().map { "\(place)/\($0)" }
    }

    private func query(_ path: String, _ text: String) throws -> [String] {
      let process = try ChildProcess("/usr/bin/sqlite3", [path, text])
      #expect(process.waitUntilExit() == 0, "\(process.errorLines)")
      return process.lines
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")))
    func aSessionIsKeptWithItsSoundAndItsMarks() throws {
      let console = try ConsoleScreen(["--input", "say:what time is it", "--output", "null"], environment: environment)
      try console.terminal.wait(forText: "● rec")
      // The first time says what it means, until that is put away.
      try console.terminal.wait(forText: "voices are captured for 30 days; --no-capture switches it off")
      try console.terminal.keys("x")
      try console.terminal.wait(for: "the news put away") { !$0.contains("voices are captured") }
      try console.terminal.wait(forText: "response_complete", within: 60)
      try console.terminal.keys("R")
      try console.terminal.wait(forText: "a note about this moment")
      try console.terminal.type("odd pause")
      try console.terminal.keys("Enter")
      try console.terminal.wait(forText: "marked: odd pause")
      try console.quit()
      #expect(console.terminal.screen().contains("sidetone replay"))
      let path = try #require(files.first)
      #expect(files == [path], "one file, without a log beside it")
      #expect(try query(path, "SELECT value FROM meta WHERE key = 'finished'") == ["yes"])
      #expect(try query(path, "SELECT count(*) - 1 - max(idx) FROM entries") == ["0"], "no gap")
      #expect(try query(path, "SELECT count(*) FROM words WHERE words MATCH '\"odd pause\"'") == ["1"])
      #expect(try query(path, "SELECT name FROM tracks ORDER BY name") == ["agent", "user"])
      for track in ["agent", "user"] {
        let seconds = try query(
          path,
          "SELECT sum(samples) / rate FROM audio JOIN tracks ON tracks.id = audio.track WHERE name = '\(track)'")
        #expect(try #require(seconds.first.flatMap { Int($0) }) >= 1, "\(track)")
      }
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }

    @Test func nothingIsKeptUnasked() throws {
      let runs = [["--plain", "--no-capture"], ["--headless"]]
      for arguments in runs {
        let console = try ChildProcess(
          Program.path, arguments + ["--duration", "1s", "--input", "silence", "--output", "null"],
          environment: Program.environment.merging(environment) { $1 })
        console.closeInput()
        #expect(console.waitUntilExit(timeout: 60) == 0, "\(console.errorLines)")
        #expect(files.isEmpty, "\(arguments)")
      }
    }

    @Test func aFileOfAnotherKindIsToldAndLeftAlone() throws {
      let thesis = try folder.write("chapter 1", to: "thesis.txt")
      let outcome = try Program.run(["--headless", "--duration", "1s", "--capture", thesis])
      #expect(outcome.status == 73 && outcome.errors.contains("a file that is no capture"), "\(outcome.errors)")
      #expect(try String(contentsOfFile: thesis, encoding: .utf8) == "chapter 1")
    }

    @Test func aFolderThatCannotBeWrittenToCostsNothingButTheCapture() throws {
      let outcome = try ChildProcess(
        Program.path, ["--plain", "--duration", "3s", "--input", "silence", "--output", "null"],
        environment: Program.environment.merging(["XDG_CONFIG_HOME": folder.file("none")]) { $1 })
      outcome.closeInput()
      #expect(outcome.waitUntilExit(timeout: 60) == 0, "\(outcome.errorLines)")
      #expect(
        outcome.lines.contains { $0.hasPrefix("error, capture: ") && $0.contains("--no-capture") }, "\(outcome.lines)")
      #expect(outcome.errorLines.contains { $0.contains("were not kept") }, "\(outcome.errorLines)")
    }
  }
}
