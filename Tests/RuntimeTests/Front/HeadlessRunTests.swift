import Foundation
import Glibc
import Store
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

@Suite struct HeadlessRunTests {
  private func options(port: Int) throws -> SessionOptions {
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:\(port)/voice"))
    (options.input, options.output) = (.silence, .null)
    options.session.backoffBase = .milliseconds(20)
    return options
  }

  /// Runs on a thread of its own; the lines go to a file that is read afterwards.
  private func run(
    _ options: SessionOptions, limit: HeadlessRun.Limit = .none, summary: SummaryReader? = nil,
    stopRequested: @escaping @Sendable () -> Bool = { false }
  ) async throws -> (outcome: SessionFate.Outcome, entries: [Entry]) {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sidetone-\(UUID().uuidString).jsonl").path
    defer { unlink(path) }
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(file) }
    let run = HeadlessRun(options, limit: limit, logPath: nil, clock: TimelineClock(), output: file, summary: summary)
    let result = Locked<Result<SessionFate.Outcome, any Error>?>(nil)
    let thread = NamedThread("headless") {
      let outcome = Result { try run.run(stopRequested: stopRequested, waker: Waker()) }
      result.withLock { $0 = outcome }
    }
    #expect(await eventually { result.withLock { $0 != nil } })
    thread.join()
    let outcome = try #require(result.withLock { $0 }).get()
    return (outcome, try TimelineReader.read(path: path).entries)
  }

  @Test func aRunOfSomeSecondsEndsOrderly() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let (outcome, entries) = try await run(try options(port: rig.server.port), limit: .duration(.seconds(3)))
    #expect(outcome.wasReady)
    #expect(outcome.failure == nil)
    guard case .sessionStarted = entries.first?.event, case .sessionEnded(let end) = entries.last?.event else {
      Issue.record("the timeline has no beginning or no end")
      return
    }
    #expect(end.orderly)
    #expect(entries.map(\.index) == Array(0..<entries.count))
  }

  @Test func figuresInWordsAreThoseOfTheTimeline() async throws {
    let rig = try ServerRig(ScriptedProviders { _ in "Good morning to you." })
    defer { rig.stop() }
    rig.script.state.withLock { $0.transcripts = ["good morning"] }
    var options = try options(port: rig.server.port)
    options.input = .say(text: "good morning")
    let (outcome, entries) = try await run(options, limit: .untilIdle, summary: SummaryReader())
    var again = SummaryReader()
    for entry in entries { again.observe(entry) }
    #expect(outcome.summary == again.lines)
    let text = outcome.summary.joined(separator: "\n")
    #expect(text.contains("responses: 1 turn, heard after p50 ") && text.contains(" of it "), "\(text)")
    #expect(text.contains("playout: 1.0 s played, 0.0 s discarded; "), "\(text)")
    var figures = SummaryReader(.json)
    for entry in entries { figures.observe(entry) }
    let json = try JSONValue(parsing: figures.lines[0].utf8)
    guard case .array(let sources) = json["sources"] else { return }
    #expect(sources[0]["figures"]?["played"]?["value"] == .number(1))
    #expect(sources[0]["figures"]?["discarded"]?["value"] == .number(0))
    #expect(text.contains("finding: info final-without-interim ×1: no interim came before it"), "\(text)")
    var silenced = SummaryReader(silenced: ["final-without-interim"])
    for entry in entries { silenced.observe(entry) }
    #expect(silenced.lines == again.lines.filter { !$0.contains("final-without-interim") })
  }

  @Test func nobodyThereIsAFailureAndAnEnd() async throws {
    // A port that nobody listens on: it was just given back.
    let rig = try ServerRig()
    let port = rig.server.port
    rig.stop()
    let (outcome, _) = try await run(try options(port: port))
    #expect(!outcome.wasReady)
    #expect(outcome.failure != nil)
  }

  @Test func aServerThatIsStoppedForGoodIsLost() async throws {
    let rig = try ServerRig()
    let stopping = Locked<Bool>(false)
    let options = try options(port: rig.server.port)
    let waiting = NamedThread("stopper") {
      while !rig.log.all.contains(where: { $0.hasPrefix("client joined") }) { usleep(2000) }
      rig.server.stop()
      stopping.withLock { $0 = true }
    }
    let (outcome, entries) = try await run(options)
    waiting.join()
    rig.stop()
    #expect(outcome.wasReady)
    #expect(outcome.failure != nil)
    #expect(entries.contains { if case .connection(let change) = $0.event { change.code == 1001 } else { false } })
  }

  @Test func aRequestToStopIsHeard() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let log = rig.log
    let (outcome, _) = try await run(
      try options(port: rig.server.port),
      stopRequested: { log.all.contains { $0.hasPrefix("client joined") } })
    #expect(outcome.failure == nil)
  }

  /// Runs into a descriptor of the test's.
  private func run(into output: Int32, _ options: SessionOptions) async throws
    -> (outcome: SessionFate.Outcome, complaints: [String])
  {
    let complaints = Locked<[String]>([])
    let run = HeadlessRun(
      options, limit: .duration(.seconds(3)), logPath: nil, clock: TimelineClock(), output: output,
      complain: { text in complaints.withLock { $0.append(text) } })
    let result = Locked<Result<SessionFate.Outcome, any Error>?>(nil)
    let thread = NamedThread("headless") {
      let outcome = Result { try run.run(stopRequested: { false }, waker: Waker()) }
      result.withLock { $0 = outcome }
    }
    #expect(await eventually { result.withLock { $0 != nil } })
    thread.join()
    return (try #require(result.withLock { $0 }).get(), complaints.withLock { $0 })
  }

  /// As `head -1` does: who reads the lines has enough of them, and that is no fault.
  @Test func aReaderThatHasGoneEndsIt() async throws {
    WriteSignals.becomeErrors()
    let rig = try ServerRig()
    defer { rig.stop() }
    var ends: [Int32] = [-1, -1]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    var options = try options(port: rig.server.port)
    options.input = .silence
    let (outcome, complaints) = try await run(into: ends[1], options)
    close(ends[1])
    #expect(outcome.isAbandoned && outcome.failure == nil)
    #expect(outcome.unwritten.isEmpty && complaints.isEmpty)
  }

  @Test func aFullDiskIsToldWhenItHappens() async throws {
    let rig = try ServerRig()
    defer { rig.stop() }
    let full = open("/dev/full", O_WRONLY)
    defer { close(full) }
    let (outcome, complaints) = try await run(into: full, try options(port: rig.server.port))
    #expect(complaints == ["the output: No space left on device"])
    #expect(outcome.wasReady && !outcome.isAbandoned)
    #expect(outcome.unwritten.count == 1 && outcome.unwritten[0].hasPrefix("the output: No space left on device; "))
  }

  @Test func aLogThatCannotBeWrittenIsToldAtOnce() throws {
    let run = HeadlessRun(
      try options(port: 1), limit: .none, logPath: "/dev/null/a.jsonl", clock: TimelineClock(), output: -1)
    #expect(throws: StoreError.self) { try run.run(stopRequested: { true }, waker: Waker()) }
  }
}
