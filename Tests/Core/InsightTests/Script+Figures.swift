import Insight
import TestKit
import Timeline
import Wire

extension Script {
  /// Binary messages of 20 ms, from the server.
  mutating func audio(from start: Double, through end: Double, every step: Double) {
    for ms in stride(from: start, through: end, by: step) { audio(ms) }
  }
  /// Blocks of 20 ms, each heard 30 ms later.
  mutating func played(from start: Double, through end: Double, response: Int) {
    for ms in stride(from: start, through: end, by: 20) { played(ms, response: response) }
  }
  mutating func changed(
    _ ms: Double, _ kind: PlayoutChange.Kind, response: Int = 1, played: Double? = nil, discarded: Double? = nil,
    takenBack: Double? = nil, remaining: Double? = nil
  ) {
    let step: PlayoutChange.Step? =
      switch kind {
      case .started: .started
      case .underrun: .underrun(playedMs: played ?? 0)
      case .recovered: .recovered(playedMs: played ?? 0)
      case .flushed: .flushed(playedMs: played ?? .infinity, discardedMs: discarded ?? 0, remainingMs: remaining)
      case .held: .held(playedMs: played ?? 0, takenBackMs: takenBack ?? 0, remainingMs: remaining)
      case .resumed: .resumed(playedMs: played ?? 0)
      case .finished: .finished(playedMs: played ?? 0)
      case .format, .undecodable, .decoded: nil
      }
    at(ms, .playoutChange(PlayoutChange(ResponseID(response), step!)))
  }
  /// The user has spoken from 0 to 1 s, and an answer is asked for.
  mutating func question() {
    speech(from: 0, to: 1000)
    received(1500, .transcriptFinal("tell me a story"))
    received(1510, .responseText("Once upon a time there was a very long story without an end."))
  }
}
