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
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if line.isEmpty { continue }
      do {
        entries.append(try EntryLine.decode(line))
      } catch {
        guard line.endIndex == bytes.endIndex, !entries.isEmpty else {
          throw StoreError(
            "\(path):\(number): \(error)\(number == 1 ? "; not a file written by --log or --headless" : "")")
        }
        remark = "the last line of \(path) was cut off and is left out"
      }
    }
    guard !entries.isEmpty else { throw StoreError("\(path): no entries in it") }
    return (entries, remark)
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
