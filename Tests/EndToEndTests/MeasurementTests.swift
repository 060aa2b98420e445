import Foundation
import Insight
import TestKit
import Testing
import Timeline

extension EndToEnd {
  /// The program's figures against what was heard: both sides of a sound card are on tape, on one clock, and a server
  /// with a script and a record of its own says what it did.
  ///
  /// Everything is measured at samples' places in streams, which move with the card's clock, so a machine that is late
  /// makes what is measured longer, but not the measurement wrong.
  @Suite struct Measurement {
    /// What the program says may differ by this from what was heard, in milliseconds.
    private static let tolerance = 10.0
    private let folder: TestFolder
    private var log: String { folder.file("log.jsonl") }
    init() throws { folder = try TestFolder() }

    /// How far off it was, for whoever wants to know: `SIDETONE_TELL_OFFSETS=1`.
    private static func note(_ what: String, _ offMs: Double, _ rest: String) {
      guard ProcessInfo.processInfo.environment["SIDETONE_TELL_OFFSETS"] != nil else { return }
      print("\(what): off by \((offMs * 100).rounded() / 100) ms; \(rest)")
    }

    // MARK: Response times

    /// With what lies behind the card's buffer, and with the echo canceller, which holds the microphone back; and with
    /// every word of the server late by so much: what is measured here must not take the later of two words for one event.
    @Test(arguments: [(0, 0), (35, 0), (0, 400)])
    func theResponseTimeIsTheSilenceThatWasHeard(latencyMs: Int, lagMs: Int) throws {
      let delays = lagMs == 0 ? [40, 713, 300, 1000] : [40, 300]
      let server = try MeasuredServer(
        .init(answers: delays.map { .init(delay: $0, pieces: 12, of: 50, every: 50) }, word: 60, lag: lagMs))
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: latencyMs))
      let run = try CardRun(card, log: log, ["connect", server.url])
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      for turn in 1...delays.count {
        try card.speak(try Burst.speech("what is two plus three"))
        try run.wait(for: "answer \(turn)") { $0.count { change($0)?.kind == .finished } == turn }
        // While the room still rings the microphone is held back, and the beginning would be cut off for good.
        try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 1_000_000_000 }
      }
      #expect(run.stop() == 0)

      let recording = try Recording(file: log)
      recording.expectWhole()
      let questions = try card.tape(.microphone).sounds(pause: 600)
      let answers = try card.tape(.speaker).sounds(pause: 300)
      let pieces = try card.tape(.speaker).sounds(pause: 2)
      try #require(questions.count == delays.count && answers.count == delays.count, "\(questions) \(answers)")
      try #require(recording.insight.turns.count == delays.count)
      let zero = try #require(origin(of: recording.entries))
      for (turn, (question, answer)) in zip(recording.insight.turns, zip(questions, answers)) {
        let heard = Double(answer.begin - question.end) / 1e6
        let said = try #require(turn.responseTime).milliseconds
        // Which side is wrong, if one is. The timeline's zero is known to a millisecond.
        let off = Offsets(zero: zero) {
          [
            ("end", turn.speechEnd, question.end),
            ("first", turn.firstSound, answer.begin), ("last", turn.lastSound, answer.end),
          ]
        }
        #expect(abs(said - heard) < Self.tolerance, "turn \(turn.number): \(said) ms, heard \(heard) ms, \(off)")
        #expect(off.largest < Self.tolerance, "turn \(turn.number): \(off)")
        #expect(abs(turn.playedMs - pieces.milliseconds(from: answer.begin, to: answer.end)) < Self.tolerance)
        Self.note("turn", said - heard, "\(off)")
      }
    }

    // MARK: Stop times

    @Test(arguments: [(0, 0), (35, 0), (0, 400)])
    func theStopTimeOfABargeInIsWhatWasHeard(latencyMs: Int, lagMs: Int) throws {
      let rounds = lagMs == 0 ? 3 : 2
      let server = try MeasuredServer(
        .init(answers: [.init(delay: 100, pieces: 100, of: 100, every: 100)], cut: 130, word: 50, lag: lagMs))
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: latencyMs))
      let run = try CardRun(card, log: log, ["connect", server.url, "--no-echo-cancel"])
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(try Burst.speech("what is two plus three"))
      for round in 1...rounds {
        try run.wait(for: "answer \(round)") { $0.count { change($0)?.kind == .started } == round }
        let now = card.lastSoundNanoseconds
        try eventually("a second of it") { card.lastSoundNanoseconds > now + 1_000_000_000 }
        try card.speak(try Burst.speech("stop please that is enough"))
        try run.wait(for: "cut \(round)") { $0.count { change($0)?.kind == .flushed } == round }
      }
      try run.wait(for: "the last answer") { $0.count { change($0)?.kind == .started } == rounds + 1 }
      #expect(run.stop() == 0)

      let recording = try Recording(file: log)
      let onsets = try card.tape(.microphone).sounds(pause: 600).dropFirst().map(\.begin)
      try expectStops(of: recording, begunAt: onsets, on: card, server, kind: .voice)
      #expect(recording.insight.bargeIns.ignored == 0)
      let stops = recording.insight.bargeIns.all.compactMap(\.stopTime)
      let slowest = (stops.max() ?? .zero).milliseconds
      #expect(slowest > Double(130 + lagMs), "\(slowest) ms")
    }

    @Test(arguments: [0, 400]) func theStopTimeOfTheInterruptKeyIsWhatWasHeard(lagMs: Int) throws {
      let rounds = lagMs == 0 ? 3 : 2
      let server = try MeasuredServer(
        .init(answers: [.init(delay: 100, pieces: 100, of: 100, every: 100)], cut: 60, lag: lagMs))
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: 20))
      let console = try ConsoleScreen(
        ["connect", server.url, "--input", "mic", "--output", "speaker", "--log", log],
        environment: ["ALSA_CONFIG_PATH": card.configPath])
      for round in 1...rounds {
        let before = monotonicNow()
        try card.speak(try Burst.speech("what is two plus three"))
        try eventually("answer \(round)") { card.lastSoundNanoseconds > before }
        let first = card.lastSoundNanoseconds
        try eventually("a second of answer \(round)") { card.lastSoundNanoseconds > first + 1_000_000_000 }
        try console.terminal.keys("i")
        try eventually("interrupt \(round)") { try interrupts(in: timeline(of: log)).count == round }
        try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 600_000_000 }
      }
      try console.quit()

      let recording = try Recording(file: log)
      // When the key reached the program, it alone can know.
      let zero = try #require(origin(of: recording.entries))
      let keys = interrupts(in: recording.entries).map { $0.nanoseconds + zero }
      try expectStops(of: recording, begunAt: keys, on: card, server, kind: .key)
    }

    private func expectStops(
      of recording: Recording, begunAt moments: [Int64], on card: VirtualSoundCard, _ server: MeasuredServer,
      kind: BargeIn.Trigger
    ) throws {
      let cut = recording.insight.turns.filter { $0.ending == .bargedIn || $0.ending == .interrupted }
      let bargeIns = recording.insight.bargeIns.all.filter { $0.stopTime != nil }
      let answers = try card.tape(.speaker).sounds(pause: 300)
      let pieces = try card.tape(.speaker).sounds(pause: 2)
      try #require(
        bargeIns.count == moments.count && answers.count >= moments.count && cut.count == moments.count,
        "\(bargeIns) \(moments) \(answers)")
      #expect(bargeIns.allSatisfy { $0.trigger == kind && $0.verdict == .genuine })
      let zero = try #require(origin(of: recording.entries))
      let sent = try server.sent()
      for (i, ((bargeIn, turn), (moment, answer))) in zip(zip(bargeIns, cut), zip(moments, answers)).enumerated() {
        let heard = Double(answer.end - moment) / 1e6
        let said = try #require(bargeIn.stopTime).milliseconds
        let off = Offsets(zero: zero) {
          [
            ("onset", bargeIn.onset, moment), ("last", bargeIn.lastSound, answer.end),
            ("first", turn.firstSound, answer.begin),
          ]
        }
        #expect(abs(said - heard) < Self.tolerance, "\(said) ms, heard \(heard) ms, \(off)")
        #expect(off.largest < Self.tolerance, "\(off)")
        // The ledger: what was heard of it, holes apart, and that all that came is accounted for.
        let ledger = turn.ledger
        let whole = pieces.milliseconds(from: answer.begin, to: answer.end)
        #expect(abs(ledger.playedMs - whole) < Self.tolerance, "\(ledger), heard \(whole)")
        #expect(abs(ledger.receivedMs - ledger.playedMs - ledger.discardedMs) < 1 && ledger.queuedMs == 0)
        // What was heard after the onset.
        let stale = pieces.milliseconds(from: moment, to: answer.end)
        #expect(abs(bargeIn.staleHeardMs - stale) < Self.tolerance, "\(bargeIn.staleHeardMs) of \(stale)")
        // What the server sent after it; a message that was on its way may count or not.
        func sentMs(after ms: Int64) -> Double {
          sent.reduce(0) { $0 + ($1.answer == i && $1.at > moment + ms * 1_000_000 ? $1.ms : 0) }
        }
        #expect(
          (sentMs(after: 20)...sentMs(after: -20)).contains(bargeIn.staleReceivedMs), "\(bargeIn.staleReceivedMs)")
        Self.note(
          "stop", said - heard, "\(off), played \(ledger.playedMs - whole), stale \(bargeIn.staleHeardMs - stale)")
      }
    }

    // MARK: What came, and how

    /// Two holes in the answer: as many underruns as there are on tape, and as much silence.
    @Test func underrunsAreTheHolesThatWereHeard() throws {
      let holes = [700, 400]
      var chunks: [[Int]] = []
      var at = 0
      for pause in holes + [0] {
        for _ in 0..<12 {
          chunks.append([at, 50])
          at += 50
        }
        at += pause
      }
      let server = try MeasuredServer(.init(answers: [.init(delay: 100, chunks: chunks)]))
      let card = try VirtualSoundCard(directory: folder.path, options: .init(latencyMs: 20))
      let recording = try oneTurn(on: card, server)

      let whole = try #require(try card.tape(.speaker).sounds(pause: 2000).first)
      let pieces = try card.tape(.speaker).sounds(pause: 5)
      let silentMs = whole.milliseconds - pieces.milliseconds(from: whole.begin, to: whole.end)
      let delivery = recording.insight.delivery
      // A machine that is starved itself makes holes of a few periods, which are no underruns of the server's making.
      let long = try card.tape(.speaker).sounds(pause: 50)
      #expect(long.count > holes.count && (long.count - 1..<pieces.count).contains(delivery.underruns), "\(pieces)")
      #expect(abs(delivery.concealedMs - silentMs) < Self.tolerance, "\(delivery.concealedMs), heard \(silentMs)")
      // What was withheld is heard, but for what waited to be played.
      let withheld = Double(holes.reduce(0, +))
      #expect(silentMs > withheld - 2 * 150 && silentMs < withheld + 2 * 150 || pieces.count > 3, "\(silentMs)")
      let turn = try #require(recording.insight.turns.first)
      #expect(turn.ledger == HeardLedger(receivedMs: 1800, queuedMs: 0, playedMs: 1800, discardedMs: 0))
      Self.note("holes", delivery.concealedMs - silentMs, "\(pieces.count - 1) of them")
    }

    /// Chunks of 20 ms with a known irregularity, against RFC 3550 (section 6.4.1) over the moments of sending.
    @Test(arguments: [10, 40]) func jitterIsThatOfTheSchedule(spreadMs: Int) throws {
      var seed: UInt64 = 11
      func random() -> Int {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(seed >> 33) % (spreadMs + 1)
      }
      var chunks: [[Int]] = []
      for i in 0..<200 { chunks.append([max(i * 20 + random(), chunks.last?[0] ?? 0), 20]) }
      let server = try MeasuredServer(.init(answers: [.init(delay: 100, chunks: chunks)]))
      let card = try VirtualSoundCard(directory: folder.path)
      let recording = try oneTurn(on: card, server)

      func jitter(_ moments: [Double]) -> Double {
        zip(moments, moments.dropFirst()).reduce(0) { $0 + (abs($1.1 - $1.0 - 20) - $0) / 16 }
      }
      let planned = jitter(chunks.map { Double($0[0]) })
      let sent = try server.sent().map { Double($0.at) / 1e6 }
      try #require(sent.count == chunks.count)
      let kept = jitter(sent)
      let said = recording.insight.delivery.jitterMs
      // A fifth of it, and what the way through two programs adds on a busy machine.
      #expect(abs(said - kept) < kept / 5 + 2, "\(said) ms, sent with \(kept) ms")
      #expect(abs(said - planned) < planned / 5 + 2 + abs(kept - planned), "\(said) ms, planned \(planned) ms")
      #expect(recording.insight.delivery.deviations.total == chunks.count - 1)
      Self.note("jitter", said - kept, "of \(kept), planned \(planned)")
    }

    @Test func messagesBytesAndAudioAreThePeersOwnCounts() throws {
      let server = try MeasuredServer(
        .init(answers: [
          .init(delay: 50, pieces: 12, of: 50, every: 50), .init(delay: 80, pieces: 4, of: 137, every: 20),
        ])
      )
      let card = try VirtualSoundCard(directory: folder.path)
      let run = try CardRun(card, log: log, ["connect", server.url])
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      for turn in 1...2 {
        try card.speak(try Burst.speech("tell me a story"))
        try run.wait(for: "answer \(turn)") { $0.count { change($0)?.kind == .finished } == turn }
      }
      try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 600_000_000 }
      #expect(run.stop() == 0)
      let insight = try Recording(file: log).insight
      let peer = try server.totals()
      #expect(insight.sent.messages == peer.received.messages && insight.sent.bytes == peer.received.bytes)
      #expect(insight.received.messages == peer.sent.messages && insight.received.bytes == peer.sent.bytes)
      #expect(insight.uplink.chunks == peer.received.audioMessages)
      #expect(abs(insight.uplink.sentMs - peer.received.audioMs) < 1)
      #expect(insight.delivery.chunks == peer.sent.audioMessages)
      let ledgers = insight.turns.map(\.ledger)
      #expect(ledgers.map(\.receivedMs) == [600, 548] && ledgers.map(\.playedMs) == [600, 548])
      #expect(peer.sent.audioMs == 1148)
      let heard = try card.tape(.speaker).sounds(pause: 2).milliseconds(from: 0, to: .max)
      #expect(abs(heard - 1148) < 2, "\(heard) ms")
    }

    // MARK: A file instead of a card

    /// The file's samples lie where the figures say that they were heard.
    @Test func aFileHoldsWhatTheFiguresSay() throws {
      let (input, output) = (folder.file("in.wav"), folder.file("out.wav"))
      let delays = [60, 450, 900]
      let question = try Burst.speech("what is two plus three")
      try Burst.write(
        delays.flatMap { _ in [Int16](repeating: 0, count: 16_000) + question + [Int16](repeating: 0, count: 32_000) },
        to: input)
      let server = try MeasuredServer(.init(answers: delays.map { .init(delay: $0, pieces: 10, of: 50, every: 50) }))
      let outcome = try Program.run(
        ["connect", server.url, "--headless", "--until-idle", "--input", "file:\(input)", "--output", "file:\(output)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let recording = try Recording(outcome.output)
      let turns = recording.insight.turns
      let answers = try Burst.sounds(in: output)
      try #require(turns.count == delays.count && answers.count == delays.count, "\(answers)")
      let spoken = Double(question.count + 48_000) / 16
      for i in 1..<delays.count {
        // The questions are a known time apart in one file, and the answers in the other.
        let heard = answers[i].lowerBound - answers[i - 1].lowerBound
        let (last, next) = (try #require(turns[i - 1].firstSound), try #require(turns[i].firstSound))
        #expect(
          abs((next - last).milliseconds - heard) < Self.tolerance, "\((next - last).milliseconds), in file \(heard)")
        let (asked, again) = (try #require(turns[i - 1].speechEnd), try #require(turns[i].speechEnd))
        #expect(abs((again - asked).milliseconds - spoken) < Self.tolerance, "\((again - asked).milliseconds)")
        Self.note("file", (next - last).milliseconds - heard, "asked \((again - asked).milliseconds - spoken)")
      }
      // A machine that is starved may make holes in an answer, but loses none of it.
      let heard = try Burst.sounds(in: output, pause: 2).reduce(0) { $0 + $1.upperBound - $1.lowerBound }
      #expect(turns.allSatisfy { abs($0.playedMs - 500) < 0.1 } && abs(heard - 1500) < 3, "\(heard)")
    }

    /// One question and its answer, heard to its end.
    private func oneTurn(on card: VirtualSoundCard, _ server: MeasuredServer) throws -> Recording {
      let run = try CardRun(card, log: log, ["connect", server.url])
      try run.wait(for: "ready") { $0.contains(where: isReady) }
      try card.speak(try Burst.speech("what is two plus three"))
      try run.wait(for: "the answer's end") { $0.contains { change($0)?.kind == .finished } }
      // What is finished is handed over; who quits at once takes its end back.
      try eventually("silence") { monotonicNow() - card.lastSoundNanoseconds > 600_000_000 }
      #expect(run.stop() == 0)
      return try Recording(file: log)
    }
  }
}

extension [VirtualSoundCard.Sound] {
  /// How much of it lies between two moments.
  fileprivate func milliseconds(from begin: Int64, to end: Int64) -> Double {
    reduce(0) { $0 + Swift.max(0, Double(Swift.min($1.end, end) - Swift.max($1.begin, begin)) / 1e6) }
  }
}

/// How far the program's moments lie from those on tape, in milliseconds.
private struct Offsets: CustomStringConvertible {
  private var all: [(name: String, ms: Double)]

  /// - Parameter zero: where the timeline's zero lies on the tape's clock, in nanoseconds.
  init(zero: Int64, _ moments: () -> [(String, Timestamp?, Int64)]) {
    all = moments().map { name, said, heard in
      (name, said.map { Double($0.nanoseconds + zero - heard) / 1e6 } ?? .infinity)
    }
  }

  var largest: Double { all.map { abs($0.ms) }.max() ?? 0 }
  var description: String { all.map { "\($0.name) \(($0.ms * 10).rounded() / 10)" }.joined(separator: ", ") }
}
