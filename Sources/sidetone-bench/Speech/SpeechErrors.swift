import Speech
import TestKit

/// Words wrong on recordings of people: in a quiet room, over a telephone, in noise.
enum SpeechErrors {
  /// What the recordings go through.
  private struct Condition: Sendable {
    var name: String
    /// Percent of the words that may be wrong.
    var most: Double
    /// Of how many recordings PocketSphinx is given the first ones; it is slow where there is noise.
    var share: Double
    var heard: @Sendable (_ clip: SpokenClip, _ index: Int) -> [Int16]
  }

  private static let conditions = [
    Condition(name: "clean", most: 5, share: 1.0 / 2) { clip, _ in clip.samples },
    Condition(name: "telephone", most: 6, share: 1.0 / 3) { clip, _ in Signals.overTelephone(clip.samples) },
    Condition(name: "pink noise, SNR 10 dB", most: 12, share: 1.0 / 6) { clip, index in
      Signals.withPinkNoise(clip.samples, below: 10, ofSpeech: clip.speech, seed: UInt64(index) + 1)
    },
  ]

  static func figures(_ clips: [SpokenClip]) throws -> [Figure] {
    try conditions.flatMap { condition in
      progress("  word errors: \(condition.name)")
      let audio = clips.enumerated().map { condition.heard($1, $0) }
      let fewer = max(1, Int(Double(clips.count) * condition.share))
      let theirs = try errors(SpeechBenchmark.plain, clips, audio, first: fewer)
      let whole = "\(condition.name): words wrong"
      guard let best = SpeechBenchmark.best else {
        return [Figure("\(whole), PocketSphinx, \(fewer) recordings", "%", [theirs.total.percent])]
      }
      let ours = try errors(best, clips, audio, first: clips.count)
      let same = ours.each.prefix(fewer).reduce(into: WordErrors()) { $0.add($1) }
      return [
        Figure(
          "\(whole), \(clips.count) recordings, \(ours.total.words) words", "%", [ours.total.percent],
          .budget(condition.most)),
        Figure(
          fewer == clips.count ? "  beside PocketSphinx" : "  the first \(fewer), beside PocketSphinx", "%",
          [same.percent], .peer("PocketSphinx", theirs.total.percent)),
      ]
    }
  }

  private static func errors(
    _ choice: HearingChoice, _ clips: [SpokenClip], _ audio: [[Int16]], first count: Int
  ) throws -> (total: WordErrors, each: [WordErrors]) {
    let ear = SpeechEar(choice)
    defer { ear.stop() }
    let each = try zip(clips, audio).prefix(count).map { clip, samples in
      let heard = try ear.transcript(of: samples)
      if SpeechBenchmark.tellsDetails, WordErrors.count(said: clip.words, heard: heard) > 0 {
        progress("    \(clip.words)\n    \(heard)")
      }
      return WordErrors(said: clip.words, heard: heard)
    }
    return (each.reduce(into: WordErrors()) { $0.add($1) }, each)
  }
}
