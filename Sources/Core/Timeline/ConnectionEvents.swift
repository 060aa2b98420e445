/// What was started. No secrets: headers and tokens stay out of it.
public struct SessionStarted: Sendable, Equatable, Codable {
  /// The program's version.
  public var version: String
  /// Wall clock at timestamp zero, in milliseconds since 1970-01-01 UTC.
  public var wallClockMilliseconds: Int64
  /// The server's URL, without user info and with secret query values replaced by `…`.
  public var url: String
  /// The dialect's name: `voice`, `pcm`.
  public var dialect: String
  /// Samples a second of the uplink.
  public var inputRate: Int
  /// Human description of the input and the output, as in `file:hello.wav` or `mic:hw:0`.
  public var input: String
  public var output: String
  /// A secret goes with the request: user info, a secret query value, a header of authorization. Nil where nobody knows.
  public var sendsCredential: Bool?

  public init(
    version: String, wallClockMilliseconds: Int64, url: String, dialect: String, inputRate: Int, input: String,
    output: String, sendsCredential: Bool? = nil
  ) {
    self.version = version
    self.wallClockMilliseconds = wallClockMilliseconds
    self.url = url
    self.dialect = dialect
    self.inputRate = inputRate
    self.input = input
    self.output = output
    self.sendsCredential = sendsCredential
  }
}

/// Why and how the session ended.
public struct SessionEnded: Sendable, Equatable, Codable {
  /// In words, as in `quit by the operator` or `5 reconnects failed`.
  public var reason: String
  /// False when the session was lost rather than ended.
  public var orderly: Bool
  public init(reason: String, orderly: Bool) {
    self.reason = reason
    self.orderly = orderly
  }
}

/// A whole WebSocket message, as it went over the wire.
public struct Message: Sendable, Equatable {
  /// The WebSocket opcode.
  public enum Kind: String, Sendable, Codable {
    case text, binary
  }
  /// Who made a message.
  public enum Origin: OpenName {
    /// The other end: it was received.
    case peer
    /// This program by itself: the microphone's audio, what the protocol demands.
    case driver
    /// The operator asked for it, or wrote it.
    case `operator`
    /// A script asked for it.
    case script
    /// It was made on purpose to disturb.
    case fault
    case other(String)

    public static let known: [Origin] = [.peer, .driver, .operator, .script, .fault]

    public var rawValue: String {
      switch self {
      case .peer: "peer"
      case .driver: "driver"
      case .operator: "operator"
      case .script: "script"
      case .fault: "fault"
      case .other(let name): name
      }
    }
  }
  public var link: LinkID
  public var way: Way
  public var kind: Kind
  public var origin: Origin
  /// The payload; text need not be valid UTF-8.
  public var payload: [UInt8]
  /// Microphone audio that was sent: how long its last sample had waited since it was captured, in milliseconds.
  public var waitedMs: Double?
  /// The index of the entry of the message in whose place it went.
  public var replaces: Int?
  /// What the payload was found to mean when it was sent or received, for readers in this process; nil where nobody has
  /// read it. Not part of the fact: it is in no capture, and two messages are equal without it.
  public var reading: MessageReading?
  /// - Parameter origin: nil for the usual one: the peer's of what goes to the client, else the driver's.
  public init(
    link: LinkID, way: Way, kind: Kind, payload: [UInt8], origin: Origin? = nil, waitedMs: Double? = nil,
    replaces: Int? = nil
  ) {
    self.link = link
    self.way = way
    self.kind = kind
    self.payload = payload
    self.origin = origin ?? (way == .toClient ? .peer : .driver)
    self.waitedMs = waitedMs
    self.replaces = replaces
  }
}

/// A meaning that travels with a message; what it is made of is known to those who read messages.
open class MessageReading: Equatable, @unchecked Sendable {
  // Sendable: without state of its own; subclasses hold constants.
  public init() {}
  /// Always: it follows from the message.
  public static func == (_: MessageReading, _: MessageReading) -> Bool { true }
}

/// A ping and its pong. `ms` is nil when no pong came in time.
public struct RoundTrip: Sendable, Equatable, Codable {
  public var link: LinkID
  public var ms: Double?
  public init(link: LinkID, ms: Double?) {
    self.link = link
    self.ms = ms
  }
}

/// A bounded queue's depth. `dropped` counts from the session's start and only grows.
public struct QueueDepth: Sendable, Equatable, Codable {
  public var name: QueueName
  public var depth: Int
  /// Nil when the queue has no fixed bound of its own, as the socket's.
  public var capacity: Int?
  public var dropped: Int
  public var unit: QueueUnit
  public init(name: QueueName, depth: Int, capacity: Int?, dropped: Int, unit: QueueUnit) {
    self.name = name
    self.depth = depth
    self.capacity = capacity
    self.dropped = dropped
    self.unit = unit
  }
}

/// A thing the operator did: a named command with its arguments, as in `interrupt` or `disconnect abort`.
public struct OperatorAct: Sendable, Equatable, Codable {
  public var command: ActName
  public var argument: String
  /// How long before its entry the moment was that is meant, in milliseconds: words were typed meanwhile. Nil for none.
  public var ageMs: Double?
  public init(_ command: ActName, _ argument: String = "", ageMs: Double? = nil) {
    self.ageMs = ageMs
    self.command = command
    self.argument = argument
  }
}

/// A fault was applied or cleared.
public struct FaultChange: Sendable, Equatable, Codable {
  public var name: FaultName
  public var active: Bool
  /// How long it will last; nil until it is lifted by hand.
  public var durationMs: Double?
  public init(_ name: FaultName, active: Bool, durationMs: Double? = nil) {
    self.name = name
    self.active = active
    self.durationMs = durationMs
  }
}

/// Something to tell in words: what failed, where, what to do about it.
public struct Notice: Sendable, Equatable, Codable {
  /// How bad it is.
  public enum Severity: String, Sendable, Codable {
    case info, warning, error
  }
  /// Which notice it is, whatever its words are.
  public var id: NoticeID
  public var severity: Severity
  /// Who says it.
  public var source: NoticeSource
  public var text: String
  /// What to do about it, when there is something to do.
  public var remedy: String?
  /// Bytes that are kept of each of its texts. A longer one says how much is missing.
  public static let longestText = 4096

  public init(_ id: NoticeID, _ severity: Severity, _ source: NoticeSource, _ text: String, remedy: String? = nil) {
    self.id = id
    self.severity = severity
    self.source = source
    self.text = text.cut(toBytes: Self.longestText)
    self.remedy = remedy?.cut(toBytes: Self.longestText)
  }

  /// A recording may be older than the names of notices.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try fields.decodeIfPresent(NoticeID.self, forKey: .id) ?? .unnamed,
      try fields.decode(Severity.self, forKey: .severity), try fields.decode(NoticeSource.self, forKey: .source),
      try fields.decode(String.self, forKey: .text), remedy: try fields.decodeIfPresent(String.self, forKey: .remedy))
  }
}
