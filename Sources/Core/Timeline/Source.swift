/// Numbers what writes entries on a timeline. The program itself is 0; the sources have 1, 2 and so on.
public struct SourceID: RawRepresentable, Hashable, Sendable, Codable, Comparable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public init(_ value: UInt16) { rawValue = value }
  /// The program: what belongs to no source.
  public static let program = SourceID(0)
  /// The only source of a timeline that has one.
  public static let first = SourceID(1)
  public static func < (a: SourceID, b: SourceID) -> Bool { a.rawValue < b.rawValue }
}

/// Something whose doings are on the timeline: one of the two ends of a conversation, or what stands between them. Its
/// number is the source of the entry that tells of it. No secrets: headers and tokens stay out of it.
public struct Source: Sendable, Equatable, Codable {
  /// What a source can be.
  public enum Kind: OpenName {
    case client, server, proxy, replay
    case other(String)

    public static let known: [Kind] = [.client, .server, .proxy, .replay]

    public var rawValue: String {
      switch self {
      case .client: "client"
      case .server: "server"
      case .proxy: "proxy"
      case .replay: "replay"
      case .other(let name): name
      }
    }
  }
  public var kind: Kind
  /// By which a reader tells it from the others, as in `client` or `stt`.
  public var name: String
  /// How its messages are read, by the dialect's name.
  public var dialect: String
  /// The server's URL, without user info and with secret query values replaced by `…`.
  public var url: String
  /// Samples a second of the audio to the server, where that is known.
  public var inputRate: Int?

  public init(kind: Kind, name: String, dialect: String, url: String, inputRate: Int? = nil) {
    self.kind = kind
    self.name = name
    self.dialect = dialect
    self.url = url
    self.inputRate = inputRate
  }
}

/// The names of a timeline's sources. A value: observe entries in order.
public struct SourceNames: Sendable, Equatable {
  /// How many names are kept: a recording may hold any number.
  private static let limit = 256
  private var names: [SourceID: String] = [.program: "program"]

  public init() {}

  public mutating func observe(_ entry: Entry) {
    guard case .sourceStarted(let source) = entry.event, names.count < Self.limit || names[entry.source] != nil else {
      return
    }
    names[entry.source] = source.name
  }

  /// Every name that is known, in the order of the sources.
  public var all: [String] { Set(names.keys).union([.first]).sorted().map { self[$0] } }

  /// The source's name. The first one is called `client` where nothing says another name.
  public subscript(_ id: SourceID) -> String { names[id] ?? (id == .first ? "client" : "\(id.rawValue)") }
}

/// Lets the entries of one source pass, and those of the program: for readers that know one conversation.
public struct SourceGate: Sendable, Equatable {
  /// The source whose entries pass; nil before there was any.
  public private(set) var source: SourceID?

  /// - Parameter source: nil for the first one that has entries.
  public init(_ source: SourceID? = nil) { self.source = source }

  public mutating func admits(_ entry: Entry) -> Bool {
    guard entry.source != .program else { return true }
    if source == nil { source = entry.source }
    return source == entry.source
  }
}
