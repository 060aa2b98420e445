import CWebSockets
import Glibc
import Threads
import Timeline

/// The client's role: connecting. libwebsockets is its loop, timer and wake-up; sockets, TLS and frames are handled here.
final class ClientLoop: ServiceLoop, @unchecked Sendable {
  // Sendable: as ServiceLoop; `byID`, `contexts` and the buffer are touched by the loop's thread alone.
  let resolver = Resolver()
  /// What connections read into, one at a time.
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  private var byID: [Int: ClientConnection] = [:]
  private let contexts = TLSContexts()
  private let memory = ContextMemory(protocolNames: [ClientLoop.protocolName])

  private static let protocolName = "sidetone"

  init() { super.init(name: "ws-client") }

  deinit { readBuffer.deallocate() }

  override func configure(_ info: inout lws_context_creation_info) {
    info.protocols = memory.protocols
    info.retry_and_idle_policy = memory.noIdlePolicy
  }

  override func ended() {
    resolver.stop()
    memory.free()
  }

  func attempt(_ id: Int) -> ConnectAttempt? { byID[id]?.attempt }
  func connection(_ id: Int) -> ClientConnection? { byID[id] }

  func begin(_ id: Int, _ request: ConnectRequest, emit: @escaping (WebSocketEvent) -> Void) {
    guard byID[id] == nil, !isStopping else {
      let why = isStopping ? "the client is stopping" : "connection \(id) exists already"
      emit(.failed(ConnectFailure(.cancelled, why, isPermanent: true)))
      return
    }
    let connection = ClientConnection(
      id: id, loop: self, maximumMessageBytes: request.maximumMessageBytes, emit: emit)
    let attempt = ConnectAttempt(request, connection: connection, loop: self)
    connection.attempt = attempt
    byID[id] = connection
    add(connection)
    attempt.begin()
  }

  override func finish(_ channel: Channel) {
    if byID[channel.id] === channel { byID[channel.id] = nil }
    super.finish(channel)
  }

  override func released(_ channel: Channel) {
    if let attempt = (channel as? ClientConnection)?.attempt { attempt.released() } else { finish(channel) }
  }

  override func beginStop() {
    for channel in Array(connections.values) {
      if let attempt = (channel as? ClientConnection)?.attempt {
        attempt.cancel("stopped before it was open")
      } else {
        channel.close(code: 1001, reason: "going away")
      }
    }
  }

  /// Lets libwebsockets watch a socket for a connection. False: it cannot, and has let go of the socket.
  func watch(_ descriptor: Int32, for connection: ClientConnection) -> Bool {
    guard let vhost, let wsi = cws_watch(vhost, descriptor, Self.protocolName) else { return false }
    lws_set_opaque_user_data(wsi, connection.key)
    connection.wsi = wsi
    // A socket that can be written is connected, or has failed to.
    wantWritable(connection)
    return true
  }

  /// What `wss://` needs, or which of its files cannot be used.
  func tlsContext(for request: ConnectRequest) -> Result<OpaquePointer, TLSFileFault> {
    contexts.context(
      for: TLSContexts.Files(
        authority: request.caFile, certificate: request.certificateFile, key: request.keyFile))
  }
}
