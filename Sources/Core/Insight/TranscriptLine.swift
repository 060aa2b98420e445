import Timeline

/// One line of the transcript.
public struct TranscriptLine: Sendable, Equatable {
  /// Whose line it is.
  public enum Speaker: String, Sendable {
    case user, agent, notice
    /// Nobody's: the connection was lost here. Final once there is another one.
    case link
  }
  /// That the user's words were said over an answer, which went on without an answer to them.
  public struct Aside: Sendable, Equatable {
    /// How long the server held its answer until it knew that, in milliseconds; nil where it held nothing.
    public var heldMs: Double?
    public init(heldMs: Double? = nil) { self.heldMs = heldMs }
  }
  /// Bytes that are kept of a line's text: more than an hour of speech. An answer may go on for ever.
  public static let textLimit = 64 << 10

  public var speaker: Speaker
  /// When it began.
  public var at: Timestamp
  /// The beginning of what was said, at most `textLimit` bytes.
  public private(set) var text: String
  /// Bytes of what was said that are not in `text`, because they had no room.
  public private(set) var cutBytes = 0
  /// False while the text may still change: an interim transcript, an answer that still grows.
  public var isFinal: Bool
  /// The agent's line was cut: about this share of `text` (0…1) was heard. Nil when it was heard whole.
  public var heardShare: Double?
  /// The turn it belongs to.
  public var turn: Int?
  /// The user's words have no turn, because the agent went on over them; nil for all other lines.
  public var aside: Aside?
  /// The agent spoke, and no words of it came: how much of it was heard so far, in milliseconds. `text` says so.
  public var spokenMs: Double?

  public init(speaker: Speaker, at: Timestamp, text: String, isFinal: Bool, heardShare: Double? = nil, turn: Int? = nil)
  {
    self.speaker = speaker
    self.at = at
    self.text = ""
    self.isFinal = isFinal
    self.heardShare = heardShare
    self.turn = turn
    add(text)
  }

  /// The share of what was said (0…1) that is in `text`.
  public var keptShare: Double {
    cutBytes == 0 ? 1 : Double(text.utf8.count) / (Double(text.utf8.count) + Double(cutBytes))
  }

  /// Puts words behind the text.
  mutating func add(_ words: String) {
    // What comes after a cut does not go on with what is kept.
    let kept = cutBytes > 0 ? "" : words.prefix(bytes: Self.textLimit - text.utf8.count)
    text += kept
    cutBytes = cutBytes.adding(words.utf8.count - kept.utf8.count)
  }

  /// Puts words in the place of the text.
  mutating func replace(_ words: String) {
    (text, cutBytes) = ("", 0)
    add(words)
  }
}
