import Capture
import CaptureTestKit
import Captures
import Foundation
import GRDB
import TestKit
import Testing
import Threads

/// `kill -9` at any moment loses at most the last second and never the file. `SIDETONE_KILL_RUNS=200` kills more often.
@Suite(.serialized) struct KillTests {
  private static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("capture-writer").path

  /// What the writer has said on one line.
  private struct Report {
    /// On the machine's monotonic clock, in nanoseconds.
    var at: Int64
    /// What was given away by then.
    var entries: Int
    var samples: Int
    /// What was in the file by then.
    var keptEntries: Int
    var keptSamples: Int
    /// How much longer than it wanted it has slept so far, in nanoseconds.
    var late: Int64

    init?(_ line: String) {
      let numbers = line.split(separator: " ").compactMap { Int($0) }
      guard numbers.count == 6 else { return nil }
      (at, entries, samples) = (Int64(numbers[0]), numbers[1], numbers[2])
      (keptEntries, keptSamples, late) = (numbers[3], numbers[4], Int64(numbers[5]))
    }
  }

  private static let runs =
    ProcessInfo.processInfo.environment["SIDETONE_KILL_RUNS"].flatMap { Int($0) } ?? 20

  @Test(arguments: 0..<max(1, runs)) func losesAtMostTheLastSecond(_ seed: Int) throws {
    let folder = Folder()
    let path = folder.file()
    var random = SeededGenerator(seed: UInt64(seed))
    let child = try ChildProcess(Self.program, [path])
    defer { child.kill() }
    _ = try #require(child.waitForLine { _ in true })
    // From the file's first moments to some commits later.
    usleep(UInt32(random.below(seed % 4 == 0 ? 50_000 : 2_500_000)))
    let killed = monotonicNanoseconds()
    child.kill()
    _ = child.waitUntilExit()
    let reports = child.lines.compactMap(Report.init)
    let last = try #require(reports.last)
    // A machine that has no time for the program has none for its writing.
    let due = last.late < 50_000_000 ? reports.last { $0.at <= killed - 1_000_000_000 } : nil

    guard FileManager.default.fileExists(atPath: path), try !isEmpty(path) else {
      #expect(last.keptEntries == 0 && due == nil)
      return
    }
    let source = try CaptureFileReader(path: path)
    let entries = try allEntries(source)
    let samples = try source.audio(of: TrackID(1), in: 0..<Int64(last.samples)).flatMap(\.samples)
    #expect(entries.count >= max(last.keptEntries, due?.entries ?? 0))
    #expect(samples.count >= max(last.keptSamples, due?.samples ?? 0))
    // What is there is what was written, without a gap.
    #expect(entries == (0..<entries.count).map(Sample.entry))
    #expect(samples == Sample.sound(0..<Int64(samples.count)))
    #expect(try source.extent().isFinished == false)
    let queue = try DatabaseQueue(path: path)
    #expect(try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
    try queue.write { try $0.execute(sql: "INSERT INTO words (words) VALUES ('integrity-check')") }
  }

  /// The program was killed before the file had its tables.
  private func isEmpty(_ path: String) throws -> Bool {
    do {
      _ = try CaptureFileReader(path: path)
      return false
    } catch CaptureReadError.empty {
      return true
    }
  }
}
