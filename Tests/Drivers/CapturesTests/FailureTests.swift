import Capture
import CaptureTestKit
import Captures
import Foundation
import GRDB
import TestKit
import Testing
import Timeline

/// A file system in memory of a few MiB, where tests may mount one.
final class SmallDisk: Sendable {
  let path: String
  private let folder = Folder()

  static let isPossible = (try? SmallDisk(mebibytes: 1)) != nil
  static let comment: Comment = "left out: no file system can be mounted here; it takes root"

  init(mebibytes: Int) throws {
    path = folder.path + "/disk"
    mkdir(path, 0o700)
    try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m", "tmpfs", path])
  }

  func makeReadOnly() throws { try Self.run("mount", ["-o", "remount,ro", path]) }

  deinit { try? Self.run("umount", ["-l", path]) }

  private static func run(_ program: String, _ arguments: [String]) throws {
    guard try ChildProcess("/usr/bin/env", [program] + arguments).waitUntilExit() == 0 else {
      throw CaptureFault.forbidden
    }
  }

  /// Takes up room.
  func fill(leaving bytes: Int) throws {
    var status = statvfs()
    statvfs(path, &status)
    let free = Int(status.f_bavail) * Int(status.f_frsize)
    try Data(count: max(0, free - bytes)).write(to: URL(fileURLWithPath: path + "/filler"))
  }

  func makeRoom() { unlink(path + "/filler") }
}

@Suite struct WritingFailureTests {
  private let folder = Folder()

  /// Gives entries away until something holds.
  private func write(_ writer: CaptureFileWriter, from first: Int, until isTrue: () -> Bool) -> Int {
    var index = first
    _ = eventually {
      for _ in 0..<50 {
        writer.write(Sample.entry(index))
        index += 1
      }
      return isTrue()
    }
    return index
  }

  private func checkWhole(_ path: String, _ status: CaptureStatus) throws {
    let source = try CaptureFileReader(path: path)
    let entries = try allEntries(source)
    #expect(entries.count == status.kept.entries)
    #expect(entries == entries.map { Sample.entry($0.index) })
    #expect(try source.extent().lost == status.lost)
    let check = try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
    #expect(check == ["ok"])
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func aFullDiskIsSaidAndTakenUpAgain() throws {
    let disk = try SmallDisk(mebibytes: 8)
    let path = disk.path + "/a.sidetone"
    var options = CaptureFileWriter.Options()
    options.queueByteLimit = 100_000
    let writer = CaptureFileWriter(path: path, header: header, options: options)
    #expect(eventually { writer.status.state == .recording })
    try disk.fill(leaving: 300_000)
    var index = write(writer, from: 0) { writer.status.state == .failing(.full) && writer.status.lost.entries > 0 }
    #expect(writer.status.state == .failing(.full))
    #expect(writer.status.problem("a")?.hasPrefix("a: the disk is full; ") == true)
    let kept = writer.status.kept.entries
    disk.makeRoom()
    #expect(eventually { writer.status.state == .recording && writer.status.kept.entries > kept })
    index = write(writer, from: index) { true }
    writer.close()
    #expect(writer.status.state == .closed(nil))
    #expect(writer.status.kept.entries + writer.status.lost.entries == index)
    try checkWhole(path, writer.status)
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func whatIsLeftAtTheEndIsCounted() throws {
    let disk = try SmallDisk(mebibytes: 8)
    let writer = CaptureFileWriter(path: disk.path + "/a.sidetone", header: header)
    #expect(eventually { writer.status.state == .recording })
    try disk.fill(leaving: 200_000)
    let track = writer.addTrack(Sample.track)
    let index = write(writer, from: 0) { writer.status.state == .failing(.full) }
    writer.write(Sample.sound(0..<320), at: 0, on: track)
    writer.close()
    let status = writer.status
    #expect(status.state == .closed(.full) && status.waitingByteCount == 0)
    #expect(status.kept.entries + status.lost.entries == index && status.lost.samples == 320)
    #expect(!writer.write(Sample.entry(index)))
    #expect(writer.status.lost.entries == status.lost.entries + 1)
    // What was written before is there.
    #expect(try allEntries(CaptureFileReader(path: writer.path)).count == status.kept.entries)
  }

  @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func aReadOnlyDiskIsSaid() throws {
    let disk = try SmallDisk(mebibytes: 2)
    finishedCapture(disk.path + "/old.sidetone", entries: 100)
    try disk.makeReadOnly()
    let writer = CaptureFileWriter(path: disk.path + "/a.sidetone", header: header)
    #expect(eventually { writer.status.state == .failing(.readOnly) })
    writer.write(Sample.entry(0))
    writer.close()
    #expect(writer.status == CaptureStatus(.closed(.readOnly), lost: CaptureCounts(entries: 1)))
    // Reading needs no room beside the file.
    #expect(try allEntries(CaptureFileReader(path: disk.path + "/old.sidetone")).count == 100)
  }

  @Test(.enabled(if: getuid() != 0, "left out: root may write everywhere")) func aForbiddenFolderIsSaid() {
    chmod(folder.path, 0o500)
    defer { chmod(folder.path, 0o700) }
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    #expect(eventually { writer.status.state == .failing(.forbidden) })
    writer.close()
  }

  @Test func foldersAreMadeForTheirOwnerAlone() {
    let writer = CaptureFileWriter(path: folder.file("x/y/a.sidetone"), header: header)
    #expect(eventually { writer.status.state == .recording })
    writer.write(Sample.entry(0))
    #expect(eventually { writer.status.kept.entries == 1 })
    #expect(mode(folder.file("x")) == 0o700 && mode(folder.file("x/y")) == 0o700)
    for name in ["", "-wal", "-shm"] { #expect(mode(folder.file("x/y/a.sidetone\(name)")) == 0o600, "\(name)") }
    writer.close()
  }

  @Test func anotherFileIsNotReplaced() throws {
    try Data("my thesis".utf8).write(to: URL(fileURLWithPath: folder.file()))
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    #expect(eventually { writer.status.state == .failing(.occupied) })
    writer.close()
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file())) == Data("my thesis".utf8))
    // An earlier capture is, and so is an empty file.
    try Data().write(to: URL(fileURLWithPath: folder.file("b")))
    finishedCapture(folder.file("b"), entries: 10)
    finishedCapture(folder.file("b"), entries: 3)
    #expect(try allEntries(CaptureFileReader(path: folder.file("b"))).count == 3)
  }

