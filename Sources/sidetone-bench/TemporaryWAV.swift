import Audio
import Glibc

/// A recording in a file of its own, until it is removed.
struct TemporaryWAV {
  let path: String

  /// - Parameter samples: 16 kHz mono.
  init(_ samples: [Int16]) throws {
    path = "/tmp/sidetone-bench-\(getpid())-\(UInt32.random(in: 0 ... .max)).wav"
    let bytes = WAV.header(rate: 16_000, sampleCount: samples.count) + littleEndian(samples)
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw BenchmarkFailure("cannot write \(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { throw BenchmarkFailure("cannot write \(path): \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(count)
    }
  }

  func remove() { unlink(path) }
}

/// Samples as a peer sends them.
func littleEndian(_ samples: some Collection<Int16>) -> [UInt8] {
  samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
}
