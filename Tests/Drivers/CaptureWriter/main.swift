import Capture
import CaptureTestKit
import Captures
import Glibc
import Threads
import Timeline

// Writes a capture until it is killed, and says on standard output what it has given away and what was kept of it:
//
//   capture-writer FILE            about 400 entries a second, and sound
//   capture-writer FILE COUNT      so many messages at once; says what they cost beside JSON lines

let arguments = CommandLine.arguments
let path = arguments[1]
let header = CaptureHeader(programVersion: "test", wallClockMilliseconds: 1_790_000_000_000)

/// Processor time of the whole process, in seconds.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Goes to the reader at once: a buffer would be lost with a kill.
func say(_ text: String) {
  let line = Array((text + "\n").utf8)
  _ = line.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress!, $0.count) }
}

if let count = arguments.dropFirst(2).first.flatMap({ Int($0) }) {
  let entries = (0..<count).map { Sample.entry($0) }
  var bytes = 0
  var start = processorSeconds()
  let lines = open(path + ".jsonl", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  for entry in entries {
    let line = EntryLine.encode(entry) + [UInt8(ascii: "\n")]
    bytes += line.count
    _ = line.withUnsafeBytes { write(lines, $0.baseAddress!, $0.count) }
  }
  close(lines)
  let plain = processorSeconds() - start
  start = processorSeconds()
  let writer = CaptureFileWriter(path: path, header: header)
  for entry in entries {
    while !writer.write(entry) { usleep(1000) }
  }
  writer.close()
  let cost = processorSeconds() - start
  var status = stat()
  _ = stat(path, &status)
  let each = 1e6 / Double(count)
  say("JSON lines: \((plain * each).rounded()) µs and \(bytes / count) bytes a message")
  say("capture: \((cost * each).rounded()) µs and \(Int(status.st_size) / count) bytes a message; \(writer.status)")
  exit(0)
}

let writer = CaptureFileWriter(path: path, header: header)
let track = writer.addTrack(Sample.track)
var index = 0
var position: Int64 = 0
/// The longest that this thread slept beyond what it had asked for, in nanoseconds: how busy the machine is.
var late: Int64 = 0
while true {
  let now = monotonicNanoseconds()
  for _ in 0..<4 {
    writer.write(Sample.entry(index))
    index += 1
  }
  writer.write(Sample.sound(position..<position + 160), at: position, on: track)
  position += 160
  let kept = writer.status.kept
  say("\(now) \(index) \(position) \(kept.entries) \(kept.samples) \(late)")
  usleep(10_000)
  late = max(late, monotonicNanoseconds() - now - 10_000_000)
}
