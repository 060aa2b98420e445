import Timeline
import Wire

/// A voice server that follows a script: what it says when it hears what. Pure: it answers with frames and delays, and
/// who runs it delivers them.
public struct ScriptedPeer {
  /// What the peer does.
  public enum Act: Sendable, Equatable {
    case say(VoiceEvent)
    /// Any frame, valid or not.
    case sayRaw(WireMessage)
    case close(code: Int, reason: String)
  }

  /// An act and how long after its cause it comes.
  public struct Step: Sendable, Equatable {
    public var act: Act
    public var delay: Duration
    public init(_ act: Act, after delay: Duration = .zero) {
      self.act = act
      self.delay = delay
    }
  }

  /// Answers a message that fits.
  public struct Rule: Sendable {
    let fits: @Sendable (VoiceEvent) -> Bool
    let steps: [Step]
    /// How many times it answers; then it is used up.
    var uses: Int

    public init(uses: Int = .max, _ steps: [Step], when fits: @escaping @Sendable (VoiceEvent) -> Bool) {
      self.fits = fits
      self.steps = steps
      self.uses = uses
    }
  }

  /// A link that has just been opened, and the one with the client.
  public let freshDialect: any Dialect
  public private(set) var dialect: any Dialect
  /// Done when a client connects.
  public var greeting: [Step]
  /// The first rule that fits answers.
  public var rules: [Rule]
  /// What the peer has heard, in order.
  public private(set) var heard: [VoiceEvent] = []
  public private(set) var connectionCount = 0

  /// - Parameter greeting: nil for a plain `ready`.
  public init(dialect: any Dialect = VoiceDialect(), greeting: [Step]? = nil, rules: [Rule] = []) {
    freshDialect = dialect
    self.dialect = dialect
    self.greeting = greeting ?? [Step(.say(.ready(Ready(sessionID: "s_1"))))]
    self.rules = rules
  }

  /// A client has connected.
  public mutating func connected() -> [Step] {
    connectionCount += 1
    dialect = freshDialect
    return greeting
  }

  /// A message of the client has arrived.
  public mutating func received(_ frame: WireMessage) -> [Step] {
    var steps: [Step] = []
    for event in dialect.read(frame, from: .client).events {
      heard.append(event)
      guard let index = rules.firstIndex(where: { $0.uses > 0 && $0.fits(event) }) else { continue }
      rules[index].uses -= 1
      steps += rules[index].steps
    }
    return steps
  }

  /// The messages of an act, at that moment; none for `close`, and for what the dialect cannot say.
  public mutating func messages(of act: Act, at now: Timestamp = .zero) -> [WireMessage] {
    let said =
      switch act {
      case .say(let event): dialect.say(.event(event), as: .server, at: now)
      case .sayRaw(let message): [message]
      case .close: [WireMessage]()
      }
    for message in said { _ = dialect.read(message, from: .server) }
    return said
  }
}
