import TestKit

/// A recording of somebody who speaks in a quiet room, with silence around it: 16 kHz.
struct SpokenClip {
  var words: String
  var samples: [Int16]
  /// Where in the samples somebody speaks.
  var speech: Range<Int>

  var seconds: Double { Double(samples.count) / Double(Signals.speechRate) }

  init(_ clip: Recordings.Clip, seed: UInt64) throws {
    words = clip.words
    let room = { (milliseconds: Int, seed: UInt64) in
      Signals.noise(count: Signals.speechRate / 1000 * milliseconds, levelDB: -76, seed: seed)
    }
    samples = room(500, seed) + (try Recordings.samples(of: clip)) + room(1_000, seed &+ 1_000)
    speech = Signals.voicedRange(samples)
  }

  /// A fixed choice, the same on every machine: all of PocketSphinx's test data whose words are certain, and 60 of
  /// Asterisk's prompts; fewer on request. In an order in which each part of it is a mixture.
  static func chosen(_ settings: BenchmarkSettings) throws -> [SpokenClip] {
    let prompts = Recordings.choice(settings.count(60, quick: 10), of: try Recordings.allPrompts())
    let others = Recordings.readings + (settings.isQuick ? [] : Recordings.commands)
    var clips: [Recordings.Clip] = []
    for (index, prompt) in prompts.enumerated() {
      clips.append(prompt)
      if (index + 1) * others.count / prompts.count > index * others.count / prompts.count {
        clips.append(others[index * others.count / prompts.count])
      }
    }
    return try clips.enumerated().map { try SpokenClip($1, seed: UInt64($0)) }
  }
}
