import AudioCodecs
import Findings
import Foundation
import Insight
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// Servers whose answers begin, end and overlap as they should not: what is heard, shown and found.
  @Suite struct Answers {
    private let folder: TestFolder
    private let server: ChildProcess
    private let port: Int
    private var log: String { folder.file("log.jsonl") }
    private var sound: String { folder.file("heard.wav") }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Fixtures/field/answers.py").path

    init() throws {
      folder = try TestFolder()
      server = try ChildProcess("/usr/bin/python3", ["-u", Self.script])
      guard let line = server.waitForLine(timeout: 60, where: { $0.hasPrefix("port ") }),
        let port = Int(line.dropFirst(5))
      else { throw TestFailure("no port: \(server.errorLines)") }
      self.port = port
    }

    /// A session in words, typed to; ends with `quit`.
    private func connect(_ path: String, _ arguments: [String] = ["--input", "silence"]) throws -> ChildProcess {
      try ChildProcess(
        Program.path,
        ["connect", "ws://127.0.0.1:\(port)/\(path)", "--plain", "--output", "file:\(sound)", "--log", log] + arguments,
        environment: Program.environment)
    }

    /// Waits until the timeline is as it should be.
    private func wait(_ what: String, _ condition: ([Entry]) -> Bool) throws {
      try eventually(what) { condition((try? timeline(of: log)) ?? []) }
    }

    private func quit(_ session: ChildProcess) throws -> (insight: Insight, findings: [String: Int]) {
      session.writeLine("quit")
      #expect(session.waitUntilExit(timeout: 60) == 0, "\(session.errorLines)")
      let recording = try Recording(file: log)
      recording.expectWhole()
      var linter = FindingsLinter()
      for entry in recording.entries { linter.observe(entry) }
      return (recording.insight, Dictionary(uniqueKeysWithValues: linter.findings.map { ($0.rule.id, $0.count) }))
    }

    private func isEnd(_ entry: Entry) -> Bool {
      if case .message(let message) = entry.event {
        String(decoding: message.payload, as: UTF8.self).contains("that was all")
      } else {
        false
      }
    }

    /// The tones that were heard, in order, each of 100 ms and more, and how long they were.
    private func tones() throws -> [(hertz: Int, ms: Int)] {
      let samples = try AudioFile.read(path: sound, rate: 16_000)
      var found: [(hertz: Int, ms: Int)] = []
      for start in stride(from: 0, to: samples.count - 320, by: 320) {
        let block = samples[start..<start + 320]
        guard block.contains(where: { $0.magnitude > 4000 }) else { continue }
        let crossings = zip(block, block.dropFirst()).count { $0 < 0 && $1 >= 0 }
        let hertz = crossings > 13 ? 880 : 440
        if found.last?.hertz == hertz { found[found.count - 1].ms += 20 } else { found.append((hertz, 20)) }
      }
      // At the seams a block is half of either.
      return found.filter { $0.ms >= 60 }.reduce(into: []) { tones, next in
        if tones.last?.hertz == next.hertz { tones[tones.count - 1].ms += next.ms } else { tones.append(next) }
      }
    }

    /// Enough of this answer was heard to be sure of its tone.
    private func isHeard(_ count: Int) -> ([Entry]) -> Bool {
      { entries in entries.count { change($0)?.kind == .started } >= count && playedMs(in: entries) > 500 }
    }

    /// The second answer, of a second, whole but for what was in the ring when the operator quit.
    private func expectSecondAnswer(_ heard: [(hertz: Int, ms: Int)], sourceLocation: SourceLocation = #_sourceLocation)
    {
      #expect(heard.map(\.hertz) == [440, 880], "\(heard)", sourceLocation: sourceLocation)
      #expect((850...1060).contains(heard.last?.ms ?? 0), "\(heard)", sourceLocation: sourceLocation)
    }

    @Test func whatGoesOnAfterInterruptedIsNeitherHeardNorShown() throws {
      let session = try connect("goes-on")
      try wait("the answer", isHeard(1))
      session.writeLine("interrupt")
      try wait("the end of what was cut") { $0.contains { change($0)?.kind == .flushed } }
      try wait("all of it") { entries in
        entries.contains {
          if case .message(let it) = $0.event {
            it.payload.starts(with: Array(#"{"type": "response_complete"#.utf8))
          } else {
            false
          }
        }
      }
      session.writeLine("text go on")
      try wait("the second answer", isHeard(2))
      try wait("its end") { $0.contains(where: isEnd) && $0.contains { change($0)?.kind == .finished } }
      let (insight, findings) = try quit(session)
      expectSecondAnswer(try tones())
      #expect(insight.turns.count == 2 && insight.turns.map(\.ending) == [.interrupted, .completed])
      #expect(
        insight.transcript.filter { $0.speaker == .agent }.map(\.text) == [
          "Once upon a time there was a dragon, ", "The second answer. ",
        ])
      #expect(findings["audio-after-interrupted"] == 1 && findings["text-after-interrupted"] == 1, "\(findings)")
      #expect(findings["interrupt-unanswered"] == nil && findings["response-never-completed"] == nil, "\(findings)")
    }

    @Test func aTypedTurnAfterAnUnansweredInterruptIsHeard() throws {
      let session = try connect("unanswered")
      try wait("the answer", isHeard(1))
      session.writeLine("interrupt")
      try wait("silence") { $0.contains { change($0)?.kind == .flushed } }
      session.writeLine("text hello again")
      try wait("the second answer") { $0.contains(where: isEnd) && $0.contains { change($0)?.kind == .finished } }
      let (insight, findings) = try quit(session)
      expectSecondAnswer(try tones())
      #expect(insight.turns.count == 2 && findings["interrupt-unanswered"] == 1, "\(findings)")
    }

    /// One behind the other, each whole, and each counted once.
    @Test func overlappingAnswersAreHeardOneAfterTheOther() throws {
      let session = try connect("overlapping")
      try wait("both answers") { $0.count { change($0)?.kind == .finished } == 2 && $0.contains(where: isEnd) }
      let (insight, findings) = try quit(session)
      let heard = try tones()
      #expect(heard.map(\.hertz) == [440, 880], "\(heard)")
      #expect(zip(heard, [1500, 1200]).allSatisfy { ($0.ms - $1).magnitude < 60 }, "\(heard)")
      #expect(insight.turns.count == 2 && insight.turns.map(\.receivedMs) == [1500, 1200])
      #expect(findings["responses-interleaved"] == 1 && findings["response-ended-twice"] == 2, "\(findings)")
    }

    @Test(arguments: [
      ("late-audio", ["audio-after-complete": 1], 1, 1500),
      ("late-final", ["late-final": 1, "answered-twice": 1], 2, 1000),
      ("slow", ["slow-pace": 1], 1, 8000),
    ])
    func eachFaultIsNamed(path: String, named: [String: Int], turns: Int, ms: Int) throws {
      let session = try connect(path)
      try wait("all of it") { entries in
        entries.contains(where: isEnd) && playedMs(in: entries) >= Double(ms)
      }
      let (insight, findings) = try quit(session)
      for (id, count) in named { #expect(findings[id] == count, "\(findings)") }
      #expect(Set(findings.keys).subtracting(named.keys).subtracting(["final-without-interim"]).isEmpty, "\(findings)")
      #expect(insight.turns.count == turns && insight.latency.count == 0)
      let heard = try tones().reduce(0) { $0 + $1.ms }
      #expect((heard - ms).magnitude < 100, "\(heard)")
    }

    @Test func anAnswerOverTheUserIsNamed() throws {
      let session = try connect(
        "over-user", ["--input", "say:\(String(repeating: "one two three four five ", count: 3))"])
      try wait("the answer") { $0.contains(where: isEnd) && $0.contains { change($0)?.kind == .finished } }
      let (insight, findings) = try quit(session)
      #expect(findings["agent-over-user"] == 1, "\(findings)")
      #expect(insight.turns.first?.isOverlapped == true)
    }

    /// The dialect that cannot say interrupt: the rest of what was cut is not played again.
    @Test func pcmPlaysTheNextAnswerAndNotTheRestOfTheLast() throws {
      let session = try connect("pipe", ["--input", "silence", "--dialect", "pcm"])
      try wait("the answer", isHeard(1))
      session.writeLine("interrupt")
      try wait("the second answer", isHeard(2))
      try wait("its end") { $0.contains { change($0)?.kind == .finished } }
      let (insight, _) = try quit(session)
      expectSecondAnswer(try tones())
      #expect(insight.turns.count == 2)
    }

    /// Our own server, in the dialect in which nothing can be taken back but what `clear` clears: the user speaks into a
    /// story, and it is silent within what the detector needs, a message and a block of the playout.
    @Test func pcmIsSilentSoonAfterTheUserSpeaks() throws {
      let (process, port) = try Program.serve(["--dialect", "pcm"])
      defer { process.terminate() }
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: 20))
      let run = try CardRun(
        card, log: log, ["connect", "ws://127.0.0.1:\(port)/voice", "--dialect", "pcm", "--no-echo-cancel"])
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(try Burst.speech("tell me a story"))
      try run.wait(for: "the story") { $0.contains { change($0)?.kind == .started } }
      let began = card.lastSoundNanoseconds
      try eventually("a second of it") { card.lastSoundNanoseconds > began + 1_000_000_000 }
      try card.speak(try Burst.speech("stop please that is enough"))
      try run.wait(for: "the cut") { $0.contains { change($0)?.kind == .flushed } }
      try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 300_000_000 }
      #expect(run.stop() == 0)
      let onset = try #require(try card.tape(.microphone).sounds(pause: 600).dropFirst().first).begin
      let story = try #require(try card.tape(.speaker).sounds(pause: 700).first { $0.end > onset })
      let heardMs = Double(story.end - onset) / 1e6
      // 540 ms without `clear` and with 400 ms sent ahead.
      #expect((100..<420).contains(heardMs), "\(heardMs) ms")
      let said = try #require(try Recording(file: log).insight.bargeIns.all.first?.stopTime).milliseconds
      #expect(abs(said - heardMs) < 10, "\(said) ms, heard \(heardMs) ms")
    }
  }
}
