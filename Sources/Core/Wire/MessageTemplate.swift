/// A message to start from when one is written by hand.
public struct MessageTemplate: Sendable, Equatable {
  public var name: String
  public var frame: Frame
  public init(name: String, frame: Frame) {
    self.name = name
    self.frame = frame
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
    let sayable = events.compactMap { name, event in
      encode(event, from: .client).map { MessageTemplate(name: name, frame: $0) }
    }
    let binary = MessageTemplate(name: "binary audio", frame: .binary(silence))
    return sayable + (sayable.contains { $0.frame == binary.frame } ? [] : [binary]) + [
      MessageTemplate(name: "unknown type", frame: .string(#"{"type":"no_such_type"}"#)),
      MessageTemplate(name: "not JSON", frame: .string(#"{"type":"text","text":"#)),
      MessageTemplate(name: "empty", frame: .string("")),
    ]
  }
}
