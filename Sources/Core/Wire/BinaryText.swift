import FoundationEssentials

/// Text in a binary message: a proxy has lost the flag, or a server sends everything that way.
public enum BinaryText {
  /// So many characters in a row are no accident: one in 4⁶⁴ of random bytes.
  private static let enough = 64

  /// Whether the bytes are a JSON object or array, as far as their beginning and end tell: no samples begin so.
  public static func holdsJSON(_ bytes: [UInt8]) -> Bool {
    let text = bytes.first == 0xEF ? withoutMark(bytes)[...] : bytes[...]
    guard let first = text.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || isSpace(first) else {
      return false
    }
    let inner = text.drop(while: isSpace)
    guard let open = inner.first, open == UInt8(ascii: "{") || open == UInt8(ascii: "["),
      let next = inner.dropFirst().first(where: { !isSpace($0) })
    else { return false }
    let opensValue =
      open == UInt8(ascii: "{")
      ? next == UInt8(ascii: "\"") || next == UInt8(ascii: "}")
      : [UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\"")].contains(next)
    guard opensValue, inner.prefix(enough).allSatisfy({ $0 >= 0x20 || isSpace($0) }) else { return false }
    // The beginning alone may be an accident when it is short.
    if inner.count >= enough { return true }
    let last = inner.last { !isSpace($0) }
    return last == UInt8(ascii: "}") || last == UInt8(ascii: "]")
  }

  /// Whether the bytes begin as base64 does. Encoders fill MP3 frames with one letter, `U`.
  public static func holdsBase64(_ bytes: [UInt8]) -> Bool {
    bytes.count >= enough && bytes.prefix(enough).allSatisfy(isBase64) && Set(bytes.prefix(enough)).count > 2
  }

  /// The bytes that base64 in a binary message stands for; nil when they are no such text.
  static func base64(_ bytes: [UInt8]) -> [UInt8]? {
    guard holdsBase64(bytes) else { return nil }
    guard case .success(let decoded) = Base64Text.decode(String(decoding: bytes, as: UTF8.self)) else { return nil }
    return decoded.bytes
  }

  /// Without the byte order mark that some programs put before UTF-8.
  static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2F, 0x2D, 0x5F: true
    default: false
    }
  }
}
