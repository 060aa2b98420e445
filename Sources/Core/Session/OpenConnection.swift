import Timeline

/// What a session knows about its open connection; gone with it.
struct OpenConnection: Sendable {
  /// What follows a close that we began.
  enum AfterClose: Sendable, Equatable {
    case reconnect, reconnectNow, finish
  }

  let id: ConnectionID
  /// Whether it was opened with a resume ticket.
  let askedToResume: Bool
  var heartbeat: Heartbeat
  /// When to complain about the missing `ready`; nil after that.
  var readyDeadline: Timestamp?
  /// Since when audio may flow.
  var readySince: Timestamp?
  /// The samples a second that the server takes.
  var serverRate: Int?
  /// Bytes handed to the socket and not yet sent, as far as we know.
  var backlog = 0
  var isStalled = false
  /// The utterance of which the server was told that it began.
  var announced: Int?
  /// Set when we began the close handshake: nothing may be sent any more.
  var closing: (deadline: Timestamp, then: AfterClose)?

  /// When something is due on it.
  var deadline: Timestamp {
    if let closing { return closing.deadline }
    return readyDeadline.map { min($0, heartbeat.deadline) } ?? heartbeat.deadline
  }
}
