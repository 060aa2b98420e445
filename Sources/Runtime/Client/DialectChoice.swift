import Timeline
import WebSockets
import Wire

/// A dialect with its settings, as they were chosen for a session.
public struct DialectChoice: Sendable {
  /// Why a choice cannot be.
  public struct Fault: Error, Equatable, CustomStringConvertible {
    public var description: String
  }

  public let card: DialectCard
  public var settings: DialectSettings
  private let table: DialectTable

  /// - Parameters:
  ///   - seat: which end of the link is taken.
  ///   - set: settings as `NAME=VALUE`.
  ///   - uplink: a form of audio by its name; nil for the dialect's own choice.
  /// - Throws: `Fault`, with what there is instead.
  public init(
    _ name: String, seat: Side, set: [String] = [], uplink: String? = nil, downlink: String? = nil,
    among table: DialectTable = .builtIn
  ) throws(Fault) {
    self.table = table
    do {
      card = try table.row(name).card
    } catch {
      throw Fault(description: "--dialect: \(error)")
    }
    guard card.seats.contains(seat) else {
      throw Fault(
        description: "--dialect \(name): only the other end can be taken here. There are: \(table.offer(to: seat))")
    }
    settings = DialectSettings()
    for option in card.options { settings.options[option.name] = option.fallback }
    for text in set {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw Fault(description: "--set \(text.prefix(60)): write it as NAME=VALUE")
      }
      let key = String(text[..<sign])
      guard card.options.contains(where: { $0.name == key }) else {
        let names = card.options.map(\.name).joined(separator: ", ")
        throw Fault(
          description: "dialect \(name) has no setting \"\(key.prefix(60))\"; "
            + (names.isEmpty ? "it has none" : "it has \(names)"))
      }
      settings.options[key] = String(text[text.index(after: sign)...])
    }
    settings.uplink = try Self.form(uplink, "--uplink", card.uplink)
    settings.downlink = try Self.form(downlink, "--downlink", card.downlink)
  }

  private static func form(_ name: String?, _ flag: String, _ forms: WireAudioForms) throws(Fault) -> WireAudioForm? {
    guard let name else { return nil }
    guard let form = forms.named(name) else {
      var names: [String] = []
      for form in forms.all where !names.contains(form.name) { names.append(form.name) }
      throw Fault(description: "\(flag) \(name.prefix(40)): the dialect has \(names.joined(separator: ", "))")
    }
    return form
  }

  /// The card as the settings make it.
  public var adaptedCard: DialectCard { table.dialect(card.name, settings).card }

  /// Whether an address is on the dialect's own server: a key goes nowhere else without being told to.
  public static func isHome(_ url: WebSocketURL, of card: DialectCard) -> Bool {
    guard let home = card.defaultURL.flatMap({ try? WebSocketURL.parse($0) }) else { return false }
    return url.host == home.host && url.isSecure == home.isSecure
  }

  /// Writes what the dialect adds to a request and to the session into the options. What the operator has said stands.
  /// - Parameter key: a secret.
  public func apply(key: String?, to options: inout SessionOptions) {
    options.dialect = card.name
    options.dialects = table
    options.dialectSettings = settings
    for option in card.options {
      guard case .query(let name) = option.place, let value = settings.options[option.name] else { continue }
      if !options.url.hasQuery(name) { options.url.appendQuery(name: name, value: value) }
    }
    if options.subprotocols.isEmpty { options.subprotocols = card.subprotocols }
    for header in card.headers { add(header, to: &options) }
    if let key { apply(key, to: &options) }
    let adapted = adaptedCard
    let form = adapted.uplink.preferred
    options.session.inputRate = form.rate
    options.session.chunkSampleCount = max(1, Int(adapted.uplink.chunk * form.rate / .seconds(1)))
  }

  private func apply(_ key: String, to options: inout SessionOptions) {
    guard let credential = card.credentials.first else { return }
    // Whatever it is made of: nothing that repeats it is shown or recorded.
    options.session.secrets.append(key)
    switch credential.place {
    case .header(let name, let prefix):
      add((name, prefix + key), to: &options)
    case .query(let name): if !options.url.hasQuery(name) { options.url.appendQuery(name: name, value: key) }
    case .subprotocol(let prefix): options.subprotocols.append(prefix + key)
    case .opening: options.dialectSettings.key = key
    }
  }

  /// A header that was given by hand stands.
  private func add(_ header: (name: String, value: String), to options: inout SessionOptions) {
    guard !options.headers.contains(where: { $0.name.lowercased() == header.name.lowercased() }) else { return }
    options.headers.append(header)
  }
}

extension WebSocketURL {
  /// Whether its query has a value of that name.
  fileprivate func hasQuery(_ name: String) -> Bool {
    guard let mark = path.firstIndex(of: "?") else { return false }
    return path[path.index(after: mark)...].split(separator: "&").contains { $0.prefix { $0 != "=" } == name }
  }
}
