import CWebSockets
import Glibc
import Timeline

/// The server's role: listening, and deciding which requests become WebSockets.
final class ServerLoop: ServiceLoop, @unchecked Sendable {
  // Sendable: as ServiceLoop; what is below is touched by the loop's thread alone, `port` is written before `start`
  // returns and never after.
  private let options: ServerOptions
  private let address: ListenAddress
  private let events: @Sendable (ServerConnectionID, ServerEvent) -> Void
  private let memory: ContextMemory
  /// The name of the second protocol. libwebsockets refuses a client that offers subprotocols of which it knows none,
  /// and echoes the name of the one it matched; so before each match this buffer is given the name to agree on.
  private let mirrorName: UnsafeMutablePointer<CChar>
  private static let mirrorCapacity = 64
  private var byID: [Int: Connection] = [:]
  private var lastID = 0
  /// Where it listens.
  private(set) var port = 0

  init(
    _ options: ServerOptions, address: ListenAddress,
    events: @escaping @Sendable (ServerConnectionID, ServerEvent) -> Void
  ) {
    self.options = options
    self.address = address
    self.events = events
    memory = ContextMemory(protocolNames: ["sidetone", "mirror"])
    mirrorName = .allocate(capacity: Self.mirrorCapacity)
    mirrorName.initialize(repeating: 0, count: Self.mirrorCapacity)
    // No client can offer a name with a space: until it is filled in, it matches nothing.
    mirrorName[0] = 0x20
    memory.rename(1, UnsafePointer(mirrorName))
    super.init(name: "ws-server")
  }

  override var isSecure: Bool { options.certificateFile != nil }

  override func configure(_ info: inout lws_context_creation_info) {
    info.port = Int32(options.port)
    info.protocols = memory.protocols
    info.retry_and_idle_policy = memory.noIdlePolicy
    info.iface = address.interface.map { memory.keep($0) }
    if address.isIPv4Only { info.options |= UInt64(LWS_SERVER_OPTION_DISABLE_IPV6) }
    info.timeout_secs = 10
    info.keepalive_timeout = 2
    // HTTP/2 would be offered by default; a WebSocket over it is more than clients here speak.
    info.alpn = memory.keep("http/1.1")
    if let certificate = options.certificateFile, let key = options.keyFile {
      info.ssl_cert_filepath = memory.keep(certificate)
      info.ssl_private_key_filepath = memory.keep(key)
    }
  }

  override func started() -> Bool {
    guard let vhost else { return false }
    port = Int(lws_get_vhost_listen_port(vhost))
    return port > 0
  }

  override func ended() {
    memory.free()
    mirrorName.deallocate()
  }

  func connection(_ id: Int) -> Connection? { byID[id] }

  override func finish(_ connection: Channel) {
    byID[connection.id] = nil
    super.finish(connection)
  }

  override func beginStop() {
    for connection in Array(connections.values) { connection.close(code: 1001, reason: "going away") }
  }

  override func handle(
    _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int
  ) -> Int32 {
    switch reason {
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      let request = UpgradeRequest(wsi)
      let rejection =
        isStopping
        ? HTTPAnswer(503, "the server is going down")
        : request.rejection(options: options, connectionCount: connections.count)
      if let rejection { return rejection.write(to: wsi) ? 1 : -1 }
      mirror(request.agreedSubprotocol(options.chooseSubprotocol))
    case LWS_CALLBACK_HTTP:
      guard answer(UpgradeRequest(wsi)).write(to: wsi) else { return -1 }
      return lws_http_transaction_completed(wsi) == 0 ? 0 : -1
    case LWS_CALLBACK_ESTABLISHED:
      established(wsi)
    default:
      break
    }
    return 0
  }

  private func mirror(_ subprotocol: String?) {
    guard let subprotocol else { return }
    for (index, byte) in subprotocol.utf8.prefix(Self.mirrorCapacity - 1).enumerated() {
      mirrorName[index] = CChar(bitPattern: byte)
    }
    mirrorName[min(subprotocol.utf8.count, Self.mirrorCapacity - 1)] = 0
  }

  /// A request that asks for no upgrade.
  private func answer(_ request: UpgradeRequest) -> HTTPAnswer {
    switch request.path {
    case "/", "/healthz": HTTPAnswer(200, "sidetone voice server; the WebSocket endpoint is \(options.path)")
    default: request.rejection(options: options, connectionCount: 0) ?? HTTPAnswer(400, "no upgrade")
    }
  }

  private func established(_ wsi: OpaquePointer) {
    lastID += 1
    let id = ServerConnectionID(lastID)
    let request = UpgradeRequest(wsi).serverRequest(token: options.token, choose: options.chooseSubprotocol)
    let connection = Connection(
      id: id.rawValue, side: .server, loop: self, maximumMessageBytes: options.maximumMessageBytes
    ) { [events] event in
      switch event {
      case .opened: events(id, .opened(request))
      case .message(let bytes, let isText): events(id, .message(bytes, isText: isText))
      case .pong(let payload): events(id, .pong(payload))
      case .backlog(let byteCount): events(id, .backlog(byteCount))
      case .refused(let total): events(id, .refused(total: total))
      case .closed(let code, let reason, let by): events(id, .closed(code: code, reason: reason, by: by))
      case .failed: break  // A server's connection begins open.
      }
    }
    byID[id.rawValue] = connection
    add(connection)
    lws_set_opaque_user_data(wsi, connection.key)
    connection.opened(
      wsi, stages: [], subprotocol: request.subprotocol, isEncrypted: options.certificateFile != nil,
      pingInterval: options.pingInterval)
  }
}
