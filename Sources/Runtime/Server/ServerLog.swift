import CLinux
import Glibc
import Logging
import Screen
import Threads

/// A server's log: one line for each event, on standard error and in a file if one is named.
///
/// Lines may hold what peers have sent: control characters are shown and never written raw. A line goes out with one
/// `write`, so that lines of several threads do not mix. A disk that is full loses lines and stops nobody.
public struct ServerLog: LogHandler {
  public var logLevel = Logger.Level.info
  public var metadata: Logger.Metadata = [:]
  private let descriptors: [Int32]

  /// - Parameter descriptors: open for writing as long as the program logs.
  public init(descriptors: [Int32]) { self.descriptors = descriptors }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
      .map { " \($0.key)=\(Self.quoted("\($0.value)"))" }.joined()
    let line = CharacterWidth.printable("\(Self.now) \(event.level) \(event.message)\(fields)") + "\n"
    for descriptor in descriptors {
      _ = line.withCString { write(descriptor, $0, strlen($0)) }
    }
  }

  private static func quoted(_ value: String) -> String {
    value.contains(" ") || value.isEmpty ? "\"\(value)\"" : value
  }

  /// As in `2026-03-01T14:05:09.120+0100`.
  private static var now: String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    localtime_r(&time.tv_sec, &parts)
    var buffer = [CChar](repeating: 0, count: 64)
    let format = "%Y-%m-%dT%H:%M:%S.\(String(1000 + time.tv_nsec / 1_000_000).dropFirst())%z"
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
