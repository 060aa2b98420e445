import CLinux
import Glibc
import Threads

/// Another program, run to its end. Its arguments are a list: no shell reads them.
struct Program {
  /// How it ended.
  struct Ending {
    /// Its exit code; 128 and the signal when one ended it.
    var status: Int32
    /// The last 64 KiB of what it wrote to standard output; empty when that was shown.
    var output: String
    /// The same of standard error.
    var errors: String
    /// Whether it was told to end.
    var wasStopped: Bool
  }

  /// It could not be started.
  struct NotStarted: Error {
    var program: String
    var code: Int32
    var reason: String { "\(program) cannot be started: \(String(cString: strerror(code)))" }
  }

  private static let mostBytes = 65_536
  /// How often it is asked whether to go on.
  private static let pollMilliseconds: Int32 = 100
  /// How long a program may take that was told to end.
  private static let patience: Int64 = 3_000_000_000

  /// The first one names the program; without a slash it is looked for in PATH.
  var arguments: [String]
  /// Added to this process's own.
  var environment: [String: String] = [:]
  /// Where it runs; nil for where this process does.
  var folder: String?
  /// Whether its standard output goes where this process's goes.
  var showsOutput = false

  init(_ arguments: [String]) { self.arguments = arguments }

  /// Runs it.
  /// - Parameter isStopped: asked ten times a second; true ends it.
  func run(isStopped: () -> Bool = { false }) throws(NotStarted) -> Ending {
    // Sockets, not pipes: they close on exec from the start.
    var ends: [[Int32]] = []
    defer { for descriptor in ends.joined() where descriptor >= 0 { close(descriptor) } }
    for _ in 0..<2 {
      var pair: [Int32] = [-1, -1]
      guard socketpair(AF_UNIX, CLINUX_SOCK_STREAM | CLINUX_SOCK_CLOEXEC, 0, &pair) == 0 else { throw failure(errno) }
      ends.append(pair)
    }
    let child = try start(output: ends[0][1], errors: ends[1][1])
    for index in ends.indices {
      close(ends[index][1])
      ends[index][1] = -1
    }
    return follow(child, ends.map { $0[0] }, isStopped)
  }

  private func failure(_ code: Int32) -> NotStarted { NotStarted(program: arguments[0], code: code) }

  private func start(output: Int32, errors: Int32) throws(NotStarted) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    if !showsOutput { posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO) }
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    if let folder { posix_spawn_file_actions_addchdir_np(&actions, folder) }
    // It hears every signal, whatever this thread has blocked or this process ignores. In a group of its own, so that it
    // can be ended with all that it has started: a `python3` may be a shell script that starts another.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    var all = sigset_t()
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables = Self.variables(adding: environment).map { strdup($0) } + [nil]
    defer { for text in argv + variables { free(text) } }
    var identifier = pid_t()
    let error = posix_spawnp(&identifier, arguments[0], &actions, &attributes, &argv, &variables)
    guard error == 0 else { throw failure(error) }
    return identifier
  }

  private static func variables(adding added: [String: String]) -> [String] {
    var texts: [String] = []
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if added[String(text.prefix { $0 != "=" })] == nil { texts.append(text) }
      next += 1
    }
    return texts + added.map { "\($0)=\($1)" }
  }

  /// Reads what it writes until it has ended.
  private func follow(_ child: pid_t, _ descriptors: [Int32], _ isStopped: () -> Bool) -> Ending {
    var texts: [[UInt8]] = [[], []]
    var requests = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    var toldToEnd: Int64?
    var ended: Int32?
    while true {
      // Who has closed its output is about to end.
      let ready = poll(&requests, 2, requests.allSatisfy { $0.fd < 0 } ? 5 : Self.pollMilliseconds)
      for index in requests.indices where ready > 0 && requests[index].revents != 0 {
        let count = read(requests[index].fd, &buffer, buffer.count)
        if count > 0 {
          texts[index] += buffer.prefix(count)
          if texts[index].count > 2 * Self.mostBytes { texts[index].removeFirst(texts[index].count - Self.mostBytes) }
        } else if count == 0 || errno != EINTR {
          // poll(2) passes over a negative one.
          requests[index].fd = -1
        }
      }
      var status: Int32 = 0
      if ended == nil, waitpid(child, &status, WNOHANG) == child { ended = status }
      // What it has started itself may live on and keep its output open: nothing more of that is waited for.
      if let status = ended, ready <= 0 || requests.allSatisfy({ $0.fd < 0 }) {
        let signal = status & 0x7F
        let shown = texts.map { String(decoding: $0.suffix(Self.mostBytes), as: UTF8.self) }
        return Ending(
          status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, output: shown[0], errors: shown[1],
          wasStopped: toldToEnd != nil)
      }
      if toldToEnd == nil, ended == nil, isStopped() {
        toldToEnd = monotonicNanoseconds()
        // As Ctrl-C does: pip then shows the cursor again that its bar has hidden.
        kill(-child, SIGINT)
      }
      if let since = toldToEnd, ended == nil, monotonicNanoseconds() - since > Self.patience { kill(-child, SIGKILL) }
    }
  }
}
