import CLinux
import Glibc
import Synchronization
import Threads

/// A program on a pseudo-terminal of its own: what it draws is read and thrown away, as a fast terminal would, or a
/// terminal behind a slow link.
final class ProgramOnTerminal: Sendable {
  let processID: pid_t
  /// When it was started: nanoseconds on CLOCK_MONOTONIC.
  let started: Int64
  private let master: Int32
  private let reader: Locked<NamedThread?>
  private let seen: Locked<Seen>

  fileprivate struct Seen {
    /// The end of what was drawn, enough to look for a word in.
    var tail: [UInt8] = []
    var bytes = 0
    var awaited: [UInt8] = []
    var awaitedAt: Int64?
    /// How much of the question has been read.
    var questionLength = 0
  }

  /// Starts it.
  /// - Parameters:
  ///   - awaiting: a text whose first appearance is to be timed.
  ///   - environment: added to this process's own.
  ///   - bytesPerSecond: of the link to the terminal; nil for as fast as it goes.
  /// - Throws: `BenchmarkFailure` when it cannot be started.
  init(
    _ program: String, _ arguments: [String], awaiting text: String = "", columns: UInt16 = 120, rows: UInt16 = 40,
    environment: [String: String] = [:], bytesPerSecond: Int? = nil
  ) throws {
    var (near, far): (Int32, Int32) = (-1, -1)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&near, &far, &name, nil, &size) == 0 else { throw BenchmarkFailure("no pseudo-terminal") }
    _ = fcntl(near, F_SETFD, FD_CLOEXEC)
    master = near
    seen = Locked(Seen(awaited: Array(text.utf8)))
    let all = Self.environment(adding: environment)
    started = monotonicNanoseconds()
    processID = try Self.spawn(program, arguments, terminal: name, environment: all)
    close(far)
    reader = Locked(nil)
    let (seen, source) = (seen, near)
    let reading = NamedThread("terminal") {
      // A slow link hands on a hundredth of a second's worth at a time.
      var buffer = [UInt8](repeating: 0, count: bytesPerSecond.map { max(1, $0 / 100) } ?? 65_536)
      var due = monotonicNanoseconds()
      while true {
        if bytesPerSecond != nil {
          due = max(due + 10_000_000, monotonicNanoseconds())
          sleepUntil(due)
        }
        let count = read(source, &buffer, buffer.count)
        // EIO: the last program on the terminal has ended.
        guard count > 0 else { return }
        let now = monotonicNanoseconds()
        // As every terminal does, when it comes to it: "are you well?", "I am".
        for _ in 0..<(seen.withLock { $0.take(buffer[..<count], at: now) }) { _ = write(source, "\u{1B}[0n", 4) }
      }
    }
    reader.withLock { $0 = reading }
  }

  /// When the awaited text appeared; nil before.
  var awaitedAt: Int64? { seen.withLock { $0.awaitedAt } }

  /// Waits for another text from now on, and returns when it appeared. Texts that the program draws in one go only:
  /// what has not changed is not drawn again.
  func wait(for text: String, seconds: Double = 30) throws -> Int64 {
    expect(text)
    try waitUntil("\"\(text)\" on the screen of \(processID)", seconds: seconds) { awaitedAt != nil }
    return awaitedAt ?? 0
  }

  /// Times the next appearance of a text.
  func expect(_ text: String) {
    seen.withLock {
      $0.awaited = Array(text.utf8)
      $0.awaitedAt = nil
      $0.tail = []
    }
  }

  /// Bytes that were drawn and that the terminal has not read yet.
  var waitingBytes: Int {
    var count: Int32 = 0
    return ioctl(master, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
  }

  /// Bytes drawn so far.
  var drawnBytes: Int { seen.withLock { $0.bytes } }

  /// Types keys.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(master, bytes, bytes.count)
  }

  /// Ends it with SIGTERM, or after five seconds with SIGKILL.
  func stop() {
    kill(processID, SIGTERM)
    var status: Int32 = 0
    let deadline = monotonicNanoseconds() + 5_000_000_000
    while waitpid(processID, &status, WNOHANG) == 0 {
      if monotonicNanoseconds() > deadline { kill(processID, SIGKILL) }
      usleep(5000)
    }
    let ending = reader.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
    close(master)
  }

  private static func environment(adding extra: [String: String]) -> [String] {
    var result: [String] = []
    // Captures cost what they cost, and do not go to those of whoever measures.
    let settings = ["TERM": "xterm-256color", "LANG": "C.UTF-8", "XDG_STATE_HOME": "/tmp/sidetone-bench-state"]
      .merging(extra) { $1 }
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if !settings.keys.contains(where: { text.hasPrefix($0 + "=") }) { result.append(text) }
      next += 1
    }
    return result + settings.map { "\($0.key)=\($0.value)" }
  }

  private static func spawn(
    _ program: String, _ arguments: [String], terminal: [CChar], environment: [String]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // POSIX_SPAWN_SETSID, which Glibc's module does not show. A session of its own, so that the terminal it opens
    // first becomes its controlling terminal.
    posix_spawnattr_setflags(&attributes, 0x80)
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var argv = ([program] + arguments).map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for string in argv + envp { free(string) } }
    var id: pid_t = 0
    let error = posix_spawn(&id, program, &actions, &attributes, &argv, &envp)
    guard error == 0 else {
      throw BenchmarkFailure(
        "cannot start \(program): \(String(cString: strerror(error))); build it with make release, or use --program")
    }
    return id
  }
}

extension ProgramOnTerminal.Seen {
  private static let question = Array("\u{1B}[5n".utf8)

  /// - Returns: how many questions for its status there were.
  mutating func take(_ new: ArraySlice<UInt8>, at now: Int64) -> Int {
    bytes += new.count
    var questions = 0
    for byte in new {
      questionLength = byte == Self.question[questionLength] ? questionLength + 1 : byte == 0x1B ? 1 : 0
      guard questionLength == Self.question.count else { continue }
      questionLength = 0
      questions += 1
    }
    guard awaitedAt == nil, !awaited.isEmpty else { return questions }
    tail += new
    if tail.contains(awaited) { awaitedAt = now }
    if tail.count > 65_536 { tail.removeFirst(tail.count - 4096) }
    return questions
  }
}
