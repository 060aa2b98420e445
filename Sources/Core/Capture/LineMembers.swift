/// The members of a line's object, with their values as they are spelled: what a step of the format does not touch stays
/// the same to the byte, and costs no decoding.
struct LineMembers {
  private(set) var members: [(key: String, value: [UInt8])] = []

  /// Fails when the line is not a JSON object as this program or an editor writes it. Values are not checked: the decoder
  /// of the line does that.
  init?(_ line: some Sequence<UInt8>) {
    var scanner = Scanner(bytes: Array(line))
    guard scanner.skip(UInt8(ascii: "{")) else { return nil }
    if scanner.skip(UInt8(ascii: "}")), scanner.isAtEnd { return }
    repeat {
      guard let key = scanner.string(), scanner.skip(UInt8(ascii: ":")), let value = scanner.value() else { return nil }
      members.append((String(decoding: key.dropFirst().dropLast(), as: UTF8.self), Array(value)))
    } while scanner.skip(UInt8(ascii: ","))
    guard scanner.skip(UInt8(ascii: "}")), scanner.isAtEnd else { return nil }
  }

  /// The value as it is spelled; nil where there is no such member.
  subscript(_ key: String) -> [UInt8]? {
    get { members.first { $0.key == key }?.value }
    set {
      let i = members.firstIndex { $0.key == key }
      switch (i, newValue) {
      case (let i?, let value?): members[i].value = value
      case (let i?, nil): members.remove(at: i)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// A string without escapes; nil for anything else.
  func text(_ key: String) -> String? {
    guard let value = self[key], value.count >= 2, value.first == UInt8(ascii: "\""),
      !value.contains(UInt8(ascii: "\\"))
    else { return nil }
    return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
  }

  mutating func set(_ key: String, text: String) { self[key] = Array("\"\(text)\"".utf8) }

  mutating func rename(_ key: String, to new: String) {
    if let i = members.firstIndex(where: { $0.key == key }) { members[i].key = new }
  }

  /// The line again, without spaces between the members.
  var line: [UInt8] {
    var bytes = [UInt8(ascii: "{")]
    for (i, member) in members.enumerated() {
      if i > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += "\"\(member.key)\":".utf8
      bytes += member.value
    }
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private struct Scanner {
    let bytes: [UInt8]
    private var at = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }

    private mutating func skipSpace() {
      while at < bytes.count, Self.isSpace(bytes[at]) { at += 1 }
    }

    /// Only spaces are left.
    var isAtEnd: Bool { bytes[at...].allSatisfy(Self.isSpace) }

    /// Goes past a byte and the spaces around it, if it is there.
    mutating func skip(_ byte: UInt8) -> Bool {
      skipSpace()
      guard at < bytes.count, bytes[at] == byte else { return false }
      at += 1
      return true
    }

    /// A string with its quotes.
    mutating func string() -> ArraySlice<UInt8>? {
      skipSpace()
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else { return nil }
      let start = at
      at += 1
      while at < bytes.count, bytes[at] != UInt8(ascii: "\"") { at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1 }
      guard at < bytes.count else { return nil }
      at += 1
      return bytes[start..<at]
    }

    /// Up to the comma or the brace behind a value, without the spaces before it.
    mutating func value() -> ArraySlice<UInt8>? {
      skipSpace()
      let start = at
      var depth = 0
      while at < bytes.count {
        switch bytes[at] {
        case UInt8(ascii: "\""):
          guard string() != nil else { return nil }
          continue
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
          if depth == 0 { return trimmed(start) }
          depth -= 1
        case UInt8(ascii: ",") where depth == 0: return trimmed(start)
        default: break
        }
        at += 1
      }
      return nil
    }

    private func trimmed(_ start: Int) -> ArraySlice<UInt8>? {
      var end = at
      while end > start, Self.isSpace(bytes[end - 1]) { end -= 1 }
      return start < end ? bytes[start..<end] : nil
    }
  }
}
