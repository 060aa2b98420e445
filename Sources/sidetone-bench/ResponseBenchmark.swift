import Agent
import Insight
import Logging
import Runtime
import Speech
import Threads
import Timeline
import WebSockets

/// What the user waits: end of speech to the first audio message of the answer, through the whole pipeline in real
/// time, and how the wait divides into stages.
enum ResponseBenchmark {
  private static let utterances = [
    "what time is it", "what is the date today", "what is two plus two", "turn on the light in the kitchen",
    "set a timer for ten minutes", "what can you do", "turn off the music", "what is seven times eight",
    "thank you very much", "play some music", "what did i just say", "how are you today",
  ]

  /// What a mode is measured with.
  private struct Mode {
    var name: String
    var silence: Duration
    /// Of the language model, which is no part of what is promised; nil for the built-in one's default.
    var pace: BuiltinReplyGenerator.Pace?
  }

  static func run(_ settings: BenchmarkSettings) throws -> [Figure] {
    let count = settings.count(2 * utterances.count, quick: 6)
    let slow = BuiltinReplyGenerator.Pace(firstToken: .milliseconds(10), tokenInterval: .milliseconds(15))
    return try figures(Mode(name: "500 ms", silence: .milliseconds(500)), count)
      + figures(Mode(name: "snappy, 300 ms", silence: .milliseconds(300)), count)
      + figures(Mode(name: "500 ms, a model of 15 ms a word", silence: .milliseconds(500), pace: slow), count / 2)
  }

  private static func figures(_ mode: Mode, _ count: Int) throws -> [Figure] {
    let turns = try converse(mode, count)
    let waits = turns.compactMap { turn in
      turn.firstAudio.flatMap { audio in turn.speechEnd.map { (audio - $0).milliseconds } }
    }
    guard !waits.isEmpty else { throw BenchmarkFailure("no turn was answered") }
    let budget = Figure.Reference.budget(mode.silence.milliseconds + 60)
    var figures = [
      Figure("\(mode.name): end of speech to audio, p50", "ms", [waits.percentile(50)]),
      Figure("  p95 of \(waits.count) turns", "ms", [waits.percentile(95)], mode.pace == nil ? budget : .none),
    ]
    for name in ["endpoint", "text", "audio", "sound"] {
      let stage = turns.compactMap { $0.stages.first { $0.name == name }?.duration.milliseconds }
      figures.append(Figure("  \(name), p50", "ms", [stage.percentile(50)]))
      figures.append(Figure("  \(name), p95", "ms", [stage.percentile(95)]))
    }
    return figures
  }

  /// The turns of a conversation in which each answer is cut as soon as it is heard.
  private static func converse(_ mode: Mode, _ count: Int) throws -> [Turn] {
    let clock = TimelineClock()
    var server = VoiceServerOptions()
    server.port = 0
    server.agent.endpointing = Endpointing(silence: mode.silence)
    server.pace = mode.pace ?? server.pace
    let voice = try VoiceServer(server, clock: clock, log: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
    defer { voice.stop() }
    var options = SessionOptions(url: try WebSocketURL.parse("ws://127.0.0.1:\(voice.port)/voice"))
    options.input = .silence
    options.output = .null
    let insight = Locked<Insight>(Insight())
    let session = SessionLoop(
      options, clock: clock,
      readers: [
        { entry in
          insight.withLock { $0.observe(entry) }
          return true
        }
      ], finished: {})
    defer { session.stop() }
    try waitUntil("the session is ready") { insight.withLock { $0.link.state == .ready } }
    var done: [Turn] = []
    for i in 0..<count {
      let before = insight.withLock { $0.turns.last?.number ?? 0 }
      session.perform(.say(utterances[i % utterances.count]))
      func last() -> Turn? {
        insight.withLock { insight in insight.turns.last.flatMap { $0.number > before ? $0 : nil } }
      }
      do {
        try waitUntil("an answer", seconds: 15) { last().map { $0.firstSound != nil || $0.isOver } ?? false }
        session.perform(.interrupt)
        try waitUntil("the answer's end", seconds: 15) { last()?.isOver ?? false }
      } catch {
        // What was not understood is not answered; it says nothing about speed.
        progress("\"\(utterances[i % utterances.count])\": \(error)")
      }
      if let turn = last() { done.append(turn) }
    }
    return done
  }
}
