import Timeline

/// One protocol, on one link: bytes to meaning and back.
///
/// A value with state. Its state follows from the messages alone, so that every reader of a timeline can hold its own:
/// whoever holds one lets it `read` every message of the link once, in order, of both sides, those included that it said
/// itself. `say` and `owes` therefore keep only what no message shows, such as the next number of an event.
///
/// A dialect never traps, whatever the bytes are, and keeps a bounded amount of what a peer says.
public protocol Dialect: Sendable {
  static var card: DialectCard { get }
  /// The card of this value; the type's, unless it stands for a dialect that is not known here.
  var card: DialectCard { get }

  /// A link that has just been opened.
  init(_ settings: DialectSettings)

  /// What a message means that `side` sent.
  mutating func read(_ message: WireMessage, from side: Side) -> Reading

  /// The messages with which `side` says something, in order; none when there is no way to say it, or no need to.
  mutating func say(_ what: Saying, as side: Side, at now: Timestamp) -> [WireMessage]

  /// What manners demand of `side` by now without being asked: echoes of in-band pings, keepalives. To be called after
  /// each message that was read, and at `deadline`.
  mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage]

  /// When `owes` is due if nothing else happens before.
  var deadline: Timestamp? { get }
}

extension Dialect {
  public var card: DialectCard { Self.card }
  public var name: String { card.name }
  public mutating func owes(as side: Side, at now: Timestamp) -> [WireMessage] { [] }
  public var deadline: Timestamp? { nil }
}

/// What one message means: decoded once, used by all.
public struct Reading: Sendable, Equatable {
  /// The message's own name for its type, as in `transcript_final`; `?` where it has none.
  public var type: String
  /// In order. Empty for a message that is known and tells of nothing that other dialects have, too.
  public var events: [VoiceEvent]
  /// What the message is about, if it says so. One for all its events: no protocol has messages about two responses.
  public var of: WireRef?
  /// What the screen shows of it in one line; nil where its events say enough.
  public var summary: String?

  public init(_ type: String, _ events: [VoiceEvent], of: WireRef? = nil, summary: String? = nil) {
    self.type = type
    self.events = events
    self.of = of
    self.summary = summary
  }

  /// It holds audio.
  public var isAudio: Bool { events.contains { if case .audio = $0 { true } else { false } } }
}

/// What a side can want to say.
public enum Saying: Sendable, Equatable {
  /// A client's first words on a new link, before all else: settings, or how to go on with an earlier conversation.
  /// For a greeting dialect they come after `VoiceEvent.ready`, for others as soon as the link is open.
  /// - Parameter resume: the token of the conversation before, for cards with `Resume.opening`. A secret.
  case opening(resume: String?)
  /// An event of the side's own list in the card, and what it is about. Whoever reads the messages reads the event.
  case event(VoiceEvent, of: WireRef? = nil)
}

/// What holds for a link from its beginning.
public struct DialectSettings: Sendable, Equatable {
  /// The values of `DialectCard.options` by their names, the fallbacks included.
  public var options: [String: String]
  /// The key, for cards whose dialect says it itself (`Credential.Place.opening`). A secret.
  public var key: String?
  /// The client ends the user's turns (push to talk); otherwise the server's detector does.
  public var isManual: Bool
  /// How audio travels; nil: as the card prefers.
  public var uplink: WireAudioForm?
  public var downlink: WireAudioForm?
  /// Settings of the conversation as a `config` would say them: `language`, `voice`, `instructions`, …
  public var conversation: [String: JSONValue]
  /// The name under which the dialect was asked for, for dialects that are not known here.
  public var name: String?

  public init(
    options: [String: String] = [:], key: String? = nil, isManual: Bool = false, uplink: WireAudioForm? = nil,
    downlink: WireAudioForm? = nil, conversation: [String: JSONValue] = [:], name: String? = nil
  ) {
    self.options = options
    self.key = key
    self.isManual = isManual
    self.uplink = uplink
    self.downlink = downlink
    self.conversation = conversation
    self.name = name
  }
}
