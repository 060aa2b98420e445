import TestKit
import Testing
import Timeline

@testable import Audio

/// A speech model that says what it was told to, and counts what it was given.
final class ScriptedSpeechModel: SpeechModel {
  var script: (_ block: Int) -> Float?
  private(set) var blocks: [[Int16]] = []

  init(_ script: @escaping (_ block: Int) -> Float?) { self.script = script }

  func probability(of block: ArraySlice<Int16>) -> Float? {
    blocks.append(Array(block))
    return script(blocks.count - 1)
  }
}

@Suite struct MicrophoneDetectorTests {
  private let rate = 16_000

  /// An edge, in milliseconds since the start.
  private struct Found: Equatable {
    var isStart: Bool
    var atMs: Double
    var toldAtMs: Double
  }

  /// Runs over the samples in frames of 20 ms, as the microphone's path and the session do.
  /// - Parameter isThere: whether there is a model in this frame.
  private func run(
    _ samples: [Int16], rate: Int = 16_000, model: ScriptedSpeechModel? = nil,
    isThere: (_ frame: Int) -> Bool = { _ in true }
  ) -> (edges: [Found], detector: MicrophoneDetector) {
    var detector = MicrophoneDetector(rate: rate)
    var meter: SpeechMeter?
    var found: [Found] = []
    for start in stride(from: 0, to: samples.count, by: rate / 50) {
      let frame = Array(samples[start..<min(start + rate / 50, samples.count)])
      meter = isThere(start / (rate / 50)) ? meter ?? model.map { SpeechMeter($0, rate: rate) } : nil
      detector.take(meter?.measure(frame))
      for slice in stride(from: 0, to: frame.count, by: rate / 100) {
        let end = min(slice + rate / 100, frame.count)
        for edge in detector.process(Array(frame[slice..<end])) {
          let now = Double(start + end) * 1_000 / Double(rate)
          let at = ((now - edge.ago.milliseconds) * 100).rounded() / 100
          found.append(Found(isStart: edge.isStart, atMs: at, toldAtMs: now))
        }
      }
    }
    return (found, detector)
  }

  private func silence(_ ms: Int, rate: Int = 16_000) -> [Int16] { [Int16](repeating: 0, count: ms * rate / 1000) }
  private func sound(_ ms: Int, rate: Int = 16_000) -> [Int16] {
    (0..<ms * rate / 1000).map { $0 / 20 % 2 == 0 ? 8000 : -8000 }
  }

  /// Speech in some blocks of 32 ms.
  private func speech(in blocks: Range<Int>) -> ScriptedSpeechModel {
    ScriptedSpeechModel { blocks.contains($0) ? 0.9 : 0.1 }
  }

