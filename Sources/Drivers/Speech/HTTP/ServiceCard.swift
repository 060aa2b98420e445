/// A service on the network that can be chosen: a row of the table of its kind.
public protocol ServiceCard: Sendable {
  /// As it is chosen, as in `ollama`.
  var name: String { get }
  /// For people, as in "Ollama".
  var title: String { get }
  /// Where it is asked when no address is given.
  var usualAddress: String { get }
  /// The environment variable that usually holds its key; nil: it wants none.
  var keyVariable: String? { get }
  /// Whether it serves nobody without a key.
  var needsKey: Bool { get }

  /// Those that there are.
  static var all: [Self] { get }
  /// The word that chooses what the program has itself, and what that is.
  static var own: (name: String, meaning: String) { get }
}

extension ServiceCard {
  /// All words that choose one, the program's own first.
  public static var names: [String] { [own.name] + all.map(\.name) }

  /// The row of a name; nil for the program's own and for any other word.
  public static func named(_ name: String) -> Self? { all.first { $0.name == name } }

  /// The environment variable that holds the key. The usual one is read for the usual address alone, so that a key goes
  /// nowhere that it does not belong.
  /// - Parameters:
  ///   - named: the variable that was named.
  ///   - url: the address that was given; nil: the usual one.
  public func keyVariable(named: String?, at url: String?) -> String? { named ?? (url == nil ? keyVariable : nil) }
}
