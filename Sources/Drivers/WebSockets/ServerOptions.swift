import Admission

/// How a server listens, and whom it lets in.
public struct ServerOptions: Sendable {
  /// `127.0.0.1`, `::1`, `0.0.0.0` (every IPv4 address), `::` (every address), another address of this machine, a
  /// name that stands for one, or an interface as in `eth0`.
  public var host: String
  /// 0 takes a free one.
  public var port: Int
  /// PEM files; both or none. With them the server speaks TLS only.
  public var certificateFile: String?
  public var keyFile: String?
  /// The endpoint. `/` is another name for it; everything else is answered with 404.
  public var path: String
  /// More names for the endpoint.
  public var otherPaths: [String] = []
  /// What a client has to show, as `Authorization: Bearer TOKEN` or as a query item `token=TOKEN`. Nil: nothing.
  public var token: String?
  /// Pages of other origins that may talk to it without a token; see `AdmissionRule`.
  public var allowedOrigins: [AllowedOrigin] = []
  /// A larger message is refused with close code 1009.
  public var maximumMessageBytes: Int
  /// More are answered with 503.
  public var maximumConnections: Int
  /// More of one address are answered with 503; nil: each may have every place.
  public var maximumPerAddress: Int?
  /// A query item that marks who comes back, and whose lost connection may still be counted: with it, twice as many
  /// are let in. The server's user has to turn away those who take nobody's place.
  public var returnItem: String?
  /// Which of the subprotocols that a client offers is agreed on. Nil: the first.
  public var chooseSubprotocol: (@Sendable ([String]) -> String?)?
  /// A peer that gives no sign of life from one ping to the next is hung up on. Nil: no heartbeat.
  public var pingInterval: Duration?
  /// How long a connection may take for its request; then it is answered with 408 and closed.
  public var requestPatience: Duration = .seconds(10)
  /// How long the answer to the first wrong token waits; see `GuessGuard`.
  public var guessDelay: Duration = .milliseconds(250)

  public init(
    host: String = "127.0.0.1", port: Int = 0, certificateFile: String? = nil, keyFile: String? = nil,
    path: String = "/voice", token: String? = nil, maximumMessageBytes: Int = WebSocketLimits.messageBytes,
    maximumConnections: Int = 64, pingInterval: Duration? = .seconds(30)
  ) {
    self.host = host
    self.port = port
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.path = path
    self.token = token
    self.maximumMessageBytes = maximumMessageBytes
    self.maximumConnections = maximumConnections
    self.pingInterval = pingInterval
  }

  /// Whom it lets in.
  var admission: AdmissionRule {
    AdmissionRule(
      path: path, otherPaths: otherPaths, token: token, allowedOrigins: allowedOrigins, listenHost: host,
      isSecure: certificateFile != nil,
      maximumConnections: maximumConnections, maximumPerAddress: maximumPerAddress, returnItem: returnItem)
  }
}

/// Why a server could not start, with what to do about it.
public struct ServerStartError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
