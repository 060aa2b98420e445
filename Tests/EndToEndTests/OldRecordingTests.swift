import Foundation
import TestKit
import Testing

extension FirstLane {
  /// Recordings of every format that was ever written are still told in the same words.
  @Suite struct OldRecordings {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/captures")

    private static let versions = ["v0", "v1"]

    @Test(arguments: versions) func isToldAsItWasThen(version: String) throws {
      let recording = Self.folder.appendingPathComponent("\(version).jsonl").path
      let words = try String(contentsOf: Self.folder.appendingPathComponent("\(version).txt"), encoding: .utf8)
      let process = try ChildProcess(
        Program.path, ["replay", "--plain", "--fast", recording],
        environment: Program.environment.merging(["TZ": "UTC"]) { $1 })
      #expect(process.waitUntilExit(timeout: 60) == 0, "\(process.errorLines)")
      #expect(process.lines == words.split(separator: "\n").map(String.init))
    }

    @Test func eachHasWords() throws {
      let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter {
        $0.hasSuffix(".jsonl")
      }
      #expect(Set(files) == Set(Self.versions.map { "\($0).jsonl" }))
    }
  }
}
