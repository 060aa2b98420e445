import Console
import Glibc

/// Where lines of words go.
struct PlainOutput {
  private let descriptor: Int32
  private let ink: PlainInk
  /// Nobody listens any more.
  private(set) var isBroken = false

  init(_ descriptor: Int32, _ ink: PlainInk) {
    self.descriptor = descriptor
    self.ink = ink
  }

  mutating func write(_ lines: [PlainLine]) {
    guard !lines.isEmpty, !isBroken else { return }
    var rest = lines.flatMap { ink.bytes($0) }[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        isBroken = true
        return
      }
    }
  }
}
