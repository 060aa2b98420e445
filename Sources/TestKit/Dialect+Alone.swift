import Timeline
import Wire

// A message by itself, on a link that has just been opened: for tests and benchmarks of dialects whose messages each stand
// for themselves.

extension Dialect {
  /// What it means.
  public func reading(_ message: WireMessage, from side: Side) -> Reading {
    var link = self
    return link.read(message, from: side)
  }
  /// What tells of something in it.
  public func decode(_ message: WireMessage, from side: Side) -> [VoiceEvent] { reading(message, from: side).events }
  /// The first message that says it.
  public func encode(_ event: VoiceEvent, from side: Side) -> WireMessage? {
    var link = self
    return link.say(.event(event), as: side, at: .zero).first
  }
  /// Its own name for its type.
  public func typeName(of message: WireMessage) -> String { reading(message, from: .server).type }
}

extension Message {
  /// What it means by itself, or what is known of it.
  public func meaning(in dialect: any Dialect) -> [VoiceEvent] {
    var reader = DialectReader(dialect)
    return reader.read(self).events
  }
}
