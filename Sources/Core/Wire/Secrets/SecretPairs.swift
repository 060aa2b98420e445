/// Finds names and their values in text of any kind: headers, queries, forms, cookies, settings, command lines, and what
/// looks like JSON without being it.
struct SecretPairs {
  let bytes: [UInt8]
  let isOurs: Bool
  private(set) var found: [Range<Int>] = []

  init(_ bytes: [UInt8], isOurs: Bool) {
    self.bytes = bytes
    self.isOurs = isOurs
  }

  mutating func search() {
    for separator in separators() { examine(at: separator, isColon: bytes[separator] == UInt8(ascii: ":")) }
  }

  private func separators() -> [Int] {
    var places: [Int] = []
    bytes.withUnsafeBufferPointer { bytes in
      for i in bytes.indices where bytes[i] == UInt8(ascii: ":") || bytes[i] == UInt8(ascii: "=") { places.append(i) }
    }
    return places
  }

  /// A name before a separator.
  private struct Name {
    var text: String
    /// A quote stands between the name and the separator.
    var isQuoted: Bool
    var start: Int
  }

  private mutating func examine(at separator: Int, isColon: Bool) {
    let next = separator + 1 < bytes.count ? bytes[separator + 1] : 0
    if isColon, next == UInt8(ascii: "/") { return userInfo(after: separator) }
    if next == UInt8(ascii: "=") { return }
    guard let name = name(before: separator) else { return }
    let lowered = name.text.lowercased()
    if lowered.hasSuffix("sec-websocket-protocol") { return subprotocols(after: separator + 1, name) }
    let judgement = SecretNames.judge(name.text)
    if isColon {
      colon(separator + 1, name, judgement, isHeader: Self.headers.contains(lowered))
    } else {
      equals(separator + 1, name, judgement, isHeader: Self.headers.contains(lowered))
    }
  }

  // MARK: Kinds of pairs

  private mutating func colon(
    _ after: Int, _ name: Name, _ judgement: SecretNames.Judgement, isHeader: Bool
  ) {
    let start = skipBlanks(from: after)
    guard start < bytes.count, judgement != .harmless || isHeader else { return }
    let (quote, content) = opening(at: start)
    if name.isQuoted {
      // A value without quotes is a number, a word or an object: JSON's affair.
      guard let quote, judgement == .secret else { return }
      return hide(content..<end(from: content, quote: quote))
    }
    if let quote {
      guard !closesString(before: content) else { return }
      let value = content..<end(from: content, quote: quote)
      if judgement == .secret && SecretNames.isMachineLike(name.text) || isCredential(value) { hide(value) }
      return
    }
    if isHeader, isHeaderLine(name, start) { return hide(start..<endOfLine(from: start, name)) }
    let value = start..<throughScheme(from: start, to: endOfWord(from: start))
    // `OPENAI_API_KEY: not set` is a sentence.
    let isWord = value.count < 12 && bytes[value].allSatisfy { (0x61...0x7A).contains($0) }
    if judgement == .secret, SecretNames.isMachineLike(name.text) && !isWord || isAlone(name, value) {
      hide(value)
    } else if isCredential(value) {
      hide(value)
    }
  }

  private mutating func equals(
    _ after: Int, _ name: Name, _ judgement: SecretNames.Judgement, isHeader: Bool
  ) {
    // TOML and shells put blanks and quotes there; a query and a form do not.
    let start = skipBlanks(from: after)
    let (quote, content) = opening(at: start)
    if let quote {
      guard judgement != .harmless, !closesString(before: content) else { return }
      let value = content..<end(from: content, quote: quote)
      if judgement == .secret || isCredential(value) { hide(value) }
      return
    }
    let before = name.start > 0 ? bytes[name.start - 1] : 0
    let isInQuery =
      before == UInt8(ascii: "?") || before == UInt8(ascii: "&") || before == UInt8(ascii: "#")
      || bytes[..<name.start].suffix(5).elementsEqual(Self.ampersand)
    // The first item of a form has nothing before it, and an item after it.
    let begins = name.start == 0 && bytes[after...].contains(UInt8(ascii: "&"))
    let value = after..<throughScheme(from: after, to: endOfItem(from: after))
    let length = value.count
    guard length > 0 else { return }
    if isInQuery || begins {
      let isCode = name.text == "code" && length >= 20 && SecretValue(bytes[value]).looksLikeCredential(least: 20)
      if isCode || SecretNames.isSecretInRequest(name.text) { hide(value) }
    } else if judgement == .secret || judgement == .suspect && (isOurs || isCredential(value)) {
      hide(value)
    }
  }

