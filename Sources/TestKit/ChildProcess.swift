import Foundation

/// A program run by a test: its input written, its output read line by line, ended when the test is over.
public final class ChildProcess: @unchecked Sendable {
  // Sendable: `process` and `input` are safe to use from any thread once running; everything else is behind `condition`.
  private let process = Process()
  private let input = Pipe()
  private let condition = NSCondition()
  private var output: [String] = []
  private var errorOutput: [String] = []
  private var partial: [ObjectIdentifier: Data] = [:]
  private var openPipes = 2
  private var exitedAt: Date?

  /// Starts it.
  /// - Parameters:
  ///   - executable: an absolute path, as in `/usr/bin/python3`.
  ///   - environment: added to this process's own.
  /// - Throws: when the program is not there or cannot be run.
  public init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let (out, err) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = out
    process.standardError = err
    [input, out, err].forEach(Self.keepToOurselves)
    process.terminationHandler = { [weak self] _ in
      guard let self else { return }
      condition.withLock {
        self.exitedAt = Date()
        self.condition.broadcast()
      }
    }
    try Self.withoutBlockedSignals { try process.run() }
    read(out.fileHandleForReading, isError: false)
    read(err.fileHandleForReading, isError: true)
  }

  /// Only the child gets these, as its standard streams. Any other program that starts meanwhile would inherit them, and
  /// they would not end before that one does.
  private static func keepToOurselves(_ pipe: Pipe) {
    for handle in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
      _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
    }
  }

  /// A child inherits the thread's signal mask, and the threads that run tests block nearly every signal: a program
  /// started from them would not hear of SIGTERM.
  static func withoutBlockedSignals<Value>(_ body: () throws -> Value) rethrows -> Value {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try starting.withLock(body)
  }

  /// One start at a time: a program that starts while another does inherits the socket by which Foundation learns of
  /// that one's end, and would have to end, too.
  private static let starting = NSLock()

  deinit { terminate() }

  /// Reads to the end, on a thread of its own.
  ///
  /// `readabilityHandler` would do it without one, but libdispatch on Linux has a race where a pipe's writer goes: its
  /// manager still looks at what it keeps of the pipe while the handler's queue lets go of it and frees it. That ended
  /// the process of all tests now and then (a bad pointer in `_dispatch_event_loop_drain`).
  private func read(_ handle: FileHandle, isError: Bool) {
    Thread.detachNewThread { [weak self] in
      var bytes = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = Foundation.read(handle.fileDescriptor, &bytes, bytes.count)
        if count < 0, errno == EINTR { continue }
        self?.received(Data(bytes.prefix(max(0, count))), from: ObjectIdentifier(handle), isError: isError)
        if count <= 0 { return }
      }
    }
  }

  private func received(_ data: Data, from handle: ObjectIdentifier, isError: Bool) {
    condition.lock()
    defer { condition.unlock() }
    var text = partial[handle, default: Data()]
    text.append(data)
    var start = text.startIndex
    while let end = text[start...].firstIndex(of: 0x0a) {
      add(text[start..<end], isError: isError)
      start = text.index(after: end)
    }
    text = Data(text[start...])
    if data.isEmpty {
      if !text.isEmpty { add(text, isError: isError) }
      text = Data()
      openPipes -= 1
    }
    partial[handle] = text
    condition.broadcast()
  }

  private func add(_ line: Data, isError: Bool) {
    let text = String(decoding: line, as: UTF8.self)
    if isError { errorOutput.append(text) } else { output.append(text) }
  }

  /// Its process ID.
  public var processID: Int32 { process.processIdentifier }
  public var isRunning: Bool { process.isRunning }

  /// What it has written to standard output so far, without the line breaks.
  public var lines: [String] { condition.withLock { output } }
  /// What it has written to standard error so far.
  public var errorLines: [String] { condition.withLock { errorOutput } }

  /// Writes to its standard input, with a line break.
  public func writeLine(_ text: String) {
    try? input.fileHandleForWriting.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Ends its standard input.
  public func closeInput() { try? input.fileHandleForWriting.close() }

  /// Waits until it has written a line to standard output for which `isWanted` is true, and returns the first such
  /// line; nil when it ended or `timeout` passed without one. Blocks the calling thread.
  public func waitForLine(timeout: Double = 30, where isWanted: (String) -> Bool) -> String? {
    let deadline = Date(timeIntervalSinceNow: timeout)
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let line = output.first(where: isWanted) { return line }
      if isOver || Date() >= deadline { return nil }
      _ = condition.wait(until: min(deadline, Date(timeIntervalSinceNow: 0.2)))
    }
  }

  /// Exited, and its output read. What it has started itself may live on and keep the pipes open: ten seconds after the
  /// exit everything is taken as read. Under `condition`.
  private var isOver: Bool {
    guard let exitedAt else { return false }
    return openPipes == 0 || Date().timeIntervalSince(exitedAt) > 10
  }

  /// Waits until it has ended by itself and its output is read; nil when it had to be killed after `timeout` seconds.
  /// Blocks the calling thread.
  public func waitUntilExit(timeout: Double = 30) -> Int32? {
    let deadline = Date(timeIntervalSinceNow: timeout)
    condition.lock()
    while !isOver, Date() < deadline { _ = condition.wait(until: min(deadline, Date(timeIntervalSinceNow: 0.2))) }
    let hasExited = exitedAt != nil
    condition.unlock()
    guard hasExited else {
      terminate()
      return nil
    }
    return process.terminationStatus
  }

  /// SIGTERM, when it still runs.
  public func terminate() {
    if process.isRunning { process.terminate() }
  }

  /// SIGKILL, when it still runs: for a peer that has to vanish without a word.
  public func kill() {
    if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
  }
}
