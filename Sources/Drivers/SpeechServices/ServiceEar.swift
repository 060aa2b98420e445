import Agent
import Audio
import Timeline

/// What hears one client by a service. Lives on the recognizer's thread.
protocol ServiceEar {
  /// Takes a block of the turn's audio. Positions of edges are samples, counted from the first that it was given.
  mutating func heard(
    _ block: ArraySlice<Int16>, of turn: TurnID, edges: [SpeechEdge], isSpeech: Bool, lastVoiced: Int, at now: Timestamp
  ) -> [EarEvent]
  mutating func ended(_ turn: TurnID, at now: Timestamp) -> [EarEvent]
  mutating func discarded(_ turn: TurnID, at now: Timestamp) -> [EarEvent]
  /// Takes what has come from the service.
  mutating func step(at now: Timestamp) -> [EarEvent]
  var deadline: Timestamp? { get }
  /// Tries whether the service is there; `reached` or `failed` follows.
  mutating func reach(at now: Timestamp) -> [EarEvent]
  /// Leaves the service, and takes no more.
  mutating func leave()
}

/// What a service tells.
enum EarEvent: Sendable, Equatable {
  case interim(TurnID, String)
  case paused(TurnID, String)
  case final(TurnID, String)
  case turnEnded(TurnID)
  case reached
  /// It hears nothing more, and what it owes is not told.
  case failed(HearingRelay.Failure)
}
