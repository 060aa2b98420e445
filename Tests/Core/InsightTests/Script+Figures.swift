import Insight
import TestKit
import Timeline
import Wire

extension Script {
  mutating func sent(_ ms: Double, _ event: VoiceEvent, waitedMs: Double? = nil) {
    let frame = VoiceDialect().encode(event, from: .client)!
    at(
      ms,
      .message(
        Message(
          link: LinkID(1), way: .toServer, kind: .text, payload: frame.payload, waitedMs: waitedMs)))
  }
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
    remaining: Double? = nil
  ) {
    at(
      ms,
      .playoutChange(
        PlayoutChange(
          kind: kind, response: ResponseID(response), playedMs: played, discardedMs: discarded, remainingMs: remaining))
    )
  }
  /// The user has spoken from 0 to 1 s, and an answer is asked for.
  mutating func question() {
    speech(from: 0, to: 1000)
    received(1500, .transcriptFinal("tell me a story"))
    received(1510, .responseText("Once upon a time there was a very long story without an end."))
  }
}
