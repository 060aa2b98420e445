import Timeline

/// Reads the messages of one source of a timeline: each link with a dialect of its own, each message once and in order.
public struct DialectReader: Sendable {
  /// Links whose state is kept; more are not open at a time.
  private static let linkLimit = 16

  private let table: DialectTable
  private var fresh: any Dialect
  private var links: [(id: LinkID, dialect: any Dialect)] = []

  /// - Parameters:
  ///   - dialect: how messages are read, until a `sessionStarted` or `sourceStarted` entry names another.
  ///   - table: where the name is looked up.
  public init(_ dialect: any Dialect = VoiceDialect(), among table: DialectTable = .builtIn) {
    fresh = dialect
    self.table = table
    card = dialect.card
  }

  /// Of the source's dialect.
  public private(set) var card: DialectCard

  /// A session begins, whose messages come next.
  public mutating func started(_ start: SessionStarted) { begin(start.dialect) }

  /// The source begins, whose messages come next.
  public mutating func started(_ source: Source) { begin(source.dialect) }

  private mutating func begin(_ dialect: String) {
    // Of that name it is the source's own, with its settings.
    if fresh.name != dialect { fresh = table.dialect(dialect) }
    card = fresh.card
    links = []
  }

  /// What the next message means. Where it was read when it was sent or received, that is taken over.
  public mutating func read(_ message: Message) -> Reading {
    if let known = message.reading as? KnownMeaning, known.dialect == card.name { return known.reading }
    let side = message.way.sender
    // The newest link is the one that speaks, as a rule.
    if let i = links.lastIndex(where: { $0.id == message.link }) {
      return links[i].dialect.read(message.wire, from: side)
    }
    if links.count == Self.linkLimit { links.removeFirst() }
    var link = fresh
    let reading = link.read(message.wire, from: side)
    links.append((message.link, link))
    return reading
  }

  /// What a client may say in the source's dialect.
  public var templates: [MessageTemplate] { (links.last?.dialect ?? fresh).templates }

  /// What one message says by itself, where those before it are not at hand.
  public func read(_ message: WireMessage, from side: Side) -> Reading {
    var link = links.last?.dialect ?? fresh
    return link.read(message, from: side)
  }
}
