import Agent
import Foundation
import TestKit
import Testing
import Threads

@testable import Speech

@Suite struct SynthesisTests {
  static let turn = TurnID(rawValue: 5)
  static let long = String(repeating: "the quick brown fox jumps over the lazy dog, ", count: 40)

  /// A synthesizer and what it told.
  private final class Probe {
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer: VoiceSynthesizer
    init(rate: Int = 16_000, espeak: String = "espeak-ng") {
      synthesizer = VoiceSynthesizer(rate: rate, espeak: espeak, piper: .shared) { [log] in log.append($0) }
    }
    deinit { synthesizer.stop() }

    func say(
      _ text: String, sentence: Int = 0, turn: TurnID = SynthesisTests.turn, voice: String = "slt",
      language: String = "en"
    ) {
      synthesizer.synthesize(turn, sentence: sentence, text: text, voice: voice, language: language)
    }
    func audio(of sentence: Int) -> [Int16] {
      log.all.flatMap { if case .audio(_, sentence, let samples) = $0 { samples } else { [Int16]() } }
    }
    func waitForEnds(_ count: Int) -> Bool {
      log.wait { events in
        count
          <= events.count {
            switch $0 {
            case .finished, .failed: true
            case .audio, .spelled, .substituted, .charged: false
            }
          }
      }
    }
  }

  @Test(arguments: ["slt", "rms", "awb", "kal16"], [8_000, 16_000, 24_000, 48_000])
  func aSentenceIsStreamedAtTheSessionsRate(voice: String, rate: Int) throws {
    let probe = Probe(rate: rate)
    probe.say("It is half past nine in Berlin.", voice: voice)
    #expect(probe.waitForEnds(1))
    #expect(probe.log.all.last == .finished(Self.turn, sentence: 0))
    #expect(probe.log.all.count > 10, "in pieces")
    let audio = probe.audio(of: 0)
    let seconds = Double(audio.count) / Double(rate)
    #expect((1.0...3.0).contains(seconds), "\(seconds) s")
    // Untrimmed, it begins after 150 to 260 ms. A fricative is gone at 8 kHz and the last n fades, differently each time:
    // the voices' excitation is random.
    let loud: (Int16) -> Bool = { abs(Int($0)) > 100 }
    #expect(try #require(audio.firstIndex(where: loud)) < rate / 10)
    #expect(audio.count - (try #require(audio.lastIndex(where: loud))) < rate / 5)
  }

  @Test func sentencesComeInOrder() {
    let probe = Probe()
    for sentence in 0..<5 { probe.say("Sentence number \(sentence).", sentence: sentence, voice: "kal16") }
    #expect(probe.waitForEnds(5))
    let order = probe.log.all.map {
      switch $0 {
      case .audio(_, let sentence, _), .finished(_, let sentence), .failed(_, let sentence, _): sentence
      case .spelled, .substituted, .charged: -1
      }
    }
    #expect(order == order.sorted())
    #expect(probe.synthesizer.queue == (0, 0))
  }

  @Test(arguments: ["slt", "kal16"])
  func cancellingStopsInTheMiddle(voice: String) throws {
    // The first piece cancels its own turn, from the synthesizer's thread: the earliest anybody can.
    let log = CollectedEvents<SynthesisEvent>()
    let reference = Locked<VoiceSynthesizer?>(nil)
    let synthesizer = VoiceSynthesizer(rate: 16_000) { event in
      log.append(event)
      if case .audio(Self.turn, _, _) = event { reference.withLock { $0 }?.cancel(Self.turn) }
    }
    defer {
      reference.withLock { $0 = nil }
      synthesizer.stop()
    }
    reference.withLock { $0 = synthesizer }
    synthesizer.synthesize(Self.turn, sentence: 0, text: Self.long, voice: voice, language: "en")
    synthesizer.synthesize(Self.turn, sentence: 1, text: Self.long, voice: voice, language: "en")
    let other = TurnID(rawValue: 6)
    synthesizer.synthesize(other, sentence: 0, text: "Yes.", voice: voice, language: "en")
    #expect(log.wait { $0.contains(.finished(other, sentence: 0)) })
    let cancelled = log.all.count {
      if case .audio(Self.turn, _, _) = $0 { true } else { false }
    }
    #expect((1...2).contains(cancelled), "one piece of either sentence, no more")
    #expect(!log.all.contains(.finished(Self.turn, sentence: 0)))
  }

  @Test func twoAtOnceDoNotMixUp() throws {
    let alone = Probe()
    alone.say("The lights in the kitchen are on.", voice: "kal16")
    #expect(alone.waitForEnds(1))
    let (a, b) = (Probe(), Probe())
    for sentence in 0..<8 {
      a.say("The lights in the kitchen are on.", sentence: sentence, voice: "kal16")
      b.say("Once upon a time there was a fox.", sentence: sentence, voice: "slt")
    }
    #expect(a.waitForEnds(8) && b.waitForEnds(8))
    for sentence in 0..<8 {
      // kal16 is the same each time, so another's sentence in between would show.
      #expect(a.audio(of: sentence) == alone.audio(of: 0))
      #expect(!b.audio(of: sentence).isEmpty)
    }
  }

