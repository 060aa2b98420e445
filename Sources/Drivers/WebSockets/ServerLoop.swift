import Admission
import CWebSockets
import Glibc
import Threads
import Timeline

/// The server's role: listening, and deciding which requests become WebSockets.
final class ServerLoop: ServiceLoop, @unchecked Sendable {
  // Sendable: as ServiceLoop; what is below is touched by the loop's thread alone, `port` is written before `start`
  // returns and never after.
  private let options: ServerOptions
  private let address: ListenAddress
  private let events: @Sendable (ServerConnectionID, ServerEvent) -> Void
  private let memory: ContextMemory
  private let door: FrontDoor
  private let farewells = Farewells()
  /// Connections whose last word was said in this round.
  private var ending: [Connection] = []
  /// The name of the second protocol. libwebsockets refuses a client that offers subprotocols of which it knows none,
  /// and echoes the name of the one it matched; so before each match this buffer is given the name to agree on.
  private let mirrorName: UnsafeMutablePointer<CChar>
  private static let mirrorCapacity = 64
  private var byID: [Int: Connection] = [:]
  /// Whose each connection is, for the limit per address.
  private var owners: [Int: String] = [:]
  private var lastID = 0
  /// Where it listens.
  private(set) var port = 0

  init(
    _ options: ServerOptions, address: ListenAddress, refused: @escaping @Sendable (RefusedRequest) -> Void,
    events: @escaping @Sendable (ServerConnectionID, ServerEvent) -> Void
  ) {
    self.options = options
    self.address = address
    self.events = events
    door = FrontDoor(options, report: refused)
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
    // The front door's patience ends first, and says so.
    info.timeout_secs = 15
    info.timeout_secs_ah_idle = 15
    info.keepalive_timeout = 2
    // Larger heads than are allowed are read, so that they can be refused in words.
    info.max_http_header_data = UInt16.max
    info.options |= UInt64(LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG)
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
    owners[connection.id] = nil
    super.finish(connection)
  }

  override func beginStop() {
    for connection in Array(connections.values) { connection.close(code: 1001, reason: "going away") }
  }

  override func handle(
    _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int
  ) -> Int32 {
    defer { if let deadline = door.deadline { schedule(at: deadline) } }
    switch reason {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
      // The pointer is the descriptor.
      door.accepted(descriptor: Int32(truncatingIfNeeded: Int(bitPattern: data)))
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
      door.arrived(wsi)
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
      if let request = door.admits(wsi, upgrade: data, isStopping: isStopping, occupancy(HeaderReader.peerAddress(wsi)))
      {
        mirror(request.agreedSubprotocol(options.chooseSubprotocol))
      }
    case LWS_CALLBACK_HTTP:
      return door.answer(wsi, isStopping: isStopping)
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
      return -1
    case LWS_CALLBACK_RAW_RX:
      return door.answer(wsi, bytes: UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : length))
    case LWS_CALLBACK_CLOSED_HTTP:
      if !isStopping { door.letGo(wsi) }
    case LWS_CALLBACK_RAW_RX_FILE:
      return farewells.readable(wsi, at: monotonicNanoseconds())
    case LWS_CALLBACK_ESTABLISHED:
      door.left(wsi)
      established(wsi)
    default:
      break
    }
    return 0
  }

  override func gone(_ wsi: OpaquePointer) { if !farewells.gone(wsi) { door.gone(wsi) } }
  override var roleDeadline: Int64? { [door.deadline, farewells.deadline].compactMap { $0 }.min() }
  override func roleTick(at now: Int64) {
    door.tick(at: now)
    farewells.tick(at: now)
  }

  /// Ends a connection with this close frame, without waiting for an answer.
  func end(_ connection: Connection, _ wsi: OpaquePointer, payload: [UInt8]) {
    farewells.say([0x88, UInt8(payload.count)] + payload, on: wsi)
    ending.append(connection)
  }

  override func betweenRounds() {
    for connection in ending where connection.wsi != nil { drop(connection) }
    ending.removeAll()
    guard let vhost else { return }
    if let deadline = farewells.settle(vhost, protocolName: "sidetone", at: monotonicNanoseconds()) {
      schedule(at: deadline)
    }
  }

  private func occupancy(_ address: String) -> AdmissionRule.Occupancy {
    let owner = FairShare.owner(address)
    return .init(total: connections.count, ofAddress: owners.values.count { $0 == owner })
  }

  private func mirror(_ subprotocol: String?) {
    guard let subprotocol else { return }
    for (index, byte) in subprotocol.utf8.prefix(Self.mirrorCapacity - 1).enumerated() {
      mirrorName[index] = CChar(bitPattern: byte)
    }
    mirrorName[min(subprotocol.utf8.count, Self.mirrorCapacity - 1)] = 0
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
    owners[id.rawValue] = FairShare.owner(request.peerAddress)
    add(connection)
    lws_set_opaque_user_data(wsi, connection.key)
    connection.opened(
      wsi, stages: [], subprotocol: request.subprotocol, isEncrypted: options.certificateFile != nil,
      pingInterval: options.pingInterval)
  }
}
