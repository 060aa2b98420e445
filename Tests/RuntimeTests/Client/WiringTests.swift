import Audio
import Foundation
import Insight
import Logging
import Session
import Speech
import TestKit
import Testing
import Threads
import Timeline
import WebSockets
import Wire

@testable import Runtime

/// A server with its real providers and a session on it, in one process; everything is judged by the timeline.
private final class WiredSession: Sendable {
  private struct State: Sendable {
    var insight = Insight()
    var entries: [Entry] = []
    var isFinished = false
  }
  private let state = Locked<State>(State())
  private let server: VoiceServer
  let session: SessionLoop

  init(change: (inout SessionOptions) -> Void = { _ in }) throws {
    let clock = TimelineClock()
    var serverOptions = VoiceServerOptions()
    serverOptions.port = 0
    server = try VoiceServer(
      serverOptions, clock: clock, log: Logger(label: "server") { _ in SwiftLogNoOpLogHandler() })
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:\(server.port)/voice"))
    (options.input, options.output) = (.silence, .null)
    options.session.backoffBase = .milliseconds(50)
    options.seed = 1
    change(&options)
    let state = state
    session = SessionLoop(
      options, clock: clock,
      readers: [
        { entry in
          state.withLock {
            $0.insight.observe(entry)
            $0.entries.append(entry)
          }
          return true
        }
      ],
      finished: { state.withLock { $0.isFinished = true } })
  }

  var insight: Insight { state.withLock { $0.insight } }
  var entries: [Entry] { state.withLock { $0.entries } }
  var notices: [String] {
    entries.compactMap { if case .notice(let notice) = $0.event { notice.text } else { nil } }
  }
  var isFinished: Bool { state.withLock { $0.isFinished } }

  func reaches(_ condition: (Insight) -> Bool) async -> Bool {
    await eventually { condition(self.insight) }
  }

  /// The last turn's answer is heard to its end.
  func isAnswered(turns: Int) async -> Bool {
    await reaches { $0.turns.count == turns && $0.turns.last?.ending == .completed && !$0.playout.isPlaying }
  }

  func stop() {
    session.stop()
    server.stop()
  }
}

@Suite(.serialized) struct WiringTests {
  @Test func aConversationThroughEverythingThereIs() async throws {
    let wired = try WiredSession()
    defer { wired.stop() }
    let session = wired.session
    #expect(await wired.reaches { $0.link.state == .ready })

    // Spoken: through synthesis, the gate, the wire, the recognizer, the model, synthesis again, the playout.
    session.perform(.say("what time is it"))
    #expect(await wired.isAnswered(turns: 1))
    let first = try #require(wired.insight.turns.first)
    #expect(wired.insight.transcript.first { $0.speaker == .user }?.text == "what time is it")
    let wait = try #require(first.responseTime)
    #expect(wait > .milliseconds(400), "endpointing alone takes 500 ms, less the detector's onset")
    #expect(!first.endIsServers)
    #expect(first.stages.map(\.name) == ["endpoint", "text", "audio", "sound"])
    #expect(first.playedMs > 500)
    #expect(first.claims?.sttMs != nil)
    #expect(wired.insight.latency.count == 1)

    // Interrupted by the operator while it is heard.
    session.perform(.sendText("tell me a story"))
    #expect(await wired.reaches { $0.turns.count == 2 && $0.turns[1].playedMs > 300 })
    session.perform(.interrupt)
    #expect(await wired.reaches { $0.turns.count == 2 && $0.turns[1].isOver && !$0.playout.isPlaying })
    let story = wired.insight.turns[1]
    #expect(story.ending == .interrupted)
    #expect(story.interruptRequested != nil)
    let share = try #require(wired.insight.transcript.last { $0.speaker == .agent }?.heardShare)
    #expect(share > 0 && share < 0.9)

    // Lost in three ways, and taken up again each time.
    session.perform(.sendText("my name is Ada"))
    #expect(await wired.isAnswered(turns: 3))
    let sessionID = try #require(wired.insight.link.sessionID)
    let ways: [OperatorCommand.Disconnect] = [
      .abort, .close(code: 1000, reason: "bye"), .refuse(.milliseconds(200)),
    ]
    for (n, way) in ways.enumerated() {
      session.perform(.disconnect(way))
      #expect(await wired.reaches { $0.link.opened == n + 2 && $0.link.state == .ready })
      #expect(wired.insight.link.sessionID == sessionID)
    }
    let resumed = wired.entries.compactMap { entry -> Bool? in
      guard case .connection(let change) = entry.event, change.state == .ready else { return nil }
      return change.resumed
    }
    #expect(resumed == [false, true, true, true])
    session.perform(.sendText("what did I just say?"))
    #expect(await wired.isAnswered(turns: 4))
    let answer = try #require(wired.insight.transcript.last { $0.speaker == .agent })
    #expect(answer.text.contains("Ada"), "\(answer.text)")

    session.perform(.quit)
    #expect(await eventually { wired.isFinished })
    let entries = wired.entries
    #expect(entries.map(\.index) == Array(0..<entries.count))
    #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.at <= $1.at })
    guard case .sessionEnded(let end)? = entries.last?.event else {
      Issue.record("something follows the end: \(String(describing: entries.last))")
      return
    }
    #expect(end.orderly)
    #expect(!entries.contains { "\($0.event)".contains("resumeToken\":\"s") })
  }

