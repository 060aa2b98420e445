import Wire

/// Finds what a server says of its refusal: in the body (plain text, JSON of many shapes, a web page), in a header whose
/// name speaks of an error, or in the status line.
public enum RefusalWords {
  /// The longest that is shown, in characters.
  public static let limit = 240

  /// The server's own words, harmless and bounded; nil when it has none.
  /// - Parameter secrets: what may not be shown, should the server repeat it.
  public static func find(in head: AnswerHead, body: [UInt8], secrets: [String] = []) -> String? {
    let said = inBody(
      body, type: head.value("content-type")?.lowercased() ?? "", encoding: head.value("content-encoding"))
    let words = [said, inHeaders(head), said == nil ? inPhrase(head) : nil].compactMap(\.self)
    var distinct: [String] = []
    for word in words where !distinct.contains(where: { $0.contains(word) || word.contains($0) }) {
      distinct.append(word)
    }
    let text = Redaction.hideSecrets(in: distinct.joined(separator: "; "), literals: secrets)
    let shown = PeerText.shown(text, limit: limit)
    return shown.isEmpty ? nil : shown
  }

  /// A text without what may not be shown.
  public static func hide(_ secrets: [String], in text: String) -> String {
    Redaction.hideSecrets(in: text, literals: secrets)
  }

  /// The number by which the server's people find the request again, where it gives one.
  public static func requestID(_ head: AnswerHead) -> String? {
    for name in ["x-request-id", "request-id", "dg-request-id", "x-amzn-requestid", "cf-ray"] {
      if let value = head.value(name), !value.isEmpty { return "\(name) \(PeerText.shown(value, limit: 80))" }
    }
    return nil
  }

  // MARK: - The body

  private static func inBody(_ body: [UInt8], type: String, encoding: String?) -> String? {
    guard !body.isEmpty else { return nil }
    if let encoding, encoding.lowercased() != "identity" { return nil }
    let text = String(decoding: body, as: UTF8.self)
    let start = text.unicodeScalars.first { !$0.properties.isWhitespace && $0 != "\u{feff}" }
    if type.contains("json") || start == "{" || start == "[" {
      let bytes = body.starts(with: [0xef, 0xbb, 0xbf]) ? Array(body.dropFirst(3)) : body
      if let value = try? JSONValue(parsing: bytes) { return inJSON(value) ?? value.jsonText }
    }
    if type.contains("html") || start == "<" { return inPage(text) }
    // Bytes that are no text say nothing.
    let odd = text.unicodeScalars.prefix(400).count {
      $0.value == 0xfffd || ($0.value < 0x20 && !$0.properties.isWhitespace)
    }
    return odd * 4 > min(400, text.unicodeScalars.count) ? nil : text
  }

  /// Names of members that hold the sentence, the most telling first.
  private static let sentences = [
    "message", "error_description", "error_message", "errormessage", "err_msg", "detail", "details", "description",
    "reason", "msg", "error", "errors", "err", "fault", "faultstring", "title", "status_message", "text",
  ]
  /// Names of members that hold a code beside it.
  private static let codes = ["code", "error_code", "errorcode", "type", "err_code", "status"]

  private static func inJSON(_ value: JSONValue, depth: Int = 0) -> String? {
    guard depth < 6 else { return nil }
    switch value {
    case .string(let text): return text.isEmpty ? nil : text
    case .array(let elements):
      let found = elements.prefix(3).compactMap { inJSON($0, depth: depth + 1) }
      return found.isEmpty ? nil : found.joined(separator: "; ")
    case .object(let members):
      let lowered = Dictionary(members.map { ($0.key.lowercased(), $0.value) }) { first, _ in first }
      for name in sentences {
        guard let member = lowered[name], let sentence = inJSON(member, depth: depth + 1) else { continue }
        // The code stands beside the sentence, or beside the object that holds it.
        if sentence.hasSuffix(")") { return sentence }
        let code = codes.lazy.compactMap { lowered[$0] }.compactMap(shortText).first { !sentence.contains($0) }
        return code.map { "\(sentence) (\($0))" } ?? sentence
      }
      return nil
    case .null, .bool, .number: return nil
    }
  }

  private static func shortText(_ value: JSONValue) -> String? {
    if let text = value.stringValue { return text.isEmpty || text.utf8.count > 60 ? nil : text }
    return value.intValue.map { "\($0)" }
  }

  /// The text of a web page, its title first.
  private static func inPage(_ page: String) -> String? {
    var words = ""
    var tag: String?
    var skipped: String?
    for character in page {
      if var current = tag {
        if character == ">" {
          let name = String(current.lowercased().prefix { $0.isLetter || $0 == "/" || $0.isNumber })
          if let skip = skipped {
            if name == "/" + skip { skipped = nil }
          } else if name == "script" || name == "style" {
            skipped = name
          }
          tag = nil
          words += " "
        } else if current.utf8.count < 64 {
          current.append(character)
          tag = current
        }
      } else if character == "<" {
        tag = ""
      } else if skipped == nil {
        words.append(character)
      }
    }
    for (entity, meaning) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&"),
    ] {
      words = words.split(separator: entity, omittingEmptySubsequences: false).joined(separator: meaning)
    }
    let shown = PeerText.shown(words, limit: limit)
    return shown.isEmpty ? nil : shown
  }

  // MARK: - Headers and status line

  private static func inHeaders(_ head: AnswerHead) -> String? {
    let found = head.headers.filter { header in
      let name = header.name.lowercased()
      guard !header.value.isEmpty, !name.contains("report"), name != "nel" else { return false }
      return name.contains("error") || name.hasSuffix("-reason") || name == "reason" || name.hasSuffix("-message")
    }
    return found.isEmpty ? nil : found.prefix(3).map(\.value).joined(separator: "; ")
  }

  /// A phrase that is not the usual one is the server's own.
  private static func inPhrase(_ head: AnswerHead) -> String? {
    let usual: Set<String> = [
      "", "ok", "moved permanently", "found", "see other", "not modified", "temporary redirect", "permanent redirect",
      "bad request", "unauthorized", "payment required", "forbidden", "not found", "method not allowed",
      "not acceptable", "proxy authentication required", "request timeout", "request time-out", "conflict", "gone",
      "length required", "precondition failed", "payload too large", "content too large", "request entity too large",
      "uri too long", "request-uri too long", "unsupported media type", "expectation failed", "i'm a teapot", "teapot",
      "misdirected request", "unprocessable entity", "unprocessable content", "locked", "too early",
      "upgrade required", "precondition required", "too many requests", "request header fields too large",
      "internal server error", "not implemented", "bad gateway", "service unavailable",
      "service temporarily unavailable", "gateway timeout", "gateway time-out", "http version not supported", "moved",
      "created", "accepted", "no content", "multiple choices", "unavailable for legal reasons",
    ]
    let phrase = UpgradeOffer.trimmed(head.phrase)
    return usual.contains(phrase.lowercased()) ? nil : phrase
  }
}
