import Timeline

/// WebSocket connections to servers: one libwebsockets context on one thread for all of them.
///
/// Every method may be called from any thread and returns at once, except `stop`. Orders for a connection that does
/// not exist, or not any more, are ignored: its last event may still be on its way to the caller.
public final class WebSocketClient: Sendable {
  // Sendable: immutable references to Sendable values.
  private let loop = ClientLoop()
  private let events: @Sendable (LinkID, WebSocketEvent) -> Void

  /// - Parameter events: called on the loop's thread, in order; exactly one of `closed` and `failed` ends each
  ///   connection. It must not block: hand the event on.
  public init(events: @escaping @Sendable (LinkID, WebSocketEvent) -> Void) {
    self.events = events
    let failure = loop.start()
    // Without arguments from outside, only a lack of memory or file descriptors can make this fail.
    precondition(failure == nil, "libwebsockets did not start: \(failure?.joined(separator: "; ") ?? "")")
  }

  deinit { loop.stop(deadline: .zero) }

  /// Opens a connection; ends in `opened` or `failed`. `id` must not be in use.
  public func connect(_ id: LinkID, _ request: ConnectRequest) {
    let (loop, events) = (loop, events)
    let isTaken = loop.post { loop.begin(id.rawValue, request) { events(id, $0) } }
    if !isTaken {
      events(id, .failed(ConnectFailure(.cancelled, "the client has been stopped", isPermanent: true)))
    }
  }

  /// Queues a message. Beyond `WebSocketLimits.sendQueueBytes` it is refused and counted (event `refused`).
  public func send(_ id: LinkID, _ bytes: [UInt8], isText: Bool) {
    let loop = loop
    let isTaken = loop.post(byteCount: bytes.count) { loop.connection(id.rawValue)?.send(bytes, isText: isText) }
    if !isTaken { loop.post { loop.connection(id.rawValue)?.refuse() } }
  }

  /// Sends a ping ahead of queued messages. `payload`: at most 125 bytes, the rest is cut.
  public func ping(_ id: LinkID, payload: [UInt8]) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.ping(payload) }
  }

  /// Sends what is queued, then a close frame. Not answered within `WebSocketLimits.closeTimeout`, the connection is
  /// dropped and reported as 1006 by the network. Before it is open: gives up, ends in `failed`.
  ///
  /// `code`: any number goes out as it is, for those who want to see what a server makes of it, but 1005 (none) cannot
  /// be sent and becomes 1000. `reason`: cut after 123 bytes.
  public func close(_ id: LinkID, code: Int, reason: String) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.close(code: code, reason: reason) }
  }

  /// TCP reset, without a close frame. Ends in `closed` with 1006 by `client`.
  public func abort(_ id: LinkID) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.abort("aborted by this side: TCP reset") }
  }

  /// While stalled, the connection is neither read nor written: the peer's view of a frozen program.
  public func setStalled(_ id: LinkID, _ stalled: Bool) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.setStalled(stalled) }
  }

  /// While it does not read, TCP holds the peer up; sending goes on.
  public func setReading(_ id: LinkID, _ reads: Bool) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.setReading(reads) }
  }

  /// Closes every connection (1001), drops after `deadline` those that have not answered, and joins the thread. From
  /// an event handler it only begins that. Later calls wait, too.
  public func stop(deadline: Duration) { loop.stop(deadline: deadline) }

  /// Connections that exist. After `stop` any but 0 is a leak.
  public var liveConnectionCount: Int { loop.liveConnections.load(ordering: .acquiring) }
}
