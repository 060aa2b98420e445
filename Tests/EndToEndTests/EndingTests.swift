import CLinux
import Foundation
import TestKit
import Testing
import Timeline

extension FirstLane {
  /// The program ends as it should when what it writes to does not: terminals that take nothing, pipes that are closed,
  /// disks that are full, and signals that come in pairs.
  @Suite struct Ending {
    private let folder: TestFolder
    init() throws { folder = try TestFolder() }

    private static let silent = ["--input", "silence", "--output", "null"]

    // MARK: - Terminals that take nothing

    /// A connection that hangs, or Ctrl-S: nobody reads what the console draws, and its terminal is full.
    @Test(arguments: [SIGTERM, SIGHUP, SIGINT]) func aTerminalThatTakesNothingHoldsNobodyUp(signal: Int32) throws {
      let log = folder.file("log.jsonl")
      let terminal = try UnreadTerminal(Self.silent + ["--log", log])
      try terminal.fill()
      // The session goes on all the same.
      try waitFor("a live session") { (try? Recording(file: log).isReady) == true }
      terminal.signal(signal)
      #expect(terminal.waitUntilExit(within: 20) == 128 + signal)
      try Recording(file: log).expectWhole()
    }

    @Test func aTerminalThatTakesNothingHoldsNobodyUpInWordsEither() throws {
      let log = folder.file("log.jsonl")
      let terminal = try UnreadTerminal(["--plain"] + Self.silent + ["--log", log], isStopped: true)
      try waitFor("a session") { FileManager.default.fileExists(atPath: log) }
      terminal.signal(SIGTERM)
      #expect(terminal.waitUntilExit(within: 20) != nil)
    }

    // MARK: - Signals in pairs

    @Test(arguments: [["--headless"], ["--plain"]]) func twoSignalsAtOnceLeaveAWholeLog(front: [String]) throws {
      let log = folder.file("log.jsonl")
      let process = try Program.start(front + Self.silent + ["--duration", "60s", "--log", log])
      try waitFor("a live session") { (try? Recording(file: log).isReady) == true }
      for number in [SIGTERM, SIGTERM, SIGINT, SIGTERM] { Foundation.kill(process.processID, number) }
      #expect(process.waitUntilExit() == 0, "\(process.errorLines)")
      try Recording(file: log).expectWhole()
    }

    @Test func twoSignalsAtOnceLeaveAWholeLogOfTheConsole() throws {
      let log = folder.file("log.jsonl")
      let console = try ConsoleScreen(Self.silent + ["--log", log])
      let id = try #require(try console.terminal.processID())
      for number in [SIGTERM, SIGTERM, SIGHUP, SIGTERM] { Foundation.kill(id, number) }
      try console.terminal.wait(for: "its end", within: 60) { $0.contains("[exit 1") && $0.contains("[end]") }
      try Recording(file: log).expectWhole()
    }

    // MARK: - Pipes

    @Test(arguments: ["--headless", "--plain"]) func aReaderThatHasEnoughEndsIt(front: String) throws {
      let status = folder.file("status")
      let process = try ChildProcess(
        "/bin/sh",
        [
          "-c", #""$@" 2>"$0".errors | head -1"#, status, "/bin/sh", "-c",
          #""$@"; echo $? >"$0""#, status, Program.path, front,
        ] + Self.silent, environment: Program.environment)
      try waitFor("its end") { FileManager.default.fileExists(atPath: status) && !self.text(status).isEmpty }
      #expect(text(status) == "0\n", "\(text(status + ".errors"))")
      #expect(text(status + ".errors").isEmpty, "\(text(status + ".errors"))")
      #expect(process.lines.count == 1)
      process.terminate()
    }

    // MARK: - Full disks

    @Test func aFullDiskIsToldBeforeAnythingIsStarted() throws {
      let outcome = try Program.run(["--headless", "--input", "silence", "--output", "file:/dev/full"])
      #expect(outcome.status == 73)
      #expect(outcome.errors == "sidetone: --output file:/dev/full: No space left on device")
      #expect(outcome.output.isEmpty)
    }

