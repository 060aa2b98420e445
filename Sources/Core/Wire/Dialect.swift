import Timeline

/// Who speaks.
public enum Side: Sendable, Hashable {
  case client, server
}

/// Bytes to meaning and back, for one protocol. Values without state: every message stands for itself.
public protocol Dialect: Sendable {
  /// The name on the command line and on the screen.
  var name: String { get }

  /// What a frame means that `side` sent. Never traps and never returns nothing: what cannot be understood is
  /// `.malformed` or `.unknown`.
  func decode(_ frame: Frame, from side: Side) -> [VoiceEvent]

  /// The frame with which `side` says `event`, or nil when this dialect has no way to say it.
  func encode(_ event: VoiceEvent, from side: Side) -> Frame?

  /// The message's own name for its type, for logs, as in `transcript_final`; cheap, and safe on any bytes.
  func typeName(of frame: Frame) -> String

  /// Whether audio has to wait for the server's `ready`.
  var needsReady: Bool { get }

  /// Whether the server says when a response ends. Where it does not, a pause in its audio has to do.
  var marksResponseEnd: Bool { get }
}

extension Dialect {
  public var marksResponseEnd: Bool { true }
}

extension Message {
  /// What it means in a dialect. The costly part of reading a message: decode once, and hand the meaning on.
  public func meaning(in dialect: any Dialect) -> [VoiceEvent] {
    dialect.decode(kind == .text ? .text(payload) : .binary(payload), from: direction == .sent ? .client : .server)
  }
}

/// The dialects that are built in.
public enum Dialects {
  /// All of them, the default first.
  public static let all: [any Dialect] = [VoiceDialect(), PCMDialect()]

  /// The dialect of that name, as on the command line.
  public static func named(_ name: String) -> (any Dialect)? { all.first { $0.name == name } }
}
