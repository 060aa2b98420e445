import Capture
import Captures
import Console
import Foundation
import TestKit
import Testing
import Threads
import Timeline

@testable import Runtime

@Suite struct ReplayFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "sidetone-replay-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  private func path(_ name: String) -> String { folder.appending(path: name).path() }

  private static let entries = (0..<600).map { i in
    Entry(
      index: i, at: Timestamp(milliseconds: Double(i * 10)),
      event: .notice(Notice(.other("test"), .info, .session, "number \(i)")))
  }

  private func lines(_ entries: [Entry]) -> [UInt8] {
    entries.flatMap { EntryLine.encode($0, wallClockMilliseconds: 0) + [0x0A] }
  }

  @Test func jsonLinesAreTold() throws {
    try Data(lines(Self.entries)).write(to: URL(filePath: path("a.jsonl")))
    let file = try ReplayFile(path: path("a.jsonl"))
    #expect(try file.entries().map(\.index) == Self.entries.map(\.index))
    #expect(file.extent.last?.at == Timestamp(milliseconds: 5990) && file.remark == nil)
  }

  @Test func damagedLinesAreARemark() throws {
    try Data(lines(Self.entries) + Array("{\"at\":".utf8)).write(to: URL(filePath: path("b.jsonl")))
    let file = try ReplayFile(path: path("b.jsonl"))
    // It is said where the recording ends, too.
    #expect(try file.entries().count == Self.entries.count + 1)
    #expect(file.remark?.contains("cut off") == true)
  }

  /// Whoever has read a part of it, the end tells of all of it once, whatever is asked there and how often.
  @Test(arguments: [600, 511]) func damagedLinesAreToldAtTheEnd(_ count: Int) throws {
    var bytes = lines(Array(Self.entries[..<count]))
    let second = try #require(bytes.firstIndex(of: 0x0A)) + 1
    bytes.insert(contentsOf: Array("half a line\n".utf8), at: second)
    bytes += Array(#"{"at":6000,"event":"caption","i":600}"#.utf8) + [0x0A]
    try Data(bytes).write(to: URL(filePath: path("d.jsonl")))
    let file = try ReplayFile(path: path("d.jsonl"))
    #expect(file.remark == nil, "nothing was read so far")
    var index = ReplayIndex(file.indexed, ConsoleOptions(), from: 0, distance: 64)
    try index.read(.max)
    let said =
      "1 line of \(path("d.jsonl")) is damaged and passed over: line 2 (not valid JSON); 1 line of \(path("d.jsonl")) is of a "
      + "kind that this version does not know and shown as is: line \(count + 2) (unknown event \"caption\")"
    #expect(file.remark == said)
    for _ in 0..<2 {
      var walk = CaptureWalk(file.shown, from: 500)
      var told: [String] = []
      for _ in 0..<2 {
        while let entry = try walk.peek() {
          walk.advance()
          if case .notice(let notice) = entry.event, notice.id == .recordingIncomplete { told.append(notice.text) }
        }
        walk.lookAgain()
      }
      #expect(told == [said])
    }
  }

  /// What a secret is named in a recording of another program is not shown either.
  @Test func secretsAreNotShown() throws {
    let notice = Notice(.other("test"), .info, .session, "ws://x/?token=abcdefgh1234")
    let line = EntryLine.encode(Entry(index: 0, at: .zero, event: .notice(notice)))
    try Data(line + [0x0A]).write(to: URL(filePath: path("s.jsonl")))
    let text = "\(try ReplayFile(path: path("s.jsonl")).entries())"
    #expect(text.contains("token=") && !text.contains("abcdefgh1234"))
  }

  @Test func aCaptureIsTold() throws {
    let writer = CaptureFileWriter(
      path: path("c.sidetone"), header: CaptureHeader(programVersion: "1", wallClockMilliseconds: 0))
    for entry in Self.entries { writer.write(entry) }
    writer.close()
    let file = try ReplayFile(path: path("c.sidetone"))
    #expect(try file.entries().map(\.index) == Self.entries.map(\.index))
    #expect(file.extent.isFinished && file.remark == nil)
  }

  @Test func whatCannotBePlayedIsTold() throws {
    try Data().write(to: URL(filePath: path("empty")))
    try Data("hello\n".utf8).write(to: URL(filePath: path("text")))
    try Data("SQLite format 3\0and nothing more".utf8).write(to: URL(filePath: path("sqlite")))
    for name in ["missing", "empty", "text", "sqlite", "."] {
      do {
        _ = try ReplayFile(path: path(name))
        Issue.record("\(name) was opened")
      } catch {
        #expect("\(error)".contains(path(name)) && "\(error)".count > path(name).count + 10, "\(error)")
      }
    }
  }

  @Test func theIndexIsReadOnAThreadOfItsOwn() async throws {
    let source = RecordedEntries(Self.entries)
    let woken = Locked<Int>(0)
    let indexer = ReplayIndexer(
      ReplayIndex(source, ConsoleOptions(), from: 0, distance: 64), clock: TimelineClock(), isGrowing: { false },
      wake: { woken.withLock { $0 += 1 } })
    #expect(await eventually { woken.withLock { $0 } > 0 })
    #expect(await eventually { indexer.takeNews()?.progress.isComplete == true })
    indexer.stop()
  }

  @Test func itIsStoppedWhileItWaitsForMore() async {
    let indexer = ReplayIndexer(
      ReplayIndex(RecordedEntries(Self.entries), ConsoleOptions(), from: 0), clock: TimelineClock(),
      isGrowing: { true }, wake: {})
    #expect(await eventually { indexer.takeNews()?.progress.isComplete == true })
    // Joins its thread.
    indexer.stop()
    #expect(indexer.takeNews()?.failure == nil)
  }

  @Test func whyItCannotBeReadIsTold() async {
    struct Broken: CaptureSource {
      var header: CaptureHeader { CaptureHeader(programVersion: "", wallClockMilliseconds: 0) }
      func firstIndex(at time: Timestamp) throws -> Int? { throw CaptureReadError.damaged("x") }
      func entries(from index: Int, limit: Int) throws -> CapturePage {
        if index >= 100 { throw CaptureReadError.damaged("page 7") }
        return CapturePage(entries: Array(ReplayFileTests.entries[index..<index + 50]), next: index + 50)
      }
      func tracks() -> [CapturedTrack] { [] }
      func audio(of track: TrackID, in range: Range<Int64>) -> [AudioBlock] { [] }
      func search(_ text: String, from index: Int, limit: Int) -> [Int] { [] }
      func extent() -> CaptureExtent {
        CaptureExtent(
          first: .init(index: 0, at: .zero), last: .init(index: 599, at: Timestamp(milliseconds: 5990)),
          isFinished: true, lost: CaptureCounts())
      }
    }
    var options = ConsoleOptions()
    options.port = .recording
    let index = ReplayIndex(Broken(), options, from: 0)
    let indexer = ReplayIndexer(index, clock: TimelineClock(), isGrowing: { false }, wake: {})
    let news = Locked<ReplayIndexer.News?>(nil)
    #expect(
      await eventually {
        if let new = indexer.takeNews() { news.withLock { $0 = new } }
        return news.withLock { $0 }?.failure?.contains("page 7") == true
      })
    indexer.stop()
    // What can be read is shown.
    var console = Console(options)
    var player = Replayer(Broken(), options, Broken().extent(), index.progress, at: .zero)
    while player.work(on: &console, limit: 50, at: Timestamp(milliseconds: 5000)) {}
    let text = console.view(.init(width: 120, height: 40)).text
    #expect(text.contains("number 99") && text.contains("cannot be read on"))
  }
}