  /// Another program holds the file: what comes waits, what finds no room is counted, and writing goes on afterwards.
  @Test func aLockedFileDelaysAndDoesNotHarm() throws {
    var options = CaptureFileWriter.Options()
    options.queueByteLimit = 200_000
    let writer = CaptureFileWriter(path: folder.file(), header: header, options: options)
    #expect(eventually { writer.status.state == .recording })
    let other = try otherConnection(folder.file())
    try other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
    let index = write(writer, from: 0) { writer.status.state == .failing(.busy) && writer.status.lost.entries > 0 }
    #expect(writer.status.state == .failing(.busy))
    try other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
    try other.close()
    #expect(eventually { writer.status.state == .recording && writer.status.waitingByteCount == 0 })
    writer.close()
    #expect(writer.status.kept.entries + writer.status.lost.entries == index)
    try checkWhole(folder.file(), writer.status)
  }

  @Test func aDeletedFileIsSaid() {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    #expect(eventually { writer.status.state == .recording })
    unlink(folder.file())
    writer.write(Sample.entry(0))
    #expect(eventually { writer.status.state == .failing(.gone) })
    writer.close()
    #expect(writer.status.lost.entries == 1)
  }

  /// Soundness of the counts under any number of writers, tracks that were never begun, and indexes that come twice.
  @Test func everythingIsCounted() throws {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    let track = writer.addTrack(Sample.track)
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for index in 0..<1000 { writer.write(Sample.entry(index * 4 + thread)) }
    }
    for index in 0..<10 { writer.write(Sample.entry(index)) }
    writer.write([1, 2, 3], at: 0, on: track)
    writer.write([4, 5], at: 1, on: track)
    writer.write([6], at: 0, on: TrackID(99))
    writer.write([7], at: -1, on: track)
    writer.close()
    #expect(writer.status.kept == CaptureCounts(entries: 4000, samples: 3))
    #expect(writer.status.lost == CaptureCounts(entries: 10, samples: 4))
    #expect(try allEntries(CaptureFileReader(path: folder.file())) == (0..<4000).map(Sample.entry))
  }

  /// 20 000 entries a second for three seconds; how long the writing takes does not matter.
  @Test func aFloodIsKeptWhole() throws {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    for index in 0..<60_000 {
      #expect(writer.write(Sample.entry(index)))
      if index % 20 == 19 { usleep(1000) }
    }
    writer.close()
    #expect(writer.status == CaptureStatus(.closed(nil), kept: CaptureCounts(entries: 60_000)))
    let source = try CaptureFileReader(path: folder.file())
    #expect(try source.extent().last?.index == 59_999)
    #expect(try allEntries(source, limit: 10_000).count == 60_000)
  }

  @Test func manyReadWhileOneWrites() throws {
    let writer = CaptureFileWriter(path: folder.file(), header: header)
    #expect(eventually { writer.status.state == .recording })
    let readers = [try CaptureFileReader(path: folder.file()), try CaptureFileReader(path: folder.file())]
    var index = 0
    for round in 1...5 {
      index = write(writer, from: index) { writer.status.kept.entries >= round * 500 }
      for reader in readers {
        let entries = try allEntries(reader)
        #expect(entries.count >= round * 500 && entries == (0..<entries.count).map(Sample.entry))
      }
    }
    writer.close()
    #expect(writer.status.state == .closed(nil) && writer.status.kept.entries == index)
    for reader in readers { #expect(try reader.extent().isFinished) }
  }
}
