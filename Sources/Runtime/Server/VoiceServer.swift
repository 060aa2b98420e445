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
  /// What reaches the server's thread.
  enum Event: Sendable {
    case socket(ServerConnectionID, ServerEvent)
    case recognizer(ServerConnectionID, RecognizerEvent)
    case reply(sessionID: String, ReplyEvent)
    case synthesis(ServerConnectionID, SynthesisEvent)
    case stop
  }

  let mailbox: Mailbox<Event>
  let waker = Waker()
  /// The port it listens on.
  public let port: Int
  private let thread: Locked<NamedThread?>

  /// Listens at once; speech models load behind it.
  /// - Throws: `ServerStartError`: the address is taken, the certificate is unreadable, …
  public init(_ options: VoiceServerOptions, clock: TimelineClock, log: Logger) throws {
    let waker = waker
    let mailbox = Mailbox<Event>(capacity: 65_536) { waker.wake() }
    self.mailbox = mailbox
    var server = ServerOptions()
    server.host = options.host
    server.port = options.port
    server.certificateFile = options.certificateFile
    server.keyFile = options.keyFile
    server.token = options.token
    server.path = "/voice"
    server.maximumConnections = options.maximumClients
    let sockets = try WebSocketServer(server) { id, event in mailbox.post(.socket(id, event)) }
    port = sockets.port
    thread = Locked(nil)
    SpeechModels.shared.prepare()
    let started = NamedThread("agents") { [self] in
      var driver = AgentDriver(options, clock: clock, log: log, sockets: sockets, server: self)
      driver.run()
    }
    thread.withLock { $0 = started }
  }

  /// Says goodbye to the clients and ends. Joins the thread.
  public func stop() {
    mailbox.post(.stop)
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    ending?.join()
  }
}