  @Test func withoutAModelEnergyDecides() {
    let samples = silence(1_000) + sound(500) + silence(1_000)
    let (edges, detector) = run(samples)
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.map(\.atMs) == [1_000, 1_500])
    #expect(detector.probability == nil)
  }

  @Test func whatTheModelCallsNoSpeechIsNone() {
    let samples = silence(1_000) + sound(500) + silence(1_000)
    let (edges, detector) = run(samples, model: ScriptedSpeechModel { _ in 0.1 })
    #expect(edges.isEmpty)
    #expect(detector.probability == .init(value: 0.1, threshold: 0.5))
    #expect(!detector.isSpeech)
  }

  /// The model is sure two blocks late and lets go one late: the edges are the sound's all the same.
  @Test(arguments: [16_000, 8_000, 24_000, 44_100, 48_000]) func edgesHaveTheMomentsOfTheSound(rate: Int) {
    let samples = silence(1_000, rate: rate) + sound(500, rate: rate) + silence(1_000, rate: rate)
    let (edges, _) = run(samples, rate: rate, model: speech(in: 33..<48))
    #expect(edges.map(\.isStart) == [true, false])
    for (edge, expected) in zip(edges, [1_000.0, 1_500]) {
      #expect(abs(edge.atMs - expected) <= 2, "\(edge.atMs) ms, expected \(expected)")
    }
    // Block 33 ends at 1088 ms, block 47 at 1536; the end is told nine blocks later.
    #expect(abs((edges.first?.toldAtMs ?? 0) - 1_088) <= 25)
    #expect(abs((edges.last?.toldAtMs ?? 0) - 1_824) <= 25)
  }

  @Test func edgesFarFromTheSoundsAreTheModelsOwn() {
    // A noise goes on all the time, as loud as the voice in it.
    let (edges, _) = run(silence(100) + sound(2_000), model: speech(in: 20..<40))
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.map(\.atMs) == [640, 1_280])
  }

  @Test func energyDecidesUntilTheModelIsThereAndSpeechIsNotCut() {
    let samples = silence(1_000) + sound(900) + silence(600) + sound(500) + silence(900)
    // It comes in the middle of the first sound: its block 0 begins at 1500 ms. The second sound is no speech to it.
    let (edges, detector) = run(samples, model: speech(in: 0..<12)) { $0 >= 75 }
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.map(\.atMs) == [1_000, 1_900])
    #expect(detector.probability == .init(value: 0.1, threshold: 0.5))
  }

  @Test func aNoiseThatEnergyTookForSpeechEndsSoonAfterTheModelHasCome() {
    let samples = silence(1_000) + sound(2_000) + silence(500)
    let (edges, _) = run(samples, model: ScriptedSpeechModel { _ in 0 }) { $0 >= 75 }
    #expect(edges.map(\.isStart) == [true, false])
    // Block 8 ends at 1788 ms.
    #expect(edges.last.map { [$0.atMs, $0.toldAtMs] } == [1_500, 1_790])
  }

  @Test func speechGoesOnWhenTheModelTakesOver() {
    let samples = silence(1_000) + sound(900) + silence(2_000)
    // The model hears speech beyond the sound's end.
    let (edges, _) = run(samples, model: speech(in: 0..<40)) { $0 >= 75 }
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.last?.atMs == 2_780)
  }

  @Test func energyDecidesAgainWhenTheModelHasFailed() {
    let samples = silence(1_000) + sound(500) + silence(1_500) + sound(500) + silence(1_000)
    let (edges, detector) = run(samples, model: ScriptedSpeechModel { _ in 0.1 }) { $0 < 100 }
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.map(\.atMs) == [3_000, 3_500])
    #expect(detector.probability == nil)
  }

  @Test func speechOfAModelThatFailsEndsWithTheSound() {
    let samples = silence(1_000) + sound(400) + silence(2_000)
    let (edges, _) = run(samples, model: ScriptedSpeechModel { $0 < 31 ? 0.1 : 0.9 }) { $0 < 100 }
    #expect(edges.map(\.isStart) == [true, false])
    #expect(edges.last.map { [$0.atMs, $0.toldAtMs] } == [1_400, 2_010])
  }

  /// Whatever a model says, starts and ends take turns, none lies ahead, and the decision is the last edge.
  @Test(arguments: UInt64(1)...30) func edgesTakeTurns(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let samples = (0..<40).flatMap { _ in random.below(2) == 0 ? silence(100) : sound(random.below(300)) }
    let values = (0..<300).map { _ in [Float.nan, -1, 0, 0.2, 0.4, 0.6, 1, 2].randomElement(using: &random) }
    let gone = random.below(200)..<random.below(200) + 200
    let (edges, detector) = run(samples, model: ScriptedSpeechModel { values[$0 % 300] ?? 0 }) { !gone.contains($0) }
    for (n, edge) in edges.enumerated() {
      #expect(edge.isStart == (n % 2 == 0))
      #expect(edge.atMs <= edge.toldAtMs && edge.atMs >= 0)
    }
    #expect(detector.isSpeech == (edges.count % 2 == 1))
  }
}

@Suite struct SpeechMeterTests {
  @Test func aModelIsGivenTheAudioInItsBlocks() {
    let model = ScriptedSpeechModel { Float($0) / 10 }
    var meter = SpeechMeter(model, rate: 16_000)
    let samples = (0..<1_600).map { Int16($0) }
    var said: [Float]? = []
    for start in stride(from: 0, to: 1_600, by: 320) {
      said? += meter.measure(Array(samples[start..<start + 320])) ?? [-1]
    }
    #expect(said == [0, 0.1, 0.2])
    #expect(model.blocks == [Array(samples[..<512]), Array(samples[512..<1024]), Array(samples[1024..<1536])])
  }

