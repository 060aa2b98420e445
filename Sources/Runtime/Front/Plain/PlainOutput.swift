import Console
import Glibc
import Threads

/// Where lines of words go.
struct PlainOutput {
  private let output: BoundedOutput
  private let ink: PlainInk
  private let isImpatient: @Sendable () -> Bool
  /// Nobody listens any more.
  private(set) var isBroken = false
  /// Why, if it is another reason than that the reader has gone, as a full disk.
  private(set) var failure: String?

  /// - Parameter isImpatient: a reader that takes nothing is not waited for any longer.
  init(_ descriptor: Int32, _ ink: PlainInk, isImpatient: @escaping @Sendable () -> Bool) {
    output = BoundedOutput(descriptor)
    self.ink = ink
    self.isImpatient = isImpatient
  }

  mutating func write(_ lines: [PlainLine]) {
    guard !lines.isEmpty, !isBroken else { return }
    switch output.write(lines.flatMap { ink.bytes($0) }, while: { !isImpatient() }) {
    case .written: break
    case .gaveUp: isBroken = true
    case .refused(let error):
      isBroken = true
      if error != EPIPE { failure = String(cString: strerror(error)) }
    }
  }
}
