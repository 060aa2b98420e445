import CWebSockets
import Synchronization
import Timeline

/// What a service loop keeps of one peer, from its first to its terminal event. Only the loop's thread touches it.
class Channel {
  let id: Int
  /// `client` or `server`: which end this is.
  let side: Side
  let maximumMessageBytes: Int
  unowned let loop: ServiceLoop
  let emit: (WebSocketEvent) -> Void
  /// Nil before connecting and after libwebsockets has let go.
  var wsi: OpaquePointer?

  init(
    id: Int, side: Side, loop: ServiceLoop, maximumMessageBytes: Int, emit: @escaping (WebSocketEvent) -> Void
  ) {
    self.id = id
    self.side = side
    self.loop = loop
    self.maximumMessageBytes = maximumMessageBytes
    self.emit = emit
    loop.liveConnections.add(1, ordering: .relaxed)
  }

  deinit { loop.liveConnections.subtract(1, ordering: .relaxed) }

  /// What lws holds in place of a reference.
  var key: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// When `tick` wants to run next, in monotonic nanoseconds.
  var deadline: Int64? { nil }
  func tick(at now: Int64) {}
  /// A callback of libwebsockets for this channel; nil: it is the role's.
  func handle(_ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int) -> Int32? { nil }
  /// Begins the close handshake.
  func close(code: Int, reason: String) {}
  /// Ends without a word, whatever state it is in.
  func abandon() { loop.drop(self) }
  /// Gives the terminal event. Called once.
  func finish() {}

  /// At most 123 bytes (RFC 6455 section 5.5), cut between characters.
  static func reasonBytes(_ reason: String) -> [UInt8] {
    var text = reason[...]
    while text.utf8.count > 123 { text.removeLast() }
    return Array(text.utf8)
  }
}
