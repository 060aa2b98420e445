/// A text to be found in bytes of UTF-8, without regard to ASCII case.
public struct ByteNeedle: Sendable, Hashable {
  private let bytes: [UInt8]
  private let firstUpper: UInt8

  public init(_ text: String) {
    bytes = text.utf8.map(Self.folded)
    firstUpper = bytes.first.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 } ?? 0
  }

  /// Whether it occurs.
  public func occurs(in text: UnsafeBufferPointer<UInt8>) -> Bool { first(in: text, from: 0) != nil }

  /// Where it occurs first at or after `start`; an empty needle is found nowhere.
  public func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int>? {
    guard let first = bytes.first, text.count - start >= bytes.count else { return nil }
    return bytes.withUnsafeBufferPointer { needle in
      var i = start
      let last = text.count - needle.count
      while i <= last {
        let byte = text[i]
        if byte == first || byte == firstUpper {
          var k = 1
          while k < needle.count, Self.folded(text[i + k]) == needle[k] { k += 1 }
          if k == needle.count { return i..<i + k }
        }
        i += 1
      }
      return nil
    }
  }

  static func folded(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
}

/// A name in which `*` stands for any characters, without regard to ASCII case.
struct Glob: Sendable, Hashable {
  private let bytes: [UInt8]
  private static let star = UInt8(ascii: "*")

  init(_ text: String) { bytes = text.utf8.map(ByteNeedle.folded) }

  func matches(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    // The usual walk: on a mismatch the last star takes one byte more.
    var (i, k) = (0, 0)
    var retry: (star: Int, at: Int)?
    while i < name.count {
      if k < bytes.count, bytes[k] == Self.star {
        retry = (k, i)
        k += 1
      } else if k < bytes.count, bytes[k] == ByteNeedle.folded(name[i]) {
        i += 1
        k += 1
      } else if let last = retry {
        retry = (last.star, last.at + 1)
        i = last.at + 1
        k = last.star + 1
      } else {
        return false
      }
    }
    return bytes[k...].allSatisfy { $0 == Self.star }
  }
}
