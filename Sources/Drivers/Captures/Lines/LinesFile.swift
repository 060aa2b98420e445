import Capture
import Glibc

/// A file of lines, read where it is asked for. Closed when it goes.
final class LinesFile: Sendable {
  private let descriptor: Int32

  init(_ path: String) throws(CaptureReadError) {
    try CaptureCheck.beforeOpening(path)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .forbidden(String(cString: strerror(errno))) }
  }

  deinit { close(descriptor) }

  /// How long it is now.
  func byteCount() throws(CaptureReadError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .other(String(cString: strerror(errno))) }
    return Int(status.st_size)
  }

  /// Replaces what is in `buffer` with the bytes at an offset: as many as are there, and fit.
  func read(at offset: Int, into buffer: inout [UInt8], limit: Int) throws(CaptureReadError) {
    var failure: Int32?
    buffer = [UInt8](unsafeUninitializedCapacity: limit) { room, count in
      count = 0
      while count < limit {
        let read = pread(descriptor, room.baseAddress! + count, limit - count, off_t(offset + count))
        if read < 0 {
          if errno == EINTR { continue }
          failure = errno
          return
        }
        if read == 0 { return }
        count += read
      }
    }
    if let failure { throw .other(String(cString: strerror(failure))) }
  }

  /// How many newlines lie between two offsets.
  func countNewlines(from start: Int, to end: Int) throws(CaptureReadError) -> Int {
    var buffer: [UInt8] = []
    var (offset, count) = (start, 0)
    while offset < end {
      try read(at: offset, into: &buffer, limit: min(1 << 20, end - offset))
      if buffer.isEmpty { break }
      count += buffer.count { $0 == UInt8(ascii: "\n") }
      offset += buffer.count
    }
    return count
  }
}

/// A line of a file.
struct FileLine {
  /// Where its first byte is.
  var offset: Int
  /// Where the next line begins, or the end of what was looked at.
  var end: Int
  /// Without the newline and what some editors write before it; empty when it is too long to be an entry.
  var bytes: [UInt8]
  /// A newline ends it.
  var isWhole: Bool
  var isTooLong: Bool

  /// Nothing is in it.
  var isBlank: Bool { !isTooLong && bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}

/// Walks through the lines of a file from an offset to another.
struct LineWalk {
  private let file: LinesFile
  private var end: Int
  private var buffer: [UInt8] = []
  /// Where the buffer's first byte is in the file.
  private var start: Int
  /// The next line's place in the buffer.
  private var next = 0

  /// In bytes: six for each byte of a message of 16 MiB, the most that JSON makes of one.
  static let longestLine = 6 * (16 << 20) + 65_536
  /// Most pages are shorter: what is read ahead is wasted when the page ends.
  private static let firstPiece = 64 << 10
  private static let piece = 1 << 20

  /// - Parameters:
  ///   - offset: where a line begins.
  ///   - end: where it ends to look.
  init(_ file: LinesFile, from offset: Int, to end: Int) {
    self.file = file
    self.end = end
    start = offset
  }

  /// The next line; nil at the end.
  mutating func nextLine() throws(CaptureReadError) -> FileLine? {
    let offset = start + next
    guard offset < end else { return nil }
    var searched = next
    var isTooLong = false
    while true {
      if let newline = newline(from: searched) {
        let line = FileLine(
          offset: offset, end: start + newline + 1, bytes: isTooLong ? [] : text(next..<newline), isWhole: true,
          isTooLong: isTooLong)
        next = newline + 1
        return line
      }
      let readEnd = start + buffer.count
      if readEnd >= end {
        let line = FileLine(
          offset: offset, end: readEnd, bytes: isTooLong ? [] : text(next..<buffer.count), isWhole: false,
          isTooLong: isTooLong)
        next = buffer.count
        return line
      }
      // What is left of a line too long is of no use.
      if isTooLong || buffer.count - next > Self.longestLine {
        isTooLong = true
        next = buffer.count
      }
      searched = buffer.count - next
      try refill()
    }
  }

  /// Drops the lines that were given, and reads on.
  private mutating func refill() throws(CaptureReadError) {
    let kept = Array(buffer[next...])
    start += next
    next = 0
    var more: [UInt8] = []
    let offset = start + kept.count
    let piece = buffer.isEmpty ? Self.firstPiece : Self.piece
    try file.read(at: offset, into: &more, limit: min(piece, end - offset))
    // The file has become shorter.
    if more.isEmpty { end = offset }
    buffer = kept.isEmpty ? more : kept + more
  }

  private func newline(from index: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard index < bytes.count, let base = bytes.baseAddress else { return nil }
      return memchr(base + index, Int32(UInt8(ascii: "\n")), bytes.count - index).map { UnsafeRawPointer($0) - base }
    }
  }

  private func text(_ range: Range<Int>) -> [UInt8] {
    var range = range
    if let last = range.last, buffer[last] == UInt8(ascii: "\r") { range = range.dropLast() }
    return Array(buffer[range])
  }
}
