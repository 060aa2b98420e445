import Glibc
import Speech
import TestKit
import Threads

/// When words are there, and what hearing takes of a core: in real time, as a microphone brings it.
enum SpeechDelays {
  /// What was measured of a clip. Milliseconds.
  private struct Outcome {
    /// From the first sound to the first interim words; nil when there were none.
    var firstInterim: Double?
    /// From the last sound to the transcript, and what of it came after the end of the turn.
    var final: Double
    var beyondTheEnd: Double
    /// Percent of a core from the first sound to the transcript.
    var processor: Double
  }

  /// Speech that is no longer than this is promised to be transcribed when its turn ends.
  private static let longest = 8 * Signals.speechRate

  static func figures(_ clips: [SpokenClip], _ settings: BenchmarkSettings) throws -> [Figure] {
    let chosen = Array(clips.filter { $0.speech.count < longest }.prefix(settings.count(12, quick: 3)))
    progress("  delays in real time")
    let fewer = Array(chosen.prefix(settings.count(6, quick: 1)))
    let theirs = try outcomes(SpeechBenchmark.plain, fewer, silence: 500)
    guard let best = SpeechBenchmark.best else {
      return figures("PocketSphinx, 500 ms", theirs.clips, nil, within: nil)
    }
    let ours = try outcomes(best, chosen, silence: 500)
    let quick = settings.isQuick ? [] : try outcomes(best, chosen, silence: 300).clips
    var figures = figures("500 ms", ours.clips, theirs.clips, within: 10)
    if !quick.isEmpty { figures += self.figures("snappy, 300 ms", quick, nil, within: 10) }
    return figures + [
      Figure(
        "hearing while somebody speaks, of a core", "%", (ours.clips + quick).map(\.processor),
        .peer("PocketSphinx", theirs.clips.map(\.processor).percentile(50))),
      Figure("hearing while nobody speaks, of a core", "%", [ours.idle], .peer("PocketSphinx", theirs.idle)),
    ]
  }

  private static func figures(
    _ name: String, _ outcomes: [Outcome], _ peer: [Outcome]?, within most: Double?
  ) -> [Figure] {
    func reference(_ percent: Double, _ value: (Outcome) -> Double?) -> Figure.Reference {
      peer.map { .peer("PocketSphinx", $0.compactMap(value).percentile(percent)) } ?? .none
    }
    let (interims, finals) = (outcomes.compactMap(\.firstInterim), outcomes.map(\.final))
    let beyond = outcomes.map(\.beyondTheEnd)
    return [
      Figure(
        "\(name): first sound to first interim, p50 of \(interims.count)", "ms", [interims.percentile(50)],
        reference(50, \.firstInterim)),
      Figure("  p95", "ms", [interims.percentile(95)], reference(95, \.firstInterim)),
      Figure(
        "  last sound to transcript, p50 of \(finals.count)", "ms", [finals.percentile(50)], reference(50, \.final)),
      Figure("  p95", "ms", [finals.percentile(95)], reference(95, \.final)),
      Figure("  of that, after the end of the turn, p50", "ms", [beyond.percentile(50)], reference(50, \.beyondTheEnd)),
      Figure("  p95", "ms", [beyond.percentile(95)], most.map { .budget($0) } ?? .none),
    ]
  }

  private static func outcomes(
    _ choice: HearingChoice, _ clips: [SpokenClip], silence: Int
  ) throws -> (clips: [Outcome], idle: Double) {
    let ear = SpeechEar(choice)
    defer { ear.stop() }
    // The models are loaded, and the room is known.
    _ = try ear.transcript(of: clips[0].samples)
    let outcomes = try clips.map { clip in
      let outcome = try outcome(of: clip, ear, silence: silence * Signals.speechRate / 1000)
      if SpeechBenchmark.tellsDetails {
        progress("    \(Double(clip.speech.count) / Double(Signals.speechRate)) s: \(outcome)")
      }
      return outcome
    }
    ear.beginTurn()
    let before = (try ProcessFigures.runNanoseconds(getpid()), monotonicNanoseconds())
    pace(Signals.noise(count: 5 * Signals.speechRate, levelDB: -76, seed: 9), to: ear) { _ in true }
    ear.endTurn()
    return (outcomes, try processorPercent(since: before))
  }

  /// Feeds messages at the pace of a microphone for as long as they are wanted.
  /// - Parameter goesOn: told after each how many samples were fed.
  private static func pace(_ samples: [Int16], to ear: SpeechEar, goesOn: (_ count: Int) -> Bool) {
    let start = monotonicNanoseconds()
    for first in stride(from: 0, to: samples.count, by: SpeechEar.message) {
      let end = min(first + SpeechEar.message, samples.count)
      sleepUntil(start + Int64(end) * 1_000_000_000 / Int64(Signals.speechRate))
      ear.feed(samples[first..<end])
      guard goesOn(end) else { return }
    }
  }

  /// The turn ends as the agent ends it: when the detector has heard so much silence.
  private static func outcome(of clip: SpokenClip, _ ear: SpeechEar, silence: Int) throws -> Outcome {
    ear.beginTurn()
    let (base, start) = (ear.position, monotonicNanoseconds())
    func moment(of sample: Int) -> Int64 { start + Int64(sample) * 1_000_000_000 / Int64(Signals.speechRate) }
    var before: (Int64, Int64)?
    var ended: Int64?
    // A detector may take long to hear that it is quiet.
    let room = Signals.noise(count: 10 * Signals.speechRate, levelDB: -76, seed: 9)
    pace(clip.samples + room, to: ear) { count in
      if before == nil, count >= clip.speech.lowerBound {
        before = (try? ProcessFigures.runNanoseconds(getpid())).map { ($0, monotonicNanoseconds()) }
      }
      var quietSince: Int?
      for case .voice(let isSpeech, let sample) in ear.soFar.map(\.event) {
        quietSince = isSpeech ? nil : sample - base
      }
      // A pause within the clip is none of its end.
      guard count > clip.speech.upperBound, let quietSince, count - quietSince >= silence else { return true }
      ended = monotonicNanoseconds()
      return false
    }
    let asked = ended ?? monotonicNanoseconds()
    ear.endTurn()
    let final = try ear.final()
    guard ended != nil, let before else { throw BenchmarkFailure("no end was heard of \"\(clip.words)\"") }
    let interim = ear.soFar.first { if case .interim = $0.event { true } else { false } }
    return Outcome(
      firstInterim: interim.map { Double($0.at - moment(of: clip.speech.lowerBound)) / 1e6 },
      final: Double(final.at - moment(of: clip.speech.upperBound)) / 1e6,
      beyondTheEnd: Double(final.at - asked) / 1e6, processor: try processorPercent(since: before))
  }

  private static func processorPercent(since before: (used: Int64, at: Int64)) throws -> Double {
    let (used, at) = (try ProcessFigures.runNanoseconds(getpid()), monotonicNanoseconds())
    return Double(used - before.used) / Double(at - before.at) * 100
  }
}
