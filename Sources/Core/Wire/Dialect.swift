import Timeline

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

  /// Whether every client of a server can be told to throw away what it has not played. Where it cannot, a server that
  /// sends far ahead is still heard for as long when it is interrupted.
  var takesBack: Bool { get }

  /// How a client says interrupt where not every server can be told (`encode` gives nil for it): to be said only to a
  /// server that has said on the same connection that it cut a response. Nil where there is no such way.
  var interruptOnceShown: Frame? { get }
}

extension Dialect {
  public var marksResponseEnd: Bool { true }
  public var takesBack: Bool { true }
  public var interruptOnceShown: Frame? { nil }
}

extension Message {
  /// What it means in a dialect. The costly part of reading a message: decode once, and hand the meaning on.
  public func meaning(in dialect: any Dialect) -> [VoiceEvent] {
    if let known = reading as? KnownMeaning, known.dialect == dialect.name { return known.events }
    return dialect.decode(
      kind == .text ? .text(payload) : .binary(payload), from: way.sender)
  }
}

/// What a message means in one dialect.
public final class KnownMeaning: MessageReading, @unchecked Sendable {
  // Sendable: constants of values.
  let dialect: String
  let events: [VoiceEvent]

  /// - Parameter events: what the dialect of that name makes of the message's payload as it is recorded.
  public init(_ events: [VoiceEvent], dialect: String) {
    self.dialect = dialect
    self.events = events
  }
}

extension Frame {
  /// Whether it is audio, as far as the beginning and the end tell without decoding: good enough to decide what may wait
  /// a moment.
  public var isLikelyAudio: Bool {
    guard case .text(let bytes) = self else { return !BinaryText.holdsJSON(payload) }
    // Shorter ones would hold less than 5 ms.
    guard bytes.count >= 256 else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      Self.holdsAudioType(bytes, 0..<40) || Self.holdsAudioType(bytes, bytes.count - 40..<bytes.count)
    }
  }

  /// Looks for `"audio"`, the value of `type`; as a name it is followed by a colon.
  private static func holdsAudioType(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    let wanted: StaticString = "\"audio\""
    let length = wanted.utf8CodeUnitCount
    return wanted.withUTF8Buffer { wanted in
      for start in range.lowerBound...range.upperBound - length where bytes[start] == wanted[0] {
        let end = start + length
        if (1..<length).allSatisfy({ bytes[start + $0] == wanted[$0] }), end == bytes.count || bytes[end] != 0x3A {
          return true
        }
      }
      return false
    }
  }
}

/// The dialects that are built in.
public enum Dialects {
  /// All of them, the default first.
  public static let all: [any Dialect] = [VoiceDialect(), PCMDialect()]

  /// The dialect of that name, as on the command line.
  public static func named(_ name: String) -> (any Dialect)? { all.first { $0.name == name } }
}
