import Glibc

/// Lines of text from a descriptor, as they come. Bounded: a line without an end is cut.
struct LineInput {
  /// Bytes of a line; what is typed is far shorter.
  static let lineLimit = 16_384

  let descriptor: Int32
  private(set) var hasEnded = false
  private var partial: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The lines that one read completes; at the end also the last one without a line feed. Waits when nothing is there.
  mutating func read() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count > 0 else {
      if count < 0, errno == EINTR || errno == EAGAIN { return [] }
      hasEnded = true
      return partial.isEmpty ? [] : [take()]
    }
    var lines: [String] = []
    for byte in buffer[..<count] {
      if byte == 0x0A {
        lines.append(take())
      } else if partial.count < Self.lineLimit {
        partial.append(byte)
      }
    }
    return lines
  }

  private mutating func take() -> String {
    defer { partial = [] }
    return String(decoding: partial, as: UTF8.self)
  }
}
