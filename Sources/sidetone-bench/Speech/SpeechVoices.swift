import Agent
import Speech
import TestKit
import Threads

/// From the text to the first audio, by voice, how much faster than real time a voice speaks, and how well it is understood.
enum SpeechVoices {
  private static let sentences = [
    "It is ten past four.", "I have set a timer for ten minutes.", "The light in the kitchen is on.",
    "It is sunny in Berlin today, with twenty two degrees in the afternoon.",
    "Your table is booked for half past seven, and the people at the door know your name.",
    "Seven times eight is fifty six.", "I can tell the time, set timers, and turn the lights on and off.",
    "The next train to Hamburg leaves at a quarter to nine from platform four, and takes an hour and a half.",
  ]

  static func figures(_ settings: BenchmarkSettings) throws -> [Figure] {
    try Voice.available.flatMap { voice in
      let speaker = Speaker(voice, rate: AgentConfiguration().outputRate)
      defer { speaker.stop() }
      voice.prepare()
      Voice.finishPreparing()
      let cold = try speaker.speak(sentences[1])
      let runs = try (0..<settings.count(3, quick: 1)).flatMap { _ in try sentences.map(speaker.speak) }
      let first = runs.map(\.first)
      return [
        Figure(
          "first audio, \(voice.name) (\(voice.engine.rawValue)), p50 of \(first.count)", "ms", [first.percentile(50)],
          voice.engine == .piper ? .budget(140) : .none),
        Figure("  p95", "ms", [first.percentile(95)]),
        Figure("  its first sentence after loading", "ms", [cold.first]),
        Figure("  time of its audio that it takes", "%", [runs.map(\.share).percentile(50)]),
      ]
    }
  }

  /// How many words of the neural voice are heard wrong, beside flite's, as the agent speaks them: in chunks.
  static func understood(by hearing: HearingChoice) throws -> [Figure] {
    func percent(_ voice: Voice) throws -> Double {
      let speaker = Speaker(voice, rate: Signals.speechRate)
      let ear = SpeechEar(hearing)
      defer {
        speaker.stop()
        ear.stop()
      }
      var errors = WordErrors()
      for text in sentences + Recordings.prompts.map(\.words) {
        let room = Signals.noise(count: Signals.speechRate / 2, levelDB: -76)
        errors.add(said: text, heard: try ear.transcript(of: room + (try speaker.speak(text).samples) + room))
      }
      return errors.percent
    }
    let count = sentences.count + Recordings.prompts.count
    return [
      Figure(
        "words of joe heard wrong by Moonshine, \(count) sentences", "%", [try percent(Voice.all[0])],
        .peer("slt", try percent(Voice.quickest)))
    ]
  }
}

/// A voice as the server has it.
private final class Speaker {
  /// A sentence that was spoken.
  struct Spoken {
    var samples: [Int16]
    /// Milliseconds to the first audio.
    var first: Double
    /// The time that it took, in percent of the audio's.
    var share: Double
  }

  private let voice: Voice
  private let rate: Int
  private let told = Locked<[(event: SynthesisEvent, at: Int64)]>([])
  private let synthesizer: VoiceSynthesizer
  private var turn = TurnID(rawValue: 0)

  init(_ voice: Voice, rate: Int) {
    self.voice = voice
    self.rate = rate
    synthesizer = VoiceSynthesizer(rate: rate) { [told] event in
      told.withLock { $0.append((event, monotonicNanoseconds())) }
    }
  }

  func stop() { synthesizer.stop() }

  /// Speaks an answer of one sentence.
  /// - Throws: `BenchmarkFailure` when the voice does not speak it, or another one does.
  func speak(_ text: String) throws -> Spoken {
    turn = TurnID(rawValue: turn.rawValue + 1)
    told.withLock { $0 = [] }
    let asked = monotonicNanoseconds()
    synthesizer.synthesize(turn, sentence: 0, text: text, voice: voice.name, language: "en")
    var all: [(event: SynthesisEvent, at: Int64)] = []
    try waitUntil("\(voice.name) to speak") {
      all = told.withLock { $0 }
      return all.contains { if case .audio = $0.event { false } else { true } }
    }
    var (samples, first): ([Int16], Int64?) = ([], nil)
    for case (.audio(_, _, let audio), let at) in all {
      samples += audio
      first = first ?? at
    }
    guard let first, let last = all.last, case .finished = last.event else {
      throw BenchmarkFailure("\(voice.name) did not speak \"\(text)\"")
    }
    return Spoken(
      samples: samples, first: Double(first - asked) / 1e6,
      share: Double(last.at - asked) / 1e9 / (Double(samples.count) / Double(rate)) * 100)
  }
}
