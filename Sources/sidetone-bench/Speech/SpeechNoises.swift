import Agent
import Speech
import TestKit

/// How often the detectors hear a voice in sounds that are none.
enum SpeechNoises {
  private struct Outcome {
    var starts = 0
    /// Percent of the time.
    var inSpeech = 0.0
  }

  static func figures(_ settings: BenchmarkSettings) throws -> [Figure] {
    let seconds = Double(settings.count(20, quick: 10))
    let sounds = Noise.allCases.map { $0.samples(seconds: seconds) }
    let kinds: [DetectorKind] = (SpeechBenchmark.best == nil ? [] : [.silero]) + [.sphinx, .energy]
    var outcomes: [DetectorKind: [Outcome]] = [:]
    for kind in kinds { outcomes[kind] = try sounds.map { try outcome(of: $0, with: kind) } }
    var figures: [Figure] = []
    for kind in kinds {
      let all = outcomes[kind]!
      let starts = Double(all.reduce(0) { $0 + $1.starts })
      figures.append(
        Figure(
          "false starts on \(sounds.count) noises of \(Int(seconds)) s, \(kind.rawValue)", "starts", [starts],
          kind == .silero ? .budget(0) : .none))
      figures.append(Figure("  called speech, by noise", "%", all.map(\.inSpeech)))
    }
    guard let silero = outcomes[.silero], let sphinx = outcomes[.sphinx] else { return figures }
    return figures
      + zip(Noise.allCases, zip(silero, sphinx)).map { noise, pair in
        Figure(
          "  \(noise.rawValue): called speech, silero", "%", [pair.0.inSpeech], .peer("sphinx", pair.1.inSpeech))
      }
  }

  private static func outcome(of samples: [Int16], with kind: DetectorKind) throws -> Outcome {
    let detector = try DetectorCard.all.first { $0.kind == kind }!.makeDetector()
    var (outcome, messages, inSpeech) = (Outcome(), 0, 0)
    for start in stride(from: 0, to: samples.count, by: SpeechEar.message) {
      let edges = detector.process(samples[start..<min(start + SpeechEar.message, samples.count)])
      outcome.starts += edges.count { $0.isSpeech }
      messages += 1
      inSpeech += detector.isSpeech ? 1 : 0
    }
    outcome.inSpeech = 100 * Double(inSpeech) / Double(messages)
    return outcome
  }
}