  @Test func anotherRateIsResampled() {
    let model = ScriptedSpeechModel { _ in 0.5 }
    var meter = SpeechMeter(model, rate: 48_000)
    let said = meter.measure(Signals.tone(440, rate: 48_000, count: 48_000))
    // A second is 31 blocks and a quarter; the resampler holds 2.5 ms back.
    #expect(said?.count == 31)
    let expected = Signals.tone(440, rate: 16_000, count: 16_000)
    #expect(Signals.signalToNoiseDB(Array(model.blocks.joined())[512...].map { $0 }, hertz: 440, rate: 16_000) > 40)
    #expect(abs(Level(of: model.blocks[10]).rmsDB - Level(of: expected[5_120..<5_632]).rmsDB) < 0.5)
  }

  @Test func aFailureIsToldAndForgotten() {
    let model = ScriptedSpeechModel { $0 == 1 ? nil : 0.5 }
    var meter = SpeechMeter(model, rate: 16_000)
    #expect(meter.measure([Int16](repeating: 1, count: 512)) == [0.5])
    #expect(meter.measure([Int16](repeating: 2, count: 600)) == nil)
    #expect(meter.measure([Int16](repeating: 3, count: 512)) == [0.5])
    #expect(model.blocks.last == [Int16](repeating: 3, count: 512))
  }
}

@Suite struct MeasuredMicrophonePathTests {
  private let heard = MicrophonePath.Heard([Int16](repeating: 100, count: 640))

  @Test func framesCarryWhatTheModelSays() {
    var path = MicrophonePath(rate: 16_000, surroundings: .silent)
    #expect(path.handle(heard, at: .zero).frames.map(\.probabilities) == [nil, nil])
    path.measure(with: ScriptedSpeechModel { Float($0) })
    #expect(path.handle(heard, at: .zero).frames.map(\.probabilities) == [[], [0]])
    #expect(path.handle(heard, at: .zero).frames.map(\.probabilities) == [[], [1]])
  }

  @Test func typedSpeechIsMeasuredToo() {
    var path = MicrophonePath(rate: 16_000, surroundings: .silent)
    let model = ScriptedSpeechModel { _ in 1 }
    path.measure(with: model)
    path.speak(InjectedSpeech(samples: [Int16](repeating: 7, count: 640), source: .say, name: "words"))
    _ = path.handle(heard, at: .zero)
    #expect(model.blocks.first == [Int16](repeating: 7, count: 512))
  }

  @Test func aFailureIsToldOnce() {
    var path = MicrophonePath(rate: 16_000, surroundings: .silent)
    path.measure(with: ScriptedSpeechModel { $0 == 0 ? 0 : nil })
    #expect(path.handle(heard, at: .zero).news.isEmpty)
    let failing = path.handle(heard, at: .zero)
    #expect(failing.frames.map(\.probabilities) == [[], nil])
    guard case .notice(let notice)? = failing.news.first else {
      Issue.record("no notice")
      return
    }
    #expect(notice.id == .engineMissing && failing.news.count == 1)
    #expect(path.handle(heard, at: .zero).news.isEmpty)
  }

  /// What the guard holds back is kept from the model as from the server: it is given what leaves, and nothing else.
  @Test func theModelHearsWhatTheEchoGuardLetsThrough() {
    var path = MicrophonePath(rate: 16_000, surroundings: .speaker)
    let model = ScriptedSpeechModel { _ in 0 }
    path.measure(with: model)
    let voice = Signals.speech(rate: 16_000, count: 24_000)
    var now = Timestamp.zero
    var sent: [Int16] = []
    for start in stride(from: 0, to: voice.count, by: 320) {
      now = now + .milliseconds(20)
      let piece = Array(voice[start..<start + 320])
      let outcome = path.handle(.init(piece.map { $0 / 2 }, capturedAt: now, played: piece), at: now)
      sent += outcome.frames.flatMap(\.samples)
    }
    #expect(path.echo?.isHolding == true)
    #expect(model.blocks.count > 40)
    #expect(model.blocks.joined().elementsEqual(sent.prefix(model.blocks.count * 512)))
  }
}
