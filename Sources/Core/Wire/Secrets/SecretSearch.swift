/// Finds the secrets of one text, and of the texts that are in it.
///
///   text ─┬─► literals, shapes            wherever they stand
///         ├─► pairs (SecretPairs)         `name=value`, `Name: value`, `'name': 'value'`, user info of addresses
///         └─► JSON ─► names, nesting ─► strings with escapes ─► read, and searched as texts of their own
struct SecretSearch {
  /// Something to hide.
  struct Found {
    var range: Range<Int>
    /// It stands in JSON without quotes: a number.
    var isBare = false

    func moved(by offset: Int) -> Found {
      Found(range: range.lowerBound + offset..<range.upperBound + offset, isBare: isBare)
    }
  }

  /// Texts in texts, at most: JSON in a string doubles its backslashes with each level.
  private static let deepest = 6
  /// Objects and arrays in each other, at most: deeper ones are read by their pairs only.
  private static let deepestNesting = 256

  let bytes: [UInt8]
  let literals: [[UInt8]]
  let isOurs: Bool
  private let depth: Int
  private(set) var found: [Found] = []

  init(_ bytes: [UInt8], literals: [[UInt8]], isOurs: Bool, depth: Int = 0) {
    self.bytes = bytes
    self.literals = literals
    self.isOurs = isOurs
    self.depth = depth
  }

  mutating func search() {
    for literal in literals {
      var rest = bytes[...]
      while let range = firstRange(of: literal, in: rest) {
        found.append(Found(range: range))
        rest = bytes[range.upperBound...]
      }
    }
    var shapes = SecretShapes(bytes)
    shapes.search()
    for range in shapes.found { found.append(Found(range: range)) }
    var pairs = SecretPairs(bytes, isOurs: isOurs)
    pairs.search()
    for range in pairs.found { found.append(Found(range: range)) }
    searchJSON()
    // A text that is no string of JSON may be an address or a form, whole.
    if depth == 0, bytes.count <= 1 << 16, !bytes.contains(UInt8(ascii: "\"")) { searchPercent(0..<bytes.count) }
  }

  // MARK: JSON

  /// An object or an array that is open.
  private struct Level {
    var isObject = true
    /// It belongs to something secret: all in it is hidden that does not only describe it.
    var isSecret = false
    /// It is the object under the name `token`, `auth` or `key`.
    var isSuspect = false
    /// The name of the member at hand, once its colon was seen.
    var key: String?
    var judgement = SecretNames.Judgement.harmless
    /// What the object says of itself: `"type":"auth"`, `expires_in` beside the token.
    var saysAuth = false
    /// What the object calls its value: `{"name":"Authorization","value":…}`.
    var named = SecretNames.Judgement.harmless
    var holder: Range<Int>?
    /// Values under suspect names, and values that `named` decides on, while the object is open.
    var suspects: [Range<Int>] = []
    var values: [Range<Int>] = []
    /// An array's string before the one at hand.
    var previous: Range<Int>?
  }

  private mutating func searchJSON() {
    // Outside of all objects pairs may stand as well: text that is not quite JSON.
    var levels = [Level()]
    var i = 0
    while i < bytes.count {
      switch bytes[i] {
      case UInt8(ascii: "\""):
        let content = i + 1..<endOfString(from: i + 1)
        i = min(content.upperBound + 1, bytes.count)
        let top = levels.count - 1
        let colon = indexBehindSpace(in: bytes, from: i)
        if levels[top].isObject, levels[top].key == nil, colon < bytes.count, bytes[colon] == UInt8(ascii: ":") {
          begin(name: content, &levels[top])
          i = colon + 1
        } else {
          examine(string: content, &levels[top])
          if levels[top].isObject { end(&levels[top]) }
        }
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard levels.count < Self.deepestNesting else { return }
        levels.append(opened(isObject: bytes[i] == UInt8(ascii: "{"), in: levels[levels.count - 1]))
        end(&levels[levels.count - 2])
        i += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if levels.count > 1 { close(levels.removeLast()) }
        i += 1
      case UInt8(ascii: ","):
        end(&levels[levels.count - 1])
        i += 1
      case UInt8(ascii: "-"), 0x30...0x39:
        let start = i
        while i < bytes.count, ByteClass.table[Int(bytes[i])].rawValue != 0 { i += 1 }
        examine(number: start..<i, &levels[levels.count - 1])
      default: i += 1
      }
    }
    // A text that was cut still says what it says.
    while let level = levels.popLast() { close(level) }
  }

