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
    /// `endpoint`, `text`, `audio`, `sound`; in the waterfall also `final` and `end`.
    public var name: String
    public var duration: Duration
    public init(name: String, duration: Duration) {
      self.name = name
      self.duration = duration
    }
  }
  /// Why a turn's response time is kept apart from the others'.
  public enum Mark: String, Sendable, CaseIterable {
    /// Cut off, by us or by the server.
    case interrupted
    /// Its answer came without a final transcript.
    case noFinal
    /// The user spoke while it was answered.
    case overlapped
    /// The connection went away in the middle of it.
    case lost
  }

  /// From 1.
  public var number: Int
  /// The moments, in the order in which they usually happen; nil for those that did not.
  public var speechStart: Timestamp?
  /// The last voiced sample of the user's speech: the client's detector, else the server's word.
  public var speechEnd: Timestamp?
  /// `speechEnd` is the server's word, which comes after its endpointing: the wait is longer than it looks.
  public var endIsServers = false
  /// The server said that the user's speech has ended.
  public var endpointed: Timestamp?
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
  /// The last message with words or audio of the answer.
  var lastMessage: Timestamp?
  /// What the server claims about this turn.
  public var claims: ServerMetrics?
  /// The user spoke while the agent was still being heard.
  public var isOverlapped = false
  /// Audio of the answer, in milliseconds: heard, and thrown away unheard.
  public var playedMs = 0.0
  public var discardedMs = 0.0
  /// Audio of the answer that came, in milliseconds; of compressed audio, as far as it was decoded.
  public var receivedMs = 0.0
  /// Whether the length of what came could be told from its bytes.
  var knowsReceived = true
  /// The server said that the answer was sent whole.
  var isSentWhole = false
  public var response: ResponseID?
  /// Responses that only hold what the server sent of this one after it had called it complete, the newest last.
  private(set) var tails: [ResponseID] = []
  /// More than can be open at a time, and only the newest can be gone on with.
  static let tailLimit = 16
  /// The response by the messages, as `response` is by what was heard.
  var place: ResponseID?
  /// A line of the transcript was begun for the user's words, and for the answer. It may have been forgotten since.
  var hasUserLine = false
  var hasAgentLine = false
  /// All of the answer that will ever be heard was heard.
  public var isPlayedOut = false
  /// An answer to speech of which no final transcript has come, from a server that sends them.
  public var lacksFinal = false
  /// A transcript that comes is this turn's, although it is answered already.
  var awaitsFinal = false
  /// The response time stands in the session's figures, or apart from them, for good.
  var isCounted = false

  public init(number: Int) { self.number = number }

  mutating func addTail(_ response: ResponseID) {
    if tails.count == Self.tailLimit { tails.removeFirst() }
    tails.append(response)
  }

  /// Whether nothing more is expected of it.
  public var isOver: Bool { over != nil }

  /// Whether the agent has begun to answer.
  public var isAnswered: Bool { firstText != nil || firstAudio != nil }

  /// End of speech to first sound: what the user waits. Nil until both are known.
  public var responseTime: Duration? {
    guard let speechEnd, let firstSound else { return nil }
    return firstSound - speechEnd
  }

  /// What sets it apart; empty for a turn whose response time is what it looks like.
  public var marks: [Mark] {
    var marks: [Mark] = []
    if ending == .interrupted || ending == .bargedIn { marks.append(.interrupted) }
    if lacksFinal { marks.append(.noFinal) }
    if isOverlapped { marks.append(.overlapped) }
    if ending == .connectionLost { marks.append(.lost) }
    return marks
  }

  /// The wait by stage, in the order in which the moments happened; moments that are missing fall to the next stage.
  public var stages: [Stage] {
    steps([("endpoint", final), ("text", firstText), ("audio", firstAudio), ("sound", firstSound)])
  }

  /// The whole turn by stage, in the order in which the moments happened: the server's endpointing, the final
  /// transcript, first text, first audio byte, first sample out of the speaker, last sample.
  public var waterfall: [Stage] {
    steps([
      ("endpoint", endpointed), ("final", final), ("text", firstText), ("audio", firstAudio), ("sound", firstSound),
      ("end", lastSound),
    ])
  }

  /// The longest stage of the wait.
  public var biggestPart: Stage? { waterfall.filter { $0.name != "end" }.max { $0.duration < $1.duration } }

  private func steps(_ moments: [(String, Timestamp?)]) -> [Stage] {
    guard let speechEnd else { return [] }
    var last = speechEnd
    // What comes after the first sound does not lengthen the wait: a transcript may come beside the answer.
    let isWaiting = { (moment: Timestamp) in firstSound.map { moment <= $0 } ?? true }
    return moments.compactMap { name, moment in moment.map { (name, $0) } }
      .filter { name, moment in name == "end" || isWaiting(moment) }
      .sorted { $0.1 < $1.1 }
      .map { name, moment in
        defer { last = max(last, moment) }
        return Stage(name: name, duration: max(.zero, moment - last))
      }
  }
}
