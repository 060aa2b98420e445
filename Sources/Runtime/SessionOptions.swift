import Audio
import AudioDevices
import Session
import SocketProtocol
import Speech
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
    /// Of a backend that the session knows nothing special of.
    case other(word: String, argument: String?)

    /// - Parameter word: of a backend's card.
    public init(_ word: String, _ argument: String?) {
      switch (word, argument) {
      case ("mic", let name): self = .mic(name: name)
      case ("file", let path?): self = .file(path: path)
      case ("say", let text?): self = .say(text: text)
      case ("silence", nil): self = .silence
      case ("stdin", nil): self = .stdin
      default: self = .other(word: word, argument: argument)
      }
    }

    /// What its backend is called by.
    public var word: String {
      switch self {
      case .mic: "mic"
      case .file: "file"
      case .say: "say"
      case .silence: "silence"
      case .stdin: "stdin"
      case .other(let word, _): word
      }
    }

    var argument: String? {
      switch self {
      case .mic(let name): name
      case .file(let path): path
      case .say(let text): text
      case .silence, .stdin: nil
      case .other(_, let argument): argument
      }
    }

    /// There may be sounds in it that are no speech, as there are not where only words are synthesized.
    public var isFromOutside: Bool {
      switch self {
      case .mic, .file, .stdin, .other: true
      case .say, .silence: false
      }
    }

    /// The text that is to be spoken is private, and left out.
    public var description: String {
      if case .say = self { return word }
      return argument.map { "\(word):\($0)" } ?? word
    }
  }

  /// Where the agent's audio goes.
  public enum Output: Sendable, Equatable, CustomStringConvertible {
    case speaker(name: String?)
    /// A WAV file, at real-time pace.
    case file(path: String)
    /// Nowhere, at real-time pace.
    case null
    /// Of a backend that the session knows nothing special of.
    case other(word: String, argument: String?)

    /// - Parameter word: of a backend's card.
    public init(_ word: String, _ argument: String?) {
      switch (word, argument) {
      case ("speaker", let name): self = .speaker(name: name)
      case ("file", let path?): self = .file(path: path)
      case ("null", nil): self = .null
      default: self = .other(word: word, argument: argument)
      }
    }

    /// What its backend is called by.
    public var word: String {
      switch self {
      case .speaker: "speaker"
      case .file: "file"
      case .null: "null"
      case .other(let word, _): word
      }
    }

    var argument: String? {
      switch self {
      case .speaker(let name): name
      case .file(let path): path
      case .null: nil
      case .other(_, let argument): argument
      }
    }

    public var description: String { argument.map { "\(word):\($0)" } ?? word }
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
  /// Where input and output are looked up.
  public var backends = AudioBackend.builtIn
  public var input: Input = .mic(name: nil)
  /// What `--input file:` holds, at the uplink's rate; spoken once the server is ready.
  public var recording: [Int16] = []
  public var output: Output = .speaker(name: nil)
  public var session = SessionConfiguration()
  /// How the user's speech is coded as Opus, where the server takes it.
  public var opus = OpusSettings()
  /// The adaptive playout buffer's bounds and start, in milliseconds.
  public var jitterMs: ClosedRange<Double> = 50...100
  public var jitterTargetMs = 80.0
  /// Whether a real microphone's echo of a real speaker is cancelled; noise is suppressed either way.
  public var cancelsEcho = true
  /// The speech model that tells when somebody speaks into the microphone; nil: its energy does. Loaded behind the screen;
  /// energy serves until it is there, and where it cannot be had.
  public var speechModel: SpeechModelLoader?
  /// What is to be told at the beginning.
  public var openingNotices: [Notice] = []
  /// Fixes the jitter of reconnects, for tests; random otherwise.
  public var seed: UInt64?

  /// The secrets that go with the request.
  var requestSecrets: RequestSecrets {
    RequestSecrets(userInfo: url.userInfo, path: url.path, headers: headers, subprotocols: subprotocols)
  }

  /// - Parameter url: the server's.
  public init(url: WebSocketURL) { self.url = url }
}