  private mutating func begin(name range: Range<Int>, _ level: inout Level) {
    guard range.count <= SecretNames.longestName * 6 else {
      level.key = ""
      return
    }
    var name = String(decoding: bytes[range], as: UTF8.self)
    if bytes[range].contains(UInt8(ascii: "\\")) {
      name = String(decoding: EscapedText(json: bytes, range).bytes, as: UTF8.self)
    }
    level.key = name
    level.judgement = SecretNames.judge(name)
    if name.hasPrefix("expires") || name == "refresh_token" { level.saysAuth = true }
  }

  private func end(_ level: inout Level) {
    level.key = nil
    level.judgement = .harmless
  }

  private func opened(isObject: Bool, in parent: Level) -> Level {
    var level = Level(isObject: isObject)
    let describes = parent.isSecret && (parent.key.map(SecretNames.isDescription) ?? false)
    level.isSecret = parent.judgement == .secret || parent.isSecret && !describes
    level.isSuspect = parent.judgement == .suspect || parent.isSuspect && !isObject
    level.saysAuth = parent.isSuspect && parent.saysAuth
    return level
  }

  /// What an object's suspects are is known at its end.
  private mutating func close(_ level: Level) {
    if level.saysAuth { for range in level.suspects { found.append(Found(range: range)) } }
    guard level.named != .harmless else { return }
    for range in level.values where level.named == .secret || looksSecret(range) { found.append(Found(range: range)) }
  }

  private mutating func examine(string range: Range<Int>, _ level: inout Level) {
    defer { if !level.isObject { level.previous = range } }
    guard !range.isEmpty, !SecretValue(bytes[range]).isPlaceholder else { return }
    let key = level.key ?? ""
    if level.isSecret, !(level.isObject && SecretNames.isDescription(key)) { return hide(range) }
    switch level.judgement {
    case .secret: return hide(range)
    case .suspect:
      if isOurs || looksSecret(range) { return hide(range) }
      if !bytes[range].contains(0x20) { level.suspects.append(range) }
    case .harmless: break
    }
    // {"token":{"value":"…"}}: the name of the object is the value's.
    if level.isSuspect, level.isObject ? Self.valueNames.contains(key.lowercased()) : true, looksSecret(range) {
      return hide(range)
    }
    if level.isObject { examine(at: key, range, &level) } else { examine(at: range, after: level.previous) }
    searchText(range)
  }

  /// What a member tells about the object that it is in.
  private func examine(at key: String, _ range: Range<Int>, _ level: inout Level) {
    let key = key.lowercased()
    defer { if Self.valueNames.contains(key), level.holder != range { level.values.append(range) } }
    guard range.count <= SecretNames.longestName else { return }
    if Self.kindNames.contains(key) {
      let kind = SecretNames.words(of: String(decoding: bytes[range], as: UTF8.self))
      if kind.contains(where: Self.authWords.contains) { level.saysAuth = true }
      if SecretNames.judge(kind.joined(separator: "_")) == .secret { level.named = .secret }
    } else if Self.holderNames.contains(key) {
      // `/auth/api_key` of a JSON patch: the last part.
      let part = bytes[range].split(separator: UInt8(ascii: "/")).last ?? []
      guard !part.contains(0x20) else { return }
      let judgement = SecretNames.judge(String(decoding: part, as: UTF8.self))
      if judgement != .harmless, level.named != .secret { level.named = judgement }
      if judgement == .suspect, isOurs { level.named = .secret }
      if judgement != .harmless { level.holder = range }
    }
  }