  /// `Sec-WebSocket-Protocol: token, KEY`
  private mutating func subprotocols(after separator: Int, _ name: Name) {
    var start = skipBlanks(from: separator)
    if let quote = opening(at: start).quote, quote.count > 0 { start = opening(at: start).content }
    let line = start..<endOfLine(from: start, name)
    var previous: ArraySlice<UInt8>?
    for part in bytes[line].split(separator: UInt8(ascii: ",")) {
      var entry = part.drop { $0 == 0x20 }
      while entry.last == 0x20 { entry.removeLast() }
      if let key = SubprotocolSecrets.keyStart(in: entry) {
        hide(key..<entry.endIndex)
      } else if let previous, SubprotocolSecrets.announces(previous) {
        hide(entry.startIndex..<entry.endIndex)
      }
      previous = entry
    }
  }

  /// `scheme://user:password@host`
  private mutating func userInfo(after colon: Int) {
    let start = colon + 3
    guard start < bytes.count, bytes[colon + 2] == UInt8(ascii: "/"), colon > 0,
      ByteClass.table[Int(bytes[colon - 1])].contains(.word)
    else { return }
    var end = start
    var at: Int?
    while end < bytes.count, end - start < 4096 {
      let byte = bytes[end]
      if byte <= 0x20 || "/?#\"'<>\\".utf8.contains(byte) { break }
      if byte == UInt8(ascii: "@") { at = end }
      end += 1
    }
    guard let at, at > start else { return }
    let info = SecretValue(bytes[start..<at])
    if info.bytes.contains(UInt8(ascii: ":")) || info.looksLikeCredential(least: 8) { hide(start..<at) }
  }

  // MARK: Parts

  /// Between the items of a query in HTML.
  private static let ampersand = Array("&amp;".utf8)

  /// Headers whose whole line is the value.
  private static let headers: Set<String> = [
    "authorization", "proxy-authorization", "x-authorization", "cookie", "set-cookie", "cookie2",
  ]

  /// Begins a line or stands in quotes of its own, or its value is of the header's form.
  private func isHeaderLine(_ name: Name, _ start: Int) -> Bool {
    let before = name.start > 0 ? bytes[name.start - 1] : 0x0A
    if before == 0x0A || before == 0x0D || "\"'`".utf8.contains(before) { return true }
    let word = bytes[start..<endOfWord(from: start)]
    return Self.schemes.contains(String(decoding: word.prefix(20), as: UTF8.self).lowercased())
      || word.contains(UInt8(ascii: "=")) || SecretValue(word).looksLikeCredential(least: 6)
  }
  private static let schemes: Set<String> = [
    "bearer", "basic", "token", "digest", "negotiate", "apikey", "key", "ntlm", "aws4-hmac-sha256", "hmac",
  ]

  /// The text is nothing but this pair, as a setting or a header is.
  private func isAlone(_ name: Name, _ value: Range<Int>) -> Bool {
    let begins = name.start == 0 || bytes[name.start - 1] == 0x0A
    return begins && (value.upperBound == bytes.count || bytes[value.upperBound] == 0x0A)
  }

