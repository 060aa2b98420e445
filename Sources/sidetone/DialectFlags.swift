import ArgumentParser
import Audio
import Glibc
import Runtime
import Timeline
import WebSockets
import Wire

/// What is said on the command line about the protocol of someone else's server.
struct DialectFlags: ParsableArguments {
  static let table = DialectTable.builtIn

  @Option(
    help: ArgumentHelp("How to read the server: \(DialectFlags.table.offer(to: .client)). See docs/dialects.md."),
    completion: .list(DialectFlags.table.names))
  var dialect = DialectFlags.table.names[0]

  @Option(help: "The model that is to answer, where the dialect lets one choose; as --set model=NAME.")
  var model: String?

  @Option(help: "A setting of the dialect, as in --set NAME=VALUE; docs/dialects.md lists them.")
  var set: [String] = []

  @Option(help: "How your audio goes out, where the dialect has several ways, as in pcm16, mulaw or pcm16@24000.")
  var uplink: String?

  @Option(help: "How the agent's audio comes, in the same words.")
  var downlink: String?

  @Option(
    help: """
      The environment variable that holds the key. Without it, the dialect's own variable is looked at, and what it holds \
      goes to the dialect's own server alone.
      """)
  var keyEnv: String?

  func validate() throws { _ = try choice() }

  /// What was chosen, checked.
  /// - Parameter codec: of both ways, where the dialect settles them before anything is said.
  func choice(codec: WireCodec? = nil) throws -> DialectChoice {
    let settled = Self.table[dialect]?.card.uplink.isDeclared == false ? codec?.rawValue : nil
    do {
      return try DialectChoice(
        dialect, seat: .client, set: set + (model.map { ["model=\($0)"] } ?? []), uplink: uplink ?? settled,
        downlink: downlink ?? settled, among: Self.table)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The server's address: the one that was given, or else the dialect's own.
  func url(_ given: String?) throws -> WebSocketURL {
    let card = try choice().card
    guard let text = given ?? card.defaultURL else {
      let known = Self.table.cards.filter { $0.defaultURL != nil }.map { "--dialect \($0.name)" }
      let others = known.isEmpty ? "" : "; only \(known.joined(separator: " and ")) can do without"
      throw ValidationError("which server? Give its address, as in wss://example.org/voice\(others)")
    }
    do {
      return try WebSocketURL.parse(text)
    } catch {
      throw ValidationError("\(error)")
    }
  }

  /// The key for a server: from the variable that was named, or from the dialect's own where it is the dialect's server.
  func key(for url: WebSocketURL, _ card: DialectCard) throws -> String? {
    let variable: String
    if let keyEnv {
      guard !card.credentials.isEmpty else {
        throw ValidationError("dialect \(card.name) takes no key; --header can carry one")
      }
      variable = keyEnv
    } else {
      guard let own = card.credentials.first?.environment, DialectChoice.isHome(url, of: card) else { return nil }
      variable = own
    }
    guard let key = getenv(variable).map({ String(cString: $0) }), !key.isEmpty else {
      throw ValidationError("\(card.title) wants a key, and \(variable) is not set: export \(variable)=…")
    }
    return key
  }
}
