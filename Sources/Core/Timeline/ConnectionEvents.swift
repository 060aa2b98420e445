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

/// A step in a connection's life.
public struct ConnectionChange: Sendable, Equatable, Codable {
  /// Where the connection is now.
  public enum State: String, Sendable, Codable {
    case connecting, open, ready, closing, closed, failed, waiting, gaveUp
  }
  public var link: LinkID
  public var state: State
  /// `connecting`, `waiting`: which attempt in a row, from 1.
  public var attempt: Int?
  /// `waiting`: milliseconds until the next attempt.
  public var delayMs: Double?
  /// `closed`: the WebSocket close code (RFC 6455 section 7.4; 1005 none given, 1006 no close frame).
  public var code: Int?
  /// `closed`, `failed`: the reason, with what to do about it where that is known.
  public var reason: String?
  /// `closed`, `failed`: who closed or refused, when that is known.
  public var by: Closer?
  /// `ready`: the server's name for the session.
  public var sessionID: String?
  /// `ready`: whether the conversation was resumed.
  public var resumed: Bool?
  /// `open`: milliseconds from the attempt's start by stage, in order; each counts from the previous stage's end.
  public var stages: [ConnectStage]?
  /// `open`: the WebSocket subprotocol that the server chose, if it did.
  public var subprotocol: String?

  public init(
    link: LinkID, state: State, attempt: Int? = nil, delayMs: Double? = nil, code: Int? = nil,
    reason: String? = nil, by: Closer? = nil, sessionID: String? = nil, resumed: Bool? = nil,
    stages: [ConnectStage]? = nil, subprotocol: String? = nil
  ) {
    self.link = link
    self.state = state
    self.attempt = attempt
    self.delayMs = delayMs
    self.code = code
    self.reason = reason
    self.by = by
    self.sessionID = sessionID
    self.resumed = resumed
    self.stages = stages
    self.subprotocol = subprotocol
  }

  private enum CodingKeys: String, CodingKey {
    case link = "id"
    case state, attempt, delayMs, code, reason, by, sessionID, resumed, stages, subprotocol
  }
}

/// Who ended a connection, or refused one.
public enum Closer: String, Sendable, Codable {
  case client, server
  /// Neither: it was lost between them.
  case network

  public init(_ side: Side) { self = side == .client ? .client : .server }
}

/// One stage of connecting: `dns`, `tcp`, `proxy`, `tls`, `upgrade`.
public struct ConnectStage: Sendable, Equatable, Codable {
  public var name: String
  public var ms: Double
  public init(name: String, ms: Double) {
    self.name = name
    self.ms = ms
  }
}

/// A whole WebSocket message, as it went over the wire.
public struct Message: Sendable, Equatable {
  /// The WebSocket opcode.
  public enum Kind: String, Sendable, Codable {
    case text, binary
  }
  public var link: LinkID
  public var way: Way
  public var kind: Kind
  /// The payload; text need not be valid UTF-8.
  public var payload: [UInt8]
  /// Microphone audio that was sent: how long its last sample had waited since it was captured, in milliseconds.
  public var waitedMs: Double?
  /// What the payload was found to mean when it was sent or received, for readers in this process; nil where nobody has
  /// read it. Not part of the fact: it is in no capture, and two messages are equal without it.
  public var reading: MessageReading?
  public init(
    link: LinkID, way: Way, kind: Kind, payload: [UInt8], waitedMs: Double? = nil
  ) {
    self.link = link
    self.way = way
    self.kind = kind
    self.payload = payload
    self.waitedMs = waitedMs
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

  private enum CodingKeys: String, CodingKey {
    case link = "connection"
    case ms
  }
}

/// A bounded queue's depth. `dropped` counts from the session's start and only grows.
public struct QueueDepth: Sendable, Equatable, Codable {
  /// `uplink` (frames waiting for the socket), `socket` (bytes accepted, not yet sent), `recorder` (entries).
  public var name: String
  public var depth: Int
  /// Nil when the queue has no fixed bound of its own, as the socket's.
  public var capacity: Int?
  public var dropped: Int
  /// `frames`, `bytes`, `ms`, `entries`.
  public var unit: String
  public init(name: String, depth: Int, capacity: Int?, dropped: Int, unit: String) {
    self.name = name
    self.depth = depth
    self.capacity = capacity
    self.dropped = dropped
    self.unit = unit
  }
}

/// A thing the operator did: a named command with its arguments, as in `interrupt` or `disconnect abort`.
public struct OperatorAct: Sendable, Equatable, Codable {
  public var command: String
  public var argument: String
  public init(command: String, argument: String = "") {
    self.command = command
    self.argument = argument
  }
}

/// A fault was applied or cleared.
public struct FaultChange: Sendable, Equatable, Codable {
  /// `stall`, `refuse`.
  public var name: String
  public var active: Bool
  /// How long it will last; nil until it is lifted by hand.
  public var durationMs: Double?
  public init(name: String, active: Bool, durationMs: Double? = nil) {
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
  public var severity: Severity
  /// Who says it: `session`, `protocol`, `mic`, `speaker`, `server`, `config`.
  public var source: String
  public var text: String
  /// What to do about it, when there is something to do.
  public var remedy: String?
  public init(severity: Severity, source: String, text: String, remedy: String? = nil) {
    self.severity = severity
    self.source = source
    self.text = text
    self.remedy = remedy
  }
}