  /// Pairs in an array: raw headers, one after the other, and subprotocols.
  private mutating func examine(at range: Range<Int>, after previous: Range<Int>?) {
    if let start = SubprotocolSecrets.keyStart(in: bytes[range]) { return hide(start..<range.upperBound) }
    guard let previous, previous.count <= SecretNames.longestName else { return }
    let name = String(decoding: bytes[previous], as: UTF8.self)
    // In a list of names the next one is a name, too.
    let isWord = bytes[range].allSatisfy { (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "-") }
    if SecretNames.judge(name) == .secret, !name.contains(" "), !isWord { return hide(range) }
    if SubprotocolSecrets.announces(bytes[previous]), !isWord, SecretValue(bytes[range]).looksLikeCredential(least: 6) {
      hide(range)
    }
  }

  /// Digits are a secret under the name of one, when there are as many as in the shortest PIN.
  private mutating func examine(number range: Range<Int>, _ level: inout Level) {
    let key = level.key ?? ""
    let isSecret = level.isSecret && !(level.isObject && SecretNames.isDescription(key)) || level.judgement == .secret
    guard isSecret, range.count >= 4 else { return }
    found.append(Found(range: range, isBare: true))
  }

  // MARK: Texts within

  private mutating func searchText(_ range: Range<Int>) {
    guard depth < Self.deepest else { return }
    var escapes = (json: false, percent: false)
    bytes.withUnsafeBufferPointer { bytes in
      for i in range {
        if bytes[i] == UInt8(ascii: "\\") { escapes.json = true }
        if bytes[i] == UInt8(ascii: "%") { escapes.percent = true }
      }
    }
    if escapes.json {
      search(EscapedText(json: bytes, range))
    } else if escapes.percent {
      searchPercent(range)
    }
  }

  private mutating func searchPercent(_ range: Range<Int>) {
    guard depth < Self.deepest, bytes[range].contains(UInt8(ascii: "%")) else { return }
    let text = EscapedText(percent: bytes, range)
    if text.bytes.count < range.count { search(text) }
  }

  private mutating func search(_ text: EscapedText) {
    var inner = SecretSearch(text.bytes, literals: literals, isOurs: isOurs, depth: depth + 1)
    inner.search()
    for secret in inner.found {
      found.append(Found(range: text.source(of: secret.range), isBare: false))
    }
    if depth + 1 < Self.deepest, text.bytes.contains(UInt8(ascii: "%")), !text.bytes.contains(UInt8(ascii: "\"")) {
      let all = EscapedText(percent: text.bytes, 0..<text.bytes.count)
      guard all.bytes.count < text.bytes.count else { return }
      var decoded = SecretSearch(all.bytes, literals: literals, isOurs: isOurs, depth: depth + 2)
      decoded.search()
      for secret in decoded.found { found.append(Found(range: text.source(of: all.source(of: secret.range)))) }
    }
  }

  // MARK: Bytes

  private mutating func hide(_ range: Range<Int>) {
    if !range.isEmpty { found.append(Found(range: range)) }
  }

  private func looksSecret(_ range: Range<Int>) -> Bool {
    SecretValue(bytes[range]).looksLikeCredential(least: 8)
  }

  /// The index of the closing quote, or the end of the bytes.
  private func endOfString(from start: Int) -> Int {
    bytes.withUnsafeBufferPointer { bytes in
      var i = start
      while i < bytes.count, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
      return min(i, bytes.count)
    }
  }

  // MARK: Words

  /// Members that hold what another member of the same object names.
  private static let valueNames: Set<String> = [
    "value", "values", "val", "v", "content", "data", "default", "current", "raw", "jwt", "key", "token", "bearer",
  ]
  /// Members that name it.
  private static let holderNames: Set<String> = [
    "name", "key", "header", "k", "n", "field", "fieldname", "param", "parameter", "variable", "var", "path",
    "property",
    "setting", "option",
  ]
  /// Members that say what kind of message or value this is.
  private static let kindNames: Set<String> = [
    "type", "event", "op", "action", "method", "cmd", "command", "kind", "msg",
  ]
  private static let authWords: Set<String> = [
    "auth", "authenticate", "authentication", "authorize", "authorization", "login", "logon", "signin", "connect",
    "identify", "handshake", "hello", "init", "credentials", "oauth",
  ]
}
