import Capture
import CaptureTestKit
import Captures
import Foundation
import Store
import TestKit
import Testing
import Timeline

/// A recording of JSON lines answers as the reader that takes it whole does, wherever it is asked.
@Suite struct LinesTests {
  private let folder = Folder()
  private var path: String { folder.file("a.jsonl") }

  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/captures").path

  private func write(_ bytes: some Sequence<UInt8>) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

  private func line(_ index: Int, isFirst: Bool = false) -> [UInt8] {
    EntryLine.encode(Sample.entry(index), isFirst: isFirst) + [0x0A]
  }

  private func pages(_ source: any CaptureSource, from index: Int = .min, limit: Int) throws -> (
    entries: [Entry], unreadable: Int
  ) {
    var (entries, unreadable) = ([Entry](), 0)
    var next: Int? = index
    while let from = next {
      let page = try source.entries(from: from, limit: limit)
      #expect(page.entries.count <= limit)
      entries += page.entries
      unreadable += page.unreadable
      next = page.next
    }
    return (entries, unreadable)
  }

  /// Every question at many places, against the entries in order.
  private func expect(_ source: any CaptureSource, has entries: [Entry], at places: [Int]) throws {
    for limit in [1, 7, 100_000] { #expect(try pages(source, limit: limit).entries == entries) }
    for place in places {
      let index = entries[place].index
      // A source of its own, so that no page is the next of another.
      let page = try source.entries(from: index, limit: 3)
      #expect(page.entries == Array(entries[place...].prefix(3)))
      let later = try source.entries(from: index + 1, limit: 1)
      #expect(later.entries.first == (place + 1 < entries.count ? entries[place + 1] : nil))
      let at = entries[place].at
      #expect(try source.firstIndex(at: at) == entries.first { $0.at >= at }?.index)
      let between = at + .nanoseconds(1)
      #expect(try source.firstIndex(at: between) == entries.first { $0.at >= between }?.index)
    }
    let extent = try source.extent()
    #expect(extent.first == entries.first.map { .init(index: $0.index, at: $0.at) })
    #expect(extent.last == entries.last.map { .init(index: $0.index, at: $0.at) })
  }

  @Test(arguments: ["v0", "v1"]) func recordingsOfEveryVersion(_ name: String) throws {
    let path = Self.fixtures + "/\(name).jsonl"
    let source = try LinesCapture(path: path)
    let entries = try TimelineReader.read(path: path).entries
    // Not at each of 1500: a page costs some milliseconds in a debug build.
    try expect(source, has: entries, at: Array(stride(from: 0, to: entries.count, by: 11)) + [entries.count - 1])
    #expect(try source.extent().isFinished)
    #expect(source.version == (name == "v0" ? 0 : 1))
    guard case .sessionStarted(let start)? = entries.first?.event else {
      Issue.record("no start")
      return
    }
    #expect(source.header.wallClockMilliseconds == start.wallClockMilliseconds)
    #expect(source.header.programVersion == start.version)
    #expect(source.tracks().isEmpty && source.audio(of: TrackID(1), in: 0..<100).isEmpty)
    // As they were recorded, to the byte.
    let lines = try source.lines(from: .min, limit: 100_000).lines.map { String(decoding: $0.bytes, as: UTF8.self) }
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(lines == text.split(separator: "\n").map(String.init))
  }

  /// Gaps, damage, blank lines, lines of any length, ends of lines as editors write them.
  @Test(arguments: 0..<6) func filesOfAnyShape(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var bytes: [UInt8] = random.below(4) == 0 ? [0xEF, 0xBB, 0xBF] : []
    var damaged = 0
    var index = random.below(3) * 1000
    for place in 0..<(1 + random.below(400)) {
      switch place == 0 ? 99 : random.below(20) {
      case 0: bytes += "\n \t\n".utf8
      case 1:
        bytes += "{\"at\":1,\"dialect\":\"x\n".utf8
        damaged += 1
      case 2:
        bytes += "\u{0}\u{0} nonsense é\n".utf8
        damaged += 1
      case 3:
        bytes += #"{"at":\#(Double(index) / 2 + 0.000007),"event":"caption","i":\#(index),"src":1}"#.utf8
        bytes.append(0x0A)
      case 4 where random.below(10) == 0:
        let long = Message(
          link: LinkID(1), way: .toServer, kind: .text,
          payload: Array(repeating: 0x61, count: random.below(2) == 0 ? 100_000 : 1_500_000))
        bytes +=
          EntryLine.encode(
            Entry(index: index, at: Sample.entry(index).at, event: .message(long))) + [0x0A]
      case 5 where random.below(10) == 0: index += random.below(5000)
      case 6: bytes += line(index).dropLast() + "\r\n".utf8
      default: bytes += line(index, isFirst: place == 0)
      }
      index += 1
    }
    if random.below(2) == 0 { bytes += line(index).prefix(20) }
    try write(bytes)
    let entries = try TimelineReader.read(path: path).entries
    let source = try LinesCapture(path: path)
    try expect(source, has: entries, at: (0..<20).map { _ in random.below(entries.count) })
    for limit in [7, 100_000] { #expect(try pages(source, limit: limit).unreadable == damaged) }
  }

  /// Each session goes on where the one before ended.
  @Test func filesThatWerePutTogether() throws {
    let parts = try ["v0", "v1", "v0"].map {
      try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/\($0).jsonl"))
    }
    try write(parts.joined())
    let whole = try TimelineReader.read(path: path).entries
    let source = try LinesCapture(path: path)
    let entries = try pages(source, limit: 100).entries
    #expect(entries.count == whole.count)
    for (entry, plain) in zip(entries, whole) {
      #expect(entry.source == plain.source && EntryLine.kind(of: entry.event) == EntryLine.kind(of: plain.event))
      if case .sessionStarted = plain.event { continue }
      #expect(entry.event == plain.event)
    }
    #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.index < $1.index && $0.at <= $1.at })
    // The time of day of what is in the second session.
    func timeOfDay(_ entries: [Entry], _ place: Int) -> Int64? {
      var zero: Int64?
      for entry in entries[...place] {
        if case .sessionStarted(let start) = entry.event { zero = start.wallClockMilliseconds }
      }
      return zero.map { $0 + entries[place].at.nanoseconds / 1_000_000 }
    }
    for place in stride(from: 0, to: whole.count, by: 10) {
      let (read, plain) = (timeOfDay(entries, place) ?? 0, timeOfDay(whole, place) ?? 0)
      #expect(abs(read - plain) <= 2)
    }
    // Asked anywhere, by a reader that has not seen what lies before.
    let other = try LinesCapture(path: path)
    try expect(other, has: entries, at: stride(from: 0, to: entries.count, by: 60).reversed())
  }

  @Test func onesThatAreBeingWritten() throws {
    try write(line(0, isFirst: true))
    let source = try LinesCapture(path: path)
    #expect(try source.extent().last?.index == 0 && source.extent().isFinished == false)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    var next = 1
    for step in 0..<30 {
      let text = (0..<100).flatMap { line(next + $0) }
      // The last line comes in two halves.
      try file.write(contentsOf: Data(text.dropLast(10)))
      let page = try source.entries(from: next, limit: 1000)
      #expect(page.entries.map(\.index) == Array(next..<next + 99) && page.next == nil && page.unreadable == 0)
      #expect(try source.firstIndex(at: Sample.entry(next + 99).at) == nil)
      try file.write(contentsOf: Data(text.suffix(10)))
      let last = try source.entries(from: next + 99, limit: 1000)
      #expect(last.entries == [Sample.entry(next + 99)] && last.next == nil)
      next += 100
      #expect(try source.extent().last?.index == next - 1, "\(step)")
      #expect(try source.firstIndex(at: Sample.entry(next - 50).at) == next - 50)
    }
    #expect(try pages(source, limit: 333).entries == (0..<next).map(Sample.entry))
    // Another, shorter one is written in its place.
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: Data((0..<5).flatMap { line($0, isFirst: $0 == 0) }))
    #expect(try source.extent().last?.index == 4)
    #expect(try pages(source, limit: 2).entries == (0..<5).map(Sample.entry))
  }

  @Test func whatIsNoRecording() throws {
    func error(_ path: String) -> CaptureReadError? {
      do {
        _ = try Recordings.open(path)
        return nil
      } catch {
        return error
      }
    }
    #expect(error(path) == .missing)
    #expect(error(folder.path) == .folder)
    #expect(error("/dev/null") == .foreign)
    for (text, wanted) in [
      ("", .empty), ("\n\n", .empty), (#"{"at":1,"eve"#, .empty), ("half a line\n", .foreign), ("thesis", .foreign),
      (#"{"at":1,"event":"caption","i":1}"# + "\n", .foreign), (String(repeating: "x", count: 3 << 20), .foreign),
    ] as [(String, CaptureReadError)] {
      try write(text.utf8)
      #expect(error(path) == wanted, "\(text.prefix(40))")
    }
    // A first line that is damaged is no reason to refuse the rest.
    try write(Array("half a line\n".utf8) + line(1))
    #expect(error(path) == nil)
    // A later version is read as far as it is known.
    try write(
      String(decoding: line(0, isFirst: true) + line(1), as: UTF8.self).replacing(
        "\"capture\":1", with: "\"capture\":12"
      ).utf8)
    let later = try LinesCapture(path: path)
    #expect(try later.version == 12 && pages(later, limit: 10).entries == [Sample.entry(0), Sample.entry(1)])
    try write("\u{0}\u{1}SQLite".utf8)
    #expect(error(path) == .foreign)
  }

  @Test func eitherKindIsOpenedByWhatIsInIt() throws {
    // Whatever its name is.
    try write((0..<100).flatMap { line($0, isFirst: $0 == 0) })
    #expect(try Recordings.open(path) is LinesCapture)
    finishedCapture(folder.file("b.jsonl"), entries: 100)
    let capture = try Recordings.open(folder.file("b.jsonl"))
    #expect(capture is CaptureFileReader)
    #expect(try pages(capture, limit: 30).entries == pages(Recordings.open(path), limit: 30).entries)
    let lines = try capture.lines(from: 0, limit: 100).lines
    #expect(lines.map { $0.bytes + [0x0A] } == (0..<100).map { line($0, isFirst: $0 == 0) })
  }

  @Test(arguments: [
    "number", "NUMBER 16", "word12", "num 4", "é", "notice-3", "\"", "transcript_interim", "absent", " ",
  ])
  func wordsAreFoundAsInACapture(_ text: String) throws {
    let count = 1200
    try write((0..<count).flatMap { line($0, isFirst: $0 == 0) })
    finishedCapture(folder.file(), entries: count)
    let lines = try LinesCapture(path: path)
    let capture = try CaptureFileReader(path: folder.file())
    for (from, limit) in [(0, 10_000), (0, 3), (600, 50), (1199, 5), (5000, 5)] {
      #expect(try lines.search(text, from: from, limit: limit) == capture.search(text, from: from, limit: limit))
    }
    if text == "number" { #expect(try lines.search(text, from: 0, limit: 10_000).count == 150) }
  }

  /// Whatever bytes change: a recording, less of one, or an error, and never an end of the program.
  @Test(arguments: 0..<6) func changedBytesHarmNobody(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    var bytes = (0..<400).flatMap { line($0, isFirst: $0 % 100 == 0) }
    for _ in 0..<(1 + random.below(30)) {
      let start = random.below(bytes.count)
      for i in start..<min(bytes.count, start + 1 + random.below(80)) { bytes[i] = UInt8(random.below(256)) }
    }
    try write(bytes)
    guard let source = try? LinesCapture(path: path) else { return }
    let plain = try TimelineReader.read(path: path).entries
    #expect(try pages(source, limit: 10).entries.map(\.event) == plain.map(\.event))
    _ = try source.extent()
    for _ in 0..<20 {
      _ = try source.entries(from: random.below(500), limit: 5)
      _ = try source.firstIndex(at: Timestamp(milliseconds: Double(random.below(300))))
    }
    _ = try source.search("number", from: 0, limit: 50)
  }

  /// Readers of one file tell together what is wrong with it, each line once, by numbers.
  @Test func whatIsWrongWithLinesIsTold() throws {
    var bytes: [UInt8] = []
    for i in 0..<3000 { bytes += i % 500 == 3 ? Array("nonsense\n".utf8) : line(i) }
    try write(bytes + line(3000).prefix(9))
    let faults = LinesFaults()
    let readers = try (0..<2).map { _ in try LinesCapture(path: path, faults: faults) }
    #expect(readers[0].remark() == nil)
    _ = try readers[0].entries(from: 0, limit: 400)
    #expect(readers[1].remark() == "1 line of \(path) is damaged and passed over: line 4 (not valid JSON)")
    for reader in readers { _ = try pages(reader, limit: 100) }
    _ = try readers[1].entries(from: 1700, limit: 9)
    #expect(
      readers[0].remark() == "the last line of \(path) was cut off and is left out; "
        + "6 lines of \(path) are damaged and passed over: line 4 (not valid JSON), 504, 1004, 1504, 2004, and 1 more")
  }
}
