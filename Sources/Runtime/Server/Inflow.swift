import Threads
import WebSockets

/// Counts what was read from each client and not yet looked at, and says when to stop reading: TCP then holds up a
/// client that sends faster than the server's thread takes, and the mailbox never overflows.
///
/// `arrived` is called on the sockets' thread, the rest on the server's.
final class Inflow: Sendable {
  /// Messages, and bytes, beyond which reading stops; below a quarter of both it goes on.
  static let messageLimit = 512
  static let byteLimit = 4 << 20

  private struct Waiting {
    var messages = 0
    var bytes = 0
    var isHeld = false
  }
  private let waiting = Locked<[ServerConnectionID: Waiting]>([:])

  /// A message was read.
  /// - Returns: whether reading has to stop now.
  func arrived(_ id: ServerConnectionID, byteCount: Int) -> Bool {
    waiting.withLock { all in
      all[id, default: Waiting()].messages += 1
      all[id]!.bytes += byteCount
      guard !all[id]!.isHeld, all[id]!.messages > Self.messageLimit || all[id]!.bytes > Self.byteLimit else {
        return false
      }
      all[id]!.isHeld = true
      return true
    }
  }

  /// A message was looked at.
  /// - Returns: whether reading may go on.
  func taken(_ id: ServerConnectionID, byteCount: Int) -> Bool {
    waiting.withLock { all in
      guard var one = all[id] else { return false }
      one.messages -= 1
      one.bytes -= byteCount
      let isReleased = one.isHeld && one.messages <= Self.messageLimit / 4 && one.bytes <= Self.byteLimit / 4
      if isReleased { one.isHeld = false }
      all[id] = one
      return isReleased
    }
  }

  /// The connection is gone.
  func forget(_ id: ServerConnectionID) { waiting.withLock { $0[id] = nil } }
}
