import Admission

/// A WebSocket server: one libwebsockets context on one thread.
///
/// Every method may be called from any thread and returns at once, except `init` and `stop`. Orders for a connection
/// that is gone are ignored.
public final class WebSocketServer: Sendable {
  // Sendable: immutable references to Sendable values.
  private let loop: ServerLoop
  /// Where it listens; the one chosen when 0 was asked for.
  public let port: Int

  /// Listens, or says why it cannot.
  /// - Parameter events: called on the loop's thread, in order; `opened` begins and `closed` ends each connection. It
  ///   must not block: hand the event on.
  /// - Parameter refused: called on the loop's thread for each request that gets no WebSocket.
  public init(
    _ options: ServerOptions, refused: @escaping @Sendable (RefusedRequest) -> Void = { _ in },
    events: @escaping @Sendable (ServerConnectionID, ServerEvent) -> Void
  ) throws(ServerStartError) {
    guard (0...65_535).contains(options.port) else {
      throw ServerStartError("port \(options.port) is not a number from 0 to 65535")
    }
    guard options.path.hasPrefix("/") else {
      throw ServerStartError("the path “\(options.path)” must begin with /, as in /voice")
    }
    if let token = options.token, let problem = AccessToken.problem(with: token) { throw ServerStartError(problem) }
    try Self.checkTLS(options)
    let address = try ListenAddress(host: options.host)
    if let problem = address.problem(port: options.port) {
      throw ServerStartError("cannot listen on \(options.host):\(options.port): \(problem)")
    }
    loop = ServerLoop(options, address: address, refused: refused, events: events)
    if let log = loop.start() {
      let why = log.isEmpty ? "" : " (\(log.suffix(2).joined(separator: "; ")))"
      throw ServerStartError(
        options.certificateFile == nil
          ? "cannot listen on \(options.host):\(options.port)\(why)"
          : "cannot serve TLS on \(options.host):\(options.port): the certificate and the key may not belong "
            + "together\(why)")
    }
    port = loop.port
  }

  deinit { loop.stop(deadline: .zero) }

  private static func checkTLS(_ options: ServerOptions) throws(ServerStartError) {
    switch (options.certificateFile, options.keyFile) {
    case (nil, nil): return
    case (let certificate?, let key?):
      if let problem = CertificateFile.problem(with: certificate) { throw ServerStartError(problem) }
      if let problem = CertificateFile.problem(with: key, marker: "PRIVATE KEY-----", what: "private key") {
        throw ServerStartError(problem)
      }
    default: throw ServerStartError("TLS needs both a certificate and its key: give --cert and --key")
    }
  }

  /// Queues a message. Beyond `WebSocketLimits.sendQueueBytes` it is refused and counted (event `refused`).
  public func send(_ id: ServerConnectionID, _ bytes: [UInt8], isText: Bool) {
    let loop = loop
    let isTaken = loop.post(byteCount: bytes.count) { loop.connection(id.rawValue)?.send(bytes, isText: isText) }
    if !isTaken { loop.post { loop.connection(id.rawValue)?.refuse() } }
  }

  /// Sends a ping ahead of queued messages. `payload`: at most 125 bytes, the rest is cut.
  public func ping(_ id: ServerConnectionID, payload: [UInt8]) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.ping(payload) }
  }

  /// Sends what is queued, then a close frame; see `WebSocketClient.close`.
  public func close(_ id: ServerConnectionID, code: Int, reason: String) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.close(code: code, reason: reason) }
  }

  /// TCP reset, without a close frame. Ends in `closed` with 1006 by `server`.
  public func abort(_ id: ServerConnectionID) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.abort("aborted by this side: TCP reset") }
  }

  /// While stalled, the connection is neither read nor written. The heartbeat rests.
  public func setStalled(_ id: ServerConnectionID, _ stalled: Bool) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.setStalled(stalled) }
  }

  /// While it does not read, TCP holds the peer up; sending goes on. The heartbeat rests.
  public func setReading(_ id: ServerConnectionID, _ reads: Bool) {
    let loop = loop
    loop.post { loop.connection(id.rawValue)?.setReading(reads) }
  }

  /// Takes nobody in any more, closes every connection (1001), drops after `deadline` those that have not answered,
  /// and joins the thread. From an event handler it only begins that. Later calls wait, too.
  public func stop(deadline: Duration) { loop.stop(deadline: deadline) }

  /// Connections that exist. After `stop` any but 0 is a leak.
  public var liveConnectionCount: Int { loop.liveConnections.load(ordering: .acquiring) }
}
