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

  @Test func linksAndFoldersAreNoCaptures() throws {
    try make("thesis.txt", 10, hoursOld: 1)
    symlink(folder.file("thesis.txt"), folder.file("a.sidetone"))
    mkdir(folder.file("b.sidetone"), 0o700)
    #expect(CaptureFolder(path: folder.path).captures().isEmpty)
    #expect(CaptureFolder(path: folder.file("missing")).captures().isEmpty)
  }
}
