import Audio
import Engines
import Foundation
import TestKit
import Testing
import Timeline

@testable import Speech

/// The microphone's detector with Silero and with energy, on what people have said and on sounds that are no speech.
///
/// `SIDETONE_TELL_GATE=1` prints the figures of docs/decisions/speech.md.
@Suite(
  .serialized, .enabled(if: TestEngines.areHere, "\(TestEngines.comment)"),
  .enabled(if: Unpacked.has("recordings"), "\(Unpacked.comment("recordings"))"))
struct MicrophoneGateTests {
  private static let engines = HearingEngines(TestEngines.path.map { EngineFolder($0) })

  /// What the gate did, in milliseconds since the start.
  private struct Passage {
    var start: Double
    var startToldAt: Double
    var end = Double.infinity
    var endToldAt = Double.infinity
    /// Where the audio that is sent begins: 300 ms of pre-roll, of the 400 ms that are kept.
    var sentFrom: Double { max(start - 300, startToldAt - 410) }
  }

  private func passages(of samples: [Int16], model: (any SpeechModel)?, rate: Int = 16_000) -> [Passage] {
    var path = MicrophonePath(rate: rate, surroundings: .silent)
    if let model { path.measure(with: model) }
    var detector = MicrophoneDetector(rate: rate)
    var passages: [Passage] = []
    for start in stride(from: 0, to: samples.count - rate / 50 + 1, by: rate / 50) {
      for frame in path.handle(.init(Array(samples[start..<start + rate / 50])), at: .zero).frames {
        detector.take(frame.probabilities)
        for half in 0..<2 {
          let slice = Array(frame.samples[half * rate / 100..<(half + 1) * rate / 100])
          // The whole frame has come before its first half is looked at.
          let told = Double(start + rate / 50) * 1_000 / Double(rate)
          let now = Double(start + (half + 1) * rate / 100) * 1_000 / Double(rate)
          for edge in detector.process(slice) {
            let at = now - edge.ago.milliseconds
            if edge.isStart {
              passages.append(Passage(start: at, startToldAt: told))
            } else {
              (passages[passages.count - 1].end, passages[passages.count - 1].endToldAt) = (at, told)
            }
          }
        }
      }
    }
    return passages
  }

  /// Where somebody speaks in a clean recording: what is less than 35 dB below its loudest 10 ms.
  private func bounds(of clip: [Int16]) -> Range<Int> {
    let frames = stride(from: 0, to: clip.count - 160, by: 80).map {
      (at: $0, level: Level(of: clip[$0..<$0 + 160]).rmsDB)
    }
    let loudest = frames.map(\.level).max() ?? 0
    let voiced = frames.filter { $0.level > loudest - 35 }
    return (voiced.first?.at ?? 0)..<(voiced.last?.at ?? 0) + 160
  }

  /// All recordings with 2 s between them.
  private func conversation(noise: [Int16]?) throws -> (samples: [Int16], speech: [Range<Double>]) {
    var samples = [Int16](repeating: 0, count: 48_000)
    var speech: [Range<Double>] = []
    for clip in Recordings.readings + Recordings.prompts {
      let clip = try Recordings.samples(of: clip)
      let voiced = bounds(of: clip)
      let from = Double(samples.count + voiced.lowerBound) / 16
      speech.append(from..<from + Double(voiced.count) / 16)
      samples += clip + [Int16](repeating: 0, count: 32_000)
    }
    guard let noise else { return (Signals.mix(samples, Signals.noise(count: samples.count, levelDB: -75)), speech) }
    return (samples.enumerated().map { Int16(clamping: Int($1) + Int(noise[$0 % noise.count])) }, speech)
  }

  private struct Figures: CustomStringConvertible {
    var missed = 0
    var splits = 0
    var falseStarts = 0
    var clipped: [Double] = []
    var startErrors: [Double] = []
    var startDelays: [Double] = []
    var endErrors: [Double] = []
    var endDelays: [Double] = []
    /// Seconds of "speech" where there was none.
    var falseSeconds = 0.0
    var offsets: [String] = []

