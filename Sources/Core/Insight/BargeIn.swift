import Timeline

/// One attempt to cut the agent off, on a stopwatch.
///
///   onset ─► interrupt sent ─► acknowledged ─► last stale audio received ─► playout empty ─► last sample heard
///
/// Moments that did not happen are nil: a server that notices by itself is sent no interrupt.
public struct BargeIn: Sendable, Equatable {
  /// What began it.
  public enum Trigger: String, Sendable {
    /// The user's speech, by our detector or by the server's word.
    case voice
    case key
  }
  /// What it was.
  public enum Verdict: String, Sendable, CaseIterable {
    case genuine
    /// Shorter than `shortestSpeech`: a cough, a door, a click.
    case tooShort
    /// What the microphone heard was the agent.
    case echo
  }
  /// Speech that is shorter is no wish to speak. Backchannels ("hm") last 200 to 400 ms.
  public static let shortestSpeech = Duration.milliseconds(200)

  /// The turn whose answer it cut.
  public var turn: Int?
  public var trigger: Trigger
  public var onset: Timestamp
  public var interruptSent: Timestamp?
  /// The server said `interrupted`, or ended the response.
  public var acknowledged: Timestamp?
  /// The last audio message of the cut answer that came after the onset.
  public var lastStaleAudio: Timestamp?
  public var playoutEmpty: Timestamp?
  /// When the last sample of the cut answer left the speaker.
  public var lastSound: Timestamp?
  /// Audio of the cut answer after the onset, in milliseconds: received, and heard.
  public var staleReceivedMs = 0.0
  public var staleHeardMs = 0.0
  public var verdict = Verdict.genuine

  public init(trigger: Trigger, onset: Timestamp, turn: Int? = nil) {
    self.trigger = trigger
    self.onset = onset
    self.turn = turn
  }

  /// Onset to silence: what the user waits for the floor. Nil while the agent is still heard.
  public var stopTime: Duration? { lastSound.map { max(.zero, $0 - onset) } }
}