  @Test func aStalledConnectionIsTakenOver() async throws {
    let wired = try WiredSession { options in
      // The server answers no ping that the stall keeps from it: dead after half a second.
      options.session.firstPingDelay = .milliseconds(100)
      options.session.pingInterval = .milliseconds(300)
      options.session.pongTimeout = .milliseconds(200)
    }
    defer { wired.stop() }
    #expect(await wired.reaches { $0.link.state == .ready })
    wired.session.perform(.sendText("my name is Ada"))
    #expect(await wired.isAnswered(turns: 1))
    wired.session.perform(.disconnect(.stall))
    #expect(await wired.reaches { $0.link.opened == 2 && $0.link.state == .ready })
    wired.session.perform(.sendText("what did I just say?"))
    #expect(await wired.isAnswered(turns: 2))
    #expect(wired.insight.transcript.last { $0.speaker == .agent }?.text.contains("Ada") == true)
  }

  /// A sound file is spoken as a voice would be, and can be stopped; each step is an entry.
  @Test func aFileIsPlayedIntoTheMicrophonePath() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/sidetone-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let speech = try TypedSpeech.speak("what time is it", rate: 16_000)
    for (name, samples) in [("question.wav", speech), ("long.wav", [Int16](repeating: 900, count: 160_000))] {
      let file = WAV.header(rate: 16_000, sampleCount: samples.count) + pcm(samples)
      try Data(file).write(to: URL(filePath: "\(folder)/\(name)"))
    }
    let wired = try WiredSession()
    defer { wired.stop() }
    #expect(await wired.reaches { $0.link.state == .ready })
    wired.session.perform(.play(path: "\(folder)/question.wav", isMixed: false))
    #expect(await wired.isAnswered(turns: 1))
    #expect(wired.insight.transcript.first { $0.speaker == .user }?.text == "what time is it")

    wired.session.perform(.play(path: "\(folder)/long.wav", isMixed: true))
    wired.session.perform(.say("never heard"))
    #expect(await wired.reaches { $0.injection?.speech.name == "long.wav" })
    wired.session.perform(.stopSpeaking)
    #expect(await wired.reaches { $0.injection == nil })
    wired.session.perform(.play(path: "\(folder)/none.wav", isMixed: false))
    #expect(
      await eventually { wired.notices.contains { $0.contains("cannot play") && $0.contains("none.wav") } }
    )

    let changes = wired.entries.compactMap { if case .injection(let it) = $0.event { it } else { nil } }
    #expect(changes.prefix(3).map(\.state) == [.started, .ended, .started])
    #expect(changes[0].spokenMs == 0 && changes[1].spokenMs == changes[1].durationMs && changes[2].isMixed)
    let cancelled = changes.dropFirst(3)
    #expect(!cancelled.isEmpty && cancelled.allSatisfy { $0.state == .cancelled })
    #expect(cancelled.first.map { $0.spokenMs < $0.durationMs } == true)
    let acts = wired.entries.compactMap { if case .operatorAct(let it) = $0.event { it.command } else { nil } }
    #expect(acts == [.play, .play, .say, .hush, .play])
  }

  @Test func stoppingTakesLittleTimeWhateverIsGoingOn() async throws {
    let wired = try WiredSession()
    #expect(await wired.reaches { $0.link.state == .ready })
    wired.session.perform(.sendText("tell me a story"))
    #expect(await wired.reaches { $0.playout.isPlaying })
    wired.session.perform(.say(String(repeating: "one two three four five six seven. ", count: 50)))
    wired.session.perform(.disconnect(.stall))
    let start = monotonicNanoseconds()
    wired.stop()
    let seconds = Double(monotonicNanoseconds() - start) / 1e9
    // Three seconds on a machine of its own; here everything else is tested at the same time.
    #expect(seconds < 15)
    guard case .sessionEnded? = wired.entries.last?.event else {
      Issue.record("the timeline has no end")
      return
    }
  }
}
