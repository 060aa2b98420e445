import Findings
import Foundation
import Insight
import Logging
import Session
import Store
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// What a timeline says live and when it is read again.
@Suite(.serialized) struct ReplayedFiguresTests {
  private struct Readers: Sendable {
    var insight = Insight()
    var linter = FindingsLinter()
    var isFinished = false

    mutating func read(_ entry: Entry) {
      insight.observe(entry)
      linter.observe(entry)
    }
  }

  /// A session with speech, an answer that is cut, and a lost connection: every figure and every finding of its replay is
  /// the same, down to what the readers remember.
  @Test func aReplayedSessionSaysExactlyWhatItSaidLive() async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("sidetone-\(UUID().uuidString).jsonl").path
    defer { unlink(path) }
    let clock = TimelineClock()
    var serverOptions = VoiceServerOptions()
    serverOptions.port = 0
    let server = try VoiceServer(
      serverOptions, clock: clock, log: Logger(label: "server") { _ in SwiftLogNoOpLogHandler() })
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice"))
    (options.input, options.output) = (.silence, .null)
    options.session.backoffBase = .milliseconds(50)
    options.seed = 1
    let live = Locked<Readers>(Readers())
    let writer = try TimelineWriter(path: path)
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { entry in
          live.withLock { $0.read(entry) }
          return true
        }, { writer.write($0) },
      ],
      finished: { live.withLock { $0.isFinished = true } })
    func reaches(_ condition: (Insight) -> Bool) async -> Bool {
      await eventually { live.withLock { condition($0.insight) } }
    }

    #expect(await reaches { $0.link.state == .ready })
    session.perform(.say("what is two plus three"))
    #expect(await reaches { $0.turns.first?.isPlayedOut == true })
    session.perform(.sendText("tell me a story"))
    #expect(await reaches { $0.turns.last?.firstSound != nil && $0.turns.count == 2 })
    session.perform(.interrupt)
    #expect(await reaches { $0.turns.last?.isOver == true && $0.bargeIns.all.last?.lastSound != nil })
    session.perform(.disconnect(.abort))
    #expect(await reaches { $0.connection.outages.last?.recovery != nil || $0.link.state == .closed })
    session.perform(.quit)
    #expect(await eventually { live.withLock { $0.isFinished } })
    session.stop()
    server.stop()
    writer.close()

    var replayed = Readers()
    replayed.isFinished = true
    let entries = try TimelineReader.read(path: path).entries
    for entry in entries { replayed.read(entry) }
    let said = live.withLock { $0 }
    #expect(entries.count > 200 && said.insight.turns.count == 2 && said.insight.latency.count == 1)
    #expect(replayed.linter.findings == said.linter.findings)
    let (before, after) = (lines(of: said), lines(of: replayed))
    #expect(before.count > 1000 && before.count == after.count)
    for (line, again) in zip(before, after) where line != again {
      Issue.record("live: \(line)\nreplayed: \(again)")
    }
  }

  /// Everything in a value, private parts included, a line for each; dictionaries in order.
  private func lines(of value: Any, _ path: String = "") -> [String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .dictionary || mirror.displayStyle == .set {
      return mirror.children.flatMap { lines(of: $0.value, path + ".…") }.sorted()
    }
    guard !mirror.children.isEmpty else { return ["\(path) \(value)"] }
    // A live session's readings come with its messages; a replay reads them itself, and holds links for that.
    return mirror.children.filter { $0.label != "reader" }.enumerated().flatMap { i, child in
      lines(of: child.value, "\(path).\(child.label ?? "\(i)")")
    }
  }
}
