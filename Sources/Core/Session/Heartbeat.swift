import Timeline

/// Pings one open connection and says when it is dead. One ping is out at a time, told by its payload.
struct Heartbeat: Sendable {
  /// What is due.
  enum Step: Equatable {
    case ping(payload: [UInt8])
    /// No pong in time, though messages came: its pong may stand behind them. Said once for a ping.
    case late
    /// No pong in time: `sinceLate`, not even in as much time again.
    case dead(sinceLate: Bool)
  }

  let interval: Duration
  let timeout: Duration
  private let link: LinkID
  private var nextPing: Timestamp
  private var outstanding: (payload: [UInt8], sentAt: Timestamp, isLate: Bool)?
  private var lastHeard: Timestamp
  private var count = 0

  /// Begins when the connection opened; the first ping is early.
  init(_ link: LinkID, openedAt: Timestamp, firstDelay: Duration, interval: Duration, timeout: Duration) {
    self.link = link
    // A pause of nothing would ping without end in one moment.
    self.interval = max(interval, .milliseconds(10))
    self.timeout = max(timeout, .milliseconds(10))
    nextPing = openedAt + firstDelay
    lastHeard = openedAt
  }

  var deadline: Timestamp { outstanding.map { $0.sentAt + timeout + ($0.isLate ? timeout : .zero) } ?? nextPing }

  /// A message came.
  mutating func heard(_ now: Timestamp) { lastHeard = max(lastHeard, now) }

  /// What is due at `now`, if anything.
  mutating func step(_ now: Timestamp) -> Step? {
    guard deadline <= now else { return nil }
    if let ping = outstanding {
      if ping.isLate || lastHeard <= ping.sentAt { return .dead(sinceLate: ping.isLate) }
      outstanding?.isLate = true
      return .late
    }
    count += 1
    let payload = Array("ping \(link.rawValue).\(count)".utf8)
    outstanding = (payload, now, false)
    nextPing = now + interval
    return .ping(payload: payload)
  }

  /// The round trip, when this is the pong that is waited for.
  mutating func pongArrived(_ payload: [UInt8], _ now: Timestamp) -> Duration? {
    guard let ping = outstanding, ping.payload == payload else { return nil }
    outstanding = nil
    // A pong that took longer than the interval must not leave a deadline in the past.
    nextPing = max(nextPing, now + .milliseconds(10))
    return now - ping.sentAt
  }
}
