import Session
import SocketProtocol
import Timeline
import WebSockets
import Wire

/// What a session is run with, after flags and configuration were merged and checked.
public struct SessionOptions: Sendable {
  /// Where the microphone audio comes from.
  public enum Input: Sendable, Equatable, CustomStringConvertible {
    case mic(name: String?)
    /// An audio file, spoken in real time once the server is ready.
    case file(path: String)
    /// Text, synthesized and spoken once the server is ready.
    case say(text: String)
    case silence
    /// Raw 16-bit little-endian mono PCM at the uplink's rate.
    case stdin

    public var description: String {
      switch self {
      case .mic(let name): name.map { "mic:\($0)" } ?? "mic"
      case .file(let path): "file:\(path)"
      case .say: "say"
      case .silence: "silence"
      case .stdin: "stdin"
      }
    }
  }

  /// Where the agent's audio goes.
  public enum Output: Sendable, Equatable, CustomStringConvertible {
    case speaker(name: String?)
    /// A WAV file, at real-time pace.
    case file(path: String)
    /// Nowhere, at real-time pace.
    case null

    public var description: String {
      switch self {
      case .speaker(let name): name.map { "speaker:\($0)" } ?? "speaker"
      case .file(let path): "file:\(path)"
      case .null: "null"
      }
    }
  }

  public var url: WebSocketURL
  /// Extra request headers. Secrets: never recorded.
  public var headers: [(name: String, value: String)] = []
  public var subprotocols: [String] = []
  public var caFile: String?
  /// A certificate of our own and its key (PEM), for servers that want one.
  public var certificateFile: String?
  public var keyFile: String?
  /// The proxies that the environment names; nil: the connection is direct, as to a server of this program.
  public var proxies: ProxySettings?
  public var isInsecure = false
  public var dialect = "voice"
  public var dialectSettings = DialectSettings()
  /// Where the dialect is looked up.
  public var dialects = DialectTable.builtIn
  public var input: Input = .mic(name: nil)
  /// What `--input file:` holds, at the uplink's rate; spoken once the server is ready.
  public var recording: [Int16] = []
  public var output: Output = .speaker(name: nil)
  public var session = SessionConfiguration()
  /// The adaptive playout buffer's bounds and start, in milliseconds.
  public var jitterMs: ClosedRange<Double> = 50...100
  public var jitterTargetMs = 80.0
  /// Whether a real microphone's echo of a real speaker is cancelled; noise is suppressed either way.
  public var cancelsEcho = true
  /// Fixes the jitter of reconnects, for tests; random otherwise.
  public var seed: UInt64?

  /// The secrets that go with the request.
  var requestSecrets: RequestSecrets {
    RequestSecrets(userInfo: url.userInfo, path: url.path, headers: headers, subprotocols: subprotocols)
  }

  /// - Parameter url: the server's.
  public init(url: WebSocketURL) { self.url = url }
}
