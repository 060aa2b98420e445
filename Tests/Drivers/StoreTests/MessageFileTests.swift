import Glibc
import Store
import Testing

struct MessageFileTests {
  private func withFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/sidetone-message-XXXXXX".utf8CString)
    let made = try #require(mkdtemp(&template))
    let folder = String(cString: made)
    defer {
      for name in ["a", "pipe"] { unlink("\(folder)/\(name)") }
      rmdir(folder)
    }
    try body(folder)
  }

  @Test func whatIsWrittenIsReadAndNotReplacedUnasked() throws {
    try withFolder { folder in
      let path = folder + "/a"
      let bytes: [UInt8] = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
      try MessageFile.write(bytes, to: path, replaces: false)
      #expect(try MessageFile.read(path) == bytes)
      let refused = #expect(throws: MessageFile.Failure.self) {
        try MessageFile.write([1], to: path, replaces: false)
      }
      #expect(refused?.description.contains(":write! replaces it: \(path)") == true)
      #expect(try MessageFile.read(path) == bytes)
      try MessageFile.write([1], to: path, replaces: true)
      #expect(try MessageFile.read(path) == [1])
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o077 == 0)
    }
  }

  @Test func whatIsNoFileOrTooLargeIsRefused() throws {
    try withFolder { folder in
      #expect(throws: MessageFile.Failure.self) { try MessageFile.read(folder) }
      #expect(throws: MessageFile.Failure.self) { try MessageFile.read(folder + "/missing") }
      #expect(throws: MessageFile.Failure.self) { try MessageFile.write([1], to: folder + "/no/a", replaces: false) }
      #expect(mkfifo(folder + "/pipe", 0o600) == 0)
      #expect(throws: MessageFile.Failure.self) { try MessageFile.read(folder + "/pipe") }
      try MessageFile.write([], to: folder + "/a", replaces: false)
      #expect(truncate(folder + "/a", MessageFile.byteLimit + 1) == 0)
      #expect(throws: MessageFile.Failure.self) { try MessageFile.read(folder + "/a") }
    }
  }
}
