import Timeline

// WebSockets: bytes over libwebsockets, as a client and as a server. No rules: who reconnects, and what a message
// means, is decided elsewhere.
//
//   any thread                 the role's own thread                            the wire
//   send, close, stall ──► inbox (bounded) ──► ServiceLoop ─► Connection ─► libwebsockets ──► peer
//                                                  │              │
//   events, on the loop's thread ◄─────────────────┴── WebSocketEvent (whole messages, one terminal event)
//
//   resolver thread (client): getaddrinfo, and a look at a peer that did not answer as a WebSocket server should.
//
// One lws_context on one thread per WebSocketClient or WebSocketServer. See docs/decisions/websockets.md.

/// What happened on a client's connection. Delivered on the loop's thread: hand it on and return.
public enum WebSocketEvent: Sendable, Equatable {
  /// The upgrade is done. `stages` in order: `dns` (names only), `tcp`, `tls` (`wss` only), `upgrade`; each counts
  /// from the end of the previous one. `subprotocol`: the one the server chose, if it did.
  case opened(stages: [ConnectStage], subprotocol: String?)
  /// A whole message, its fragments joined. Text is not checked for UTF-8.
  case message([UInt8], isText: Bool)
  /// The answer to a ping of ours, or an unsolicited pong.
  case pong([UInt8])
  /// Bytes accepted by `send` and not yet handed to the operating system. Reported in steps of 16 KiB, and at 0.
  case backlog(Int)
  /// Messages refused since the connection began because more than the send queue's limit was waiting.
  case refused(total: Int)
  /// It was open and is not any more. `code` as in RFC 6455 section 7.4: 1005 when the close frame had none, 1006
  /// when there was no close frame (then `by` is `network`, or this side when it aborted). The last event.
  case closed(code: Int, reason: String, by: Closer)
  /// It never opened. The last event.
  case failed(ConnectFailure)
}

/// Limits that are the same for every connection.
public enum WebSocketLimits {
  /// Bytes that may wait to be sent on one connection: 8 MiB, four minutes of 16 kHz audio.
  public static let sendQueueBytes = 8 << 20
  /// Messages that may wait to be sent on one connection.
  public static let sendQueueMessages = 16_384
  /// The largest message taken from a peer, unless said otherwise: 16 MiB, as in common servers.
  public static let messageBytes = 16 << 20
  /// How long a peer may take to answer a close frame; libwebsockets' own limit.
  public static let closeTimeout: Duration = .seconds(5)
  /// Bytes by which the backlog changes, or that pass through it, before it is reported; emptied, it is at once.
  static let backlogStep = 16_384
}
