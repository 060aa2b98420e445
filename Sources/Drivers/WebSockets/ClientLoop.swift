import CWebSockets
import Glibc
import Threads
import Timeline

/// The client's role: connecting. What comes after is the same for both roles.
final class ClientLoop: ServiceLoop, @unchecked Sendable {
  // Sendable: as ServiceLoop; `byID`, `vhosts` and the C strings are touched by the loop's thread alone.
  let resolver = Resolver()
  private var byID: [Int: Connection] = [:]
  /// One virtual host for each set of trusted certificates, the system's (nil) or a file: libwebsockets keeps them there.
  private var secureHosts: [String?: OpaquePointer] = [:]
  private let memory = ContextMemory(protocolNames: [ClientLoop.protocolName])

  private static let protocolName = "sidetone"

  init() { super.init(name: "ws-client") }

  override func configure(_ info: inout lws_context_creation_info) {
    info.protocols = memory.protocols
    info.retry_and_idle_policy = memory.noIdlePolicy
    // Each attempt has a deadline of its own; these only have to be later.
    info.timeout_secs = 3600
    info.connect_timeout_secs = 3600
  }

  override func ended() {
    resolver.stop()
    memory.free()
  }

  func attempt(_ id: Int) -> ConnectAttempt? { byID[id]?.attempt }
  func connection(_ id: Int) -> Connection? { byID[id] }

  func begin(_ id: Int, _ request: ConnectRequest, emit: @escaping (WebSocketEvent) -> Void) {
    guard byID[id] == nil, !isStopping else {
      let why = isStopping ? "the client is stopping" : "connection \(id) exists already"
      emit(.failed(ConnectFailure(.cancelled, why, isPermanent: true)))
      return
    }
    let connection = Connection(
      id: id, side: .client, loop: self, maximumMessageBytes: request.maximumMessageBytes, emit: emit)
    connection.attempt = ConnectAttempt(request, connection: connection, loop: self)
    byID[id] = connection
    add(connection)
    connection.attempt?.begin()
  }

  func close(_ id: Int, code: Int, reason: String) {
    guard let connection = byID[id] else { return }
    if let attempt = connection.attempt {
      attempt.cancel("closed before it was open")
    } else {
      connection.close(code: code, reason: reason)
    }
  }

  func abort(_ id: Int) {
    guard let connection = byID[id] else { return }
    if let attempt = connection.attempt {
      attempt.cancel("aborted before it was open")
    } else {
      connection.abort("aborted by this side: TCP reset")
    }
  }

  override func finish(_ connection: Connection) {
    if byID[connection.id] === connection { byID[connection.id] = nil }
    super.finish(connection)
  }

  override func released(_ connection: Connection) {
    if let attempt = connection.attempt { attempt.released() } else { finish(connection) }
  }

  override func beginStop() {
    for connection in Array(connections.values) {
      if let attempt = connection.attempt {
        attempt.cancel("stopped before it was open")
      } else {
        connection.close(code: 1001, reason: "going away")
      }
    }
  }

  /// Hands an address to libwebsockets. False: it refused on the spot, and calls nothing back any more.
  func start(_ connection: Connection, _ request: ConnectRequest, address: String) -> Bool {
    let url = request.url
    var info = lws_client_connect_info()
    info.context = context
    info.vhost = vhost
    info.port = Int32(url.port)
    info.ietf_version_or_minus_one = -1
    info.opaque_user_data = connection.key
    info.retry_and_idle_policy = memory.noIdlePolicy
    var flags = CWS_NO_REDIRECT
    if url.isSecure { flags |= CWS_USE_SSL }
    if request.insecure {
      flags |= CWS_ALLOW_SELFSIGNED | CWS_SKIP_HOSTNAME | CWS_ALLOW_EXPIRED | CWS_ALLOW_INSECURE
    }
    info.ssl_connection = Int32(flags)
    if url.isSecure {
      guard let vhost = secureHost(trusting: request.caFile) else { return false }
      info.vhost = vhost
    }
    let subprotocols = request.subprotocols.isEmpty ? nil : request.subprotocols.joined(separator: ", ")
    // HTTP/2 would be negotiated by default, over which libwebsockets' client cannot do WebSocket.
    let strings = [address, url.hostHeader, url.path, subprotocols, Self.protocolName, "http/1.1"].map {
      $0.flatMap { strdup($0) }
    }
    defer { for string in strings { free(string) } }
    (info.address, info.host, info.path) = (.init(strings[0]), .init(strings[1]), .init(strings[2]))
    info.protocol = strings[3].map { .init($0) }
    (info.local_protocol_name, info.alpn) = (.init(strings[4]), .init(strings[5]))
    return lws_client_connect_via_info(&info) != nil
  }

  /// Where `wss://` belongs. Made for the first attempt that needs it: reading the system's certificates takes some
  /// 20 ms, and megabytes.
  func secureHost(trusting caFile: String?) -> OpaquePointer? {
    if let known = secureHosts[caFile] { return known }
    Self.prepareTLS()
    var info = lws_context_creation_info()
    info.port = CONTEXT_PORT_NO_LISTEN
    info.options = UInt64(LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT)
    info.protocols = memory.protocols
    info.timeout_secs = 3600
    info.connect_timeout_secs = 3600
    info.client_ssl_ca_filepath = caFile.map { memory.keep($0) }
    info.vhost_name = memory.keep("tls \(secureHosts.count)")
    guard let vhost = lws_create_vhost(context, &info) else { return nil }
    secureHosts[caFile] = vhost
    return vhost
  }

  override func handle(
    _ wsi: OpaquePointer, _ reason: lws_callback_reasons, _ data: UnsafeMutableRawPointer?, _ length: Int
  ) -> Int32 {
    guard let connection = connection(of: wsi), let attempt = connection.attempt else { return 0 }
    switch reason {
    case LWS_CALLBACK_WSI_CREATE:
      connection.wsi = wsi
      attempt.tcpConnected()
    case LWS_CALLBACK_CLIENT_HTTP_BIND_PROTOCOL:
      connection.wsi = wsi
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
      connection.wsi = wsi
      guard let data else { return 0 }
      let cursor = data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>.self)
      let count = attempt.appendHeaders(to: cursor.pointee, capacity: length - 1)
      guard count >= 0 else { return -1 }
      cursor.pointee += count
    case LWS_CALLBACK_CLIENT_FILTER_PRE_ESTABLISH:
      attempt.agreed(subprotocol: HeaderReader.value(wsi, WSI_TOKEN_PROTOCOL))
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      attempt.opened(wsi)
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      let text = data.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self) } ?? ""
      attempt.failed(wsi, text: text, log: logLines)
    default:
      break
    }
    return 0
  }
}
