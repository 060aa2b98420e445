import Glibc
import Store
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
        event: .notice(Notice(severity: .info, source: "test", text: "number \($0)")))
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

  @Test func aFullDiskIsCountedNotWaitedFor() throws {
    let full = open("/dev/full", O_WRONLY)
    let writer = TimelineWriter(fileDescriptor: full)
    for entry in entries(5) { writer.write(entry) }
    writer.close()
    #expect(writer.status.lost == 5)
    #expect(writer.status.failure == "No space left on device")
    close(full)
  }
}
