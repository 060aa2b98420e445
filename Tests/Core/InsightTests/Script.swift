import Insight
import TestKit
import Timeline
import Wire

/// A timeline written by hand, before the figures.
typealias Script = TestKit.Script<Insight>

extension Script {
  var insight: Insight {
    get { reader }
    set { reader = newValue }
  }

  init(dialect: any Dialect = VoiceDialect()) {
    self.init(Insight(dialect: dialect), dialect: dialect) { $0.observe($1) }
  }

  mutating func audio(_ ms: Double) {
    received(ms, .audio(AudioPayload(bytes: [UInt8](repeating: 0, count: 640))))
  }
  /// A block of 20 ms is handed to the speaker, which is heard 30 ms later.
  mutating func played(_ ms: Double, response: Int?) {
    at(
      ms,
      .playout(
        PlayoutBlock(
          response: response.map { ResponseID($0) }, sampleCount: response == nil ? 0 : 320, rate: 16_000, peaks: [],
          rmsDB: -20, depthMs: 100, targetMs: 80, deviceDelayMs: 30)))
  }
  /// The user speaks from `start` to `end`; the detector decides 40 ms after the start and 300 ms after the end.
  mutating func speech(from start: Double, to end: Double) {
    at(start + 40, .voiceEdge(VoiceEdge(isStart: true, sinceMs: 40)))
    at(end + 300, .voiceEdge(VoiceEdge(isStart: false, sinceMs: 300)))
  }
  /// A whole turn whose speech ends at `end`; heard 600 ms after it.
  mutating func turn(endingAt end: Double, response: Int) {
    speech(from: end - 1000, to: end)
    received(end + 510, .transcriptFinal("what time is it"))
    received(end + 520, .responseText("It is noon."))
    audio(end + 545)
    played(end + 570, response: response)
    received(end + 900, .responseComplete)
    at(end + 2000, .playoutChange(PlayoutChange(ResponseID(response), .finished(playedMs: 20))))
    played(end + 2000, response: nil)
  }
}
