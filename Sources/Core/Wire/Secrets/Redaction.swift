/// Takes secrets out of texts before they become entries, log lines or words on a screen: what is on the timeline is on
/// screens and in files. What goes over the wire stays as it is.
///
/// A secret is found
/// - by name (`SecretNames`): the value of a member, a header, an item of a query, a variable or a flag, and all that is in
///   it when it is an object or an array, save what only describes it (`expires_at`);
/// - by shape (`SecretShapes`): vendors' keys, JSON Web Tokens, what follows `Bearer`, private keys, user info of an address;
/// - as one of the given literals, wherever it stands;
/// also in JSON within strings, in percent-encoded text, and in text that is not quite JSON. Everything else stays as it
/// was, byte for byte.
public enum Redaction {
  /// What stands where a secret stood.
  public static let mark = "…"

  /// Literals shorter than this, in bytes, are not looked for: they stand in too many words.
  static let shortestLiteral = 6

  /// - Parameters:
  ///   - bytes: the payload of a text message, or any text.
  ///   - literals: secrets already known.
  ///   - isOurs: said by this side or by its operator: then a `token` is never a word of a language model.
  /// - Returns: `bytes` itself when there is nothing to hide. A number that is hidden becomes a string.
  public static func hideSecrets(in bytes: [UInt8], literals: [String] = [], isOurs: Bool = false) -> [UInt8] {
    guard !bytes.isEmpty else { return bytes }
    var search = SecretSearch(bytes, literals: known(literals), isOurs: isOurs)
    search.search()
    return hide(search.found, in: bytes)
  }

  /// The secrets that would be hidden and that look made at random, so that they are known when they come back in another
  /// dress. A `key` that is a word would hide that word everywhere.
  public static func secrets(in bytes: [UInt8], isOurs: Bool = false) -> [String] {
    var search = SecretSearch(bytes, literals: [], isOurs: isOurs)
    search.search()
    return search.found.filter {
      $0.range.count <= 512 && SecretValue(bytes[$0.range]).looksLikeCredential(least: shortestLiteral)
    }.map { String(decoding: bytes[$0.range], as: UTF8.self) }
  }

  /// The same for a text.
  public static func hideSecrets(in text: String, literals: [String] = [], isOurs: Bool = false) -> String {
    String(decoding: hideSecrets(in: Array(text.utf8), literals: literals, isOurs: isOurs), as: UTF8.self)
  }

  /// The same for a binary message: JSON and other text that it holds, whole or between other bytes.
  public static func hideSecrets(
    inBinary bytes: [UInt8], literals: [String] = [], isOurs: Bool = false
  ) -> [UInt8] {
    // Audio has bytes that no text has among its first ones.
    if !bytes.contains(where: isControl), String(validating: bytes, as: UTF8.self) != nil {
      return hideSecrets(in: bytes, literals: literals, isOurs: isOurs)
    }
    let literals = known(literals)
    var found: [SecretSearch.Found] = []
    var start = 0
    for i in 0...bytes.count {
      guard i == bytes.count || isControl(bytes[i]) || bytes[i] >= 0x80 else { continue }
      if i - start >= shortestText {
        var search = SecretSearch(Array(bytes[start..<i]), literals: literals, isOurs: isOurs)
        search.search()
        found += search.found.map { $0.moved(by: start) }
      }
      start = i + 1
    }
    return hide(found, in: bytes)
  }

  /// A run of text within other bytes has to be so long to be looked at.
  private static let shortestText = 12

  private static func isControl(_ byte: UInt8) -> Bool {
    byte < 0x20 && !(0x09...0x0D).contains(byte) || byte == 0x7F
  }

  private static func known(_ literals: [String]) -> [[UInt8]] {
    literals.filter { $0.utf8.count >= shortestLiteral }.map { Array($0.utf8) }
  }

  private static func hide(_ found: [SecretSearch.Found], in bytes: [UInt8]) -> [UInt8] {
    guard !found.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var copied = 0
    let sorted = found.sorted {
      ($0.range.lowerBound, -$0.range.upperBound) < ($1.range.lowerBound, -$1.range.upperBound)
    }
    for secret in sorted where secret.range.upperBound > copied {
      if secret.range.lowerBound >= copied {
        result += bytes[copied..<secret.range.lowerBound]
        result += Array((secret.isBare ? "\"\(mark)\"" : mark).utf8)
      }
      copied = secret.range.upperBound
    }
    return result + bytes[copied...]
  }

  // MARK: Names

  /// Whether the value of a header, a query item or a form's field with this name is a secret.
  public static func isSecret(name: String) -> Bool { SecretNames.isSecretInRequest(name) }

  /// Whether a text speaks of secrets, so that it should not be kept where it need not be: words before a secret are not
  /// always names.
  public static func mentionsSecrets(_ text: String) -> Bool {
    text.split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }.contains { word in
      let name = String(word)
      return SecretNames.judge(name) == .secret || name.lowercased() == "token"
    }
  }

  // MARK: Requests

  /// A path with its query, or a whole address, with the values of secret items hidden. Items with an empty value too:
  /// what is hidden need not say that there is nothing.
  public static func hideSecrets(inPath path: String, literals: [String] = []) -> String {
    guard let query = path.firstIndex(of: "?") else { return hideSecrets(in: path, literals: literals, isOurs: true) }
    let items = path[path.index(after: query)...].split(separator: "&", omittingEmptySubsequences: false)
    let shown = items.map { item -> String in
      guard let equals = item.firstIndex(of: "="),
        isSecret(name: decodingPercent(String(item[..<equals])))
      else { return hideSecrets(in: String(item), literals: literals, isOurs: true) }
      return item[...equals] + mark
    }
    return hideSecrets(in: String(path[..<query]), literals: literals, isOurs: true) + "?"
      + shown.joined(separator: "&")
  }

  /// `%XX` as the byte that it stands for.
  static func decodingPercent(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return String(decoding: EscapedText(percent: bytes, 0..<bytes.count).bytes, as: UTF8.self)
  }
}
