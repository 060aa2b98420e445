import Capture
import Glibc
import Timeline

/// Reads a file of timeline entries.
public enum TimelineReader {
  /// The entries of a file, and a remark when its last line was cut off (the program was killed while it wrote).
  /// - Throws: `StoreError` naming file, line and fault.
  public static func read(path: String) throws(StoreError) -> (entries: [Entry], remark: String?) {
    let bytes = try readFile(path)
    var entries: [Entry] = []
    var remark: String?
    var number = 0
    var start = 0
    while start < bytes.count {
      number += 1
      let end = endOfLine(in: bytes, from: start)
      defer { start = end + 1 }
      if end == start { continue }
      do {
        entries.append(try EntryLine.decode(bytes[start..<end]))
      } catch {
        guard end == bytes.count, !entries.isEmpty else {
          throw StoreError(
            "\(path):\(number): \(error)\(number == 1 ? "; not a file written by --log or --headless" : "")")
        }
        remark = "the last line of \(path) was cut off and is left out"
      }
    }
    guard !entries.isEmpty else { throw StoreError("\(path): no entries in it") }
    return (entries, remark)
  }

  /// Where the next newline is, or the end: recordings have hundreds of megabytes, so memchr looks for it.
  private static func endOfLine(in bytes: [UInt8], from start: Int) -> Int {
    bytes.withUnsafeBytes { bytes in
      let newline = memchr(bytes.baseAddress! + start, Int32(UInt8(ascii: "\n")), bytes.count - start)
      return newline.map { $0 - UnsafeMutableRawPointer(mutating: bytes.baseAddress!) } ?? bytes.count
    }
  }

  private static func readFile(_ path: String) throws(StoreError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw StoreError("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count < 0 { throw StoreError("cannot read \(path): \(String(cString: strerror(errno)))") }
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[..<count])
    }
  }
}
