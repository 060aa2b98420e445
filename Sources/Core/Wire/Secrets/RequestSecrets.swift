import FoundationEssentials

/// The secrets that go with a request to open a connection: in its address, its headers, its subprotocols.
public struct RequestSecrets: Sendable, Equatable {
  /// The secrets themselves, to be hidden wherever they turn up again. Secrets.
  public private(set) var literals: [String] = []

  /// Nothing secret goes with the request.
  public var isEmpty: Bool { literals.isEmpty }

  /// - Parameters:
  ///   - userInfo: of the address, as `user:password`, percent-decoded.
  ///   - path: with its query, as it goes into the request line.
  ///   - headers: given by the user.
  ///   - subprotocols: offered, in order.
  public init(
    userInfo: String? = nil, path: String = "", headers: [(name: String, value: String)] = [],
    subprotocols: [String] = []
  ) {
    if let userInfo {
      add(userInfo)
      // As it stands in the Authorization header that is made of it.
      add(Data(userInfo.utf8).base64EncodedString())
      if let colon = userInfo.firstIndex(of: ":") { add(String(userInfo[userInfo.index(after: colon)...])) }
    }
    if let query = path.firstIndex(of: "?") {
      for item in path[path.index(after: query)...].split(separator: "&") {
        guard let equals = item.firstIndex(of: "=") else { continue }
        let value = String(item[item.index(after: equals)...])
        let isNamed = Redaction.isSecret(name: Redaction.decodingPercent(String(item[..<equals])))
        guard isNamed || Redaction.hideSecrets(in: value, isOurs: true) != value else { continue }
        add(value)
        add(Redaction.decodingPercent(value))
      }
    }
    if path.contains("?") == false, Redaction.hideSecrets(in: path, isOurs: true) != path { add(path) }
    for header in headers { add(header) }
    for place in SubprotocolSecrets.places(in: subprotocols) {
      add(subprotocols[place])
      add(SubprotocolSecrets.secret(in: subprotocols[place]))
    }
  }

  private mutating func add(_ header: (name: String, value: String)) {
    let value = header.value
    if header.name.lowercased() == "sec-websocket-protocol" {
      let offered = value.split(separator: ",").map { $0.drop { $0 == " " } }.map(String.init)
      for place in SubprotocolSecrets.places(in: offered) {
        add(offered[place])
        add(SubprotocolSecrets.secret(in: offered[place]))
      }
      return
    }
    let isNamed = Redaction.isSecret(name: header.name)
    guard isNamed || Redaction.hideSecrets(in: value, isOurs: true) != value else { return }
    add(value)
    // The values of a cookie alone.
    if header.name.lowercased().hasSuffix("cookie") {
      for item in value.split(separator: ";") {
        guard let equals = item.firstIndex(of: "=") else { continue }
        // A cookie may hold a language, too: a word of it would be hidden everywhere.
        let value = Array(item[item.index(after: equals)...].utf8)
        if SecretValue(value[...]).looksLikeCredential(least: 6) { add(String(decoding: value, as: UTF8.self)) }
      }
    }
    // `Bearer KEY`: a server may repeat the key alone. `Basic` is base64 of `user:password`.
    guard let space = value.firstIndex(of: " ") else { return }
    let rest = String(value[value.index(after: space)...].drop { $0 == " " })
    add(rest)
    if value[..<space].lowercased() == "basic", let bytes = Data(base64Encoded: rest) {
      let pair = String(decoding: bytes, as: UTF8.self)
      if let colon = pair.firstIndex(of: ":") { add(String(pair[pair.index(after: colon)...])) }
    }
  }

  private mutating func add(_ literal: String) {
    if !literal.isEmpty, !literals.contains(literal), literals.count < 64 { literals.append(literal) }
  }
}

/// Keys in the list of subprotocols: browsers cannot send headers, so vendors take the key there.
public enum SubprotocolSecrets {
  /// What stands before a key in the same entry, in lower case.
  private static let prefixes = [
    "openai-insecure-api-key.", "openai-ephemeral-key.", "base64url.bearer.authorization.k8s.io.", "bearer.", "token.",
    "auth.", "jwt.", "authorization.", "access_token.", "access-token.", "apikey.", "api-key.", "api_key.", "key.",
    "bearer-",
    "token-", "apikey-", "ticket.",
  ]
  /// An entry after which the next one is the key, in lower case: Deepgram's `token, KEY`.
  private static let announcements: Set<String> = [
    "token", "bearer", "jwt", "authorization", "auth", "access_token", "access-token", "apikey", "api-key", "api_key",
    "x-api-key", "key", "ticket", "basic",
  ]

  /// The entries with the keys hidden.
  public static func hidden(_ subprotocols: [String]) -> [String] {
    let places = Set(places(in: subprotocols))
    return subprotocols.enumerated().map { i, entry in
      guard places.contains(i) else { return entry }
      return String(entry.prefix(entry.count - secret(in: entry).count)) + Redaction.mark
    }
  }

  /// The same for one that stands alone, as the server's choice does.
  public static func hidden(_ subprotocol: String) -> String { hidden([subprotocol])[0] }

  static func places(in subprotocols: [String]) -> [Int] {
    subprotocols.indices.filter { i in
      let entry = subprotocols[i]
      if prefix(of: entry) != nil || Redaction.hideSecrets(in: entry, isOurs: true) != entry { return true }
      return i > 0 && announcements.contains(subprotocols[i - 1].lowercased())
    }
  }

  /// The key in an entry: what follows its prefix, or all of it.
  static func secret(in entry: String) -> String { String(entry.dropFirst(prefix(of: entry)?.count ?? 0)) }

  private static func prefix(of entry: String) -> String? {
    let lowered = entry.lowercased()
    return prefixes.first { lowered.hasPrefix($0) && lowered.count > $0.count }
  }

  /// Whether an entry announces the next one as a key.
  static func announces(_ entry: ArraySlice<UInt8>) -> Bool {
    entry.count <= 16 && announcements.contains(String(decoding: entry, as: UTF8.self).lowercased())
  }

  /// Where in an entry the key begins; nil without one. A prefix in lower case is the rule.
  static func keyStart(in entry: ArraySlice<UInt8>) -> Int? {
    let text = String(decoding: entry.prefix(48), as: UTF8.self)
    return prefix(of: text).map { entry.startIndex + $0.utf8.count }
  }
}