  @Test func typedSpeechWorksWhileASynthesizerRuns() throws {
    let probe = Probe()
    for sentence in 0..<2 { probe.say(Self.long, sentence: sentence) }
    let quiet = try TypedSpeech.speak("what time is it", voice: "kal16", rate: 16_000)
    #expect(probe.waitForEnds(2))
    #expect(try TypedSpeech.speak("what time is it", voice: "kal16", rate: 16_000) == quiet)
  }

  @Test func typedSpeechRefusesWhatCannotBeSpoken() {
    #expect(throws: TypedSpeech.Failure.nothingToSay) { try TypedSpeech.speak(" 👋 … ", rate: 16_000) }
    #expect(throws: TypedSpeech.Failure.unknownVoice("bob")) { try TypedSpeech.speak("a", voice: "bob", rate: 16_000) }
    #expect(throws: TypedSpeech.Failure.tooLong(characters: 2001)) {
      try TypedSpeech.speak(String(repeating: "a", count: 2001), rate: 16_000)
    }
  }

  @Test func nothingToSayIsFinishedAtOnce() {
    let probe = Probe()
    probe.say("…!", sentence: 3)
    probe.say("", sentence: 4)
    probe.say("— 👋", sentence: 5, language: "de")
    #expect(probe.waitForEnds(3))
    #expect(probe.log.all == (3...5).map { .finished(Self.turn, sentence: $0) })
  }

  @Test func anUnknownVoiceIsAFailure() throws {
    let probe = Probe()
    probe.say("Hello.", voice: "\u{1b}[31mbob")
    #expect(probe.waitForEnds(1))
    #expect(
      probe.log.all == [
        .failed(
          Self.turn, sentence: 0,
          "no English voice of that name; there are joe, slt, rms, awb, kal16")
      ])
  }

  // MARK: - Other languages

  @Test func germanIsSpokenByAChildProcess() throws {
    let probe = Probe(rate: 16_000)
    probe.say("Es ist halb zehn in Berlin.", language: "de")
    #expect(probe.waitForEnds(1))
    #expect(probe.log.all.last == .finished(Self.turn, sentence: 0))
    let audio = probe.audio(of: 0)
    #expect((1.0...3.5).contains(Double(audio.count) / 16_000))
    #expect(audio.contains { $0 > 3000 })
  }

  @Test func aMissingProgramHasARemedy() {
    let probe = Probe(espeak: "espeak-that-is-not-there")
    probe.say("Guten Tag.", language: "de")
    #expect(probe.waitForEnds(1))
    #expect(
      probe.log.all == [
        .failed(
          Self.turn, sentence: 0,
          "cannot start espeak-that-is-not-there (No such file or directory): "
            + "apt-get install espeak-ng")
      ])
  }

  @Test func unknownLanguagesAreFailures() {
    let probe = Probe()
    for (index, language) in ["zz-nowhere", "--path=/tmp", "d e"].enumerated() {
      probe.say("Hello.", sentence: index, language: language)
    }
    #expect(probe.waitForEnds(3))
    #expect(
      probe.log.all.allSatisfy {
        if case .failed = $0 { true } else { false }
      }, "\(probe.log.all)")
  }

  @Test func cancellingKillsTheChild() throws {
    // A program that gives the head of a WAV, and then neither more nor an end.
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("sidetone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let program = directory.appendingPathComponent("speaker")
    let script = """
      #!/bin/sh
      echo $$ > \(directory.path)/pid
      printf 'RIFF\\377\\377\\377\\377WAVEfmt \\020\\0\\0\\0\\001\\0\\001\\0\\042V\\0\\0D\\254\\0\\0\\002\\0\\020\\0data\\377\\377\\377\\377'
      head -c 20000 /dev/urandom
      exec sleep 1000
      """
    try script.write(to: program, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let probe = Probe(espeak: program.path)
    probe.say("Guten Tag.", language: "de")
    #expect(probe.log.wait { !$0.isEmpty })
    let pid = try #require(
      pid_t(
        String(contentsOf: directory.appendingPathComponent("pid"), encoding: .utf8).trimmingCharacters(
          in: .whitespacesAndNewlines)))
    #expect(kill(pid, 0) == 0)
    probe.synthesizer.cancel(Self.turn)
    probe.say("Yes.", sentence: 1, turn: TurnID(rawValue: 6))
    #expect(probe.log.wait { $0.contains(.finished(TurnID(rawValue: 6), sentence: 1)) })
    #expect(kill(pid, 0) == -1 && errno == ESRCH, "killed and reaped")
  }

  @Test func stoppingInTheMiddleReturns() {
    let probe = Probe()
    for sentence in 0..<3 { probe.say(Self.long, sentence: sentence, language: sentence == 1 ? "de" : "en") }
    #expect(probe.log.wait { !$0.isEmpty })
    probe.synthesizer.stop()
    let count = probe.log.all.count
    probe.say("More.", sentence: 9)
    #expect(probe.log.all.count == count)
  }
}
