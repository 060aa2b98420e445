import Glibc
import Threads

/// What the kernel says about a process.
enum ProcessFigures {
  /// Nanoseconds that its threads have run so far. To the nanosecond, where /proc/PID/stat counts hundredths of a
  /// second; threads that have ended are left out.
  static func runNanoseconds(_ id: pid_t) throws -> Int64 {
    guard let directory = opendir("/proc/\(id)/task") else { throw BenchmarkFailure("process \(id) has ended") }
    defer { closedir(directory) }
    var sum: Int64 = 0
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.first != "." else { continue }
      let line = text("/proc/\(id)/task/\(name)/schedstat")
      sum += line.split(separator: " ").first.flatMap { Int64($0) } ?? 0
    }
    return sum
  }

  /// Percent of one core over the next `seconds`.
  static func processorPercent(_ id: pid_t, seconds: Double) throws -> Double {
    let (start, used) = (monotonicNanoseconds(), try runNanoseconds(id))
    usleep(UInt32(seconds * 1e6))
    return Double(try runNanoseconds(id) - used) / Double(monotonicNanoseconds() - start) * 100
  }

  /// Processor time that the calling thread spends on it.
  static func processorMilliseconds(_ body: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
    let start = now()
    body()
    return now() - start
  }

  /// Megabytes (2²⁰) resident: all of them, and those that belong to no file and can be given back to nobody.
  static func resident(_ id: pid_t) -> (all: Double, own: Double) {
    var kilobytes: [Substring: Double] = [:]
    for line in text("/proc/\(id)/status").split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " })
      if words.count >= 2 { kilobytes[words[0]] = Double(words[1]) }
    }
    return ((kilobytes["VmRSS"] ?? .nan) / 1024, (kilobytes["RssAnon"] ?? .nan) / 1024)
  }

  private static func text(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 16_384)
    let count = read(file, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
