import Timeline
import Wire

/// One exchange: the user says something, the agent answers.
public struct Turn: Sendable, Equatable {
  /// How a turn ended.
  public enum Ending: String, Sendable {
    case completed, interrupted, bargedIn, connectionLost
  }
  /// A stretch between two moments of the turn, named by what it waited for.
  public struct Stage: Sendable, Equatable {
    /// `endpoint`, `text`, `audio`, `sound`.
    public var name: String
    public var duration: Duration
  }

  /// From 1.
  public var number: Int
  /// The moments, in the order in which they usually happen; nil for those that did not.
  public var speechStart: Timestamp?
  /// The last voiced sample of the user's speech: the client's detector, else the server's word.
  public var speechEnd: Timestamp?
  /// `speechEnd` is the server's word, which comes after its endpointing: the wait is longer than it looks.
  public var endIsServers = false
  public var final: Timestamp?
  public var firstText: Timestamp?
  /// The first audio message of the answer.
  public var firstAudio: Timestamp?
  /// The first sample of the answer leaves the speaker, device delay included.
  public var firstSound: Timestamp?
  public var lastSound: Timestamp?
  public var interruptRequested: Timestamp?
  public var over: Timestamp?
  public var ending: Ending?
  /// What the server claims about this turn.
  public var claims: ServerMetrics?
  /// The user spoke while the agent was still being heard.
  public var isOverlapped = false
  /// Audio of the answer, in milliseconds: heard, and thrown away unheard.
  public var playedMs = 0.0
  public var discardedMs = 0.0
  public var response: ResponseID?
  /// All of the answer that will ever be heard was heard.
  public var isPlayedOut = false

  public init(number: Int) { self.number = number }

  /// Whether nothing more is expected of it.
  public var isOver: Bool { over != nil }

  /// Whether the agent has begun to answer.
  public var isAnswered: Bool { firstText != nil || firstAudio != nil }

  /// End of speech to first sound: what the user waits. Nil until both are known.
  public var responseTime: Duration? {
    guard let speechEnd, let firstSound else { return nil }
    return firstSound - speechEnd
  }

  /// The wait by stage, in the order in which the moments happened; moments that are missing fall to the next stage.
  public var stages: [Stage] {
    guard let speechEnd else { return [] }
    let moments: [(String, Timestamp?)] = [
      ("endpoint", final), ("text", firstText), ("audio", firstAudio), ("sound", firstSound),
    ]
    var last = speechEnd
    return moments.compactMap { name, moment in moment.map { (name, $0) } }
      .sorted { $0.1 < $1.1 }
      .map { name, moment in
        defer { last = max(last, moment) }
        return Stage(name: name, duration: max(.zero, moment - last))
      }
  }
}

/// One line of the transcript.
public struct TranscriptLine: Sendable, Equatable {
  /// Whose line it is.
  public enum Speaker: String, Sendable {
    case user, agent, notice
    /// Nobody's: the connection was lost here. Final once there is another one.
    case link
  }
  public var speaker: Speaker
  /// When it began.
  public var at: Timestamp
  public var text: String
  /// False while the text may still change: an interim transcript, an answer that still grows.
  public var isFinal: Bool
  /// The agent's line was cut: about this share of it (0…1) was heard. Nil when it was heard whole.
  public var heardShare: Double?
  /// The turn it belongs to.
  public var turn: Int?

  public init(speaker: Speaker, at: Timestamp, text: String, isFinal: Bool, heardShare: Double? = nil, turn: Int? = nil)
  {
    self.speaker = speaker
    self.at = at
    self.text = text
    self.isFinal = isFinal
    self.heardShare = heardShare
    self.turn = turn
  }
}
