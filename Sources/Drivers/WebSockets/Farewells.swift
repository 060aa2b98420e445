import CWebSockets
import Glibc

/// Connections of the server that have had our last word. What still comes is read and dropped until the peer ends TCP:
/// to close while bytes are unread would reset the connection, and take our word away before the peer has read it.
///
/// libwebsockets closes at once, or waits 5 s with the connection open, so a duplicate of the socket outlives its own.
/// Only the loop's thread touches it.
final class Farewells {
  private struct Leaving {
    var wsi: OpaquePointer
    /// When it is dropped, if nothing comes until then.
    var deadline: Int64
    /// When it is dropped, whatever comes.
    let latest: Int64
  }

  /// How long nothing may come.
  private static let quiet: Int64 = 1_000_000_000
  /// Beyond them a connection is closed at once.
  private static let limit = 64
  /// Bytes that are read before others have their turn.
  private static let readBudget = 262_144

  /// Descriptors that libwebsockets does not watch yet: it takes no connection in while it lets another one go.
  private var waiting: [Int32] = []
  private var leaving: [UInt: Leaving] = [:]
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)

  deinit {
    buffer.deallocate()
    for descriptor in waiting { close(descriptor) }
  }

  /// Sends bytes and ends our side of TCP. libwebsockets must hold nothing of the connection that is half written, and is
  /// to let it go.
  func say(_ bytes: [UInt8], on wsi: OpaquePointer) {
    let descriptor = cws_say_last(wsi, bytes, bytes.count)
    guard descriptor >= 0 else { return }
    if waiting.count + leaving.count < Self.limit { waiting.append(descriptor) } else { close(descriptor) }
  }

  /// Takes in those that were told since. Not from within a callback.
  /// - Returns: when `tick` is due, in monotonic nanoseconds.
  func settle(_ vhost: OpaquePointer, protocolName: String, at now: Int64) -> Int64? {
    guard !waiting.isEmpty else { return nil }
    for descriptor in waiting {
      // On failure libwebsockets has closed it.
      guard let wsi = cws_watch(vhost, descriptor, protocolName) else { continue }
      leaving[UInt(bitPattern: wsi)] = Leaving(
        wsi: wsi, deadline: now + Self.quiet,
        latest: now + ServiceLoop.nanoseconds(WebSocketLimits.closeTimeout))
    }
    waiting = []
    return deadline
  }

  /// - Returns: `-1` tells libwebsockets to close.
  func readable(_ wsi: OpaquePointer, at now: Int64) -> Int32 {
    guard let one = leaving[UInt(bitPattern: wsi)] else { return -1 }
    let descriptor = cws_file_descriptor(wsi)
    var budget = Self.readBudget
    while budget > 0 {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      if count == 0 { return -1 }
      guard count > 0 else {
        if errno == EAGAIN || errno == EINTR { break }
        return -1
      }
      budget -= count
    }
    leaving[UInt(bitPattern: wsi)]?.deadline = min(now + Self.quiet, one.latest)
    return 0
  }

  /// - Returns: whether it was one of these.
  func gone(_ wsi: OpaquePointer) -> Bool { leaving.removeValue(forKey: UInt(bitPattern: wsi)) != nil }

  /// In monotonic nanoseconds.
  var deadline: Int64? { leaving.values.lazy.map(\.deadline).min() }

  func tick(at now: Int64) {
    for one in leaving.values where one.deadline <= now {
      leaving[UInt(bitPattern: one.wsi)]?.deadline = .max
      cws_kill_async(one.wsi)
    }
  }
}
