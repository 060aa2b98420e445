import Capture
import CaptureTestKit
import Captures
import Foundation
import GRDB
import Testing
import Timeline

/// A folder of a test's own, deleted with it.
final class Folder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/sidetone-capture-XXXXXX".utf8CString)
    mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String = "a.sidetone") -> String { path + "/" + name }
}

let header = CaptureHeader(
  programVersion: "1.2.3", settings: #"{"dialect":"voice"}"#, wallClockMilliseconds: 1_790_000_000_123)

/// Waits until something holds; a minute at most.
func eventually(_ isTrue: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<6000 {
    if try isTrue() { return true }
    usleep(10_000)
  }
  return false
}

/// All entries of a capture, page by page.
func allEntries(_ source: any CaptureSource, limit: Int = 777) throws -> [Entry] {
  var entries: [Entry] = []
  var next: Int? = .min
  while let from = next {
    let page = try source.entries(from: from, limit: limit)
    #expect(page.unreadable == 0)
    entries += page.entries
    next = page.next
  }
  return entries
}

/// A finished capture of sample entries and sound.
func finishedCapture(_ path: String, entries count: Int, samples: Int64 = 0) {
  let writer = CaptureFileWriter(path: path, header: header)
  for index in 0..<count { writer.write(Sample.entry(index)) }
  if samples > 0 {
    let track = writer.addTrack(Sample.track)
    for start in stride(from: Int64(0), to: samples, by: 320) {
      writer.write(Sample.sound(start..<min(samples, start + 320)), at: start, on: track)
    }
  }
  writer.close()
  #expect(writer.status == CaptureStatus(.closed(nil), kept: CaptureCounts(entries: count, samples: Int(samples))))
}

/// Another program's connection, which may keep the file locked.
func otherConnection(_ path: String) throws -> DatabaseQueue {
  var configuration = Configuration()
  configuration.allowsUnsafeTransactions = true
  return try DatabaseQueue(path: path, configuration: configuration)
}

func mode(_ path: String) -> UInt32? {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
}
