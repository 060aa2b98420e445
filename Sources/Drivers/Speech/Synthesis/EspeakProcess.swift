import CLinux
import Glibc
import Threads

/// espeak-ng as a child process: a hundred languages, under a licence that must stay out of this process.
///
/// One child for each piece of text, which arrives on its standard input; it answers with a WAV stream. Belongs to one
/// thread, except for `interrupt`.
final class EspeakProcess: Sendable {
  private let program: String
  private let interruption = Waker()
  /// The longest silence of a child that works.
  private static let patience: Duration = .seconds(10)

  init(program: String) { self.program = program }

  /// Any thread: makes a running `speak` ask whether it is still wanted.
  func interrupt() { interruption.wake() }

  /// Speaks a text of a few hundred characters; returns when all of it was delivered or it is not wanted any more.
  ///
  /// - Parameters:
  ///   - language: espeak-ng's name of the voice: `de`, `fr-be`, `pt-br`.
  ///   - deliver: samples as they are made, and their rate.
  func speak(
    _ text: String, language: String, isWanted: () -> Bool, deliver: ([Int16], Int) -> Void
  ) throws(SynthesisFailure) {
    let allowed = language.utf8.allSatisfy { isalnum(Int32($0)) != 0 || $0 == 0x2D || $0 == 0x2B || $0 == 0x5F }
    guard allowed, (1...24).contains(language.utf8.count), language.utf8.first != 0x2D else {
      throw SynthesisFailure(text: "that is no name of a language; write en, de, fr-be …")
    }
    var child = try Child(program: program, arguments: ["--stdout", "--stdin", "-b", "1", "-v", language])
    // The child reads all before it speaks; a few hundred characters fit into the socket's buffer.
    child.write(text)
    var stream = SpokenWAV()
    var hasAudio = false
    var buffer = [UInt8](repeating: 0, count: 8192)
    while isWanted() {
      guard try child.waitForOutput(or: interruption, timeout: Self.patience) else {
        interruption.clear()
        continue
      }
      let count = read(child.output, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { break }
      let samples: [Int16]
      do {
        samples = try stream.process(buffer.prefix(count))
      } catch {
        throw SynthesisFailure(text: "the answer of \(program) is no WAV: \(error.reason)")
      }
      if let rate = stream.rate, !samples.isEmpty {
        hasAudio = true
        deliver(samples, rate)
      }
    }
    guard isWanted() else { return }
    let status = child.end()
    if status != 0 || !hasAudio {
      throw SynthesisFailure(
        text: "\(program) cannot speak \(language); `\(program) --voices` lists what it can")
    }
  }
}

/// A child process between two socket pairs; killed and reaped when it goes out of scope.
private struct Child: ~Copyable {
  let output: Int32
  private let input: Int32
  private let identifier: pid_t
  private var isReaped = false

  init(program: String, arguments: [String]) throws(SynthesisFailure) {
    // Sockets, not pipes: they close on exec from the start, and a write to a dead child raises no SIGPIPE.
    var standardInput: [Int32] = [-1, -1]
    var standardOutput: [Int32] = [-1, -1]
    let type = CLINUX_SOCK_STREAM | CLINUX_SOCK_CLOEXEC
    guard socketpair(AF_UNIX, type, 0, &standardInput) == 0 else { throw Self.failure(program, errno) }
    guard socketpair(AF_UNIX, type, 0, &standardOutput) == 0 else {
      let error = errno
      for descriptor in standardInput { close(descriptor) }
      throw Self.failure(program, error)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, standardInput[1], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, standardOutput[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var argv: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for argument in argv { free(argument) } }
    var identifier = pid_t()
    let error = posix_spawnp(&identifier, program, &actions, nil, &argv, environ)
    close(standardInput[1])
    close(standardOutput[1])
    guard error == 0 else {
      close(standardInput[0])
      close(standardOutput[0])
      throw Self.failure(program, error)
    }
    self.identifier = identifier
    input = standardInput[0]
    output = standardOutput[0]
  }

  private static func failure(_ program: String, _ error: Int32) -> SynthesisFailure {
    let remedy = error == ENOENT ? ": apt-get install espeak-ng" : ""
    return SynthesisFailure(
      text: "cannot start \(program) (\(String(cString: strerror(error))))\(remedy)")
  }

  /// Writes the text and ends the input.
  func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in _ = send(input, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    shutdown(input, Int32(SHUT_WR))
  }

  /// True when there is output or its end; false after an interruption.
  func waitForOutput(or interruption: Waker, timeout: Duration) throws(SynthesisFailure) -> Bool {
    var requests = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: interruption.fileDescriptor, events: Int16(POLLIN), revents: 0),
    ]
    let milliseconds = Int32(timeout / .milliseconds(1))
    switch poll(&requests, 2, milliseconds) {
    case 0: throw SynthesisFailure(text: "the child process has been silent for \(timeout)")
    default: return requests[1].revents == 0 && requests[0].revents != 0
    }
  }

  /// Waits for the child's end; returns 0 when it ended well.
  mutating func end() -> Int32 {
    isReaped = true
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  deinit {
    close(input)
    close(output)
    if !isReaped {
      kill(identifier, SIGKILL)
      while waitpid(identifier, nil, 0) < 0 && errno == EINTR {}
    }
  }
}
