import Threads

/// Counts what was read from each peer and not yet looked at, and says when to stop reading: TCP then holds up a peer
/// that sends faster than we take, nothing is lost, and neither mailbox nor memory overflows.
///
/// `arrived` is called on the sockets' thread, the rest on the thread that looks at the messages.
final class Inflow<ID: Hashable & Sendable>: Sendable {
  /// Messages, and bytes, beyond which reading stops; below a quarter of both it goes on.
  let messageLimit: Int
  let byteLimit: Int

  private struct Backlog {
    var messages = 0
    var bytes = 0
    var isHeld = false
    /// Where the messages are looked at, there is no room for more.
    var isFull = false
  }
  private let waiting = Locked<[ID: Backlog]>([:])

  init(messageLimit: Int = 512, byteLimit: Int = 4 << 20) {
    self.messageLimit = messageLimit
    self.byteLimit = byteLimit
  }

  /// A message was read.
  /// - Parameter stop: orders that reading stops; called when it has to. Under the lock, so that this order and the
  ///   one to go on reach the sockets in the order in which they were decided.
  func arrived(_ id: ID, byteCount: Int, stop: () -> Void) {
    waiting.withLock { all in
      var one = all[id, default: Backlog()]
      one.messages += 1
      one.bytes += byteCount
      if !one.isHeld, one.messages > messageLimit || one.bytes > byteLimit {
        one.isHeld = true
        if !one.isFull { stop() }
      }
      all[id] = one
    }
  }

  /// A message was looked at.
  /// - Parameter goOn: orders that reading goes on; called, under the lock, when it may.
  func taken(_ id: ID, byteCount: Int, goOn: () -> Void) {
    waiting.withLock { all in
      guard var one = all[id] else { return }
      one.messages -= 1
      one.bytes -= byteCount
      if one.isHeld, one.messages <= messageLimit / 4, one.bytes <= byteLimit / 4 {
        one.isHeld = false
        if !one.isFull { goOn() }
      }
      all[id] = one
    }
  }

  /// Whoever looks at the messages has no room for more of this peer's, or has room again.
  /// - Parameter change: orders that reading goes on (true) or stops; called, under the lock, when it has to.
  func setFull(_ id: ID, _ isFull: Bool, change: (Bool) -> Void) {
    waiting.withLock { all in
      var one = all[id, default: Backlog()]
      guard one.isFull != isFull else { return }
      one.isFull = isFull
      all[id] = one
      if !one.isHeld { change(!isFull) }
    }
  }

  /// The connection is gone.
  func forget(_ id: ID) { waiting.withLock { $0[id] = nil } }
}
