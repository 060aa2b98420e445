import AudioDevices
import Glibc
import Threads
import Timeline

// What the tests of sound devices and of their stand-ins share.

/// What a device told, kept for the test. Any thread.
public final class EventLog: Sendable {
  private let changes = Locked<[DeviceChange]>([])
  public init() {}

  public var all: [DeviceChange] { changes.withLock { $0 } }
  public var states: [DeviceChange.State] { all.map(\.state) }
  public func add(_ change: DeviceChange) { changes.withLock { $0.append(change) } }
  public func first(_ state: DeviceChange.State) -> DeviceChange? { all.first { $0.state == state } }
}

/// Waits until the condition holds. The limit is for a machine under any load; a passing test never waits for it.
public func eventually(within seconds: Int = 30, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = monotonicNanoseconds() + Int64(seconds) * 1_000_000_000
  while try !condition() {
    if monotonicNanoseconds() > deadline { return false }
    usleep(1_000)
  }
  return true
}

/// Samples without any zero, of which each stretch is unlike the others: what is found can be placed exactly.
public func ramp(_ count: Int, from start: Int = 0) -> [Int16] {
  (start..<start + count).map { Int16($0 % 30_000 + 1) }
}

/// Whether `samples` with the silence taken out is `expected`; in a few words if not, as thousands of samples tell nobody
/// anything.
public func sounds(_ samples: some Sequence<Int16>, _ expected: [Int16]) -> String {
  let sounds = samples.filter { $0 != 0 }
  if sounds == expected { return "as expected" }
  let index = zip(sounds, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(sounds.count, expected.count)
  func around(_ samples: [Int16]) -> String { "\(samples[min(index, samples.count)...].prefix(4))" }
  return
    "\(sounds.count) samples instead of \(expected.count), from \(index) on \(around(sounds)) not \(around(expected))"
}

/// A sine of half scale.
public func tone(_ hertz: Double, rate: Int, count: Int) -> [Int16] {
  (0..<count).map { Int16(16_000 * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
}

/// The frequency of a clean tone, by its rising zero crossings.
public func frequency(of samples: [Int16], rate: Int) -> Double {
  let crossings = samples.indices.dropFirst().filter { samples[$0 - 1] < 0 && samples[$0] >= 0 }
  guard let first = crossings.first, let last = crossings.last, last > first else { return 0 }
  return Double(crossings.count - 1) * Double(rate) / Double(last - first)
}

/// Writes samples as a session does: in 10 ms blocks, never more than 50 ms ahead.
public func feed(_ samples: [Int16], to writer: OutputWriter, rate: Int) {
  var position = 0
  while position < samples.count {
    guard writer.queued < .milliseconds(50) else {
      usleep(1_000)
      continue
    }
    let end = min(samples.count, position + rate / 100)
    writer.write(Array(samples[position..<end]))
    position = end
  }
}

/// A directory of the test's own, which is gone afterwards.
public func withTemporaryDirectory<R>(_ body: (String) throws -> R) throws -> R {
  var template = Array("/tmp/sidetone-audio-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Failure("mkdtemp: \(String(cString: strerror(errno)))") }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = withUnsafePointer(to: entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        unlink("\(path)/\(name)")
      }
      closedir(directory)
    }
    rmdir(path)
  }
  return try body(path)
}

/// Why a test could not go on.
public struct Failure: Error {
  public let text: String
  public init(_ text: String) { self.text = text }
}
