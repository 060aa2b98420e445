import Glibc
import Logging
import Screen
import Threads
import Wire

/// A server's log: one line for each event on standard error, and in a file if one is named, with nothing in it that a terminal obeys or that should
/// stay secret, whatever a client sent.
///
///     2026-11-21T06:36:57.120Z info    user said: what time is it  client=1
public struct LineLogHandler: LogHandler {
  public var logLevel: Logger.Level = .info
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  private let secrets: [String]
  private let write: @Sendable (String) -> Void
  /// Characters of a line; what a client can make longer is cut.
  static let longest = 600

  /// - Parameters:
  ///   - secrets: texts that must not appear, beside the members that are secret by their names.
  ///   - descriptors: open for writing as long as the program logs. A full disk loses lines and stops nobody; that is said
  ///     once, in the first of them.
  ///   - names: of files among them.
  public init(secrets: [String], descriptors: [Int32] = [STDERR_FILENO], names: [Int32: String] = [:]) {
    let told = Locked<Set<Int32>>([])
    self.init(secrets: secrets) { line in
      for (i, descriptor) in descriptors.enumerated() {
        // One call for a line: lines of different threads do not mix.
        let count = line.withCString { Glibc.write(descriptor, $0, strlen($0)) }
        guard count < 0, i > 0 else { continue }
        let reason = String(cString: strerror(errno))
        guard told.withLock({ $0.insert(descriptor).inserted }) else { continue }
        let text = "\(Self.wallClock()) error   \(names[descriptor] ?? "the log"): \(reason); lines are lost\n"
        _ = text.withCString { Glibc.write(descriptors[0], $0, strlen($0)) }
      }
    }
  }

  init(secrets: [String], write: @escaping @Sendable (String) -> Void) {
    self.secrets = secrets
    self.write = write
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let details = all.sorted { $0.key < $1.key }.map { "  \($0.key)=\($0.value)" }.joined()
    let level = event.level.rawValue.padding(to: 7)
    var text = CharacterWidth.printable(Redaction.hideSecrets(in: "\(event.message)\(details)", literals: secrets))
    if text.unicodeScalars.count > Self.longest {
      text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.longest))) + "…"
    }
    write("\(Self.wallClock()) \(level) \(text)\n")
  }

  /// UTC, to the millisecond.
  private static func wallClock() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) + ".\(milliseconds)Z"
  }
}

extension String {
  fileprivate func padding(to count: Int) -> String { self + String(repeating: " ", count: max(0, count - self.count)) }
}