  private func name(before separator: Int) -> Name? {
    var end = separator
    while end > 0, separator - end < 2, bytes[end - 1] == 0x20 { end -= 1 }
    let quoteEnd = end
    while end > 0, quoteEnd - end < 32, "\"'`\\".utf8.contains(bytes[end - 1]) { end -= 1 }
    let isQuoted = quoteEnd > end
    var start = end
    while start > 0, end - start <= SecretNames.longestName, Self.isNamePart(bytes[start - 1]) { start -= 1 }
    guard start < end, end - start <= SecretNames.longestName else { return nil }
    var text = String(decoding: bytes[start..<end], as: UTF8.self)
    if text.utf8.contains(UInt8(ascii: "%")) { text = Redaction.decodingPercent(text) }
    return Name(text: text, isQuoted: isQuoted, start: start)
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    ByteClass.table[Int(byte)].isPart || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "%")
      || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
  }

  private func skipBlanks(from start: Int) -> Int {
    var i = start
    while i < bytes.count, bytes[i] == 0x20 || bytes[i] == 0x09 { i += 1 }
    return i
  }

  /// A quote with the backslashes before it, and where the value behind it begins.
  private func opening(at start: Int) -> (quote: ArraySlice<UInt8>?, content: Int) {
    var i = start
    while i < bytes.count, bytes[i] == UInt8(ascii: "\\") { i += 1 }
    guard i < bytes.count, bytes[i] == UInt8(ascii: "\"") || bytes[i] == UInt8(ascii: "'") else { return (nil, start) }
    return (bytes[start...i], i + 1)
  }

  /// Whether the quote before this place ends a string of JSON, whose last word is a name and a separator by chance, as in
  /// the base64 of `{"data":"…/Cvc=","seq":1}`: what follows goes on as JSON does, and no value begins so.
  private func closesString(before content: Int) -> Bool {
    let next = indexBehindSpace(in: bytes, from: content)
    guard next < bytes.count else { return false }
    switch bytes[next] {
    case UInt8(ascii: "}"), UInt8(ascii: "]"): return true
    case UInt8(ascii: ","), UInt8(ascii: ":"):
      let member = indexBehindSpace(in: bytes, from: next + 1)
      return member < bytes.count && "\"'\\{[-0123456789".utf8.contains(bytes[member])
    default: return false
    }
  }

  private func end(from content: Int, quote: ArraySlice<UInt8>) -> Int {
    guard let mark = quote.last else { return content }
    let isEscaped = quote.count > 1
    var i = content
    while i < bytes.count, bytes[i] != mark { i += bytes[i] == UInt8(ascii: "\\") && !isEscaped ? 2 : 1 }
    i = min(i, bytes.count)
    while isEscaped, i > content, bytes[i - 1] == UInt8(ascii: "\\") { i -= 1 }
    return i
  }

  private func endOfWord(from start: Int) -> Int {
    var i = start
    while i < bytes.count, bytes[i] > 0x20, !"\"'`,;)}]<>\\".utf8.contains(bytes[i]) { i += 1 }
    return i
  }

  /// The end of a value that is `Bearer KEY`, as log lines have it; else `end`.
  private func throughScheme(from start: Int, to end: Int) -> Int {
    let word = bytes[start..<end]
    guard word.count <= 16, end < bytes.count, bytes[end] == 0x20,
      Self.schemes.contains(String(decoding: word, as: UTF8.self).lowercased())
    else { return end }
    return endOfWord(from: skipBlanks(from: end))
  }

  private func endOfItem(from start: Int) -> Int {
    var i = start
    while i < bytes.count, bytes[i] > 0x20, !"&#\"'`,;)}]<>|\\".utf8.contains(bytes[i]) { i += 1 }
    return i
  }

  /// To the quote in which the name stands, or to the end of the line.
  private func endOfLine(from start: Int, _ name: Name) -> Int {
    let before = name.start > 0 ? bytes[name.start - 1] : 0
    let quote = "\"'`".utf8.contains(before) ? before : UInt8(ascii: "\"")
    var i = start
    while i < bytes.count, bytes[i] != quote, bytes[i] != 0x0A, bytes[i] != 0x0D, bytes[i] != UInt8(ascii: "\\") {
      i += 1
    }
    return i
  }

  private func isCredential(_ range: Range<Int>) -> Bool {
    SecretValue(bytes[range]).looksLikeCredential(least: 8)
  }

  private mutating func hide(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    var value = bytes[range]
    // `Bearer TOKEN` is an instruction.
    if let space = value.firstIndex(of: 0x20),
      Self.schemes.contains(String(decoding: value[..<space], as: UTF8.self).lowercased())
    {
      value = value[(space + 1)...]
    }
    if !SecretValue(value).isPlaceholder { found.append(range) }
  }
}
