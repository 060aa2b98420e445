import Timeline

/// What a session does by itself once its moment has come. Each timer is named by what it waits for, and says who sets it
/// and what it does. Those that are due at once run in this order.
enum SessionTimer: CaseIterable, Sendable {
  /// Set by the operator's `refuse`. Connections may be made again.
  case refusalEnd
  /// Set by each attempt to connect. The attempt has failed.
  case attemptTimeout
  /// Set when the connection was lost or an attempt has failed. The next attempt begins.
  case nextAttempt
  /// Set by the close frame that we send. The connection is cut without the server's.
  case closeTimeout
  /// Set by a server that says when it will end the session. The operator is told.
  case expiryNotice
  /// Set by the opening of a connection, where the dialect has a `ready`. The operator is told that it is missing.
  case readyTimeout
  /// Set by the opening of a connection, by each ping and by each pong. A ping goes out; a pong is late; the connection is dead.
  case heartbeat
  /// Set by the dialect. It says what manners demand: echoes of pings, keepalives.
  case manners
  /// Set by audio, where a pause ends a response, and by our interrupt. The response has ended; the server's answer to the
  /// interrupt is no longer waited for.
  case response
  /// Set by a change of the uplink queue, ten times a second at most. Its depth is recorded.
  case uplinkDepth
  /// Set by a change of the bytes that wait in the socket, ten times a second at most. Their count is recorded.
  case socketDepth

  static let all = allCases
}

extension Session {
  /// When a timer is due; nil while it is not set.
  func moment(of timer: SessionTimer) -> Timestamp? {
    guard !isFinished else { return nil }
    return switch timer {
    case .refusalEnd, .attemptTimeout, .nextAttempt, .closeTimeout, .expiryNotice, .readyTimeout, .heartbeat, .manners:
      dialling.moment(of: timer)
    case .response: downlink.deadline
    case .uplinkDepth, .socketDepth: uplink.moment(of: timer, socketDepth: dialling.socketDepth, now: output.now)
    }
  }

  /// When to call `handle(.deadlinePassed, …)` next; nil when nothing is due by itself.
  public var deadline: Timestamp? { SessionTimer.all.lazy.compactMap { moment(of: $0) }.min() }

  mutating func deadlinePassed() {
    // Each timer moves its own moment on; a handful of them can be due together.
    for _ in 0..<32 {
      guard let deadline, deadline <= output.now else { return }
      for timer in SessionTimer.all where moment(of: timer).map({ $0 <= output.now }) ?? false { run(timer) }
    }
  }

  private mutating func run(_ timer: SessionTimer) {
    switch timer {
    case .refusalEnd: dialling.refusalEnded(&output)
    case .attemptTimeout: dial { $0.attemptTimedOut(&$1) }
    case .nextAttempt: dial { $0.attempt(&$1) }
    case .closeTimeout: closeTimedOut()
    case .expiryNotice: dialling.connection?.expiryMayBeNear(&output)
    case .readyTimeout: dialling.connection?.readyIsMissing(&output)
    case .heartbeat:
      guard let reason = dialling.connection?.beat(&output) else { return }
      abort(reason, by: .network)
    case .manners: dialling.connection?.payWhatIsOwed(&output)
    case .response: downlink.expire(&output)
    case .uplinkDepth, .socketDepth: uplink.report(socketDepth: dialling.socketDepth, &output)
    }
  }
}
