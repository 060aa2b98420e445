import Timeline

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
  /// The agent spoke, and no words of it came: how much of it was heard so far, in milliseconds. `text` says so.
  public var spokenMs: Double?

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
