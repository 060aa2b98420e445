import ArgumentParser
import Glibc
import Threads

/// What every benchmark is told.
struct BenchmarkSettings {
  /// Path of the program under test.
  var program: String
  var isQuick: Bool

  /// `full`, or `quick` on request.
  func count(_ full: Int, quick: Int) -> Int { isQuick ? quick : full }

  /// `sidetone` in the folder of this executable.
  static var besideThisOne: String {
    thisOne.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/sidetone"
  }

  /// The path of this executable.
  static var thisOne: String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return String(decoding: buffer.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// A benchmark could not be run: what was missing, and what to do.
struct BenchmarkFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// A word to whoever waits; the table alone goes to standard output.
func progress(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, line, line.count)
}

/// Milliseconds that `body` takes.
func milliseconds(_ body: () throws -> Void) rethrows -> Double {
  let start = monotonicNanoseconds()
  try body()
  return Double(monotonicNanoseconds() - start) / 1e6
}

/// Waits until something is so, looking each millisecond.
/// - Throws: `BenchmarkFailure` after `seconds`.
func waitUntil(_ what: String, seconds: Double = 30, _ isSo: () throws -> Bool) throws {
  let deadline = monotonicNanoseconds() + Int64(seconds * 1e9)
  while try !isSo() {
    guard monotonicNanoseconds() < deadline else { throw BenchmarkFailure("waited \(seconds) s in vain: \(what)") }
    usleep(1000)
  }
}
