import Timeline

/// A dialect that is not known here, as in a capture of a newer version: its messages are shown as bytes and text, and
/// nothing is made of them.
public struct OpaqueDialect: Dialect {
  public static let card = DialectCard(
    name: "opaque", title: "A dialect that is not known here",
    notes: "Messages are shown as they are; nothing is made of them.",
    uplink: WireAudioForms(WireAudioForm(.pcm16, rate: 16_000, .binary), chunk: .milliseconds(20)),
    downlink: WireAudioForms(WireAudioForm(.pcm16, rate: 16_000, .binary), chunk: .milliseconds(20)),
    readiness: .open, turns: .byMessages, responseEnd: .said, identity: .byOrder, interruption: .serverDetects,
    clientSays: [], serverSays: [], seats: [])

  public let card: DialectCard

  public init(_ settings: DialectSettings) {
    card = Self.card.with(name: settings.name)
  }

  public mutating func read(_ message: WireMessage, from side: Side) -> Reading {
    let isText = message.isText || BinaryText.holdsJSON(message.payload)
    return Reading(isText ? "text" : "binary", [])
  }

  public mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage] { [] }
}
