import Timeline

/// A message to start from when one is written by hand.
public struct MessageTemplate: Sendable, Equatable {
  public var name: String
  public var message: WireMessage
  public init(name: String, message: WireMessage) {
    self.name = name
    self.message = message
  }
}

extension Dialect {
  /// What a client may say in this dialect, an example of each; and some things that it may not, to see what a server
  /// does about them.
  public var templates: [MessageTemplate] {
    let silence = [UInt8](repeating: 0, count: 640)
    let events: [(String, VoiceEvent)] = [
      ("text", .text("what time is it")),
      ("config", .config(.object(["language": .string("en"), "voice": .string("slt")]))),
      ("interrupt", .interrupt), ("speech_start", .speechStart), ("speech_end", .speechEnd),
      ("audio", .audio(AudioPayload(bytes: silence, sequence: 0))),
    ]
    let sayable = events.filter { card.clientSays.contains($0.1.kind) }.flatMap { name, event in
      var link = self
      return link.say(.event(event), as: .client, at: .zero).map { MessageTemplate(name: name, message: $0) }
    }
    let binary = MessageTemplate(name: "binary audio", message: .binary(silence))
    return sayable + (sayable.contains { $0.message == binary.message } ? [] : [binary]) + [
      MessageTemplate(name: "unknown type", message: .string(#"{"type":"no_such_type"}"#)),
      MessageTemplate(name: "not JSON", message: .string(#"{"type":"text","text":"#)),
      MessageTemplate(name: "empty", message: .string("")),
    ]
  }
}
