/// The server's heartbeat: a ping each interval; a peer that gives no sign of life until the next one is hung up on.
struct ServerHeartbeat {
  enum Step {
    case ping([UInt8])
    case missed
  }

  let interval: Int64
  private(set) var deadline: Int64
  private(set) var hasMissed = false
  private var count: UInt32 = 0
  private var isWaiting = false

  init(interval: Int64, now: Int64) {
    self.interval = interval
    deadline = now + interval
  }

  /// The interval in words.
  var text: String { interval % 1_000_000_000 == 0 ? "\(interval / 1_000_000_000) s" : "\(interval / 1_000_000) ms" }

  mutating func advance(to now: Int64) -> Step {
    deadline = now + interval
    if isWaiting {
      hasMissed = true
      return .missed
    }
    isWaiting = true
    count &+= 1
    return .ping(payload)
  }

  /// Begins anew.
  mutating func restart(at now: Int64) {
    deadline = now + interval
    isWaiting = false
  }

  /// Any message is a sign of life, too.
  mutating func heard() { isWaiting = false }

  /// True when the pong answers a ping of the heartbeat, which nobody else waits for.
  mutating func handlePong(_ bytes: [UInt8]) -> Bool {
    isWaiting = false
    return bytes == payload
  }

  private var payload: [UInt8] { Array("heartbeat \(count)".utf8) }
}
