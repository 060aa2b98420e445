/// A text with escapes, read, and where each byte of it came from: what is found in the text is hidden in its source.
struct EscapedText {
  private(set) var bytes: [UInt8] = []
  /// For each byte where its source begins, and the source's end.
  private var places: [Int] = []

  /// Where a part of the text stands in the source.
  func source(of range: Range<Int>) -> Range<Int> { places[range.lowerBound]..<places[range.upperBound] }

  /// The content of a JSON string (RFC 8259 section 7), without its quotes. An escape that is none stands for itself.
  init(json source: [UInt8], _ range: Range<Int>) {
    reserve(range.count)
    var i = range.lowerBound
    while i < range.upperBound {
      guard source[i] == UInt8(ascii: "\\"), i + 1 < range.upperBound else {
        append(source[i], from: i)
        i += 1
        continue
      }
      let escape = source[i + 1]
      switch escape {
      case UInt8(ascii: "n"), UInt8(ascii: "r"): append(0x0A, from: i)
      case UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"): append(0x20, from: i)
      case UInt8(ascii: "u"):
        guard let unit = Self.hex(source, i + 2, count: 4, end: range.upperBound) else {
          append(escape, from: i)
          break
        }
        let scalar = Unicode.Scalar(UInt32(unit)) ?? "\u{FFFD}"
        for byte in String(Character(scalar)).utf8 { append(byte, from: i) }
        i += 4
      default: append(escape, from: i)
      }
      i += 2
    }
    places.append(range.upperBound)
  }

  /// A text in which `%XX` stands for a byte (RFC 3986 section 2.1).
  init(percent source: [UInt8], _ range: Range<Int>) {
    reserve(range.count)
    var i = range.lowerBound
    while i < range.upperBound {
      if source[i] == UInt8(ascii: "%"), let value = Self.hex(source, i + 1, count: 2, end: range.upperBound) {
        append(UInt8(value), from: i)
        i += 3
      } else {
        append(source[i], from: i)
        i += 1
      }
    }
    places.append(range.upperBound)
  }

  private mutating func reserve(_ count: Int) {
    bytes.reserveCapacity(count)
    places.reserveCapacity(count + 1)
  }

  private mutating func append(_ byte: UInt8, from place: Int) {
    bytes.append(byte)
    places.append(place)
  }

  private static func hex(_ source: [UInt8], _ start: Int, count: Int, end: Int) -> UInt16? {
    guard start + count <= end else { return nil }
    var value: UInt16 = 0
    for byte in source[start..<start + count] {
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt16(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt16(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt16(byte - 0x57)
      default: return nil
      }
    }
    return value
  }
}
