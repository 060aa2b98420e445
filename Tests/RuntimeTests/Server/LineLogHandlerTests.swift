import Glibc
import Logging
import Testing
import Threads

@testable import Runtime

@Suite struct LineLogHandlerTests {
  @Test func aLineIsALineWhateverAPeerSends() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let log = Logger(label: "test") { [ends] _ in LineLogHandler(secrets: ["hunter22"], descriptors: [ends[1]]) }
    log.info("client left", metadata: ["reason": "hunter22 bye\u{1b}[2J\r\nforged line\u{9b}1m", "code": "1000"])
    close(ends[1])
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    close(ends[0])
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    #expect(text.filter { $0 == "\n" }.count == 1 && text.hasSuffix("\n"))
    #expect(text.unicodeScalars.dropLast().allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) })
    #expect(text.contains(" info    client left  code=1000  reason=… bye"))
    #expect(text.first == "2")
  }

  /// The lines go on elsewhere, and it is said once that they are lost in the file.
  @Test func aFullDiskIsSaidOnce() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let full = open("/dev/full", O_WRONLY)
    defer { for end in ends + [full] { close(end) } }
    let log = Logger(label: "test") { [ends] _ in
      LineLogHandler(secrets: [], descriptors: [ends[1], full], names: [full: "--log a.log"])
    }
    for word in ["one", "two", "three"] { log.info("\(word)") }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    let lines = String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 4, "\(lines)")
    #expect(lines.filter { $0.hasSuffix("Z error   --log a.log: No space left on device; lines are lost") }.count == 1)
  }

  /// A log that keeps its lines.
  private func logger(_ lines: Locked<[String]>) -> Logger {
    Logger(label: "test") { _ in LineLogHandler(secrets: []) { line in lines.withLock { $0.append(line) } } }
  }

  @Test func aLineHasItsTimeItsLevelAndItsDetailsInOrder() throws {
    let lines = Locked<[String]>([])
    var log = logger(lines)
    log[metadataKey: "client"] = "1"
    log[metadataKey: "session"] = "s_1"
    log.warning("late", metadata: ["client": "2", "by": "40 ms"])
    log.debug("not of interest")
    let line = try #require(lines.withLock { $0.first })
    #expect(lines.withLock { $0.count } == 1)
    #expect(
      try /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warning late  by=40 ms  client=2  session=s_1\n/.wholeMatch(in: line)
        != nil)
  }

  @Test func secretsAreFoundByNameAndByShape() throws {
    let lines = Locked<[String]>([])
    logger(lines).info(
      "user said: it is sk-proj-FAKE1abcDEF2ghiJKL3; config applied: {\"client_secret\":{\"value\":\"FAKE2\"}}",
      metadata: ["authorization": "Bearer FAKE3", "path": "/voice?token=FAKE4&lang=de"])
    let line = try #require(lines.withLock { $0.first })
    #expect(!line.contains("FAKE") && line.contains("user said: it is …; config applied"), "\(line)")
  }

  @Test func aClientCannotMakeALineLongerThanThis() throws {
    let lines = Locked<[String]>([])
    logger(lines).info("\(String(repeating: "é", count: 100_000))")
    let line = try #require(lines.withLock { $0.first })
    let text = try #require(line.split(separator: " ", maxSplits: 2).last)
    #expect(text.unicodeScalars.count <= LineLogHandler.longest + 8)
    #expect(text.hasSuffix("…\n"))
  }

  @Test func aFullDiskLosesItsLinesOnly() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let full = open("/dev/full", O_WRONLY)
    #expect(full >= 0)
    let log = Logger(label: "test") { [ends] _ in LineLogHandler(secrets: [], descriptors: [full, ends[1]]) }
    for _ in 0..<3 { log.info("still here") }
    close(full)
    close(ends[1])
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    close(ends[0])
    #expect(String(decoding: buffer[..<max(0, count)], as: UTF8.self).split(separator: "\n").count == 3)
  }
}
