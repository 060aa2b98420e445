/// Characters that a terminal or an editor obeys, or does not show: DEL and the C1 controls, controls of the writing
/// direction, line and paragraph separators, what has no width, and tags.
enum UnseenCharacters {
  /// JSON text with each of them as `\u` and its number. They stand in strings only, so the text means the same.
  static func escaped(_ json: [UInt8]) -> [UInt8] {
    // Most lines are ASCII.
    guard json.contains(where: { $0 >= 0x7F }) else { return json }
    var result: [UInt8] = []
    result.reserveCapacity(json.count + 64)
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      if contains(scalar) {
        for unit in String(scalar).utf16 {
          let digits = String(unit, radix: 16)
          result += Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
        }
      } else {
        result += UTF8.encode(scalar)!
      }
    }
    return result
  }

  private static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x7F: false
    case 0x7F...0x9F, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
      0x2060...0x206F, 0x3164, 0xFEFF, 0xFFA0, 0xFFF0...0xFFFB, 0x13430...0x1343F, 0x1BCA0...0x1BCA3,
      0x1D173...0x1D17A, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }
}
