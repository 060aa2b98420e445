import Capture
import CaptureTestKit
import Captures
import Foundation
import GRDB
import TestKit
import Testing
import Timeline

/// Each kind of file that cannot be read gives an error of its own, and a sentence.
@Suite struct BadFileTests {
  private let folder = Folder()

  private func write(_ bytes: some Sequence<UInt8>) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: folder.file()))
  }

  private func change(_ sql: String) throws {
    let queue = try DatabaseQueue(path: folder.file())
    try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
    try queue.close()
  }

  private func error(of path: String? = nil, _ patience: Duration = .milliseconds(10)) -> CaptureReadError? {
    do {
      let source = try CaptureFileReader(path: path ?? folder.file(), patience: patience)
      _ = try allEntries(source)
      for track in try source.tracks() { _ = try source.audio(of: track.id, in: 0..<Int64.max) }
      return nil
    } catch {
      return error as? CaptureReadError
    }
  }

  @Test func whatIsNoCapture() throws {
    #expect(error() == .missing)
    #expect(error(of: folder.path) == .folder)
    #expect(error(of: "/dev/null") == .foreign)
    try write(Data())
    #expect(error() == .empty)
    try write(
      "my thesis, which is longer than the header of a file of SQLite: \(String(repeating: "x", count: 500))".utf8)
    #expect(error() == .foreign)
    try write(EntryLine.encode(Sample.entry(0), isFirst: true))
    #expect(error() == .jsonLines)
    unlink(folder.file())
    try change("CREATE TABLE recipes (name TEXT)")
    #expect(error() == .foreign)
    unlink(folder.file())
    try change("PRAGMA user_version = 0; CREATE TABLE x (y); DROP TABLE x")
    #expect(error() == .empty)
  }

  @Test func aNewerOneIsNotGuessedAt() throws {
    finishedCapture(folder.file(), entries: 10)
    try change("PRAGMA user_version = 99")
    #expect(error() == .newer(version: 99, known: CaptureSchema.version))
  }

  @Test func whereATableIsMissing() throws {
    finishedCapture(folder.file(), entries: 10)
    try change("DROP TABLE entries")
    guard case .damaged = error() else {
      Issue.record("\(String(describing: error()))")
      return
    }
  }

  @Test func aFileWhoseEndIsMissing() throws {
    finishedCapture(folder.file(), entries: 5000, samples: 16_000)
    let whole = try Data(contentsOf: URL(fileURLWithPath: folder.file()))
    for count in [50, 99, 101, 5000, whole.count / 2, whole.count - 1] {
      try write(whole.prefix(count))
      #expect(error() == .truncated, "\(count) of \(whole.count) bytes")
    }
  }

  @Test func aLockedOne() throws {
    finishedCapture(folder.file(), entries: 10)
    let other = try otherConnection(folder.file())
    try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
    #expect(error() == .locked)
    try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    #expect(error() == nil)
  }

  /// Its program was killed, and it lies where nothing can be written.
  @Test(
    .enabled(if: SmallDisk.isPossible, SmallDisk.comment),
    arguments: [
      ([""], nil, 0), (["", "-wal"], .unfinished, 0), (["", "-wal", "-shm"], nil, 300),
    ] as [([String], CaptureReadError?, Int)])
  func anUnfinishedOneOnAReadOnlyDisk(_ parts: [String], _ wanted: CaptureReadError?, _ count: Int) throws {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    for index in 0..<300 { writer.write(Sample.entry(index)) }
    #expect(eventually { writer.status.kept.entries == 300 })
    let disk = try SmallDisk(mebibytes: 8)
    let copy = disk.path + "/a.sidetone"
    // By another program: this one would give SQLite's locks away.
    for part in parts {
      #expect(try ChildProcess("/bin/cp", [folder.file() + part, copy + part]).waitUntilExit() == 0)
    }
    writer.close()
    try disk.makeReadOnly()
    #expect(error(of: copy) == wanted)
    if wanted == nil { #expect(try allEntries(CaptureFileReader(path: copy)).count == count) }
  }

  @Test(.enabled(if: getuid() != 0, "left out: root may read everything")) func oneThatMayNotBeRead() {
    finishedCapture(folder.file(), entries: 1)
    chmod(folder.file(), 0)
    #expect(error() == .forbidden("Permission denied"))
  }

  private static let sound: Data = {
    let folder = Folder()
    finishedCapture(folder.file(), entries: 600, samples: 16_000)
    return (try? Data(contentsOf: URL(fileURLWithPath: folder.file()))) ?? Data()
  }()

  /// Whatever bytes change: a capture, less of one, or an error, and never an end of the program.
  @Test(arguments: 0..<60) func changedBytesHarmNobody(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var bytes = Self.sound
    for _ in 0..<(1 + random.below(20)) {
      let start = random.below(bytes.count)
      for i in start..<min(bytes.count, start + 1 + random.below(200)) { bytes[i] = UInt8(random.below(256)) }
    }
    try write(bytes)
    do {
      let source = try CaptureFileReader(path: folder.file())
      // Each question by itself: one that fails says nothing of the next.
      _ = try? source.entries(from: .min, limit: 10_000)
      _ = try? source.firstIndex(at: Timestamp(milliseconds: 100))
      _ = try? source.search("number", from: 0, limit: 100)
      _ = try? source.extent()
      for track in (try? source.tracks()) ?? [] {
        _ = try? source.audio(of: track.id, in: Int64.min..<Int64.max)
      }
    } catch {
      #expect(!"\(error)".isEmpty)
    }
  }

  /// Numbers that a file may hold and no writer writes.
  @Test func impossibleNumbersAreDamage() throws {
    for sql in [
      "UPDATE audio SET samples = 9223372036854775807", "UPDATE audio SET samples = -1",
      "UPDATE audio SET samples = 4194304", "UPDATE audio SET codec = 'mp9'", "UPDATE audio SET bytes = 'x'",
      "UPDATE audio SET codec = 'pcm16'", "UPDATE audio SET position = 9223372036854775800 WHERE id = 1",
      "UPDATE tracks SET rate = 0", "UPDATE tracks SET channels = 9", "UPDATE tracks SET name = x'ff'",
      "UPDATE tracks SET start_ns = 'x'",
    ] {
      finishedCapture(folder.file(), entries: 6, samples: 16_000)
      try change(sql)
      guard case .damaged = error() else {
        Issue.record("\(sql): \(String(describing: error()))")
        continue
      }
    }
    finishedCapture(folder.file(), entries: 6)
    try change(
      "UPDATE entries SET line = '{' WHERE idx = 3; UPDATE entries SET at_us = -9223372036854775808 WHERE idx = 0")
    let source = try CaptureFileReader(path: folder.file())
    let page = try source.entries(from: 0, limit: 10)
    #expect(page.entries.map(\.index) == [0, 1, 2, 4, 5] && page.unreadable == 1)
    #expect(try source.firstIndex(at: .zero) == 1)
  }

  @Test func everyErrorHasItsSentence() {
    let errors: [CaptureReadError] = [
      .missing, .forbidden("r"), .folder, .empty, .foreign, .jsonLines, .newer(version: 2, known: 1), .truncated,
      .damaged("r"), .locked, .unfinished,
    ]
    let sentences = Set(errors.map { "\($0)" })
    #expect(sentences.count == errors.count && sentences.allSatisfy { $0.utf8.count > 15 && !$0.contains("Error") })
  }
}
