import Timeline

/// How long nothing has come of a client that is connected.
///
/// Activity is: speech that the detector hears, a typed turn, `interrupt`, `config`, and whatever the agent says, timers
/// included. Silence that is sent, pings, and messages that mean nothing are none.
struct Idling: Sendable {
  private(set) var activeAt: Timestamp?
  /// The client was told to go.
  var isDismissed = false

  init(activeAt: Timestamp? = nil) { self.activeAt = activeAt }

  mutating func active(at now: Timestamp) { activeAt = now }

  func deadline(_ limit: Duration) -> Timestamp? { isDismissed ? nil : activeAt.map { $0 + limit } }

  func isOver(_ limit: Duration, at now: Timestamp) -> Bool { deadline(limit).map { now >= $0 } ?? false }
}
