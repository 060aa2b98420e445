/// Halves of UTF-16 pairs in JSON: `"\ud83d"` in one message and `"\ude00"` in the next, where a server cuts a text between
/// the two halves of an emoji. JSON allows it, and no Swift string holds it.
///
/// Half a pair is carried as a character of the last 2 048 of Unicode's last private plane (U+10F800 to U+10FFFF), until
/// both halves are there (`DeltaText`) or it is settled as U+FFFD, the replacement character. A peer's own characters of
/// that range are read as halves, too; nobody uses them.
enum LoneSurrogates {
  private static let marks: ClosedRange<UInt32> = 0x10_F800...0x10_FFFF
  static let replacement = Unicode.Scalar(0xFFFD)!

  /// JSON with its lone halves replaced, marked or not.
  /// - Returns: `bytes` itself when there are none.
  static func escaped(_ bytes: [UInt8], asMarks: Bool) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    var i = 0
    while let backslash = bytes[i...].firstIndex(of: UInt8(ascii: "\\")) {
      guard let unit = unit(bytes, at: backslash), (0xD800...0xDFFF).contains(unit) else {
        // What is escaped is not looked at: it may be a backslash itself.
        i = min(backslash + 2, bytes.count)
        continue
      }
      if unit < 0xDC00, let low = self.unit(bytes, at: backslash + 6), (0xDC00...0xDFFF).contains(low) {
        i = backslash + 12
        continue
      }
      result += bytes[copied..<backslash]
      result += Array((asMarks ? mark(unit) : "\\ufffd").utf8)
      (copied, i) = (backslash + 6, backslash + 6)
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  /// A text with a replacement character in the place of each half.
  static func settled(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { marks.contains($0.value) }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(marks.contains(scalar.value) ? replacement : scalar) }
    return String(result)
  }

  /// The half that a character stands for, as a UTF-16 unit.
  static func half(_ scalar: Unicode.Scalar?) -> UInt32? {
    scalar.flatMap { marks.contains($0.value) ? 0xD800 + ($0.value - marks.lowerBound) : nil }
  }

  /// The unit of `\uXXXX`; nil for anything else.
  private static func unit(_ bytes: [UInt8], at start: Int) -> UInt32? {
    guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var value: UInt32 = 0
    for byte in bytes[start + 2..<start + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// The mark of a half, as an escaped pair.
  private static func mark(_ unit: UInt32) -> String {
    let offset = marks.lowerBound + (unit - 0xD800) - 0x1_0000
    return "\\u" + String(0xD800 + offset >> 10, radix: 16) + "\\u" + String(0xDC00 + offset & 0x3FF, radix: 16)
  }
}

extension VoiceEvent {
  /// A piece of a text as it may be shown alone: half a UTF-16 pair at its ends is U+FFFD.
  public static func shown(_ delta: String) -> String { LoneSurrogates.settled(delta) }
}

/// Joins the pieces of a text: the halves of a UTF-16 pair that was cut between two of them become one character.
public struct DeltaText: Sendable, Equatable {
  private var high: UInt32?

  public init() {}

  /// The first half of a pair waits for its second.
  public var isWaiting: Bool { high != nil }

  /// What the next piece adds to the text.
  public mutating func add(_ delta: String) -> String {
    var scalars = delta.unicodeScalars[...]
    guard !scalars.isEmpty else { return "" }
    var text = ""
    if let high {
      self.high = nil
      if let low = LoneSurrogates.half(scalars.first), low >= 0xDC00,
        let whole = Unicode.Scalar(0x1_0000 + (high - 0xD800) << 10 + (low - 0xDC00))
      {
        text.unicodeScalars.append(whole)
        scalars = scalars.dropFirst()
      } else {
        text.unicodeScalars.append(LoneSurrogates.replacement)
      }
    }
    if let last = LoneSurrogates.half(scalars.last), last < 0xDC00 {
      high = last
      scalars = scalars.dropLast()
    }
    return text + LoneSurrogates.settled(String(scalars))
  }

  /// The text has ended: what a first half without a second leaves.
  public mutating func end() -> String {
    defer { high = nil }
    return high == nil ? "" : String(Character(LoneSurrogates.replacement))
  }
}
