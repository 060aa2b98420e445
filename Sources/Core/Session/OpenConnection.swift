import Timeline
import Wire

/// What a session knows about its open connection; gone with it.
struct OpenConnection: Sendable {
  /// What follows a close that we began.
  enum AfterClose: Sendable, Equatable {
    case reconnect, reconnectNow, finish
  }

  let id: LinkID
  /// Whether it was opened with a resume ticket.
  let askedToResume: Bool
  var heartbeat: Heartbeat
  /// When to complain about the missing `ready`; nil after that.
  var readyDeadline: Timestamp?
  /// Since when audio may flow.
  var readySince: Timestamp?
  /// The samples a second that the server takes and sends, if its `ready` said so.
  var serverInputRate: Int?
  var serverOutputRate: Int?
  /// What its audio is where the message does not say it, as in `mp3`, and whether it asked for binary messages.
  var serverOutputFormat: String?
  var serverTakesBinary = false
  /// Bytes that wait in the socket, as it last said, and what it was handed since.
  var reportedBacklog = 0
  var handedSince = 0
  var isStalled = false
  /// The utterance of which the server was told that it began.
  var announced: Int?
  /// When the server ends the session by itself, and when to tell of it; nil once that was told.
  var expiry: (end: Timestamp, notice: Timestamp?)?
  /// What is kept of a call, to answer it.
  struct WaitingCall: Sendable, Equatable {
    var id: String
    var name: String
  }
  /// What the agent has called and nobody has answered, oldest first.
  private(set) var toolCalls: [WaitingCall] = []
  static let toolCallLimit = 32
  /// Bytes of a call's id and name together; both go into its answer whole, or not at all.
  static let longestCall = 1024

  /// - Returns: what was forgotten for want of room, in words.
  mutating func toolCalled(_ call: ToolCall) -> String? {
    let bytes = call.id.utf8.count + call.name.utf8.count
    guard bytes <= Self.longestCall else {
      return "a tool call cannot be answered from here: its id and name have \(bytes) bytes, "
        + "more than \(Self.longestCall)"
    }
    toolCalls.append(WaitingCall(id: call.id, name: call.name))
    guard toolCalls.count > Self.toolCallLimit else { return nil }
    toolCalls.removeFirst()
    return "more than \(Self.toolCallLimit) tool calls wait for a result: the oldest cannot be answered any more"
  }
  mutating func toolAnswered(_ id: String) { toolCalls.removeAll { $0.id == id } }

  /// Set when we began the close handshake: nothing may be sent any more.
  var closing: (deadline: Timestamp, then: AfterClose)?

  var backlog: Int { reportedBacklog + handedSince }

  /// When something is due on it.
  var deadline: Timestamp {
    if let closing { return closing.deadline }
    return [readyDeadline, expiry?.notice, heartbeat.deadline].compactMap(\.self).min() ?? heartbeat.deadline
  }
}
