import Agent
import Logging
import Speech
import Threads
import Timeline
import WebSockets

/// The voice server: WebSocket clients on one side, speech providers on the other, an agent machine for each client
/// between them, all on one thread.
///
/// `stop` joins; everything else returns at once.
public final class VoiceServer: Sendable {
  /// The close code for a connection whose conversation has gone on on a newer one.
  static let takenOverCode = 4001
  /// The close code for an idle client: the session is over. With another one clients come back at once, and hold the
  /// place again.
  static let idleCode = 1000

  /// What reaches the server's thread.
  enum Event: Sendable {
    case socket(ServerConnectionID, ServerEvent)
    case recognizer(ServerConnectionID, RecognizerEvent)
    case reply(sessionID: String, ReplyEvent)
    case synthesis(ServerConnectionID, SynthesisEvent)
  }

  let mailbox: Mailbox<Event>
  let waker = Waker()
  let inflow = Inflow<ServerConnectionID>()
  /// The port it listens on.
  public let port: Int
  private let stopping = Locked<Bool>(false)
  private let sockets: Locked<WebSocketServer?>
  private let thread: Locked<NamedThread?>

  /// Listens at once; speech models load behind it.
  /// - Throws: `ServerStartError`: the address is taken, the certificate is unreadable, …
  public convenience init(_ options: VoiceServerOptions, clock: TimelineClock, log: Logger) throws {
    let options = options.choosingVoice().namingEngines()
    try self.init(options, providers: .real(options), clock: clock, log: log)
    Voice.named(AgentSettings(options.agent).voice)?.prepare()
  }

  package init(_ options: VoiceServerOptions, providers: SpeechProviders, clock: TimelineClock, log: Logger) throws {
    let waker = waker
    let inflow = inflow
    let mailbox = Mailbox<Event>(capacity: 65_536) { waker.wake() }
    self.mailbox = mailbox
    let sockets = Locked<WebSocketServer?>(nil)
    let serverLog = ServerLog(log, clock: clock) { waker.wake() }
    let listening = try WebSocketServer(Self.listening(options), refused: serverLog.refused) { id, event in
      if case .message(let bytes, _) = event {
        inflow.arrived(id, byteCount: bytes.count) { sockets.withLock { $0 }?.setReading(id, false) }
      }
      mailbox.post(.socket(id, event))
    }
    sockets.withLock { $0 = listening }
    port = listening.port
    self.sockets = sockets
    thread = Locked(nil)
    let started = NamedThread("agents") { [self] in
      var driver = AgentDriver(
        options, providers: providers, clock: clock, log: serverLog, sockets: listening, server: self)
      driver.run()
      // Breaks the circle of the sockets and their event handler.
      sockets.withLock { $0 = nil }
    }
    thread.withLock { $0 = started }
  }

  private static func listening(_ options: VoiceServerOptions) -> ServerOptions {
    var server = ServerOptions()
    server.host = options.host
    server.port = options.port
    server.certificateFile = options.certificateFile
    server.keyFile = options.keyFile
    server.token = options.token
    server.allowedOrigins = options.allowedOrigins
    server.maximumPerAddress = options.clientsPerAddress
    server.path = options.path
    server.otherPaths = options.dialects[options.dialect]?.card.otherPaths ?? []
    server.maximumConnections = options.maximumClients
    server.returnItem = "session"
    server.chooseSubprotocol = { AudioAgreement.choose(among: $0) }
    return server
  }

  /// Connections that are open, or not quite closed.
  var connectionCount: Int { sockets.withLock { $0 }?.liveConnectionCount ?? 0 }

  var isStopping: Bool { stopping.withLock { $0 } }

  /// Says goodbye to the clients and ends. Joins the thread; clients that do not answer take two seconds.
  public func stop() {
    stopping.withLock { $0 = true }
    waker.wake()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
    Voice.finishPreparing()
    HearingEngines.shared.finishLoading()
  }
}
