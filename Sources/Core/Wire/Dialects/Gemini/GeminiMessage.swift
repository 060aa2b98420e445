import FoundationEssentials

/// A message as it came, decoded. Long base64 texts are taken out before the JSON is decoded, and decoded once: nearly all
/// messages hold one.
struct GeminiMessage {
  /// Why bytes are no message, in words.
  struct Problem: Error {
    var reason: String
  }

  private static let shortest = 64
  private static let mostTexts = 16
  /// What stands for a text that was taken out, before its number. It is no base64.
  private static let mark = "@"

  let object: JSONValue
  private let texts: [ArraySlice<UInt8>]

  init(_ original: [UInt8]) throws(Problem) {
    let (rest, texts) = Self.takeOut(BinaryText.withoutMark(original))
    self.texts = texts
    // The decoder would take UTF-16 as well.
    guard String(validating: rest, as: UTF8.self) != nil else { throw Problem(reason: "invalid UTF-8") }
    do {
      object = try JSONValue(parsing: LoneSurrogates.escaped(rest, asMarks: true))
    } catch {
      throw Problem(reason: "\(error)")
    }
    guard case .object = object else { throw Problem(reason: "JSON, but no object") }
  }

  /// The name of a member, of those that the message has.
  var anyMember: String? {
    guard case .object(let members) = object else { return nil }
    return members.keys.min().map(GeminiDialect.excerpt)
  }

  /// The bytes that a base64 text of the message stands for.
  func bytes(of text: String) -> Result<[UInt8], Base64Text.Problem> {
    var text = text
    if text.hasPrefix(Self.mark), let number = Int(text.dropFirst()), texts.indices.contains(number) {
      if let data = Data(base64Encoded: Data(texts[number])) { return .success(Array(data)) }
      text = String(decoding: texts[number], as: UTF8.self)
    }
    return Base64Text.decode(text).map(\.bytes)
  }

  /// Takes the texts of members called `data` out of a message, if they are long and have no escapes.
  ///
  /// Within a JSON text a quote has a backslash before it, so that `"data":"` can only be a member.
  private static func takeOut(_ bytes: [UInt8]) -> (rest: [UInt8], texts: [ArraySlice<UInt8>]) {
    let key = Array("\"data\"".utf8)
    var (rest, texts): ([UInt8], [ArraySlice<UInt8>]) = ([], [])
    var (copied, next) = (0, 0)
    while texts.count < mostTexts, let start = index(of: key, in: bytes, from: next) {
      next = start + key.count
      var value = next
      while value < bytes.count, bytes[value] == 0x20 || bytes[value] == UInt8(ascii: ":") { value += 1 }
      guard value > next, value < bytes.count, bytes[value] == UInt8(ascii: "\"") else { continue }
      let text = value + 1
      let end = bytes[text...].firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
      guard let end, bytes[end] == UInt8(ascii: "\"") else { continue }
      next = end
      guard end - text >= shortest else { continue }
      rest += bytes[copied..<text]
      rest += Array("\(mark)\(texts.count)".utf8)
      texts.append(bytes[text..<end])
      copied = end
    }
    return texts.isEmpty ? (bytes, []) : (rest + bytes[copied...], texts)
  }

  private static func index(of key: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      var i = start
      while i + key.count <= bytes.count {
        if bytes[i] == key[0], bytes[i + 1] == key[1], bytes[i..<i + key.count].elementsEqual(key) { return i }
        i += 1
      }
      return nil
    }
  }

  /// The samples a second of a type such as `audio/pcm;rate=16000`; nil where it does not say, or says nothing usable.
  static func rate(ofType type: String?) -> Int? {
    guard let type, type.utf8.count <= 100 else { return nil }
    for parameter in type.split(separator: ";").dropFirst() {
      let sides = parameter.split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
      guard sides.count == 2, sides[0].lowercased() == "rate", let rate = Int(sides[1]) else { continue }
      return (1000...192_000).contains(rate) ? rate : nil
    }
    return nil
  }
}

/// Values in the JSON form of protocol buffers.
extension JSONValue {
  /// A member, whose name may be in `snake_case` as well. `null` counts as absent.
  func member(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    let value = members[name] ?? members[Self.snakeCase(name)]
    return value == .null ? nil : value
  }

  static func snakeCase(_ name: String) -> String {
    var result = ""
    for letter in name {
      if letter.isUppercase { result += "_" }
      result += letter.lowercased()
    }
    return result
  }

  /// The elements of a list, at most so many; none for anything that is no list.
  func elements(atMost count: Int) -> ArraySlice<JSONValue> {
    if case .array(let elements) = self { return elements.prefix(count) }
    return []
  }

  /// The texts of a content: a text alone, or those of its `parts`.
  func texts(atMost count: Int = 64) -> [String] {
    if let text = stringValue { return [LoneSurrogates.settled(text)] }
    if let parts = member("parts") { return parts.texts(atMost: count) }
    if let text = member("text")?.stringValue { return [LoneSurrogates.settled(text)] }
    return elements(atMost: count).flatMap { element in
      element.member("text")?.stringValue.map { [LoneSurrogates.settled($0)] } ?? element.stringValue.map { [$0] } ?? []
    }
  }
}
