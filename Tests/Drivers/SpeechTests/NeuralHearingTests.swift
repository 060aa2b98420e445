import Agent
import Engines
import Foundation
import TestKit
import Testing

@testable import Speech

/// Moonshine and Silero on what people have said, and on sounds that are not speech.
@Suite(.serialized, .enabled(if: TestEngines.areHere, "\(TestEngines.comment)"))
struct NeuralHearingTests {
  /// Loaded once for all tests.
  private static let engines = HearingEngines(TestEngines.path.map { EngineFolder($0) })
  private static let source = MoonshineSource(
    decoder: engines.moonshine, detector: { () throws(EngineFault) in try SileroDetector(engines.silero()) })

  private func hear(
    _ clips: [Recordings.Clip]
  ) throws -> (errors: WordErrors, heard: [String], probe: RecognizerProbe) {
    let probe = RecognizerProbe(sources: [Self.source])
    var heard: [String] = []
    var errors = WordErrors()
    for (index, clip) in clips.enumerated() {
      probe.feed(roomSilence(0.5) + (try Recordings.samples(of: clip)) + roomSilence(0.6), turn: index + 1)
      let text = try #require(probe.finish(turn: index + 1))
      heard.append(text)
      errors.add(said: clip.words, heard: text)
    }
    return (errors, heard, probe)
  }

  @Test(.enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
  func readersAreUnderstood() throws {
    let (errors, heard, probe) = try hear(Recordings.readings)
    #expect(errors.percent <= 10, "\(errors): \(heard)")
    #expect(probe.log.all.filter { if case .failed = $0 { true } else { false } }.isEmpty)
  }

  @Test(.enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
  func interimWordsGrowWhileSomebodySpeaks() throws {
    let probe = RecognizerProbe(sources: [Self.source])
    let audio = roomSilence(0.5) + (try Recordings.samples(of: Recordings.readings[0])) + roomSilence(0.6)
    for start in stride(from: 0, to: audio.count, by: 8_000) {
      probe.feed(Array(audio[start..<min(start + 8_000, audio.count)]), turn: 1)
      // As slowly as the machine needs: a decode has its answer before the next half second comes.
      #expect(probe.log.wait { _ in probe.recognizer.queue.depth == 0 && Self.engines.moonshine.depth == 0 })
    }
    let final = try #require(probe.finish(turn: 1))
    let interims = probe.interims(of: 1)
    // Fewer where the machine is busy: each costs time, and the next one waits for four times that.
    #expect(interims.count >= 3, "\(interims)")
    #expect(interims.first.map { $0.count < final.count / 2 } == true, "\(interims)")
    #expect(WordErrors.count(said: final, heard: interims.last ?? "") <= 2, "\(interims)")
  }

  @Test(.enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
  func promptsInTelephoneBandAreUnderstood() throws {
    let (errors, heard, _) = try hear(Recordings.prompts)
    #expect(errors.percent <= 8, "\(errors): \(heard)")
  }

  @Test(arguments: Noise.allCases.map(\.rawValue) + ["tone", "white"])
  func whatIsNoSpeechIsNoVoiceAndNoWords(_ kind: String) throws {
    let samples =
      switch kind {
      case "tone": Signals.tone(440, rate: 16_000, count: 160_000, amplitude: 0.2)
      case "white": Signals.noise(count: 160_000, levelDB: -32)
      default: try #require(Noise(rawValue: kind)).samples(seconds: 10)
      }
    let probe = RecognizerProbe(sources: [Self.source])
    probe.feed(samples, turn: 1)
    #expect(probe.finish(turn: 1) == "")
    #expect(probe.voiceEdges.isEmpty)
  }

  @Test(.enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
  func theWordsAreThereSoonAfterTheVoice() throws {
    let probe = RecognizerProbe(sources: [Self.source])
    let clip = Recordings.prompts[5]
    probe.feed(roomSilence(0.5) + (try Recordings.samples(of: clip)) + roomSilence(0.4), turn: 1)
    // Nobody has ended the turn: its words are known before that.
    #expect(
      probe.log.wait { events in
        events.contains { event in
          if case .interim(_, let text) = event { WordErrors.count(said: clip.words, heard: text) == 0 } else { false }
        }
      })
    #expect(WordErrors.count(said: clip.words, heard: try #require(probe.finish(turn: 1))) == 0)
  }

  @Test(.enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
  func severalClientsAreHeardAtATime() throws {
    let probes = (0..<4).map { _ in RecognizerProbe(sources: [Self.source]) }
    let clips = Array(Recordings.prompts[2..<6])
    for (probe, clip) in zip(probes, clips) {
      probe.feed(roomSilence(0.5) + (try Recordings.samples(of: clip)) + roomSilence(0.6), turn: 1)
    }
    for (probe, clip) in zip(probes, clips) {
      let heard = try #require(probe.finish(turn: 1))
      #expect(WordErrors.count(said: clip.words, heard: heard) <= 1, "\(heard)")
    }
  }

  @Test func aPauseThatIsLongIsNoWords() throws {
    let probe = RecognizerProbe(sources: [Self.source])
    let speech = try TypedSpeech.speak("turn off all the lights", voice: "rms", rate: 16_000)
    probe.feed(roomSilence(0.5) + speech + roomSilence(4) + speech + roomSilence(0.4), turn: 1)
    let heard = WordErrors.folded(try #require(probe.finish(turn: 1)))
    #expect(heard.count { $0 == "lights" || $0 == "light" } == 2, "\(heard)")
  }

  @Test func aDiscardedTurnIsForgotten() throws {
    let probe = RecognizerProbe(sources: [Self.source])
    let speech = try TypedSpeech.speak("turn off all the lights", voice: "rms", rate: 16_000)
    probe.feed(roomSilence(0.5) + speech, turn: 1)
    probe.recognizer.discardUtterance(TurnID(rawValue: 1))
    probe.feed(roomSilence(0.6), turn: 2)
    #expect(probe.finish(turn: 2) == "")
  }

  @Test func whereTheModelIsMissingPocketSphinxServesAndThatIsTold() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "engines-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let empty = HearingEngines(EngineFolder(folder.path))
    let probe = RecognizerProbe(sources: [
      MoonshineSource(decoder: empty.moonshine, detector: { () throws(EngineFault) in VoiceEdgeDetector() }),
      PocketSphinxSource(),
    ])
    probe.feed(roomSilence(0.4) + (try TypedSpeech.speak("turn off all the lights", rate: 16_000)), turn: 1)
    #expect(probe.finish(turn: 1) == "turn off all the lights")
    let failures = probe.log.all.compactMap { if case .failed(let text) = $0 { text } else { nil } }
    #expect(failures.count == 1)
    #expect(failures.first?.contains("libmoonshine.so") == true, "\(failures)")
    #expect(failures.first?.contains("sidetone engines install") == true, "\(failures)")
  }

  @Test func anotherModelIsNoVoiceDetector() throws {
    let folder = EngineFolder(try #require(TestEngines.path))
    let runtime = try OnnxRuntime(library: folder.path(of: .onnxRuntime))
    let voice = try OnnxModel(folder.path(of: .joeVoice), in: runtime)
    #expect(throws: EngineFault.self) { try SileroDetector(voice) }
    #expect(throws: EngineFault.self) { try OnnxModel(folder.path(of: .joeConfiguration), in: runtime) }
    #expect(throws: EngineFault.self) { try OnnxRuntime(library: folder.path(of: .sileroModel)) }
  }
}