    static func quantiles(_ values: [Double]) -> String {
      let sorted = values.sorted()
      guard !sorted.isEmpty else { return "-" }
      func at(_ share: Double) -> Int {
        Int(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))].rounded())
      }
      return "\(at(0.5))/\(at(0.95))/\(Int(sorted.last!.rounded()))"
    }
    var description: String {
      let endMean = endErrors.reduce(0, +) / Double(max(1, endErrors.count))
      return """
        missed \(missed), splits \(splits), false \(falseStarts) (\((falseSeconds * 10).rounded() / 10) s), \
        clipped \(clipped.count { $0 > 0 }) (most \(Int(clipped.max() ?? 0)) ms), \
        start off \(Self.quantiles(startErrors.map(abs))), told \(Self.quantiles(startDelays)), \
        end off \(Self.quantiles(endErrors.map(abs))) mean \(Int(endMean)), told \(Self.quantiles(endDelays))
        """
    }
  }

  private func figures(_ passages: [Passage], _ speech: [Range<Double>], of seconds: Double) -> Figures {
    var figures = Figures()
    var used = Set<Int>()
    for utterance in speech {
      let here = passages.indices.filter {
        passages[$0].start < utterance.upperBound && passages[$0].end > utterance.lowerBound
      }
      used.formUnion(here)
      guard let first = here.first, let last = here.last else {
        figures.missed += 1
        continue
      }
      figures.splits += here.count - 1
      figures.clipped.append(max(0, passages[first].sentFrom - utterance.lowerBound))
      let (early, late) = (passages[first].start - utterance.lowerBound, passages[last].end - utterance.upperBound)
      figures.offsets.append("\(Int(early))…\(late.isFinite ? Int(late) : 0)")
      figures.startErrors.append(passages[first].start - utterance.lowerBound)
      figures.startDelays.append(passages[first].startToldAt - utterance.lowerBound)
      guard passages[last].end < .infinity else { continue }
      figures.endErrors.append(passages[last].end - utterance.upperBound)
      figures.endDelays.append(passages[last].endToldAt - utterance.upperBound)
    }
    for (n, passage) in passages.enumerated() where !used.contains(n) {
      figures.falseStarts += 1
      figures.falseSeconds += (min(passage.endToldAt, seconds * 1_000) - passage.start) / 1_000
    }
    return figures
  }

  // MARK: Sounds

  private static let sounds = ["typing", "breath", "thumps", "music", "steps", "ringing", "fan", "babble of tones"]

  private func sound(_ kind: String, seconds: Int = 20) -> [Int16] {
    let count = seconds * 16_000
    var random = SeededGenerator(seed: 7)
    let white = Signals.noise(count: count, levelDB: -12, seed: 3).map { Double($0) }
    var out = [Double](repeating: 0, count: count)
    switch kind {
    // Keys: a click of 4 ms and its resonance, five to ten a second, one in six a space bar.
    case "typing":
      var at = 8_000
      while at < count - 4_000 {
        let strength = Double.random(in: 0.1...0.5, using: &random)
        let ring = Double.random(in: 1_500...4_000, using: &random)
        let length = random.below(6) == 0 ? 1_600 : 640
        for i in 0..<length {
          let decay = exp(-Double(i) / Double(length) * 6)
          out[at + i] += strength * decay * (white[at + i] * 0.7 + 6_000 * sin(2 * .pi * ring * Double(i) / 16_000))
        }
        at += Int.random(in: 1_600...3_600, using: &random)
      }
    // Breath into the microphone: low-passed noise that swells and fades in 0.4 to 1 s.
    case "breath":
      var at = 16_000
      while at < count - 32_000 {
        let length = Int.random(in: 6_400...16_000, using: &random)
        var low = 0.0
        for i in 0..<length {
          low += 0.25 * (white[at + i] - low)
          out[at + i] = low * sin(.pi * Double(i) / Double(length)) * 0.6
        }
        at += length + Int.random(in: 16_000...32_000, using: &random)
      }
    // A hand on the table, a door: 60 to 120 Hz, 200 ms.
    case "thumps":
      var at = 16_000
      while at < count - 16_000 {
        let pitch = Double.random(in: 60...120, using: &random)
        for i in 0..<6_400 {
          let thump = 12_000 * exp(-Double(i) / 1_000) * sin(2 * .pi * pitch * Double(i) / 16_000)
          out[at + i] = thump + (i < 160 ? white[at + i] * 0.3 : 0)
        }
        at += Int.random(in: 9_600...40_000, using: &random)
      }
    // Chords of three plucked tones with overtones, two a second, 10 s of them and 3 s of rest.
    case "music":
      for at in stride(from: 16_000, to: count - 12_000, by: 8_000) where at % 208_000 < 160_000 {
        for _ in 0..<3 {
          let pitch = 110 * pow(2, Double(random.below(25)) / 12)
          for i in 0..<12_000 {
            let time = Double(i) / 16_000
            let tone = (1...5).reduce(0.0) { $0 + sin(2 * .pi * pitch * Double($1) * time) / Double($1) }
            out[at + i] += 1_600 * exp(-time * 3) * tone
          }
        }
      }
    case "steps":
      for i in 0..<count { out[i] = white[i] * 0.04 * Double((i / 32_000) % 5 + 1) }
    case "ringing":
      for i in 0..<count where i % 96_000 < 32_000 {
        let time = Double(i) * 2 * .pi / 16_000
        out[i] = 4_000 * (sin(440 * time) + sin(480 * time))
      }
    // Low-passed noise that comes and goes in the rhythm of its motor.
    case "fan":
      var low = 0.0
      for i in 0..<count {
        low += 0.1 * (white[i] - low)
        out[i] = low * (0.5 + 0.35 * sin(2 * .pi * Double(i) / 16_000 / 4))
      }
    default:
      return Signals.speech(rate: 16_000, count: count, levelDB: -25, seed: 5)
    }
    let room = Signals.noise(count: count + 16_000, levelDB: -70, seed: 9)
    return room.prefix(16_000) + zip(out, room.dropFirst(16_000)).map { Int16(clamping: Int($0) + Int($1)) }
  }

  private func model() throws -> any SpeechModel { try SileroModel(Self.engines.silero()) }

  // MARK: Tests

  /// Not one of the sounds opens the gate, and nothing is clipped where people speak.
  @Test(arguments: ["typing", "breath", "thumps", "steps", "ringing", "fan"])
  func soundsDoNotOpenTheGate(_ kind: String) throws {
    #expect(passages(of: sound(kind), model: try model()).isEmpty)
  }

  @Test(arguments: [16_000, 8_000, 48_000]) func everybodyIsHeardFromTheFirstSound(rate: Int) throws {
    let (samples, speech) = try conversation(noise: nil)
    let heard = figures(
      passages(of: Signals.resampled(samples, from: 16_000, to: rate), model: try model(), rate: rate), speech,
      of: Double(samples.count) / 16_000)
    #expect(heard.missed == 0 && heard.falseStarts == 0, "\(heard)")
    // Two of the 22 begin with a breath that is no speech to the model.
    #expect(heard.clipped.count { $0 > 0 } <= 2, "\(heard)")
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["SIDETONE_TELL_GATE"] != nil)) func tellFigures() throws {
    for (name, isNeural) in [("energy", false), ("silero", true)] {
      for kind in Self.sounds {
        let found = passages(of: sound(kind), model: isNeural ? try model() : nil)
        let seconds = found.reduce(0.0) { $0 + min($1.endToldAt, 21_000) - $1.start } / 1_000
        print("GATE \(name) alone \(kind): \(found.count) starts, \(Int(seconds * 5)) % of the time")
      }
      var noises: [(String, [Int16]?)] = [("quiet", nil)]
      for level in [-55.0, -45, -35] {
        noises.append(("noise of \(Int(level)) dBFS", Signals.noise(count: 400_000, levelDB: level, seed: 4)))
      }
      for kind in ["typing", "breath", "music", "fan"] { noises.append((kind, sound(kind).map { $0 / 2 })) }
      for (noise, samples) in noises {
        let (samples, speech) = try conversation(noise: samples)
        let began = ContinuousClock.now
        let found = passages(of: samples, model: isNeural ? try model() : nil)
        let cost = (ContinuousClock.now - began) / .seconds(1)
        let seconds = Double(samples.count) / 16_000
        print("GATE \(name) in \(noise): \(figures(found, speech, of: seconds)) cost \(cost / seconds * 100) %")
        if noise == "quiet" { print("GATE each \(figures(found, speech, of: seconds).offsets)") }
      }
    }
  }
}
