import Capture
import Foundation
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// `sidetone show` on files that were recorded and on large ones.
  @Suite struct Show {
    private static let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/captures/v1.jsonl").path

    private func show(_ arguments: String...) throws -> Program.Outcome {
      let process = try ChildProcess(
        Program.path, ["show"] + arguments, environment: Program.environment.merging(["TZ": "UTC"]) { $1 })
      let status = process.waitUntilExit(timeout: 60)
      return Program.Outcome(
        status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
    }

    @Test func picksWhatItIsAskedFor() throws {
      let all = try show(Self.fixture, "--json", "--all")
      let lines = try String(contentsOfFile: Self.fixture, encoding: .utf8).split(separator: "\n").map(String.init)
      #expect(all.status == 0 && all.output == lines && all.errors.isEmpty)
      let words = try show(Self.fixture, "--filter", "dir:in type:transcript_final")
      #expect(words.status == 0)
      #expect(!words.output.isEmpty && words.output.allSatisfy { $0.contains(" client  ← transcript_final ") })
      let values = try show(Self.fixture, "--csv", "--filter", "dir:in type:transcript_final")
      #expect(values.output.count == words.output.count + 1)
      #expect(values.output.first?.hasPrefix("index,at_ms,time,") == true)
      let picked = try show(Self.fixture, "--json", "--filter", "dir:in type:transcript_final")
      #expect(picked.output.count == words.output.count && picked.output.allSatisfy { lines.contains($0) })
    }

    @Test func tellsByItsExitCode() throws {
      let nothing = try show(Self.fixture, "--filter", "\"said by nobody\"")
      #expect(nothing.status == 1 && nothing.output.isEmpty && nothing.errors.isEmpty)
      let wrong = try show(Self.fixture, "--filter", "dir:up")
      #expect(wrong.status == 64 && wrong.errors.contains("--filter: column "), "\(wrong.errors)")
      #expect(try show(Self.fixture, "--json", "--csv").status == 64)
      let missing = try show("/nonexistent.sidetone")
      #expect(missing.status == 66 && missing.errors == "sidetone: /nonexistent.sidetone: there is no such file")
      #expect(try show("/").status == 66)
      let full = try Program.run(["show", Self.fixture, "--all"])
      #expect(full.status == 0)
      let process = try ChildProcess(
        "/bin/sh", ["-c", "exec \"$0\" show \"$1\" > /dev/full", Program.path, Self.fixture])
      #expect(process.waitUntilExit(timeout: 60) == 73)
      #expect(process.errorLines == ["sidetone: standard output: No space left on device"])
    }

    /// A file that is far larger than the memory that it may use.
    @Test func aLargeFileStreams() throws {
      let folder = try TestFolder()
      let path = folder.path + "/large.jsonl"
      #expect(FileManager.default.createFile(atPath: path, contents: nil))
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      // As a disk damages them: long, and nothing in them.
      let damage = Data(repeating: 0x78, count: 1_000_000) + [0x0A]
      for index in 0..<6000 {
        let message = Message(
          link: LinkID(1), way: .toClient, kind: .text, payload: Array(#"{"type":"note\#(index % 3)"}"#.utf8))
        let entry = Entry(index: index, at: Timestamp(milliseconds: Double(index)), event: .message(message))
        try file.write(contentsOf: Data(EntryLine.encode(entry, isFirst: index == 0) + [0x0A]))
        if index % 30 == 0 { try file.write(contentsOf: damage) }
      }
      try file.write(contentsOf: Data(#"{"at":1,"eve"#.utf8))
      // 200 MB of lines in 150 MB of memory that may be written to.
      let counted = try ChildProcess(
        "/bin/sh",
        ["-c", "ulimit -d 150000; \"$0\" show \"$1\" --json --filter type:note1 | wc -l", Program.path, path])
      #expect(counted.waitUntilExit(timeout: 300) == 0)
      #expect(counted.lines == ["2000"], "\(counted.errorLines)")
      #expect(counted.errorLines == ["sidetone: \(path): 200 entries could not be read and were passed over"])
      // A reader that has enough ends it, quietly.
      let head = try ChildProcess(
        "/bin/sh", ["-c", "{ \"$0\" show \"$1\"; echo \"status $?\" >&2; } | head -n 2", Program.path, path])
      #expect(head.waitUntilExit(timeout: 60) == 0)
      #expect(head.lines.count == 2 && head.errorLines == ["status 0"], "\(head.errorLines)")
    }
  }
}
