import FoundationEssentials

/// Takes secrets out of messages before they become entries: what is on the timeline is on screens and in files.
///
/// A secret is the string value of a member whose name says so (`resumeToken`, `api_key`, `Authorization`, …), at any depth
/// and also in text that is not quite JSON, and any of the given literals wherever they stand. Everything else stays
/// as it was, byte for byte. Secrets within strings that hold JSON themselves are found by literal only.
public enum Redaction {
  /// What stands where a secret stood.
  public static let mark = "…"

  /// - Parameters:
  ///   - bytes: the payload of a text message.
  ///   - literals: secrets already known; shorter ones than 6 bytes are not looked for.
  /// - Returns: `bytes` itself when there is nothing to hide.
  public static func hideSecrets(in bytes: [UInt8], literals: [String] = []) -> [UInt8] {
    var secrets = valuesOfSecretMembers(in: bytes)
    for literal in literals where literal.utf8.count >= 6 {
      secrets += occurrences(of: Array(literal.utf8), in: bytes)
    }
    guard !secrets.isEmpty else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var copied = 0
    for range in secrets.sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > copied {
      if range.lowerBound >= copied {
        result += bytes[copied..<range.lowerBound]
        result += Array(mark.utf8)
      }
      copied = range.upperBound
    }
    return result + bytes[copied...]
  }

  /// The same for a text.
  public static func hideSecrets(in text: String, literals: [String] = []) -> String {
    String(decoding: hideSecrets(in: Array(text.utf8), literals: literals), as: UTF8.self)
  }

  /// Names of members, lower case and without `_` and `-`.
  private static let secretNames: Set<String> = [
    "resumetoken", "accesstoken", "refreshtoken", "authtoken", "sessiontoken", "bearertoken", "apikey", "xapikey",
    "authorization", "password", "passwd", "secret", "clientsecret", "privatekey",
  ]

  private static func valuesOfSecretMembers(in bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var i = 0
    while let quote = bytes[i...].firstIndex(of: UInt8(ascii: "\"")) {
      let name = quote + 1..<endOfString(in: bytes, from: quote + 1)
      i = min(name.upperBound + 1, bytes.count)
      let colon = skipSpace(in: bytes, from: i)
      guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":"), name.count <= 64 else { continue }
      let start = skipSpace(in: bytes, from: colon + 1)
      // Objects and arrays are gone through member by member; a number or a word is no secret worth the name.
      guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { continue }
      let value = start + 1..<endOfString(in: bytes, from: start + 1)
      if isSecret(bytes[name], value: bytes[value]) { ranges.append(value) }
      // The string is skipped whole: its closing quote would open another one.
      i = min(value.upperBound + 1, bytes.count)
    }
    return ranges
  }

  /// Whether a name without escapes may be that of a secret, by its last letter: no audio message has one that may.
  private static func mayBeSecret(_ name: ArraySlice<UInt8>) -> Bool {
    guard name.count >= 5, let last = name.last else { return false }
    switch last {
    case UInt8(ascii: "n"), UInt8(ascii: "y"), UInt8(ascii: "d"), UInt8(ascii: "t"), UInt8(ascii: "N"),
      UInt8(ascii: "Y"), UInt8(ascii: "D"), UInt8(ascii: "T"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      return true
    // What is not ASCII may have an ASCII letter in lower case, as the Kelvin sign has.
    default: return last >= 0x80
    }
  }

  private static func isSecret(_ name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) -> Bool {
    guard mayBeSecret(name) || name.contains(UInt8(ascii: "\\")) else { return false }
    var text = String(decoding: name, as: UTF8.self)
    if name.contains(UInt8(ascii: "\\")) {
      let quoted = [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\"")]
      text = (try? JSONDecoder().decode(String.self, from: Data(quoted))) ?? text
    }
    text = text.lowercased().filter { $0 != "_" && $0 != "-" }
    // `token` alone is more often a word of a language model than a secret: words are short.
    if text == "token" { return value.count >= 16 && !value.contains(UInt8(ascii: " ")) }
    return secretNames.contains(text) && !value.isEmpty
  }

  /// The index of the closing quote, or the end of the bytes.
  private static func endOfString(in bytes: [UInt8], from start: Int) -> Int {
    var i = start
    while i < bytes.count, bytes[i] != UInt8(ascii: "\"") { i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1 }
    return min(i, bytes.count)
  }

  private static func skipSpace(in bytes: [UInt8], from start: Int) -> Int {
    var i = start
    while i < bytes.count, bytes[i] == 0x20 || (0x09...0x0d).contains(bytes[i]) { i += 1 }
    return i
  }

  private static func occurrences(of literal: [UInt8], in bytes: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var i = 0
    while i + literal.count <= bytes.count, let start = bytes[i...].firstIndex(of: literal[0]) {
      guard start + literal.count <= bytes.count else { break }
      if bytes[start..<start + literal.count].elementsEqual(literal) {
        found.append(start..<start + literal.count)
        i = start + literal.count
      } else {
        i = start + 1
      }
    }
    return found
  }
}
