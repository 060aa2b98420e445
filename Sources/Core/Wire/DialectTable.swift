import Spelling
import Timeline

/// The dialects that there are: a row for each. A new one takes a row here and a folder in `Dialects`.
public struct DialectTable: Sendable {
  /// The default first.
  public var rows: [any Dialect.Type]
  public init(_ rows: [any Dialect.Type]) { self.rows = rows }

  /// Those of this program.
  public static let builtIn = DialectTable([
    VoiceDialect.self,
    PCMDialect.self,
    OpenAIDialect.self,
    OpenAIBetaDialect.self,
    GeminiDialect.self,
  ])

  public var cards: [DialectCard] { rows.map { $0.card } }
  public var names: [String] { rows.map { $0.card.name } }

  /// The row of that name, as on the command line.
  public subscript(_ name: String) -> (any Dialect.Type)? { rows.first { $0.card.name == name } }

  /// The row of that name.
  /// - Throws: `UnknownDialect`, which names the nearest one.
  public func row(_ name: String) throws(UnknownDialect) -> any Dialect.Type {
    guard let row = self[name] else { throw UnknownDialect(name, among: names) }
    return row
  }

  /// The dialects in which a side can be taken here, in words: `voice (sidetone's own protocol), pcm (…)`.
  public func offer(to seat: Side) -> String {
    cards.filter { $0.seats.contains(seat) }.map { "\($0.name) (\($0.title))" }.joined(separator: ", ")
  }

  /// A link in the dialect of that name; one that pretends nothing where the name is not known.
  public func dialect(_ name: String, _ settings: DialectSettings = DialectSettings()) -> any Dialect {
    var settings = settings
    settings.name = name
    return (self[name] ?? OpaqueDialect.self).init(settings)
  }
}

/// No dialect has this name.
public struct UnknownDialect: Error, Equatable, CustomStringConvertible {
  public var name: String
  /// The name that was probably meant.
  public var nearest: String?
  public var names: [String]

  init(_ name: String, among names: [String]) {
    self.name = String(name.prefix(60))
    self.names = names
    nearest = Spelling.nearest(to: name, among: names, .loose)
  }

  public var description: String {
    let question = Spelling.question(nearest, quote: "", otherwise: ".")
    return "there is no dialect \"\(name)\"\(question) There are: \(names.joined(separator: ", "))"
  }
}
