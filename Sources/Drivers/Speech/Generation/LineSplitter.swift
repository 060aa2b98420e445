/// Cuts a stream of bytes into lines, wherever the pieces were cut.
struct LineSplitter {
  /// A line longer than this is no message of ours.
  static let limit = 1_000_000

  private var rest: [UInt8] = []
  private var searched = 0
  /// A line grew past the limit: the stream is not what it should be.
  private(set) var isOverlong = false

  /// Takes the next bytes; returns the lines they complete, without their ends (LF, CRLF or CR before LF).
  mutating func process(_ bytes: some Collection<UInt8>) -> [String] {
    rest += bytes
    var lines: [String] = []
    var start = 0
    while let end = rest[max(start, searched)...].firstIndex(of: 0x0A) {
      var line = rest[start..<end]
      if line.last == 0x0D { line.removeLast() }
      lines.append(String(decoding: line, as: UTF8.self))
      start = end + 1
      searched = start
    }
    rest.removeFirst(start)
    searched = rest.count
    if rest.count > Self.limit { isOverlong = true }
    return lines
  }

  /// The end of the stream: the line that had no end, if there was one.
  mutating func finish() -> String? {
    defer { self = LineSplitter() }
    return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
  }
}
