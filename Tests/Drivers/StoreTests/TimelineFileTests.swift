import Foundation
import Store
import Threads
import Testing
import Timeline

@Suite struct TimelineFileTests {
  private func temporaryPath() -> String {
    var template = Array("/tmp/sidetone-timeline-XXXXXX".utf8CString)
    close(mkstemp(&template))
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func entries(_ count: Int) -> [Entry] {
    (0..<count).map {
      Entry(
        index: $0, at: Timestamp(milliseconds: Double($0)),
        event: .notice(Notice(.other("test"), .info, .other("test"), "number \($0)")))
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let writer = try TimelineWriter(path: path)
    let written = entries(2000)
    for entry in written { writer.write(entry) }
    writer.close()
    #expect(writer.status.lost == 0)
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read == written)
    #expect(remark == nil)
  }

  @Test func aFileCutInTheMiddleOfALineIsGoodUpToIt() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let writer = try TimelineWriter(path: path)
    for entry in entries(10) { writer.write(entry) }
    writer.close()
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(truncate(path, status.st_size - 5) == 0)
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read == Array(entries(10).dropLast()))
    #expect(remark?.contains("cut off") == true)
  }

  @Test func aLogIsForItsOwnerOnly() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    unlink(path)
    try TimelineWriter(path: path).close()
    var status = stat()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    // What was there before keeps the mode that its owner gave it.
    #expect(chmod(path, 0o644) == 0)
    try TimelineWriter(path: path).close()
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o644)
  }

  @Test func errorsNameFileAndLine() {
    let missing = #expect(throws: StoreError.self) { try TimelineReader.read(path: "/nonexistent/x.jsonl") }
    #expect(missing?.description == "cannot read /nonexistent/x.jsonl: No such file or directory")
    let path = temporaryPath()
    defer { unlink(path) }
    let file = open(path, O_WRONLY)
    _ = write(file, "hello\n", 6)
    close(file)
    let wrong = #expect(throws: StoreError.self) { try TimelineReader.read(path: path) }
    #expect(wrong?.description == "\(path):1: not valid JSON; not a file written by --log or --headless")
    #expect(throws: StoreError.self) { try TimelineWriter(path: "/nonexistent/x.jsonl") }
  }

  private func file(_ text: String) -> String {
    let path = temporaryPath()
    let file = open(path, O_WRONLY)
    let bytes = Array(text.utf8)
    #expect(write(file, bytes, bytes.count) == bytes.count)
    close(file)
    return path
  }

  private func line(_ i: Int) -> String { #"{"at":\#(i),"connection":\#(i),"event":"roundTrip","i":\#(i)}"# }

  /// A later version writes kinds, states and fields that this one does not know; a disk damages lines.
  @Test func whatIsNotKnownOrDamagedIsPassedOverAndSaid() throws {
    let lines = [
      line(0), #"{"at":1,"event":"caption","i":1,"of":3}"#, "{\"at\":2,\"event\":\"rou", line(3),
      #"{"at":4,"connection":9,"event":"roundTrip","i":4,"source":7,"way":{"a":[1,2]}}"#, "\u{0}\u{0}", line(6),
      #"{"at":7,"event":"connection","i":7,"id":1,"state":"dialling"}"#,
    ]
    let path = file(lines.joined(separator: "\n") + "\n")
    defer { unlink(path) }
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read.map(\.index) == [0, 1, 3, 4, 6, 7])
    #expect(read.count { if case .unknown = $0.event { true } else { false } } == 2)
    #expect(
      remark == "2 lines of \(path) are damaged and passed over: line 3 (not valid JSON), 6; "
        + "2 lines of \(path) are of a kind that this version does not know and shown as is: "
        + #"line 2 (unknown event "caption"), 8"#)
  }

  @Test func manyDamagedLinesAreCounted() throws {
    let path = file(line(0) + "\n" + (0..<500).map { _ in "nonsense\n" }.joined() + line(1) + "\n")
    defer { unlink(path) }
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read.map(\.index) == [0, 1])
    #expect(
      remark == "500 lines of \(path) are damaged and passed over: line 2 (not valid JSON), 3, 4, 5, 6, and 495 more")
  }

  @Test func aFirstLineThatIsDamagedIsNoReasonToRefuseTheRest() throws {
    let path = file("half a line\n" + line(1) + "\n")
    defer { unlink(path) }
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read.map(\.index) == [1])
    #expect(remark == "1 line of \(path) is damaged and passed over: line 1 (not valid JSON)")
  }

  @Test func editorsMayHaveTouchedIt() throws {
    let path = file("\u{FEFF}" + line(0) + "\r\n\r\n  \n" + line(1) + "\r\n")
    defer { unlink(path) }
    let (read, remark) = try TimelineReader.read(path: path)
    #expect(read.map(\.index) == [0, 1] && remark == nil)
  }

  @Test(arguments: [
    ("", "no entries in it"), ("\n\n", "no entries in it"),
    (#"{"at":1,"event":"caption","i":1}"# + "\n", #":1: unknown event "caption"; not a file written by"#),
    ("\nx\n" + #"{"at":1,"event":"caption","i":1}"#, ":2: not valid JSON; not a file written by"),
    (#"{"at":9300000000000,"connection":1,"event":"roundTrip","i":1}"#, ":1: \"at\" is out of range"),
  ])
  func nothingToReadIsAnError(_ text: String, _ reason: String) {
    let path = file(text)
    defer { unlink(path) }
    let error = #expect(throws: StoreError.self) { try TimelineReader.read(path: path) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func aRecordingBeginsWithTheVersionOfItsFormat() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let writer = try TimelineWriter(path: path)
    for entry in entries(3) { writer.write(entry) }
    writer.close()
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.map { $0.contains("\"capture\":1,") } == [true, false, false])
    // Of a later version, what is known is read.
    let later = file(lines.joined(separator: "\n").replacing("\"capture\":1,", with: "\"capture\":12,"))
    defer { unlink(later) }
    let (read, remark) = try TimelineReader.read(path: later)
    #expect(read == entries(3))
    #expect(remark == "\(later) was written in version 12 of the format, and this program knows 1")
  }

  @Test func eachLineHasTheTimeOfDayOnceItIsKnown() throws {
    let path = temporaryPath()
    defer { unlink(path) }
    let writer = try TimelineWriter(path: path)
    writer.write(
      Entry(
        index: 0, at: Timestamp(milliseconds: 5),
        event: .sessionStarted(
          SessionStarted(
            version: "1", wallClockMilliseconds: 1_790_000_000_123, url: "ws://a", dialect: "voice",
            inputRate: 16_000, input: "silence", output: "null"))))
    for entry in entries(20).dropFirst() { writer.write(entry) }
    writer.close()
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let times = text.split(separator: "\n").map { line in
      line.components(separatedBy: "\"time\":\"").dropFirst().first.map { String($0.prefix(24)) }
    }
    #expect(times.first == "2026-09-21T14:13:20.128Z")
    #expect(times.last == "2026-09-21T14:13:20.142Z")
    #expect(times.count == 20 && times.allSatisfy { $0?.hasSuffix("Z") == true })
    #expect(try TimelineReader.read(path: path).remark == nil)
  }

  /// A pipe whose reader has gone, as `head` goes: nobody misses the rest.
  @Test func aReaderThatHasGoneIsToldFromAFault() throws {
    signal(SIGPIPE, SIG_IGN)
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    let writer = TimelineWriter(fileDescriptor: ends[1])
    for entry in entries(5) { writer.write(entry) }
    writer.close()
    #expect(writer.isAbandoned && writer.lossText == nil)
    close(ends[1])
  }

  @Test func aReaderThatTakesNothingIsNotWaitedForForEver() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let writer = TimelineWriter(fileDescriptor: ends[1])
    // More than a pipe holds.
    for entry in entries(5000) { writer.write(entry) }
    writer.close(givingUp: { true })
    #expect(writer.status.failure == "its reader takes nothing" && writer.status.lost > 0)
    #expect(writer.lossText?.contains("its reader takes nothing") == true)
    // What it did take begins with the first entry, and is whole up to where it was cut.
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(ends[0], &buffer, buffer.count)
    #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self).hasPrefix(#"{"at":0,"#))
    ends.forEach { close($0) }
  }

  @Test func aSlowReaderGetsEverything() throws {
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let writer = TimelineWriter(fileDescriptor: ends[1])
    let written = entries(5000)
    for entry in written { writer.write(entry) }
    let reading = ends[0]
    let path = temporaryPath()
    defer { unlink(path) }
    let copy = NamedThread("reader") {
      let file = open(path, O_WRONLY)
      var buffer = [UInt8](repeating: 0, count: 1000)
      var lineCount = 0
      // Not to the end of the pipe: a program that another test has started may hold it open.
      while lineCount < written.count {
        let count = read(reading, &buffer, buffer.count)
        guard count > 0 else { break }
        lineCount += buffer[..<count].count { $0 == 0x0A }
        _ = write(file, buffer, count)
      }
      close(file)
    }
    writer.close()
    close(ends[1])
    copy.join()
    close(ends[0])
    #expect(try TimelineReader.read(path: path).entries == written)
    #expect(writer.lossText == nil)
  }

  @Test func aFullDiskIsCountedNotWaitedFor() throws {
    let full = open("/dev/full", O_WRONLY)
    let writer = TimelineWriter(fileDescriptor: full)
    for entry in entries(5) { writer.write(entry) }
    writer.close()
    #expect(writer.status.lost == 5)
    #expect(writer.status.failure == "No space left on device")
    #expect(writer.lossText == "the output: No space left on device; 5 entries were lost")
    close(full)
    // Named, where it has a name.
    let named = try TimelineWriter(path: "/dev/full")
    for entry in entries(3) { named.write(entry) }
    named.close()
    #expect(named.lossText == "/dev/full: No space left on device; 3 entries were lost")
  }
}
