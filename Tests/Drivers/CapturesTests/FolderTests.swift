import Capture
import CaptureTestKit
import Captures
import Foundation
import Testing

@Suite struct FolderTests {
  private let folder = Folder()
  private let now: Int64 = 1_800_000_000_000

  private func make(_ name: String, _ byteCount: Int, hoursOld: Int64) throws {
    try Data(count: byteCount).write(to: URL(fileURLWithPath: folder.file(name)))
    let seconds = Int(now / 1000 - hoursOld * 3600)
    var times = [timeval(tv_sec: seconds, tv_usec: 0), timeval(tv_sec: seconds, tv_usec: 0)]
    utimes(folder.file(name), &times)
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  @Test func theOldestGoWithWhatLiesBesideThem() throws {
    try make("a.sidetone", 400, hoursOld: 90)
    try make("a.sidetone-wal", 100, hoursOld: 90)
    try make("a.sidetone-shm", 100, hoursOld: 90)
    try make("b.sidetone", 500, hoursOld: 50)
    try make("c.sidetone", 300, hoursOld: 1)
    try make("thesis.txt", 5000, hoursOld: 900)
    let captures = CaptureFolder(path: folder.path)
    #expect(captures.captures().map(\.byteCount).sorted() == [300, 500, 600])
    #expect(captures.makeRoom(CaptureRetention(byteLimit: 1000), now: now) == ["a.sidetone"])
    #expect(try names == ["b.sidetone", "c.sidetone", "thesis.txt"])
    #expect(captures.makeRoom(CaptureRetention(ageLimit: .seconds(24 * 3600)), now: now) == ["b.sidetone"])
    #expect(captures.makeRoom(CaptureRetention(byteLimit: 0), writing: "c.sidetone", now: now) == [])
    #expect(try names == ["c.sidetone", "thesis.txt"])
  }

  /// By another program.
  @Test func whatIsBeingWrittenStays() throws {
    let writer = CaptureFileWriter(path: folder.file("live.sidetone"), header: header)
    writer.write(Sample.entry(0))
    #expect(eventually { writer.status.kept.entries == 1 })
    let today = Int64(Date().timeIntervalSince1970 * 1000)
    let captures = CaptureFolder(path: folder.path)
    #expect(captures.makeRoom(CaptureRetention(byteLimit: 0, ageLimit: .zero), now: today) == [])
    writer.close()
    #expect(captures.makeRoom(CaptureRetention(byteLimit: 0), now: today) == ["live.sidetone"])
    #expect(try names == [])
  }

  @Test func capturesOfOneSecondHaveNamesOfTheirOwn() throws {
    let captures = CaptureFolder(path: folder.file("state/captures"))
    let first = try captures.begin(at: now, utcOffsetSeconds: 0)
    let second = try captures.begin(at: now, utcOffsetSeconds: 0)
    #expect(first.path == folder.file("state/captures/2027-01-15_08-00-00.sidetone") && first.isFirst)
    #expect(second.path == folder.file("state/captures/2027-01-15_08-00-00-2.sidetone") && !second.isFirst)
    #expect(mode(captures.path) == 0o700 && mode(first.path) == 0o600)
    // The writer takes the file that was made for it.
    let writer = CaptureFileWriter(path: second.path, header: header)
    writer.write(Sample.entry(0))
    writer.close()
    #expect(writer.status.kept.entries == 1 && writer.fileByteCount > 0)
    #expect(try allEntries(try CaptureFileReader(path: second.path)).count == 1)
    #expect(throws: CaptureFault.self) {
      try CaptureFolder(path: "/dev/null/captures").begin(at: now, utcOffsetSeconds: 0)
    }
  }

  @Test func aNamedFileIsMadeBeforehandAndNoOtherKindReplaced() throws {
    try CaptureFileWriter.claim(folder.file("new.sidetone"))
    #expect(mode(folder.file("new.sidetone")) == 0o600)
    try make("thesis.txt", 10, hoursOld: 1)
    #expect(throws: CaptureFault.occupied) { try CaptureFileWriter.claim(folder.file("thesis.txt")) }
    finishedCapture(folder.file("old.sidetone"), entries: 3)
    try CaptureFileWriter.claim(folder.file("old.sidetone"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file("old.sidetone"))).isEmpty)
  }

  @Test func linksAndFoldersAreNoCaptures() throws {
    try make("thesis.txt", 10, hoursOld: 1)
    symlink(folder.file("thesis.txt"), folder.file("a.sidetone"))
    mkdir(folder.file("b.sidetone"), 0o700)
    #expect(CaptureFolder(path: folder.path).captures().isEmpty)
    #expect(CaptureFolder(path: folder.file("missing")).captures().isEmpty)
  }
}
