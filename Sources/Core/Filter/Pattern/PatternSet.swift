/// Sets of Unicode scalars, as ranges of their numbers.
enum PatternSet {
  static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  static let word: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
  /// Tab, line feed, vertical tab, form feed, carriage return, space.
  static let space: [ClosedRange<UInt32>] = [0x09...0x0D, 0x20...0x20]
  private static let last: UInt32 = 0x10FFFF

  /// Sorted, and apart from each other.
  static func normalized(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let before = result.last, range.lowerBound <= before.upperBound &+ 1 {
        result[result.count - 1] = before.lowerBound...max(before.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// Everything else. `ranges` are sorted and apart.
  static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var start: UInt32 = 0
    for range in ranges {
      if range.lowerBound > start { result.append(start...range.lowerBound - 1) }
      start = range.upperBound + 1
    }
    if start <= last { result.append(start...last) }
    return result
  }

  /// With the other case of each ASCII letter.
  static func withBothCases(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result = ranges
    for range in ranges {
      for (letters, distance) in [(UInt32(0x41)...0x5A, Int64(0x20)), (0x61...0x7A, -0x20)]
      where letters.overlaps(range) {
        let part = range.clamped(to: letters)
        result.append(UInt32(Int64(part.lowerBound) + distance)...UInt32(Int64(part.upperBound) + distance))
      }
    }
    return normalized(result)
  }

  /// The bytes of UTF-8 (RFC 3629) that spell a range: sequences of ranges of bytes, which together are exactly it.
  static func byteSequences(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
    var result: [[ClosedRange<UInt8>]] = []
    // One length of encoding at a time; surrogates have none.
    for part in [UInt32(0)...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF]
    where part.overlaps(range) {
      split(range.clamped(to: part), &result)
    }
    return result
  }

  /// Splits until the bytes behind the first that differs are free.
  private static func split(_ range: ClosedRange<UInt32>, _ result: inout [[ClosedRange<UInt8>]]) {
    let (low, high) = (range.lowerBound, range.upperBound)
    for i in 1..<4 {
      let mask = (UInt32(1) << (6 * UInt32(i))) - 1
      guard high > 0x7F, low & ~mask != high & ~mask else { continue }
      if low & mask != 0 {
        split(low...(low | mask), &result)
        split((low | mask) + 1...high, &result)
        return
      }
      if high & mask != mask {
        split(low...(high & ~mask) - 1, &result)
        split(high & ~mask...high, &result)
        return
      }
    }
    guard let first = Unicode.Scalar(low), let last = Unicode.Scalar(high) else { return }
    result.append(zip(UTF8.encode(first)!, UTF8.encode(last)!).map { $0...$1 })
  }
}
