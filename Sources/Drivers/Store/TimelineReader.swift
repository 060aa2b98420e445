import Capture
import Glibc
import Timeline

/// Reads a file of timeline entries.
public enum TimelineReader {
  /// How many lines that were passed over are named; the others are counted.
  private static let namedLimit = 5
  /// Some editors write this at the beginning of a file.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The entries of a file of any version, and a remark on what could not be read: the last line when it was cut off (the
  /// program was killed while it wrote), and damaged lines, which are passed over; and lines of kinds that a later version
  /// writes, whose entries are `unknown`.
  /// - Throws: `StoreError` naming file, line and fault, when the file cannot be read or no line is an entry.
  public static func read(path: String) throws(StoreError) -> (entries: [Entry], remark: String?) {
    let bytes = try readFile(path)
    var entries: [Entry] = []
    var reader = CaptureReader()
    var unknown = ToldLines()
    var damaged = ToldLines()
    var isCutOff = false
    var number = 0
    var start = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    while start < bytes.count {
      number += 1
      let end = endOfLine(in: bytes, from: start)
      defer { start = end + 1 }
      if bytes[start..<end].allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      do {
        let entry = try reader.read(bytes[start..<end])
        if case .unknown(let event) = entry.event { unknown.add(number, event.reason) }
        entries.append(entry)
      } catch {
        if end == bytes.count, !entries.isEmpty {
          isCutOff = true
        } else {
          damaged.add(number, error.reason)
        }
      }
    }
    guard entries.count > unknown.count else {
      guard let first = [unknown.first, damaged.first].compactMap(\.self).min(by: { $0.line < $1.line }) else {
        throw StoreError("\(path): no entries in it")
      }
      throw StoreError("\(path):\(first.line): \(first.reason); not a file written by --log or --headless")
    }
    let remarks = [
      isCutOff ? "the last line of \(path) was cut off and is left out" : nil,
      damaged.remark("damaged and passed over", path),
      unknown.remark("of a kind that this version does not know and shown as is", path),
      (reader.version ?? 0) > CaptureFormat.version
        ? "\(path) was written in version \(reader.version ?? 0) of the format, and this program knows \(CaptureFormat.version)"
        : nil,
    ]
    let remark = remarks.compactMap(\.self).joined(separator: "; ")
    return (entries, remark.isEmpty ? nil : remark)
  }

  /// Lines of which something is to be told, and the first few of them.
  private struct ToldLines {
    private(set) var count = 0
    private(set) var first: (line: Int, reason: String)?
    private var named: [Int] = []

    mutating func add(_ line: Int, _ reason: String) {
      count += 1
      first = first ?? (line, reason)
      if named.count < namedLimit { named.append(line) }
    }

    /// As in `2 lines of a.jsonl are damaged and passed over: 3 (not valid JSON), 7`; nil when there are none.
    func remark(_ what: String, _ path: String) -> String? {
      guard let first else { return nil }
      var list = ["\(first.line) (\(first.reason))"] + named.dropFirst().map(String.init)
      if count > named.count { list.append("and \(count - named.count) more") }
      let lines = count == 1 ? "1 line of \(path) is" : "\(count) lines of \(path) are"
      return "\(lines) \(what): line \(list.joined(separator: ", "))"
    }
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
