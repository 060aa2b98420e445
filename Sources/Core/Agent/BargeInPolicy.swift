import Timeline

/// What speech over the agent does to its response.
public enum BargeInPolicy: String, Sendable, CaseIterable {
  /// Short sounds and words of agreement let the agent go on; anything else cuts.
  ///
  /// Where the client can be told to hold (`VoiceEvent.responseHeld`), the agent is silent from `bargeInHold` of voice on,
  /// until that is decided. Where it cannot, the agent speaks on meanwhile.
  case words
  /// `bargeInMinimum` of voice cuts, whatever it is.
  case voice
  /// Speech does not cut. What was said is answered when the response has ended.
  case off
}

/// A response that was silenced by a sound of the user, until it is known what that was.
struct Hold: Sendable {
  /// The utterance that decides about it.
  var turn: TurnID
  var since: Timestamp
}

/// Words that were said over a response that nothing cuts. They are answered when it has ended.
struct DeferredWords: Sendable {
  var turn: TurnID
  var text: String
  /// The client was not told that the user spoke.
  var isUntold: Bool
}

/// What became of speech over the agent, since the conversation began.
public struct BargeInCounts: Sendable, Equatable {
  /// Responses that it cut.
  public var cuts = 0
  /// Utterances that let the agent go on: words of agreement, or sounds without words.
  public var passed = 0
  /// Times that the agent was silenced until it was known what was said.
  public var holds = 0
  /// Holds after which the agent went on: silence for nothing, and how long in all.
  public var falseStops = 0
  public var falseStopTime = Duration.zero
  public init() {}
}