    /// A limit on the size of files stands for a disk that becomes full in the middle of the session.
    private func withLittleRoom(_ arguments: [String], input: String = "/dev/null") throws -> Program.Outcome {
      let process = try ChildProcess(
        "/bin/sh", ["-c", #"ulimit -f 96; exec "$@" <"$0""#, input, Program.path] + arguments,
        environment: Program.environment)
      let status = process.waitUntilExit(timeout: 60)
      return Program.Outcome(
        status: status, output: process.lines, errors: process.errorLines.joined(separator: "\n"))
    }

    @Test func aDiskThatBecomesFullIsToldAtOnceWithFileAndReason() throws {
      let (answer, log) = (folder.file("answer.wav"), folder.file("log.jsonl"))
      let outcome = try withLittleRoom([
        "--headless", "--duration", "6s", "--input", "say:what time is it", "--output", "file:\(answer)", "--log", log,
      ])
      #expect(outcome.status == 73, "\(outcome.errors)")
      // Both, at once and at the end.
      for path in [answer, log] {
        #expect(outcome.errors.components(separatedBy: "\(path): File too large").count >= 3, "\(outcome.errors)")
      }
      let recording = try Recording(outcome.output)
      recording.expectWhole()
      let end = try #require(recording.entries.last).at
      let told = recording.entries.filter { entry in
        switch entry.event {
        case .device(let change): change.state == .failed && change.text == "\(answer): File too large"
        case .notice(let notice): notice.source == .log && notice.text == "\(log): File too large"
        default: false
        }
      }
      #expect(told.count == 2)
      #expect(told.allSatisfy { end - $0.at > .seconds(1) }, "when it happened, not when all was over")
      // What there was room for is good: whole samples under a header that counts them, whole lines.
      let samples = try Ear(file: answer).samples
      #expect(samples.count > 16_000 && samples.count * 2 + 44 <= 96 * 512)
      let replayed = try Program.run(["replay", "--plain", "--fast", log])
      #expect(replayed.status == 0 && !replayed.output.isEmpty, "\(replayed.errors)")
    }

    @Test func inWordsToo() throws {
      let (answer, log) = (folder.file("answer.wav"), folder.file("log.jsonl"))
      let typed = try folder.write("say what time is it\nwait\nquit\n", to: "typed.txt")
      let outcome = try withLittleRoom(
        ["--plain", "--input", "silence", "--output", "file:\(answer)", "--log", log], input: typed)
      #expect(outcome.status == 73, "\(outcome.errors)")
      for path in [answer, log] {
        #expect(outcome.errors.contains("\(path): File too large"), "\(outcome.errors)")
        #expect(outcome.output.contains { $0.contains("\(path): File too large") }, "\(outcome.output)")
      }
    }

    @Test func aLogThatCannotBeWrittenIsSaidOnTheScreen() throws {
      let console = try ConsoleScreen(Self.silent + ["--log", "/dev/full"])
      try console.terminal.wait(forText: "/dev/full: No space left on device", within: 60)
      try console.terminal.keys("q")
      try console.waitForExit(73)
      #expect(console.terminal.screen().contains("/dev/full: No space left on device"))
    }

    @Test func standardOutputThatIsFullIsSaid() throws {
      let process = try ChildProcess(
        "/bin/sh", ["-c", #"exec "$0" "$@" >/dev/full </dev/null"#, Program.path, "--headless", "--duration", "1s"],
        environment: Program.environment)
      #expect(process.waitUntilExit(timeout: 60) == 73)
      #expect(
        process.errorLines.contains("sidetone: standard output: No space left on device"), "\(process.errorLines)")
    }

    // MARK: - Terminals without another screen

    /// What was drawn stays there: the parting line must not be written over it.
    @Test func withoutAnotherScreenThePartingLineIsClean() throws {
      let console = try ConsoleScreen(Self.silent, term: "vt100", waitsForLive: false)
      try console.terminal.wait(forText: "q quit", within: 60)
      try console.terminal.keys("q")
      try console.waitForExit(0)
      let lines = console.terminal.screen().split(separator: "\n")
      let parting = try #require(lines.last { $0.contains("sidetone: no turns in") })
      #expect(parting.wholeMatch(of: /sidetone: no turns in \d\d:\d\d:\d\d/) != nil, "\(parting)")
    }

    // MARK: -

    private func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    private func waitFor(_ what: String, _ condition: () -> Bool) throws {
      let deadline = Date(timeIntervalSinceNow: 60)
      while !condition() {
        guard Date() < deadline else { throw TestFailure("\(what) did not come") }
        Thread.sleep(forTimeInterval: 0.02)
      }
    }
  }
}

extension Recording {
  /// A connection has become ready in it.
  fileprivate var isReady: Bool {
    entries.contains { if case .connection(let change) = $0.event { change.state == .ready } else { false } }
  }
}

/// A program on a terminal that nobody reads.
private final class UnreadTerminal {
  private let process = Process()
  private var (master, slave): (Int32, Int32) = (-1, -1)

  /// - Parameter isStopped: by Ctrl-S, from the beginning.
  init(_ arguments: [String], isStopped: Bool = false) throws {
    guard openpty(&master, &slave, nil, nil, nil) == 0 else { throw TestFailure("no pseudo-terminal") }
    var size = winsize()
    (size.ws_col, size.ws_row) = (200, 60)
    _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
    for end in [master, slave] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    if isStopped { tcflow(slave, TCOOFF) }
    process.executableURL = URL(fileURLWithPath: Program.path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(Program.environment) { $1 }
      .merging(["TERM": "xterm-256color", "LANG": "C.UTF-8"]) { $1 }
    let handle = FileHandle(fileDescriptor: slave)
    (process.standardInput, process.standardOutput, process.standardError) = (handle, handle, handle)
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    for end in [master, slave] { close(end) }
  }

  /// Waits until the terminal takes no more.
  func fill() throws {
    let deadline = Date(timeIntervalSinceNow: 60)
    while true {
      var request = pollfd(fd: slave, events: Int16(POLLOUT), revents: 0)
      if poll(&request, 1, 20) == 0 { return }
      guard Date() < deadline, process.isRunning else { throw TestFailure("the terminal is not full") }
    }
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// The exit code; nil when it had to be killed.
  func waitUntilExit(within seconds: Double) -> Int32? {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    guard !process.isRunning else { return nil }
    return process.terminationStatus
  }
}
